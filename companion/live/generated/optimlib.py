"""Every method of optimlib that has a JavaScript form, and the surfaces of the live figures."""

from functools import cache

from companion import live
from companion.live.generated import HEAD
from optimlib import optimizers
from optimlib.engine import with_javascript


@cache
def methods() -> tuple[tuple[str, ...], dict[str, str]]:
    """The names of the methods that have a JavaScript form, and for the others the reasons."""
    served, left_out = [], {}
    for name, method in optimizers.METHODS.items():
        try:
            with_javascript.method(method)
        except NotImplementedError as reason:
            left_out[name] = str(reason)
        else:
            served.append(name)
    return tuple(served), left_out


def source() -> str:
    """The text of optimlib.js."""
    served, left_out = methods()
    reasons = "".join(f"// Without {name}: {why}.\n" for name, why in left_out.items())
    surfaces = [
        surface
        for name in live.names()
        for surface in live.figure(name).surfaces.values()
    ]
    kinds = [optimizers.METHODS[name] for name in served]
    head = HEAD.format(about="The methods of optimlib, and surfaces")
    return f"{head}{reasons}\n{with_javascript.module(kinds, surfaces)}"
