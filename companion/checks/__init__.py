"""Checks of equations, by numbers and by computer algebra, and answers to claims."""

from companion.checks.claims import claim
from companion.checks.numbers import averages_to, holds, typeset
from companion.checks.proofs import proves

__all__ = ["averages_to", "claim", "holds", "proves", "typeset"]
