"""What a check, a claim or an exercise leaves in a notebook: one line of text, its HTML, and the facts as JSON."""

from dataclasses import dataclass

from IPython.display import display

MIME = "application/vnd.companion+json"


@dataclass(frozen=True)
class Result:
    """facts : a plain dict with "kind" ("check", "claim" or "exercise"); the lists of the site and the tests read it."""

    facts: dict
    text: str
    html: str

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.text, "text/html": self.html, MIME: self.facts}

    def show(self):
        """Display it, wherever in a cell the call stands."""
        display(self)
