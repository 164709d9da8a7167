"""What an exercise is: a decorated function of a chapter's file in `companion/exercises`.

    @exercise("The gradient of a neuron", hints=("Write the mean over the points.",))
    def neuron_gradient(w, b, x, y):
        return ...

    @neuron_gradient.inputs
    def _(rng):
        return {"w": rng.normal(size=3), ...}

    @neuron_gradient.mistake("the bias b were left out")
    def _(w, b, x, y):
        return neuron_gradient(w, 0.0, x, y)

The function is the reference. Its name is the exercise's, its parameters are the inputs.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import companion.exercises

CASES = 25
SEED = 20150503

Floats = NDArray[np.floating]
Inputs = dict[str, Any]  # the inputs of one case, each by its parameter's name
Draw = Callable[[np.random.Generator], Inputs]
Answer = Callable[..., Any]


class Exercise:
    """An exercise; called, it is its reference.

    Attributes:
        id: the reference's name with hyphens.
        parameters: the names of the inputs.
        chapter: the name of the chapter's notebook and of its file of exercises.
        mistakes: what is wrong in words, to a function that makes that mistake.
        rtol: how far right numbers may be off, relative to the reference's.
    """

    def __init__(
        self,
        reference: Answer,
        title: str,
        hints: Sequence[str] = (),
        rtol: float = 1e-9,
    ) -> None:
        self.reference = reference
        self.title = title
        self.hints = tuple(hints)
        self.rtol = rtol
        self.id = id_of(reference.__name__)
        self.parameters = tuple(inspect.signature(reference).parameters)
        self.chapter = reference.__module__.rpartition(".")[2]
        self.draw: Draw = self._undrawn
        self.mistakes: dict[str, Answer] = {}

    def __call__(self, *inputs: Any) -> Any:
        return self.reference(*inputs)

    def inputs(self, draw: Draw) -> Draw:
        """Decorate the function that draws the inputs of one case from a generator."""
        self.draw = draw
        return draw

    def mistake(self, words: str) -> Callable[[Answer], Answer]:
        """Decorate a function that makes a mistake: "It behaves as if" these words."""

        if not isinstance(words, str):
            raise TypeError(
                f'a mistake of {self.id} has no words; allowed: @....mistake("...")'
            )

        def kept(mistaken: Answer) -> Answer:
            if words in self.mistakes:
                raise ValueError(f"{self.id} has this mistake twice: {words}")
            self.mistakes[words] = mistaken
            return mistaken

        return kept

    def cases(self) -> list[Inputs]:
        """The inputs of every case: the same for everybody."""
        rng = np.random.default_rng(SEED)
        return [self._case(rng) for _ in range(CASES)]

    def _case(self, rng: np.random.Generator) -> Inputs:
        drawn = self.draw(rng)
        if set(drawn) != set(self.parameters):
            raise ValueError(
                f"the inputs of {self.id} are {', '.join(drawn)}; "
                f"allowed: its parameters, {', '.join(self.parameters)}"
            )
        return {name: drawn[name] for name in self.parameters}

    def _undrawn(self, rng: np.random.Generator) -> Inputs:
        name = self.reference.__name__
        raise ValueError(f"{self.id} has no inputs; draw them below @{name}.inputs")


def exercise(
    title: str, *, hints: Sequence[str] = (), rtol: float = 1e-9
) -> Callable[[Answer], Exercise]:
    """Decorate the reference of an exercise.

    Raises:
        TypeError: for a title that is no text, as where @exercise stands without it,
            and hints that are one text.
    """
    if not isinstance(title, str):
        raise TypeError(
            f'the title is {title!r}; allowed: a text, as in @exercise("...")'
        )
    if isinstance(hints, str):
        raise TypeError(
            f"the hints of {title!r} are one text; allowed: a tuple of texts"
        )
    return lambda reference: Exercise(reference, title, hints, rtol)


def id_of(name: str) -> str:
    """The exercise's id that belongs to a function's name."""
    return name.replace("_", "-")


@cache
def exercises() -> dict[str, Exercise]:
    """Every exercise of the book by its id, as found in the files of `companion/exercises`."""
    found: dict[str, Exercise] = {}
    for file in pkgutil.iter_modules(companion.exercises.__path__):
        module = importlib.import_module(f"{companion.exercises.__name__}.{file.name}")
        for each in vars(module).values():
            if not isinstance(each, Exercise) or each.chapter != file.name:
                continue
            if each.id in found:
                raise ValueError(
                    f"{each.id} is an exercise of {found[each.id].chapter} and of "
                    f"{each.chapter}; allowed: once"
                )
            found[each.id] = each
    return found
