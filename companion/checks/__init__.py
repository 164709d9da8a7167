"""Checks of equations, by numbers and by computer algebra, and answers to claims."""

from typing import TYPE_CHECKING, Any

from companion.checks.claims import claim
from companion.checks.numbers import averages_to, holds, typeset

if TYPE_CHECKING:
    from companion.checks.proofs import proves

__all__ = ["averages_to", "claim", "holds", "proves", "typeset"]


def __getattr__(name: str) -> Any:
    """Import `proves` when it is asked for: SymPy takes a second, which the site's build does not need."""
    if name == "proves":
        from companion.checks.proofs import proves

        return proves
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
