"""What every method shares: settings validated at once, nests of arrays, state, and a step that is all or nothing."""

import inspect
import textwrap
from typing import Any, ClassVar, dataclass_transform

import numpy as np

from optimlib import hyper
from optimlib.engine import with_numpy
from optimlib.tree import flatten, name_of, rebuild

FORMAT = 1  # of state_dict


@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(hyper.rate, hyper.decay, hyper.guard, hyper.switch),
)
class Optimizer:
    """A first-order method. Subclasses declare `state`, hyper-parameters, switches and `rule`.

    `rule(w, g, *state, t, *hyper-parameters, *switches)` returns `w, *state`: plain arithmetic on one array, written
    once. It is what `step` runs, what SymPy reads and what the chapters show.

    nonfinite : "raise" (default) looks for NaN and infinity in the gradient and raises FloatingPointError before
        anything changes; "ignore" does not look.
    """

    state_names: ClassVar[tuple[str, ...]] = ()
    hypers: ClassVar[dict[str, hyper.Hyper]] = {}
    switches: ClassVar[dict[str, hyper.Switch]] = {}
    nonfinite: str = hyper.switch("raise", "raise", "ignore")

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        inherited = dict(cls.hypers), dict(cls.switches)
        cls.hypers = inherited[0] | {
            k: v for k, v in vars(cls).items() if isinstance(v, hyper.Hyper)
        }
        cls.switches = inherited[1] | {
            k: v for k, v in vars(cls).items() if isinstance(v, hyper.Switch)
        }
        declared = cls.hypers | cls.switches | {"nonfinite": Optimizer.nonfinite}
        cls.__signature__ = inspect.Signature(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=field.default
            )
            for name, field in declared.items()
        )

    @staticmethod
    def rule(*args: Any) -> tuple:
        """The update of one array: overridden by every method."""
        raise NotImplementedError("a method declares its own rule")

    def __init__(self, **settings: Any):
        parameters = type(self).__signature__.parameters
        if unknown := [name for name in settings if name not in parameters]:
            raise TypeError(
                f"{type(self).__name__} has no argument {unknown[0]!r}; it has: {', '.join(parameters)}"
            )
        for name, parameter in parameters.items():
            setattr(self, name, hyper.copied(settings.get(name, parameter.default)))
        self._check_settings()
        self.reset()

    def _check_settings(self):
        hyper.check_switch("nonfinite", self.nonfinite, Optimizer.nonfinite)
        for name, declared in self.switches.items():
            hyper.check_switch(name, getattr(self, name), declared)
        for name, declared in self.hypers.items():
            value = getattr(self, name)
            hyper.check_setting(name, value, declared)
            if (
                declared.constant_for
                and getattr(self, declared.constant_for)
                and hyper.is_scheduled(value)
            ):
                raise ValueError(
                    f"{name} is a schedule; allowed with {declared.constant_for}=True: a constant, since "
                    f"{declared.why_constant}"
                )

    def __repr__(self):
        settings = ", ".join(
            f"{name}={getattr(self, name)!r}"
            for name in type(self).__signature__.parameters
        )
        return f"{type(self).__name__}({settings})"

    @classmethod
    def text(cls) -> str:
        """The source of the rule, as the chapters show it."""
        lines = textwrap.dedent(inspect.getsource(cls.rule)).splitlines()
        return "\n".join(line for line in lines if line != "@staticmethod")

    def reset(self):
        """Forget every step: t = 0 and empty state."""
        self.t = 0
        self._state: dict[tuple, list[np.ndarray]] | None = None
        self._like: Any = None

    @property
    def state(self) -> dict[str, Any]:
        """A copy of the state, each entry shaped like w; zeros of no shape before the first step, so then empty."""
        if self._state is None:
            return {}
        return {
            name: rebuild(
                self._like,
                {path: arrays[k].copy() for path, arrays in self._state.items()},
            )
            for k, name in enumerate(self.state_names)
        }

    def step(self, w, g, *, out=None):
        """Take step t + 1: return the new w, leaving w and g as they are.

        w : float array, or a dict (list, nest) of them: the parameters.
        g : the gradient at w, of the same structure and shapes.
        out : None, or where to write the result: arrays shaped and typed like w; w itself to work in place.

        Raises TypeError for a w that is not floating point, ValueError for structures, shapes or an `out` that do not
        agree, FloatingPointError for NaN or infinity in g. After an error nothing has changed.
        """
        weights = {path: _floats("w", path, leaf) for path, leaf in flatten(w).items()}
        gradients = self._gradients(weights, flatten(g))
        targets = None if out is None else _targets(weights, flatten(out))
        state = self._state_for(weights)
        new_w, new_state = {}, {}
        t = self.t + 1
        with np.errstate(all="ignore") if self.nonfinite == "ignore" else np.errstate():
            for path, leaf in weights.items():
                settings = self._settings(path, t)
                new_w[path], new_state[path] = with_numpy.run(
                    self.rule, leaf, gradients[path], state[path], t, settings
                )
        self.t, self._state, self._like = t, new_state, _outline(w)
        if targets is None:
            return rebuild(w, new_w)
        for path, target in targets.items():
            np.copyto(target, new_w[path])
        return out

    def _settings(self, path, t):
        numbers = [
            hyper.value_at(name, getattr(self, name), d, path, t)
            for name, d in self.hypers.items()
        ]
        return [*numbers, *(getattr(self, name) for name in self.switches)]

    def _gradients(self, weights, given):
        _same_keys("g", given, weights)
        gradients = {}
        for path, leaf in given.items():
            gradients[path] = array = _like(
                name_of("g", path), leaf, weights[path], name_of("w", path)
            )
            if self.nonfinite == "raise" and not np.isfinite(array).all():
                where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
                place = name_of("g", path) + (
                    f"[{', '.join(map(str, where))}]" if where else ""
                )
                raise FloatingPointError(
                    f"{place} is {array[where]} at step {self.t + 1}; allowed: finite numbers "
                    f'(nonfinite="ignore" skips this scan)'
                )
        return gradients

    def _state_for(self, weights):
        if self._state is None:
            return {
                path: [np.zeros_like(leaf) for _ in self.state_names]
                for path, leaf in weights.items()
            }
        _same_keys("w", weights, self._state)
        for path, arrays in self._state.items():
            for array in arrays:
                if (array.shape, array.dtype) != (
                    weights[path].shape,
                    weights[path].dtype,
                ):
                    raise ValueError(
                        f"{name_of('w', path)} has shape {weights[path].shape} and dtype {weights[path].dtype}; this "
                        f"optimizer's state has shape {array.shape} and dtype {array.dtype} (reset() starts anew)"
                    )
        return self._state

    def state_dict(self) -> dict[str, Any]:
        """All that a run needs to go on, as a plain dict of numbers and copied arrays.

        Keys: "format", "method", "t", "settings" (numbers, dicts and switches; a schedule, being code, is None) and
        "state".
        """
        names = type(self).__signature__.parameters
        settings = {name: hyper.copied(getattr(self, name)) for name in names}
        settings = {
            name: None if hyper.is_scheduled(value) else value
            for name, value in settings.items()
        }
        return {
            "format": FORMAT,
            "method": type(self).__name__,
            "t": self.t,
            "settings": settings,
            "state": self.state,
        }

    def load_state_dict(self, saved: dict[str, Any]):
        """Go on from `state_dict()` of the same method: t, settings and state; a schedule keeps this object's.

        Raises ValueError, leaving the optimizer as it was, where the method, the format, the settings' or the state's
        names, or the shapes within the state do not agree, and where a schedule was saved but this object has none;
        TypeError likewise for a state that is not floating point.
        """
        self._check_saved(saved)
        fresh = type(self)(**self._settings_from(saved["settings"]))
        fresh.t = hyper.check_whole("the saved t", saved["t"])
        if saved["state"]:
            flat = [flatten(saved["state"][name]) for name in self.state_names]
            for other in flat[1:]:
                _same_keys("state", other, flat[0])
            fresh._like = _outline(saved["state"][self.state_names[0]])
            fresh._state = {
                path: [_floats("state", path, entry[path]).copy() for entry in flat]
                for path in flat[0]
            }
            for path, arrays in fresh._state.items():
                for array in arrays:
                    _like(
                        name_of("state", path),
                        array,
                        arrays[0],
                        name_of(self.state_names[0], path),
                    )
        vars(self).update(vars(fresh))

    def _check_saved(self, saved):
        names = list(type(self).__signature__.parameters)
        expected = {
            "format": FORMAT,
            "method": type(self).__name__,
        }
        if not isinstance(saved, dict):
            raise TypeError(
                f"the saved state is of type {type(saved).__name__}; allowed: a dict, as state_dict() gives it"
            )
        for key in ("format", "method", "t", "settings", "state"):
            if key not in saved:
                raise ValueError(
                    f"the saved state has no {key!r}; it has: {', '.join(map(str, saved))}"
                )
        for key, value in expected.items():
            if saved[key] != value:
                raise ValueError(
                    f"the saved {key} is {saved[key]!r}; allowed: {value!r}"
                )
        hyper.check_whole("the saved t", saved["t"])
        for key in ("settings", "state"):
            if not isinstance(saved[key], dict):
                raise TypeError(
                    f"the saved {key} is of type {type(saved[key]).__name__}; allowed: a dict"
                )
        if sorted(saved["settings"]) != sorted(names):
            raise ValueError(
                f"the saved settings are {sorted(saved['settings'])}; allowed: {sorted(names)}"
            )
        if saved["state"] and sorted(saved["state"]) != sorted(self.state_names):
            raise ValueError(
                f"the saved state has {sorted(saved['state'])}; allowed: {sorted(self.state_names)}"
            )
        if self.state_names and bool(saved["t"]) != bool(saved["state"]):
            raise ValueError(
                f"the saved t is {saved['t']} with {'a' if saved['state'] else 'no'} state"
            )

    def _settings_from(self, saved):
        settings = {
            name: getattr(self, name) if value is None else value
            for name, value in saved.items()
        }
        for name, value in saved.items():
            if value is None and not hyper.is_scheduled(settings[name]):
                raise ValueError(
                    f"{name} was saved as a schedule, which is code: give it when making the optimizer"
                )
        return settings


def _outline(tree):
    """The nest with an empty array for each leaf: its structure, without its numbers."""
    return rebuild(tree, {path: np.empty(0) for path in flatten(tree)})


def _floats(root, path, leaf):
    array = np.asarray(leaf)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"{name_of(root, path)} has dtype {array.dtype}; allowed: a floating-point dtype"
        )
    return array


def _same_keys(what, given, expected):
    """Refuse leaves other than the expected ones, naming the first that is missing or extra."""
    if (() in given) != (() in expected):
        one, other = ("an array", "a dict or list of arrays")[
            :: 1 if () in given else -1
        ]
        raise ValueError(f"{what} is {one}; allowed: {other}")
    for path in expected:
        if path not in given:
            raise ValueError(
                f"{name_of(what, path)} is missing; allowed: the keys {_listed(what, expected)}"
            )
    for path in given:
        if path not in expected:
            raise ValueError(
                f"{name_of(what, path)} is not expected; allowed: the keys {_listed(what, expected)}"
            )


def _listed(what, paths):
    return ", ".join(name_of(what, path) for path in paths)


def _like(name, leaf, other, other_name):
    """`leaf` as an array with the dtype of `other`. Raises where the shapes differ or it is not real."""
    array = np.asarray(leaf)
    if not (
        np.issubdtype(array.dtype, np.floating)
        or np.issubdtype(array.dtype, np.integer)
    ):
        raise TypeError(f"{name} has dtype {array.dtype}; allowed: real numbers")
    if array.shape != other.shape:
        raise ValueError(
            f"{name} has shape {array.shape}; allowed: {other.shape}, the shape of {other_name}"
        )
    return array.astype(other.dtype, copy=False)


def _targets(weights, given):
    _same_keys("out", given, weights)
    for path, target in given.items():
        name, leaf = name_of("out", path), weights[path]
        if not isinstance(target, np.ndarray) or not target.flags.writeable:
            raise ValueError(
                f"{name} is {type(target).__name__}; allowed: a writable array"
            )
        if (target.shape, target.dtype) != (leaf.shape, leaf.dtype):
            raise ValueError(
                f"{name} has shape {target.shape} and dtype {target.dtype}; allowed: {leaf.shape} and {leaf.dtype}"
            )
    return given
