"""What an exercise is: a decorated function of a chapter's file in `companion/exercises`.

    @exercise("The gradient of a neuron", hints=("Write the mean over the points.",))
    def neuron_gradient(w, b, x, y):
        return ...

    @neuron_gradient.inputs
    def _(rng):
        return {"w": rng.normal(size=3), ...}

    neuron_gradient.smallest(w=[1, -1], ...)  # the inputs of the first case

    @neuron_gradient.requires  # where not all inputs of these shapes make sense
    def _(w, b, x, y):
        return y.min() >= 0

    @neuron_gradient.mistake("the bias b were left out")
    def _(w, b, x, y):
        return neuron_gradient(w, 0.0, x, y)

The function is the reference. Its name is the exercise's, its parameters are the inputs.
"""

import copy
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import companion.exercises
from companion.grading.variants import Change, variants

CASES = 25
COMPARED = 5  # of them, the first, are those that mistakes' answers are kept for,
NUMBERS = 8  # or more, where an answer is so short that these are not so many numbers
SEED = 20150503
INPUT_DIGITS = 4  # what a card shows of an input is all of it
EXPECTED_DIGITS = 12
MISTAKE_DIGITS = 9
MOST = 900  # numbers of mistakes' answers, and as many of answers to changed inputs
TRIES = 1000  # draws until one meets what an exercise requires
MISSED = 1e-3  # how far, at least, a mistake is off somewhere

Floats = NDArray[np.floating]
Inputs = dict[str, Any]  # the inputs of one case, each by its parameter's name
Draw = Callable[[np.random.Generator], Inputs]
Answer = Callable[..., Any]
Entries = list[Floats] | Floats | None  # a pair's arrays, an array, or what failed


class Task:
    """What a reader is asked: title, hints, the right answer, and known mistakes.

    Attributes:
        id: the reference's name with hyphens.
        parameters: the names of the inputs.
        chapter: the name of the chapter's notebook and of its file of exercises.
        mistakes: what is wrong in words, to a function that makes that mistake.
    """

    def __init__(
        self, reference: Answer, title: str, hints: Sequence[str] = ()
    ) -> None:
        self.reference = reference
        self.title = title
        self.hints = tuple(hints)
        self.id = id_of(reference.__name__)
        self.parameters = tuple(inspect.signature(reference).parameters)
        self.chapter = reference.__module__.rpartition(".")[2]
        self.mistakes: dict[str, Answer] = {}

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


class Exercise(Task):
    """A function to be written; called, it is its reference.

    Attributes:
        first: the inputs of the first case, the smallest; or None.
    """

    def __init__(
        self, reference: Answer, title: str, hints: Sequence[str] = ()
    ) -> None:
        super().__init__(reference, title, hints)
        self.draw: Draw = self._undrawn
        self.first: Inputs | None = None
        self.meets: Answer = lambda *_: True

    def __call__(self, *inputs: Any) -> Any:
        return self.reference(*inputs)

    def inputs(self, draw: Draw) -> Draw:
        """Decorate the function that draws the inputs of one case from a generator."""
        self.draw = draw
        return draw

    def smallest(self, **inputs: Any) -> None:
        """Say the inputs of the first case, which a card shows if it can: small, round numbers.

        Lists become what `inputs` draws: arrays of its dtype, or lists.
        """
        self.first = inputs

    def requires(self, condition: Answer) -> Answer:
        """Decorate the function of the inputs that says whether the task is for them: no case is without it."""
        self.meets = condition
        return condition

    def cases(self, seed: int = SEED) -> list[Inputs]:
        """The inputs of every case: the same for everybody.

        The first is the smallest. The last are the first and the second with one input
        changed, each in turn, which tells whether an answer depends on it.
        """
        rng = np.random.default_rng(seed)
        count = CASES - 2 * len(self.parameters)
        drawn = [self._drawn(rng) for _ in range(count)]
        if self.first is not None:
            first = self._case(self.first)
            drawn[0] = {
                name: _like(value, drawn[0][name]) for name, value in first.items()
            }
        return drawn + [
            self._changed(name, base, drawn)
            for base in drawn[:2]
            for name in self.parameters
        ]

    def _drawn(self, rng: np.random.Generator) -> Inputs:
        for _ in range(TRIES):
            case = _short(self._case(self.draw(rng)))
            if self.meets(*case.values()):
                return case
        raise ValueError(
            f"none of {TRIES} draws of {self.id} meets what it requires; the last was {case}"
        )

    def _changed(self, name: str, base: Inputs, drawn: Sequence[Inputs]) -> Inputs:
        """A case with another value of one input, the first that the task is for."""
        changed = ({**base, name: other} for other in _others(name, base, drawn))
        return next((case for case in changed if self.meets(*case.values())), base)

    def _case(self, drawn: Inputs) -> Inputs:
        if set(drawn) != set(self.parameters):
            raise ValueError(
                f"the inputs of {self.id} are {', '.join(drawn)}; "
                f"allowed: its parameters, {', '.join(self.parameters)}"
            )
        return {name: drawn[name] for name in self.parameters}

    def data(self, seed: int = SEED) -> dict[str, Any]:
        """All that `judge` needs to know of it, as data that can be written to JSON."""
        cases = self.cases(seed)
        expected = [_entries(self._answer(self.reference, case)) for case in cases]
        size = np.size(np.array(_line(expected[:1]))) or 1
        first = cases[: max(COMPARED, NUMBERS // size)]
        mistakes = _different(
            [
                (words, [self._answer(mistaken, case) for case in first])
                for words, mistaken in self.mistakes.items()
            ],
            expected,
        )
        as_if = _different(
            [
                (words, self._answers_to(change, first, expected))
                for words, change in variants(cases[0])
            ],
            expected,
            but=mistakes,
        )
        return {
            "id": self.id,
            "title": self.title,
            "hints": list(self.hints),
            "parameters": list(self.parameters),
            "cases": [
                {"inputs": _inputs(case), "expected": _data(one, EXPECTED_DIGITS)}
                for case, one in zip(cases, expected, strict=True)
            ],
            "mistakes": list(map(_kept, mistakes)),
            "as_if": list(map(_kept, as_if)),
            "changed": self._changed_cases(),
        }

    @cached_property
    def known(self) -> dict[str, Any]:
        """Its data, made once."""
        return self.data()

    def _changed_cases(self) -> list[list[Any]]:
        """Each input with the pairs of cases that differ in it alone."""
        count = len(self.parameters)
        start = CASES - 2 * count
        return [
            [name, [[0, start + i], [1, start + count + i]]]
            for i, name in enumerate(self.parameters)
        ]

    def _answer(self, function: Answer, inputs: Inputs) -> Any:
        """What a function gives; None where it fails."""
        with np.errstate(all="ignore"):
            try:
                return function(*copy.deepcopy(inputs).values())
            except Exception:  # noqa: BLE001 - changed inputs are refused in many ways
                return None

    def _answers_to(
        self, change: Change, cases: Sequence[Inputs], expected: Sequence[Entries]
    ) -> list[Any]:
        """The reference's answers to changed inputs, up to the first of another shape."""
        made = []
        for case, asked in zip(cases, expected, strict=False):
            made.append(self._answer_to(change, case))
            if not _alike(_line([_entries(made[-1])]), _line([asked])):
                break
        return made

    def _answer_to(self, change: Change, inputs: Inputs) -> Any:
        with np.errstate(all="ignore"):
            try:
                return self._answer(self.reference, change(inputs))
            except Exception:  # noqa: BLE001
                return None

    def _undrawn(self, rng: np.random.Generator) -> Inputs:
        name = self.reference.__name__
        raise ValueError(f"{self.id} has no inputs; draw them below @{name}.inputs")


def _short(inputs: Inputs) -> Inputs:
    """Inputs of few digits; whole numbers stay."""
    return {name: _rounded(value) for name, value in inputs.items()}


def _like(value: Any, other: Any) -> Any:
    """A list as the array that another input is; all else as it is."""
    if isinstance(value, list) and not isinstance(other, list):
        return np.array(value, dtype=np.asarray(other).dtype)
    return value


def _rounded(value: Any) -> Any:
    if np.asarray(value).dtype.kind != "f":
        return value
    if np.ndim(value) == 0:
        return float(f"{value:.{INPUT_DIGITS}g}")
    flat = [_rounded(float(one)) for one in np.ravel(value)]
    return np.reshape(flat, np.shape(value))


def _others(name: str, base: Inputs, cases: Sequence[Inputs]) -> list[Any]:
    """Other values of one input of a case."""
    value = base[name]
    if not np.ndim(value):
        return [case[name] for case in cases[2:] if case[name] != value]
    whole = np.asarray(value).dtype.kind == "i"
    rolled = np.roll(value, 1, axis=0)
    # Rows in another order: one-hot targets and the like stay what they are.
    rows = np.ndim(value) > 1 and not np.array_equal(rolled, value)
    others = [rolled] if rows else [rolled + 1] if whole else []
    others += [_rounded(1.25 * rolled), _rounded(1.25 * np.asarray(value))]
    return [o.tolist() if isinstance(value, list) else o for o in others]


def _inputs(case: Inputs) -> dict[str, Any]:
    return {name: np.asarray(value).tolist() for name, value in case.items()}


def _entries(value: Any) -> Entries:
    """A reference's value as arrays; None where it is no finite numbers."""
    if isinstance(value, tuple):
        entries = [_entries(entry) for entry in value]
        return None if any(entry is None for entry in entries) else entries  # type: ignore[return-value]
    array = np.array(value)
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        return None
    return array.astype(float)


def _data(entries: Entries, digits: int, expected: Entries = None) -> Any:
    """As `values.from_data` reads it; None for what is as expected."""
    if isinstance(entries, list):
        others = expected if isinstance(expected, list) else [None] * len(entries)
        pairs = zip(entries, others, strict=True)
        return {"pair": [_data(one, digits, other) for one, other in pairs]}
    if entries is None or _as_expected(entries, expected):
        return None
    return _written(entries.tolist(), digits)


def _as_expected(entries: Floats, expected: Entries) -> bool:
    return (
        isinstance(expected, np.ndarray)
        and entries.shape == expected.shape
        and np.allclose(entries, expected, rtol=1e-8, atol=0.0)
    )


def _written(value: Any, digits: int) -> Any:
    if isinstance(value, list):
        return [_written(entry, digits) for entry in value]
    return float(f"{value:.{digits}g}")


def _different(
    mistakes: Sequence[tuple[str, Sequence[Any]]],
    expected: Sequence[Entries],
    but: Sequence[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Those that miss what is expected and those before them, as data.

    They are at most MOST numbers, beside those of `but`.
    """
    if not mistakes:
        return []
    right = _line(expected[: max(len(answers) for _, answers in mistakes)])
    seen = [right, *(each["line"] for each in but)]
    made, left = [], MOST
    for words, answers in mistakes:
        entries = [_entries(answer) for answer in answers]
        line = _line(entries)
        if not _alike(line, right) or any(_near(line, other) for other in seen):
            continue
        written = [
            _data(one, MISTAKE_DIGITS, other)
            for one, other in zip(entries, expected, strict=False)
        ]
        left -= sum(map(_size, written))
        if left < 0:
            break
        seen.append(line)
        made.append({"words": words, "answers": written, "line": line})
    return made


def _kept(mistake: dict[str, Any]) -> dict[str, Any]:
    return {key: mistake[key] for key in ("words", "answers")}


def _line(answers: Sequence[Entries]) -> Floats | None:
    """Every number of these answers; None where one has none."""
    parts: list[Floats] = []
    for answer in answers:
        if answer is None:
            return None
        parts += answer if isinstance(answer, list) else [answer]
    return np.concatenate([np.ravel(part) for part in parts])


def _alike(one: Floats | None, other: Floats | None) -> bool:
    return one is not None and other is not None and one.shape == other.shape


def _near(one: Any, other: Any) -> bool:
    return bool(np.all(np.abs(one - other) <= MISSED * np.abs(other)))


def _size(data: Any) -> int:
    """How many numbers data hold."""
    if isinstance(data, dict):
        return sum(map(_size, data["pair"]))
    if isinstance(data, list):
        return sum(map(_size, data))
    return int(data is not None)


def exercise(title: str, *, hints: Sequence[str] = ()) -> Callable[[Answer], Exercise]:
    """Decorate the reference of an exercise.

    Raises:
        TypeError: for a title that is no text, as where @exercise stands without it,
            and hints that are one text.
    """
    check_words(title, hints)
    return lambda reference: Exercise(reference, title, hints)


def check_words(title: str, hints: Sequence[str]) -> None:
    """Raise TypeError for a title that is no text, and hints that are one text."""
    if not isinstance(title, str):
        raise TypeError(
            f'the title is {title!r}; allowed: a text, as in @exercise("...")'
        )
    if isinstance(hints, str):
        raise TypeError(
            f"the hints of {title!r} are one text; allowed: a tuple of texts"
        )


def id_of(name: str) -> str:
    """The exercise's id that belongs to a function's name."""
    return name.replace("_", "-")


@cache
def tasks() -> dict[str, Task]:
    """Every task of the book by its id, as found in the files of `companion/exercises`."""
    found: dict[str, Task] = {}
    for file in pkgutil.iter_modules(companion.exercises.__path__):
        module = importlib.import_module(f"{companion.exercises.__name__}.{file.name}")
        for each in vars(module).values():
            if not isinstance(each, Task) or each.chapter != file.name:
                continue
            if each.id in found:
                raise ValueError(
                    f"{each.id} is an exercise of {found[each.id].chapter} and of "
                    f"{each.chapter}; allowed: once"
                )
            found[each.id] = each
    return found


def exercises() -> dict[str, Exercise]:
    """The tasks that are functions to be written."""
    return {name: each for name, each in tasks().items() if isinstance(each, Exercise)}
