"""The card that shows an outcome, as a box of the book's own theme."""

import html
from collections.abc import Sequence

from companion.grading.exercise import Task
from companion.grading.judging import Outcome
from companion.results import Result

BOX = {
    "right": ("tip", "✓", "Right"),
    "wrong": ("warning", "✗", "Not yet"),
    "not attempted": ("note", "…", "Not attempted"),
}
Pieces = list[tuple[str, bool]]
MOST = 1000  # characters of a line
SOLUTION = "A solution stands folded below this cell in the chapter."


def show(task: Task, outcome: Outcome, lines: list[Pieces], tries: int = 0) -> None:
    """Display the card of an outcome.

    Args:
        task: what was asked.
        outcome: of an answer to it.
        lines: what is said of it.
        tries: which one of the different wrong answers it is, from 1.
    """
    kind, sign, word = BOX[outcome.name]
    printed = outcome.answer.get("printed", "") if outcome.answer else ""
    helped = helps(task.hints, tries)
    title = html.escape(task.title)
    Result(
        {
            "kind": "exercise",
            "id": task.id,
            "outcome": outcome.name,
            "mistake": outcome.mistake,
        },
        "\n".join(
            [f"{word}: {task.title}", *map(_text, lines)]
            + ([f"It printed:\n{printed}"] if printed else [])
            + helped
        ),
        f'<div class="admonition {kind} companion-card" role="status" data-exercise="{task.id}" data-outcome="{outcome.name}">'
        f'<p class="admonition-title"><span aria-hidden="true">{sign} </span>{word}: {title}</p>'
        + "".join(f"<p>{_html(line)}</p>" for line in lines)
        + (f"<p>It printed:</p><pre>{html.escape(printed)}</pre>" if printed else "")
        + "".join(f"<p>{html.escape(line)}</p>" for line in helped)
        + "</div>",
    ).show()


def helps(hints: Sequence[str], tries: int) -> list[str]:
    """A hint from the second different wrong answer on, one more at each; then the solution."""
    given = [f"Hint: {hint}" for hint in hints[: max(tries - 1, 0)]]
    return given + [SOLUTION] if tries > len(hints) + 1 else given


def _text(line: Pieces) -> str:
    return _cut("".join(f"*{text}*" if marked else text for text, marked in line))


def _html(line: Pieces) -> str:
    if sum(len(text) for text, _ in line) > MOST:
        return html.escape(_text(line))
    return "".join(
        f"<mark>{html.escape(text)}</mark>" if marked else html.escape(text)
        for text, marked in line
    )


def _cut(text: str) -> str:
    return text if len(text) <= MOST else text[: MOST - 3] + "..."
