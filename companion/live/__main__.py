"""Write the live figures' generated JavaScript, optimlib.js and toy.js, anew: `python -m companion.live`."""

from companion.live import HERE, race, sign, toy
from optimlib import optimizers
from optimlib.engine import with_javascript

FILE = HERE / "optimlib.js"
HEAD = """\
// The methods and surfaces of optimlib. Generated from their texts by `python -m companion.live`: not to be edited.
"""


def text() -> str:
    """The file: every method that has a JavaScript form, the reasons for the others, and the surfaces."""
    served, left_out = [], []
    for name, method in optimizers.METHODS.items():
        try:
            with_javascript.method(method)
        except NotImplementedError as reason:
            left_out.append(f"// Without {name}: {reason}.\n")
        else:
            served.append(method)
    surfaces = [*race.SURFACES.values(), *sign.FUNCTIONS.values()]
    module = with_javascript.module(served, surfaces)
    return f"{HEAD}{''.join(left_out)}\n{module}"


if __name__ == "__main__":
    for file, written in ((FILE, text()), (toy.FILE, toy.source())):
        file.write_text(written, encoding="utf-8", newline="\n")
        print(f"{file.name}: written")
