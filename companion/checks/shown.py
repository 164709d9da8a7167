"""What a check leaves in the notebook: one line, with a digest of the equation as it was checked."""

import html

from companion import book
from companion.results import Result


def show(label: str, how: str, cases: int, bound: str) -> None:
    """Show a check's line."""
    counted = f"{cases:,} case{'s' if cases > 1 else ''}"
    words = f"is proved: {bound}" if how == "symbols" else f"holds {bound}, {counted}"
    link = f'<a href="#equation-{html.escape(label)}">{html.escape(label)}</a>'
    Result(
        {
            "kind": "check",
            "label": label,
            "of": book.digest(label),
            "how": how,
            "cases": int(cases),
            "bound": bound,
        },
        f"✓ {label} {words}",
        f'<p class="companion-check" data-equation="{html.escape(label)}">✓ {link} {html.escape(words)}</p>',
    ).show()
