"""companion: what makes the book a course.

Checks of equations, answers to claims, exercises, figures, the site.
"""

from typing import TYPE_CHECKING, Any

from companion import checks
from companion.checks import averages_to, claim, holds, typeset
from companion.grading import check, progress
from companion.tables import table

if TYPE_CHECKING:
    from companion.checks import proves

__all__ = [
    "averages_to",
    "check",
    "claim",
    "holds",
    "progress",
    "proves",
    "table",
    "typeset",
]


def __getattr__(name: str) -> Any:
    """Import `proves` when it is asked for, as `companion.checks` does."""
    if name == "proves":
        return checks.proves
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
