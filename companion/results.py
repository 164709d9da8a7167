"""What a check, a claim or an exercise leaves in a notebook.

It is one line of text, the same as HTML or as Markdown, and the facts as JSON.
"""

from dataclasses import dataclass
from typing import Any

from IPython.display import display

MIME = "application/vnd.companion+json"


@dataclass(frozen=True)
class Result:
    """facts : a plain dict with "kind" ("check", "claim" or "exercise").

    The lists of the site and the tests read it. Of HTML and Markdown one is given: both
    the page and JupyterLab would show the HTML alone.
    """

    facts: dict[str, Any]
    text: str
    html: str | None = None
    markdown: str | None = None

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, Any]:
        written = {"text/html": self.html, "text/markdown": self.markdown}
        shown = {mime: text for mime, text in written.items() if text is not None}
        return {"text/plain": self.text, **shown, MIME: self.facts}

    def show(self) -> None:
        """Display it, wherever in a cell the call stands."""
        display(self)
