"""The card that shows an outcome, as a box of the book's own theme."""

import html

from companion.grading.exercise import Exercise
from companion.grading.judging import Outcome, shown
from companion.results import Result

BOX = {
    "right": ("tip", "Right"),
    "wrong": ("warning", "Not yet"),
    "not attempted": ("note", "Not attempted"),
}


def show(exercise: Exercise, outcome: Outcome) -> None:
    """Display the card of an outcome."""
    kind, word = BOX[outcome.name]
    lines = _lines(exercise, outcome)
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    Result(
        {
            "kind": "exercise",
            "id": exercise.id,
            "outcome": outcome.name,
            "mistake": outcome.mistake,
        },
        "\n".join([f"{word}: {exercise.title}", *lines]),
        f'<div class="admonition {kind} companion-card" data-exercise="{exercise.id}" data-outcome="{outcome.name}">'
        f'<p class="admonition-title">{word}: {html.escape(exercise.title)}</p>{body}</div>',
    ).show()


def _lines(exercise: Exercise, outcome: Outcome) -> list[str]:
    if outcome.name == "right":
        return [
            f"Your function agrees with the reference on {outcome.cases} random inputs."
        ]
    if outcome.name == "not attempted":
        return ["Replace the dots with your answer and run the cell again."]
    inputs = ", ".join(
        f"{name} = {shown(value)}" for name, value in outcome.inputs.items()
    )
    lines = [
        f"For {inputs} your function gave {outcome.given}; expected: {shown(outcome.expected)}."
    ]
    if outcome.mistake:
        lines.append(f"It behaves as if {outcome.mistake}.")
    return [*lines, *(f"Hint: {hint}" for hint in exercise.hints)]
