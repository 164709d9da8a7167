"""What a check, a claim or an exercise leaves in a notebook.

It is one line of text, its HTML, and the facts as JSON.
"""

from dataclasses import dataclass
from typing import Any

from IPython.display import display

MIME = "application/vnd.companion+json"


@dataclass(frozen=True)
class Result:
    """facts : a plain dict with "kind" ("check", "claim" or "exercise").

    The lists of the site and the tests read it.
    """

    facts: dict[str, Any]
    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, Any]:
        return {"text/plain": self.text, "text/html": self.html, MIME: self.facts}

    def show(self) -> None:
        """Display it, wherever in a cell the call stands."""
        display(self)
