"""companion: what makes the book a course.

Checks of equations, answers to claims, exercises, figures, the site.
"""

from companion.claims import claim
from companion.equations import averages_to, holds, proves, typeset
from companion.exercises import check

__all__ = ["averages_to", "check", "claim", "holds", "proves", "typeset"]
