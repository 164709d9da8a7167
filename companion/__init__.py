"""companion: what makes the book a course.

Checks of equations, answers to claims, exercises, figures, the site.
"""

from companion.checks import averages_to, claim, holds, proves, typeset
from companion.grading import check
from companion.tables import table

__all__ = ["averages_to", "check", "claim", "holds", "proves", "table", "typeset"]
