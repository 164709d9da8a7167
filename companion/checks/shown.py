"""What a check leaves in the notebook: one line, with a digest of the equation as it was checked."""

import html
import reprlib

from companion import book
from companion.results import Result


def show(label: str, how: str, cases: int, bound: str, words: str) -> None:
    """Show a check's line.

    Args:
        label: the equation's label.
        how: "numbers", "symbols" or "average".
        cases: how many were compared.
        bound: what held, to the last digit.
        words: the result as a reader reads it.
    """
    link = f'<a href="#equation-{html.escape(label)}">{html.escape(label)}</a>'
    Result(
        {
            "kind": "check",
            "label": label,
            "of": book.digest(label),
            "how": how,
            "cases": int(cases),
            "bound": bound,
            "words": words,
        },
        f"✓ {label}: {words}",
        f'<p class="companion-check" data-equation="{html.escape(label)}">✓ {link}: {html.escape(words)}</p>',
    ).show()


def counted(cases: int) -> str:
    """A number of cases in words."""
    return f"{cases:,} case{'' if cases == 1 else 's'}"


def labelled(label: object) -> None:
    """Raise TypeError for a label that is no text, such as a side in its place."""
    if not isinstance(label, str):
        raise TypeError(
            f"the label is {reprlib.repr(label)}; allowed: a text, as in 'eq-name'"
        )
