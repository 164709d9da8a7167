"""Methods and surfaces as JavaScript: the same texts, for figures that run in a browser.

Each is the source of an object of pure functions on plain arrays and numbers; `module`
puts many into one text.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from optimlib.engine import formulas
from optimlib.engine.kernels import Configured, Kernel, kernel
from optimlib.engine.printer import JAVASCRIPT, Printer
from optimlib.engine.program import Program, written


class Shape(Protocol):
    """A surface: a formula, and what a picture and a run of it need."""

    @property
    def name(self) -> str: ...
    @property
    def formula(self) -> Callable[..., Any]: ...
    @property
    def minima(self) -> tuple[Any, ...]: ...
    @property
    def start(self) -> tuple[float, float]: ...
    @property
    def window(self) -> tuple[Any, Any]: ...


def module(
    methods: Iterable[type[Configured] | Configured], surfaces: Iterable[Shape]
) -> str:
    """The methods and surfaces as `const METHODS = {...};` and `const SURFACES = ...`.

    Each is there by its name. Raises what `method` and `surface` raise.
    """
    known = {type(one).__name__: method(one) for one in map(_made, methods)}
    shapes = {one.name: surface(one) for one in surfaces}
    return f"const METHODS = {_object(known)};\n\nconst SURFACES = {_object(shapes)};\n"


def method(chosen: type[Configured] | Configured) -> str:
    """A method as the source of an object.

    Its members: `name`, `hypers` (the settings by name), `state` and `numbers` (the
    names of the state, and of those that are one number), `inputs` (what a step needs
    in x),

    - `start(w, h, x)`, the state before the first step, and
    - `step(w, g, state, t, h, x)`, which gives `{w, state}` after step t = 1, 2, ...

    w, g and the state are arrays of any length, h the hyper-parameters by name, x what
    the method needs besides: loss, a number; curvature, an array; gradient, a function
    of w, which takes the place of g. Nothing that is given is changed.

    Args:
        chosen: a method's class, or an instance, whose switches and settings it gets.

    Raises:
        NotImplementedError: for a method that needs the norm of the whole gradient, and
            for a setting that is not one number.
    """
    made = _made(chosen)
    name = type(made).__name__
    if "norm" in made.inputs:
        raise NotImplementedError(
            f"{name} needs the norm of the whole gradient; allowed: a method "
            "whose weights are each stepped by themselves"
        )
    hypers = {x: _setting(x, getattr(made, x)) for x in made.hypers}
    members = {
        "name": _text(name),
        "hypers": _record(hypers),
        "state": _list(map(_text, made.state_names)),
        "numbers": _list(map(_text, made.scalars)),
        "inputs": _list(map(_text, made.inputs)),
    }
    lines = [f"{name}: {value}," for name, value in members.items()]
    lines += _function("start(w, h, x)", [f"return {_start(made)};"])
    lines += _function("step(w, g, state, t, h, x)", _step(made))
    return "\n".join(["{", *_indented(lines), "}"])


def _made(chosen: type[Configured] | Configured) -> Configured:
    return chosen() if isinstance(chosen, type) else chosen


def _setting(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotImplementedError(f"{name} is {value!r}; allowed: one number")
    return JAVASCRIPT.number(value)


def _start(made: Configured) -> str:
    """The state before the first step."""
    starts, state = dict(made.starts), {}
    for name in made.state_names:
        first = starts.get(name, 0)
        if isinstance(first, str):
            first = f"x.{first}" if first in made.inputs else f"h.{first}"
        else:
            first = JAVASCRIPT.number(first)
        state[name] = first if name in made.scalars else f"w.map(() => {first})"
    return _record(state)


def _step(made: Configured) -> list[str]:
    """The statements of a step."""
    given = {
        "h": made.hypers,
        "state": made.scalars,
        "x": [name for name in made.inputs if name == "loss"],
    }
    lines = [f"const {_taken(names)} = {one};" for one, names in given.items() if names]
    if "gradient" in made.inputs:
        cut = kernel(type(made), "ahead", made.choices())
        lines += _rule("ahead", cut)
        lines.append(f"g = x.gradient(w.map((_, i) => {_call('ahead', cut)}));")
    cut = kernel(type(made), "rule", made.choices())
    lines += _rule("rule", cut)
    lines.append(f"const rows = w.map((_, i) => {_call('rule', cut)});")
    lines.append("const column = (k) => rows.map((row) => row[k]);")
    results = dict(zip(("w", *made.state_names), cut.program.results, strict=True))
    state = {name: f"state.{name}" for name in results}  # what the switches leave alone
    state |= {name: written(results[name]) for name in made.scalars}
    state |= {name: f"column({k})" for k, name in enumerate(cut.outputs)}
    w = state.pop("w")
    return [*lines, f"return {_record({'w': w, 'state': _record(state)})};"]


def _rule(name: str, cut: Kernel) -> list[str]:
    """The prelude, and the body as a function of one number of each array."""
    program = cut.program.inlined()
    prelude, body = Printer(JAVASCRIPT, {}), Printer(JAVASCRIPT, {})
    prelude.assign_all(program.prelude)
    body.assign_all(program.body)
    results = list(cut.outputs.values())
    body.lines.append(f"return {_list(results) if name == 'rule' else results[0]};")
    head = f"const {name} = ({', '.join(cut.arrays)}) => {{"
    return [*prelude.lines, head, *_indented(body.lines), "};"]


def _call(name: str, cut: Kernel) -> str:
    """The call for the i-th number of each array."""
    places = {"w": "w", "g": "g", "curvature": "x.curvature"}
    parts = [f"{places.get(array, f'state.{array}')}[i]" for array in cut.arrays]
    return f"{name}({', '.join(parts)})"


def surface(shape: Shape) -> str:
    """A surface as the source of an object.

    Its members: `name`, `window`, `start` and `minima`, as `Surface` has them, and
    `value(x, y)`, a number; `gradient(x, y)` and `curvature(x, y)`, `[along x, along
    y]`.

    Raises:
        NotImplementedError: for a formula that is no plain arithmetic.
    """
    members = {
        "name": _text(shape.name),
        "window": _nested(shape.window),
        "start": _nested(shape.start),
        "minima": _nested(shape.minima),
    }
    lines = [f"{name}: {value}," for name, value in members.items()]
    for part in formulas.PARTS:
        try:
            program = formulas.program(shape.formula, part)
        except formulas.NO_PROGRAM as error:
            raise NotImplementedError(f"{shape.name} has no text: {error}") from error
        lines += _function(f"{part}(x, y)", _formula(program, part == "value"))
    return "\n".join(["{", *_indented(lines), "}"])


def _formula(program: Program, alone: bool) -> list[str]:
    """The statements of a formula's part."""
    printer = Printer(JAVASCRIPT, {})
    printer.assign_all(program.statements)
    results = [printer.text(result) for result in program.results]
    return [*printer.lines, f"return {results[0] if alone else _list(results)};"]


def _function(head: str, body: Iterable[str]) -> list[str]:
    return [f"{head} {{", *_indented(body), "},"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for text in lines for line in text.split("\n")]


def _object(members: Mapping[str, str]) -> str:
    """An object with a member after another."""
    lines = _indented(f"{name}: {source}," for name, source in members.items())
    return "\n".join(["{", *lines, "}"])


def _record(members: Mapping[str, str]) -> str:
    """An object on one line."""
    return f"{{{', '.join(f'{name}: {source}' for name, source in members.items())}}}"


def _taken(names: Iterable[str]) -> str:
    return f"{{{', '.join(names)}}}"


def _list(sources: Iterable[str]) -> str:
    return f"[{', '.join(sources)}]"


def _nested(numbers: Any) -> str:
    """Numbers, and tuples of them."""
    if isinstance(numbers, tuple):
        return _list(map(_nested, numbers))
    return JAVASCRIPT.number(numbers)


def _text(name: str) -> str:
    return json.dumps(name)
