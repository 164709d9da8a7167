"""What every method shares: settings validated at once, state, and a step that is all
or nothing."""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from typing import Any, ClassVar, dataclass_transform

import numpy as np

from optimlib import hyper, leaves, saving
from optimlib.clipping import global_norm
from optimlib.engine import with_numpy
from optimlib.rows import Rows
from optimlib.tree import Path, flatten, name_of, outline, rebuild

# What a method can need besides the gradient, in the words of an error. What else stands
# in a method's inputs is "norm", the Euclidean norm of each array's gradient.
INPUTS = {
    "loss": "the value of the function at w",
    "curvature": "the diagonal of the Hessian at w, shaped like w",
    "gradient": "a callable that gives the gradient at any w",
}
COMMON: dict[str, Any] = {"population": None, "project": None, "nonfinite": "raise"}


@dataclass_transform(kw_only_default=True)
class _Declaring:
    """Its subclasses' annotated attributes are arguments of their constructors, for a
    type checker: it reads them in subclasses alone, not here.
    """


class Optimizer(_Declaring):
    """A method. Subclasses declare state, hyper-parameters, switches and `rule`.

    `rule(w, g, *state, t, *inputs, *hyper-parameters, *switches)` returns `w, *state`:
    plain arithmetic on one array, written once. It is what `step` runs, what SymPy
    reads and what the chapters show. An `if` in it stands on switches alone.

    Args:
        population: None, or P: every array has a leading axis of P independent runs,
            and a hyper-parameter may have shape (P,).
        project: None, or a function applied to w (whole, as given to `step`) after the
            step: it returns the nearest point of the set that w is to stay in.
        nonfinite: "raise" (default) looks for NaN and infinity in the gradient, loss
            and curvature and raises FloatingPointError before anything changes;
            "ignore" does not look, so that a member that diverges does not stop a
            population.
    """

    #: Names of the state, in the rule's order.
    state_names: ClassVar[tuple[str, ...]] = ()
    #: Those of them that hold one number for a whole array.
    numbers: ClassVar[tuple[str, ...]] = ()
    #: What a state starts from: a number, or an argument's name. The others from 0.
    starts: ClassVar[tuple[tuple[str, float | str], ...]] = ()
    #: What the rule needs besides g: what `step` is to be given, or "norm".
    inputs: ClassVar[tuple[str, ...]] = ()
    #: Whether a row without a gradient stays as it is, state and all.
    sparse: ClassVar[bool] = False
    hypers: ClassVar[dict[str, hyper.Hyper]] = {}
    switches: ClassVar[dict[str, hyper.Switch]] = {}
    __signature__: ClassVar[inspect.Signature]

    population: int | None = None
    project: Callable[[Any], Any] | None = None
    nonfinite: str = "raise"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls).items()
        cls.hypers = cls.hypers | {k: v for k, v in own if isinstance(v, hyper.Hyper)}
        cls.switches = cls.switches | {
            k: v for k, v in own if isinstance(v, hyper.Switch)
        }
        declared = {k: v.default for k, v in (cls.hypers | cls.switches).items()}
        cls.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
                for name, default in (declared | COMMON).items()
            ]
        )

    @staticmethod
    def rule(*args: Any) -> Any:
        """The update of one array: overridden by every method."""
        raise NotImplementedError("a method declares its own rule")

    @staticmethod
    def ahead(*args: Any) -> Any:
        """Where a method that takes `gradient` wants it: overridden by that method."""
        raise NotImplementedError("a method that takes gradient declares ahead")

    def __init__(self, *given: Any, **settings: Any) -> None:
        if given:
            kind = type(self).__name__
            name, default = next(iter(self.arguments().items()))
            raise TypeError(
                f"{kind} takes named arguments only, as in {kind}({name}={default!r}); "
                "the parameters go to step(w, g)"
            )
        for name in settings:
            if name not in self.arguments():
                allowed = ", ".join(self.arguments())
                kind = type(self).__name__
                raise TypeError(f"{kind} has no argument {name!r}; it has: {allowed}")
        for name, default in self.arguments().items():
            setattr(self, name, hyper.copied(settings.get(name, default)))
        self._check_settings()
        self.reset()

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        """The names of the constructor's arguments and their defaults."""
        return {k: p.default for k, p in cls.__signature__.parameters.items()}

    def _check_settings(self) -> None:
        if self.population is not None:
            self.population = hyper.check_whole("population", self.population, 1)
        if self.project is not None and not callable(self.project):
            raise TypeError(f"project is {self.project!r}; allowed: a callable of w")
        hyper.check_switch(
            "nonfinite", self.nonfinite, hyper.Switch("raise", ("raise", "ignore"))
        )
        for name, choice in self.switches.items():
            hyper.check_switch(name, getattr(self, name), choice)
        for name, declared in self.hypers.items():
            value = getattr(self, name)
            hyper.check_setting(name, value, declared, self.population)
            self._check_constant(name, value, declared)

    def _check_constant(self, name: str, value: Any, declared: hyper.Hyper) -> None:
        if not declared.constant or not hyper.schedules_in(value):
            return
        if isinstance(declared.constant, str) and not getattr(self, declared.constant):
            return
        where = (
            f" with {declared.constant}=True" if declared.constant is not True else ""
        )
        raise ValueError(
            f"{name} is a schedule; allowed{where}: a constant, since {declared.why}"
        )

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in self.arguments()}
        settings = ", ".join(
            f"{name}={value!r}"
            for name, value in shown.items()
            if name not in COMMON or value != COMMON[name]
        )
        return f"{type(self).__name__}({settings})"

    @classmethod
    def text(cls) -> str:
        """The source of the rule, as the chapters show it."""
        texts = [cls.ahead, cls.rule] if "gradient" in cls.inputs else [cls.rule]
        sources = [textwrap.dedent(inspect.getsource(text)) for text in texts]
        return "\n".join(s.replace("@staticmethod\n", "") for s in sources).rstrip()

    def reset(self) -> None:
        """Forget every step: t = 0 and empty state.

        Schedules with a state of their own (`ReduceOnPlateau`) stay as they are: they
        may be another optimizer's too.
        """
        self.t = 0
        self._state: dict[Path, list[np.ndarray]] | None = None
        self._like: Any = None

    @property
    def state(self) -> dict[str, Any]:
        """A copy of the state: each entry shaped like w, or one number for each array.

        Empty before the first step.
        """
        if self._state is None:
            return {}
        return {
            name: rebuild(
                self._like,
                {path: arrays[k].copy() for path, arrays in self._state.items()},
            )
            for k, name in enumerate(self.state_names)
        }

    def schedules(self) -> dict[str, Callable[[int], Any]]:
        """The schedules among the hyper-parameters, by the name of where they stand."""
        return {
            name_of(name, path): schedule
            for name in self.hypers
            for path, schedule in hyper.schedules_in(getattr(self, name)).items()
        }

    def step(
        self,
        w: Any,
        g: Any = None,
        *,
        loss: Any = None,
        curvature: Any = None,
        gradient: Callable[[Any], Any] | None = None,
        out: Any = None,
    ) -> Any:
        """Take step t + 1: return the new w, leaving w and g as they are.

        Args:
            w: float array, or a dict (list, nest) of them: the parameters.
            g: the gradient at w, of the same structure and shapes; for a sparse method
                an array's gradient may be `Rows`.
            loss: the value of the function at w, a number or shape (P,), for a method
                that needs it (`inputs` says which do).
            curvature: the diagonal of the Hessian at w, of the same structure and
                shapes, likewise.
            gradient: a callable that gives the gradient at any w, likewise; it takes
                the place of g.
            out: None, or where to write the result: arrays shaped and typed like w; w
                itself to work in place.

        Raises:
            TypeError: for a w that is not floating point, and for an argument that the
                method needs and did not get, or got and does not take.
            ValueError: for structures, shapes, rows or an `out` that do not agree, and
                for a hyper-parameter's dict that names other arrays than w has.
            FloatingPointError: for NaN or infinity in what is given.

        After an error nothing has changed.
        """
        weights = self._weights(w)
        targets = {} if out is None else leaves.targets(weights, flatten(out))
        given = {"loss": loss, "curvature": curvature, "gradient": gradient}
        self._check_needs(g, given)
        with np.errstate(all="ignore" if self.nonfinite == "ignore" else None):
            settings = {
                path: self._settings(path, x.dtype) for path, x in weights.items()
            }
            inputs = self._inputs(weights, given)
            state = self._state or self._started(weights, inputs, settings)
            if gradient is not None:
                g = self._gradient_ahead(w, weights, state, settings, gradient)
            slopes = self._alike("g", weights, g)
            for path, slope in slopes.items() if "norm" in self.inputs else ():
                norm = np.asarray(global_norm(slope, self.population), float)
                inputs[path]["norm"] = norm.astype(slope.dtype)
            updates = {}
            for path, leaf in weights.items():
                parts = leaf, slopes[path], state[path], inputs[path], settings[path]
                updates[path] = self._update(*parts)
        projected = self._projected(w, weights, updates)
        self._state = {
            path: update.keep(state[path]) for path, update in updates.items()
        }
        self._like = outline(w) if self._like is None else self._like
        self.t += 1
        for path, leaf in weights.items() if out is not None else ():
            if projected is None:
                updates[path].write(leaf, targets[path])
            else:
                np.copyto(targets[path], projected[path])
        if out is not None:
            return out
        moved = projected or {path: updates[path].of(x) for path, x in weights.items()}
        return rebuild(w, moved)

    def _weights(self, w: Any) -> dict[Path, np.ndarray]:
        weights = {path: leaves.floats("w", path, x) for path, x in flatten(w).items()}
        for path, leaf in weights.items():
            if self.population is not None and leaf.shape[:1] != (self.population,):
                raise ValueError(
                    f"{name_of('w', path)} has shape {leaf.shape}; allowed: a first axis "
                    f"of length {self.population}, the population"
                )
        for name in self.hypers:
            hyper.check_named(name, getattr(self, name), weights)
        if self._state is not None:
            self._check_weights(weights, self._state)
        return weights

    def _check_weights(
        self, weights: dict[Path, np.ndarray], state: dict[Path, list[np.ndarray]]
    ) -> None:
        """Refuse weights that the state does not fit."""
        leaves.same_keys("w", weights, state)
        for path, arrays in state.items():
            leaf = weights[path]
            for name, array in zip(self.state_names, arrays, strict=True):
                shape = self._state_shape(name, leaf.shape)
                if (array.shape, array.dtype) != (shape, leaf.dtype):
                    raise ValueError(
                        f"{name_of('w', path)} has shape {leaf.shape} and dtype "
                        f"{leaf.dtype}; this optimizer's state has shape {array.shape} "
                        f"and dtype {array.dtype} (reset() starts anew)"
                    )

    def _state_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        if name not in self.numbers:
            return shape
        return () if self.population is None else (self.population,)

    def _check_needs(self, g: Any, given: dict[str, Any]) -> None:
        """Refuse a step that lacks what the method needs, or has what it won't take."""
        kind = type(self).__name__
        for name, value in given.items():
            if name in self.inputs and value is None:
                raise TypeError(f"{kind} needs {name}=, {INPUTS[name]}")
            if name not in self.inputs and value is not None:
                raise TypeError(f"{kind} takes no {name}=; it takes: {self._takes()}")
        if (g is None) != ("gradient" in self.inputs):
            raise TypeError(
                f"{kind} needs g, the gradient at w"
                if g is None
                else f"{kind} takes no g; it takes: {self._takes()}"
            )

    def _takes(self) -> str:
        first = () if "gradient" in self.inputs else ("g",)
        more = (f"{name}=" for name in self.inputs if name in INPUTS)
        return ", ".join((*first, *more))

    def _settings(self, path: Path, dtype: np.dtype) -> list[Any]:
        """The hyper-parameters and switches of one array in the step being taken."""
        numbers = []
        for name, declared in self.hypers.items():
            setting = getattr(self, name)
            value = hyper.value_at(
                name, setting, declared, path, self.t + 1, self.population
            )
            numbers.append(hyper.held_up(value, dtype) if declared.guards else value)
        return [*numbers, *(getattr(self, name) for name in self.switches)]

    def _inputs(
        self, weights: dict[Path, np.ndarray], given: dict[str, Any]
    ) -> dict[Path, dict[str, np.ndarray]]:
        """The loss and the curvature for each array, in its dtype."""
        inputs: dict[Path, dict[str, np.ndarray]] = {path: {} for path in weights}
        if "loss" in self.inputs:
            loss = self._loss(given["loss"])
            for path, leaf in weights.items():
                inputs[path]["loss"] = leaves.cast(loss, leaf.dtype)
                self._scan("loss", inputs[path]["loss"], loss)
        if "curvature" in self.inputs:
            curvature = self._alike("curvature", weights, given["curvature"])
            for path, array in curvature.items():
                inputs[path]["curvature"] = array
        return inputs

    def _loss(self, loss: Any) -> np.ndarray:
        array = leaves.real("loss", loss)
        shape = () if self.population is None else (self.population,)
        if array.shape != shape:
            raise ValueError(f"loss has shape {array.shape}; allowed: {shape}")
        return array

    def _alike(
        self, what: str, weights: dict[Path, np.ndarray], given: Any
    ) -> dict[Path, Any]:
        """The leaves of a nest like the weights, checked, in their dtypes."""
        flat = flatten(given)
        leaves.same_keys(what, flat, weights)
        checked: dict[Path, Any] = {}
        for path, leaf in weights.items():
            name, root = name_of(what, path), name_of("w", path)
            if isinstance(flat[path], Rows):
                self._check_sparse(name)
                rows = leaves.rows_like(name, flat[path], leaf, root)
                self._scan(f"{name}.values", rows.values, flat[path].values)
                checked[path] = rows.summed()
            else:
                checked[path] = leaves.like(name, flat[path], leaf, root)
                self._scan(name, checked[path], flat[path])
        return checked

    def _check_sparse(self, name: str) -> None:
        kind = type(self).__name__
        if not self.sparse:
            raise ValueError(
                f"{name} is Rows; allowed for {kind}: an array, since a row without a "
                f"gradient does not stay as it is ({self._fading()})"
            )
        if self.population is not None:
            raise ValueError(
                f"{name} is Rows; allowed with a population: an array, since the first "
                "axis is that of the members"
            )

    def _fading(self) -> str:
        """What a step changes where the gradient is zero, in words."""
        state = " and ".join(self.state_names)
        return f"its {state} change{'s' * (len(self.state_names) == 1)} all the same"

    def _scan(self, name: str, array: np.ndarray, given: Any) -> None:
        if self.nonfinite == "raise":
            leaves.finite(name, array, self.t + 1, given)

    def _started(
        self,
        weights: dict[Path, np.ndarray],
        inputs: dict[Path, dict[str, np.ndarray]],
        settings: dict[Path, list[Any]],
    ) -> dict[Path, list[np.ndarray]]:
        """The state before the first step."""
        state: dict[Path, list[np.ndarray]] = {}
        for path, leaf in weights.items():
            named = dict(zip(self.hypers, settings[path], strict=False)) | inputs[path]
            state[path] = []
            for name in self.state_names:
                first = dict(self.starts).get(name, 0.0)
                value = named[first] if isinstance(first, str) else first
                shape = self._state_shape(name, leaf.shape)
                state[path].append(with_numpy.filled(shape, value, leaf.dtype))
        return state

    def _gradient_ahead(
        self,
        w: Any,
        weights: dict[Path, np.ndarray],
        state: dict[Path, list[np.ndarray]],
        settings: dict[Path, list[Any]],
        gradient: Callable[[Any], Any],
    ) -> Any:
        """The gradient at the points that the method looks at."""
        if not callable(gradient):
            raise TypeError(f"gradient is {gradient!r}; allowed: a callable of w")
        points = {}
        for path, leaf in weights.items():
            arrays = [leaf, *state[path]]
            point = with_numpy.run(self.ahead, arrays, self.t + 1, [], settings[path])
            points[path] = with_numpy.shaped(point, leaf)
        return gradient(rebuild(w, points))

    def _update(
        self,
        w: np.ndarray,
        g: np.ndarray | Rows,
        state: list[np.ndarray],
        inputs: dict[str, np.ndarray],
        settings: list[Any],
    ) -> "Update":
        """The rule for one array, or for those of its rows that have a gradient."""
        where: Any = ...
        if isinstance(g, Rows):
            where = g.index
            w, state = w[where], [array[where] for array in state]
        slope = g.values if isinstance(g, Rows) else g
        given = list(inputs.values())
        new = with_numpy.run(self.rule, [w, slope, *state], self.t + 1, given, settings)
        pairs = zip(new, [w, *state], strict=True)
        new_w, *new_state = (with_numpy.shaped(value, like) for value, like in pairs)
        return Update(where, new_w, new_state)

    def _projected(
        self, w: Any, weights: dict[Path, np.ndarray], updates: dict[Path, "Update"]
    ) -> dict[Path, np.ndarray] | None:
        """The weights that `project` makes of the new ones, or None without it."""
        if self.project is None:
            return None
        moved = {path: updates[path].of(leaf) for path, leaf in weights.items()}
        projected = flatten(self.project(rebuild(w, moved)))
        what = "what project returns"
        leaves.same_keys(what, projected, weights)
        checked = {}
        for path, leaf in weights.items():
            name, root = name_of(what, path), name_of("w", path)
            checked[path] = leaves.like(name, projected[path], leaf, root).copy()
        return checked

    def state_dict(self) -> dict[str, Any]:
        """All that a run needs to go on, as a plain dict of numbers and copied arrays.

        Keys: "format", "method", "t", "settings" (numbers, dicts, switches; what is
        code, a schedule or a projection, is named as such), "schedules" (what schedules
        with a state of their own keep) and "state".
        """
        return saving.state_dict(self)

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on from `state_dict()` of the same method: t, settings and state.

        The saved numbers take the place of this object's. What was saved as code, a
        schedule or a projection, must be this object's, and nothing else of it may be
        code: nothing that was given as code is dropped.

        Raises:
            ValueError: where the method, the format, the names of settings or state or
                the shapes within the state do not agree, and where one has code and the
                other has not.
            TypeError: for a part of the wrong kind.

        After an error the optimizer is as it was.
        """
        saving.load_state_dict(self, saved)

    def save(self, path: str | PathLike[str]) -> None:
        """Write `state_dict()` to one .npz file, whole or not at all.

        Raises:
            OSError: where the file can't be written; one that was there stays.
            TypeError: for a nest whose keys are not text, numbers or None.
        """
        saving.write(path, self.state_dict())

    def load(self, path: str | PathLike[str]) -> None:
        """Go on from a file that `save` wrote, as `load_state_dict` does: the saved
        numbers take the place of this object's, its schedules and projection stay.

        Raises:
            OSError: where the file can't be read.
            ValueError: where it is truncated, corrupted or no such file, besides what
                `load_state_dict` raises.

        After an error the optimizer is as it was.
        """
        self.load_state_dict(saving.read(path))


@dataclass(frozen=True)
class Update:
    """A step of one array: `where` is ... or an index of rows."""

    where: Any
    w: np.ndarray
    state: list[np.ndarray]

    def of(self, w: np.ndarray) -> np.ndarray:
        """The new array."""
        if self.where is ...:
            return self.w
        moved = w.copy()
        moved[self.where] = self.w
        return moved

    def write(self, w: np.ndarray, out: np.ndarray) -> None:
        """Put the new array into `out`, which may be w itself."""
        if self.where is not ... and out is not w:
            np.copyto(out, w)
        out[self.where] = self.w

    def keep(self, state: list[np.ndarray]) -> list[np.ndarray]:
        """The state to go on with."""
        if self.where is ...:
            return self.state
        for array, rows in zip(state, self.state, strict=True):
            array[self.where] = rows
        return state
