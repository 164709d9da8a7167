"""Tasks that are no function: what is said before a figure is seen, what is found in a live one.

    @predict("The longest step", within=0.1)
    def longest_step():
        return 12

    @explore("A step of the right length", goal=(0.95, 1.05), given={"beta": 0.9, "t": 10})
    def right_length(beta, beta2, t):
        return moments.excess(t, beta, beta2)

The reader writes `check("longest-step", 10)`, and `check("right-length", figure)`; a solution,
which is to leave the figure alone, `check("right-length", {"beta": 0.9, ...})`. Both have hints
and mistakes as an exercise has.
"""

import reprlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from companion.grading.answers import plain
from companion.grading.exercise import Answer, Task, check_words
from companion.grading.judging import Outcome
from companion.grading.values import near, written
from companion.grading.wording import DOTS

Judged = tuple[Outcome, str]  # and what the card says of it


class Prediction(Task):
    """A number, or one of some choices, to be said before it is computed.

    Attributes:
        within: how far a number may be off, as a share of the right one.
        choices: the texts to choose from, or none.
        mistakes: what is wrong in words, to the function that gives that number or choice.
    """

    def __init__(
        self,
        reference: Answer,
        title: str,
        hints: Sequence[str],
        within: float,
        choices: Sequence[str],
    ) -> None:
        super().__init__(reference, title, hints)
        self.within = within
        self.choices = tuple(choices)

    def judged(self, answer: Any) -> Judged:
        """Raises ValueError for an answer that is neither a number nor a choice."""
        if answer is ...:
            return outcome("not attempted", plain(answer)), DOTS
        said, right = self._read(answer), self.reference()
        if self._same(said, right):
            return outcome("right", plain(answer)), f"It is {_shown(right)}."
        mistake = next(
            (words for words, one in self.mistakes.items() if self._same(said, one())),
            "",
        )
        why = f" It is as if {mistake}." if mistake else ""
        return (
            outcome("wrong", plain(answer), mistake),
            f"You said {_shown(said)}. Run it and look.{why}",
        )

    def _read(self, answer: Any) -> Any:
        if not self.choices:
            found = plain(answer)
            if found["kind"] == "number":
                return found["values"][0]
            raise ValueError(f"{self.id} is {reprlib.repr(answer)}; allowed: a number")
        if isinstance(answer, str):
            words = " ".join(answer.strip(" '\"").casefold().split())
            for choice in self.choices:
                if words == choice.casefold():
                    return choice
        allowed = ", ".join(map(repr, self.choices))
        raise ValueError(f"{self.id} is {reprlib.repr(answer)}; allowed: {allowed}")

    def _same(self, said: Any, other: Any) -> bool:
        return bool(said == other if self.choices else near(said, other, self.within))


class Exploration(Task):
    """A state to be found in a live figure: one whose value, by the reference, reaches the goal.

    Attributes:
        parameters: the traits of the figure that the value depends on.
        goal: the least and the largest value that will do.
        given: the traits that are to stay as they are.
    """

    def __init__(
        self,
        reference: Answer,
        title: str,
        hints: Sequence[str],
        goal: tuple[float, float],
        given: Mapping[str, Any],
    ) -> None:
        super().__init__(reference, title, hints)
        self.goal = goal
        self.given = dict(given)

    def judged(self, figure: Any) -> Judged:
        """The figure itself, or a dict of its state. Raises TypeError for what lacks a trait."""
        if figure is ...:
            return outcome("not attempted", plain(figure)), DOTS
        if isinstance(figure, type):
            raise TypeError(
                f"{self.id} was given the class {figure.__name__}; allowed: the live "
                f"figure itself, as in figure = {figure.__name__}()"
            )
        state = self._state(figure)
        moved = [n for n, value in self.given.items() if not _is(state[n], value)]
        if moved:
            kept = ", ".join(f"{name} = {_shown(self.given[name])}" for name in moved)
            return self._outcome("wrong", state), f"Set {kept}, and leave it there."
        value, (low, high) = float(self.reference(*state.values())), self.goal
        reached = low <= value <= high
        where = ", ".join(f"{name} = {_shown(each)}" for name, each in state.items())
        return self._outcome("right" if reached else "wrong", state), (
            f"At {where} it is {_shown(value)}; asked was a value "
            f"from {_shown(low)} to {_shown(high)}."
        )

    def _state(self, figure: Any) -> dict[str, Any]:
        held = isinstance(figure, Mapping)
        for name in self.parameters:
            if not (name in figure if held else hasattr(figure, name)):
                raise TypeError(
                    f"{self.id} was given {reprlib.repr(figure)}, which has no {name}; "
                    "allowed: the live figure"
                )
        read = figure.__getitem__ if held else partial(getattr, figure)
        return {name: read(name) for name in self.parameters}

    def _outcome(self, name: str, state: dict[str, Any]) -> Outcome:
        return outcome(name, {"kind": "state", "values": state})


def outcome(name: str, answer: dict[str, Any], mistake: str = "") -> Outcome:
    """The outcome of a task that has one case."""
    return Outcome(name, 0, mistake, "", answer, None, None, 1, False)


def _is(value: Any, given: Any) -> bool:
    """Whether a trait is as given: a slider's 0.9 may be a float beside it."""
    numbers = isinstance(value, int | float) and isinstance(given, int | float)
    return near(value, given, 1e-9) if numbers else bool(value == given)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else str(written(value))


def predict(
    title: str,
    *,
    hints: Sequence[str] = (),
    within: float = 0.0,
    choices: Sequence[str] = (),
) -> Callable[[Answer], Prediction]:
    """Decorate the function, without parameters, that gives the number or the choice."""
    check_words(title, hints)
    return lambda reference: Prediction(reference, title, hints, within, choices)


def explore(
    title: str,
    *,
    goal: tuple[float, float],
    given: Mapping[str, Any] = {},
    hints: Sequence[str] = (),
) -> Callable[[Answer], Exploration]:
    """Decorate the function of a live figure's traits that gives the value to bring to the goal."""
    check_words(title, hints)
    return lambda reference: Exploration(reference, title, hints, goal, given)
