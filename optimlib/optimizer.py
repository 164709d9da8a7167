"""What every method shares: settings validated at once, state, and a step that is all
or nothing."""

import inspect
from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, ClassVar, dataclass_transform

import numpy as np

from optimlib import engine as engines
from optimlib import saving
from optimlib import settings as hyper
from optimlib.arrays import checks
from optimlib.arrays.layout import Bundle, bundled
from optimlib.arrays.nests import Path, flatten, name_of, outline, rebuild
from optimlib.arrays.rows import Rows
from optimlib.clipping import global_norm
from optimlib.engine.folding import folded
from optimlib.engine.text import source
from optimlib.moves import Move, moves, points_ahead, started, taken

# What a method can need besides the gradient, in the words of an error. What else stands
# in a method's inputs is "norm", the Euclidean norm of each array's gradient.
INPUTS = {
    "loss": "the value of the function at w",
    "curvature": "the diagonal of the Hessian at w, shaped like w",
    "gradient": "a callable that gives the gradient at any w",
}
COMMON: dict[str, Any] = {
    "population": None, "project": None, "nonfinite": "raise", "engine": None,
}  # fmt: skip


@dataclass_transform(kw_only_default=True, eq_default=False)
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
        engine: None for the one that `set_engine` chose ("numpy" at first), "numpy", or
            "numba", which compiles the rule (float32 and float64; the extra `fast`).
            Large arrays are stepped by several threads: one for each core, or as many
            as the environment's OMP_NUM_THREADS says (NUMBA_NUM_THREADS for numba).
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
    engine: str | None = None

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
        if self.engine is not None:
            engines.check(self.engine)
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
    def text(cls, **switches: Any) -> str:
        """The source of the rule, as the chapters show it.

        Args:
            switches: for some of the method's switches a value each; of an `if` on
                them the text then has the lines that run, and no more.

        Raises:
            ValueError: for a switch or a value that the method does not have.
        """
        for name, value in switches.items():
            if name not in cls.switches:
                allowed = ", ".join(cls.switches) or "none"
                raise ValueError(f"the switch is {name!r}; allowed: {allowed}")
            hyper.check_switch(name, value, cls.switches[name])
        texts = [cls.ahead, cls.rule] if "gradient" in cls.inputs else [cls.rule]
        sources = [source(text).replace("@staticmethod\n", "") for text in texts]
        return "\n".join(folded(text, switches) for text in sources).rstrip()

    def reset(self) -> None:
        """Forget every step: t = 0 and empty state.

        Schedules with a state of their own (`ReduceOnPlateau`) stay as they are: they
        may be another optimizer's too.
        """
        self.t = 0
        self._like: Any = None
        self._hold([], None)

    def _hold(self, paths: list[Path], bundles: list[Bundle] | None) -> None:
        """Keep the bundles, and the paths of all their arrays."""
        self._paths, self._bundles = paths, bundles
        self._known: checks.Known | None = None  # what fits them, once it is seen

    @property
    def state(self) -> dict[str, Any]:
        """A copy of the state: each entry shaped like w, or one number for each array.

        Empty before the first step.
        """
        if self._bundles is None:
            return {}
        return {
            name: rebuild(
                self._like,
                {
                    path: self._state_at(bundle, name, place).copy()
                    for bundle in self._bundles
                    for place, path in enumerate(bundle.paths)
                },
            )
            for name in self.state_names
        }

    def _state_at(self, bundle: Bundle, name: str, place: int) -> np.ndarray:
        """A state of one array as it is shown."""
        if name not in self.numbers:
            return bundle.at(name, place)
        numbers = bundle.number_at(name, place)
        return numbers if self.population is not None else numbers.reshape(())

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
        targets = [] if out is None else self._targets(weights, out)
        given = {"loss": loss, "curvature": curvature, "gradient": gradient}
        self._check_needs(g, given)
        bundles = self._bundles
        if bundles is None:
            bundles = bundled(self._paths, weights, self.population)
        inputs = self._inputs(weights, given)
        if self._bundles is None:
            started(self, bundles, inputs)
        if gradient is not None:
            g = self._gradient_ahead(w, weights, bundles, gradient)
        slopes = self._alike("g", weights, g)
        if "norm" in self.inputs:
            inputs["norm"] = self._norms(slopes)
        ready = [m for b in bundles for m in moves(self, b, weights, slopes, inputs)]
        self._scan(ready, {"g": slopes, **inputs}, {"g": g, **given})
        if self.project is None:
            new = taken(ready, self.engine, targets, weights)
        else:
            new = self._projected(w, ready, targets, weights)
        if self._bundles is None:
            self._hold(self._paths, bundles)
            self._like = outline(w)
        self.t += 1
        return self._nest(w, new) if out is None else out

    def _nest(self, w: Any, arrays: Sequence[np.ndarray]) -> Any:
        """The arrays as a nest like w."""
        if self._known is not None and self._known.is_plain(w):
            return dict(zip(w, arrays, strict=True))
        return rebuild(w, dict(zip(self._paths, arrays, strict=True)))

    def _as_known(self, nest: Any) -> list[np.ndarray] | None:
        """The leaves, where they are arrays like those of the step before."""
        return None if self._known is None else self._known.leaves(nest)

    def _targets(self, weights: list[np.ndarray], out: Any) -> list[np.ndarray]:
        """Where to write: the leaves of out, checked."""
        into = self._as_known(out)
        if into is not None and all(x.flags.writeable for x in into):
            return into
        return checks.targets(self._paths, weights, flatten(out))

    def _weights(self, w: Any) -> list[np.ndarray]:
        """The leaves of w, checked, in the order of the paths."""
        known = self._as_known(w)
        if known is not None:
            return known
        weights = {path: checks.floats("w", path, x) for path, x in flatten(w).items()}
        for path, leaf in weights.items():
            if self.population is not None and leaf.shape[:1] != (self.population,):
                raise ValueError(
                    f"{name_of('w', path)} has shape {leaf.shape}; allowed: a first axis "
                    f"of length {self.population}, the population"
                )
        for name in self.hypers:
            hyper.check_named(name, getattr(self, name), weights)
        if self._bundles is not None:
            self._check_weights(self._bundles, weights)
        if self._bundles is None:
            self._paths = list(weights)
        return [weights[path] for path in self._paths]

    def _check_weights(
        self, bundles: list[Bundle], weights: dict[Path, np.ndarray]
    ) -> None:
        """Refuse weights that the state does not fit."""
        known = {
            path: (shape, bundle.dtype)
            for bundle in bundles
            for path, shape in zip(bundle.paths, bundle.shapes, strict=True)
        }
        checks.same_keys("w", weights, known)
        if not self.state_names:
            self._hold([], None)  # there is nothing that another shape would not fit
            return
        for path, leaf in weights.items():
            shape, dtype = known[path]
            if (leaf.shape, leaf.dtype) != (shape, dtype):
                raise ValueError(
                    f"{name_of('w', path)} has shape {leaf.shape} and dtype "
                    f"{leaf.dtype}; this optimizer's state has shape {shape} "
                    f"and dtype {dtype} (reset() starts anew)"
                )
        self._known = checks.Known.of(self._paths, [weights[p] for p in self._paths])

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

    def choices(self) -> tuple[tuple[str, Any], ...]:
        """The switches by name."""
        return tuple((name, getattr(self, name)) for name in self.switches)

    def numbers_at(self, path: Path, dtype: np.dtype) -> list[Any]:
        """The hyper-parameters of one array in the step being taken."""
        return [self.number_at(name, path, dtype) for name in self.hypers]

    def number_at(self, name: str, path: Path, dtype: np.dtype) -> Any:
        """One of them: a float, or shape (P,)."""
        declared, setting = self.hypers[name], getattr(self, name)
        value = hyper.value_at(
            name, setting, declared, path, self.t + 1, self.population
        )
        return hyper.held_up(value, dtype) if declared.guards else value

    def _inputs(
        self, weights: list[np.ndarray], given: dict[str, Any]
    ) -> dict[str, list[Any]]:
        """The loss and the curvature, by name and array, in each array's dtype."""
        inputs: dict[str, list[Any]] = {}
        if "loss" in self.inputs:
            loss = self._loss(given["loss"])
            inputs["loss"] = [checks.cast(loss, x.dtype) for x in weights]
            for value in inputs["loss"] if self.nonfinite == "raise" else ():
                checks.finite("loss", value, self.t + 1, loss)
        if "curvature" in self.inputs:
            inputs["curvature"] = self._alike("curvature", weights, given["curvature"])
        return inputs

    def _norms(self, slopes: list[np.ndarray]) -> list[np.ndarray]:
        """The norm of each array's gradient, in its dtype."""
        norms = [np.asarray(global_norm(g, self.population), float) for g in slopes]
        return [n.astype(g.dtype) for n, g in zip(norms, slopes, strict=True)]

    def _loss(self, loss: Any) -> np.ndarray:
        array = checks.real("loss", loss)
        shape = () if self.population is None else (self.population,)
        if array.shape != shape:
            raise ValueError(f"loss has shape {array.shape}; allowed: {shape}")
        return array

    def _alike(self, what: str, weights: list[np.ndarray], given: Any) -> list[Any]:
        """The leaves of a nest like the weights, checked, in their dtypes."""
        known = self._as_known(given)
        if known is not None:
            return known
        flat = flatten(given)
        checks.same_keys(what, flat, self._paths)
        checked: list[Any] = []
        for path, leaf in zip(self._paths, weights, strict=True):
            name, root = name_of(what, path), name_of("w", path)
            if isinstance(flat[path], Rows):
                self._check_sparse(name)
                rows = checks.rows_like(name, flat[path], leaf, root)
                if self.nonfinite == "raise":
                    values = flat[path].values
                    checks.finite(f"{name}.values", rows.values, self.t + 1, values)
                checked.append(rows.summed())
            else:
                checked.append(checks.like(name, flat[path], leaf, root))
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

    def _scan(
        self, ready: list[Move], cast: dict[str, list[Any]], given: dict[str, Any]
    ) -> None:
        """Refuse NaN and infinity, naming the place and the number as it was given."""
        if self.nonfinite == "ignore" or all(move.is_finite() for move in ready):
            return
        for what in ("g", "curvature"):
            originals = flatten(given.get(what))
            for path, leaf in zip(self._paths, cast.get(what, ()), strict=False):
                if isinstance(leaf, np.ndarray):
                    name = name_of(what, path)
                    checks.finite(name, leaf, self.t + 1, originals[path])

    def _gradient_ahead(
        self,
        w: Any,
        weights: list[np.ndarray],
        bundles: list[Bundle],
        gradient: Callable[[Any], Any],
    ) -> Any:
        """The gradient at the points that the method looks at."""
        if not callable(gradient):
            raise TypeError(f"gradient is {gradient!r}; allowed: a callable of w")
        points: dict[Path, np.ndarray] = {}
        for bundle in bundles:
            ahead = points_ahead(self, bundle, weights)
            points |= zip(bundle.paths, ahead, strict=True)
        return gradient(rebuild(w, points))

    def _projected(
        self,
        w: Any,
        ready: list[Move],
        targets: list[np.ndarray],
        weights: list[np.ndarray],
    ) -> list[np.ndarray]:
        """The new weights as `project` gives them back; where it can't, nothing moved."""
        assert self.project is not None
        kept = [
            (m.bundle, {k: x.copy() for k, x in m.bundle.state.items()}) for m in ready
        ]
        try:
            moved = taken(ready, self.engine, (), weights)
            projected = self._checked(self.project(self._nest(w, moved)), weights)
        except BaseException:
            for bundle, state in kept:
                bundle.state = state
            raise
        for target, array in zip(targets, projected, strict=False):
            np.copyto(target, array)
        return projected

    def _checked(self, projected: Any, weights: list[np.ndarray]) -> list[np.ndarray]:
        """What `project` returned, as arrays of their own like the weights."""
        what, flat = "what project returns", flatten(projected)
        checks.same_keys(what, flat, self._paths)
        checked = []
        for path, leaf in zip(self._paths, weights, strict=True):
            name, root = name_of(what, path), name_of("w", path)
            checked.append(checks.like(name, flat[path], leaf, root).copy())
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
