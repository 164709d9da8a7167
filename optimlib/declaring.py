"""What a method declares, and its constructor: settings by name, validated at once."""

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, dataclass_transform

import numpy as np

from optimlib import engine as engines
from optimlib.arrays.nests import Path, name_of
from optimlib.engine.folding import folded
from optimlib.engine.text import source
from optimlib.settings import (
    MOST,
    Hyper,
    Switch,
    above_zero,
    check_held,
    check_named,
    check_switch,
    check_whole,
    checked,
    schedules_in,
    value_at,
)

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
NONFINITE = Switch("raise", ("raise", "ignore"))


@dataclass_transform(kw_only_default=True, eq_default=False)
class _Declaring:
    """Its subclasses' annotated attributes are arguments of their constructors, for a
    type checker: it reads them in subclasses alone, not here.
    """


class Declared(_Declaring):
    """A class that declares a method: what it keeps, what it needs, its settings."""

    hypers: ClassVar[dict[str, Hyper]] = {}
    switches: ClassVar[dict[str, Switch]] = {}
    #: Names of the state, in the rule's order.
    state_names: ClassVar[tuple[str, ...]] = ()
    #: Those of them that hold one number for a whole array.
    scalars: ClassVar[tuple[str, ...]] = ()
    #: What a state starts from: a number, or an argument's name. The others from 0.
    starts: ClassVar[tuple[tuple[str, float | str], ...]] = ()
    #: What the rule needs besides g: what `step` is to be given, or "norm".
    inputs: ClassVar[tuple[str, ...]] = ()
    #: Whether a row without a gradient stays as it is, state and all.
    sparse: ClassVar[bool] = False
    rule: ClassVar[Callable[..., Any]]
    ahead: ClassVar[Callable[..., Any]]
    __signature__: ClassVar[inspect.Signature]

    population: int | None = None
    project: Callable[[Any], Any] | None = None
    nonfinite: str = "raise"
    engine: str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls).items()
        cls.hypers = cls.hypers | {k: v for k, v in own if isinstance(v, Hyper)}
        cls.switches = cls.switches | {k: v for k, v in own if isinstance(v, Switch)}
        declared = {k: v.default for k, v in (cls.hypers | cls.switches).items()}
        cls.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
                for name, default in (declared | COMMON).items()
            ]
        )

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
        vars(self).update(self._checked(self.arguments() | settings))

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a setting, checked as in the constructor, the step t, or what is private.

        Raises:
            TypeError, ValueError: for a value that is not allowed, as the constructor;
                a dict that does not name the arrays of the state; and where there is a
                state, for another population.
            AttributeError: for another name.

        After an error nothing has changed.
        """
        if name[:1] == "_" or (
            name == "t" and type(value) is int and 0 <= value < MOST
        ):
            self.__dict__[name] = value
        elif name == "t":
            self.__dict__[name] = check_whole("t", value, 0, MOST)
        elif name in self.arguments():
            settings = self._checked(self._settings() | {name: value})
            self._check_state(name, settings[name])
            vars(self).update(settings, _usual=None)
        else:
            kind, allowed = type(self).__name__, ", ".join(self.arguments())
            raise AttributeError(f"{kind} has no setting {name!r}; it has: {allowed}")

    def __delattr__(self, name: str) -> None:
        """Refuse it. Raises AttributeError."""
        raise AttributeError(f"{name} of {type(self).__name__} can't be deleted")

    @property
    def blocks(self) -> list[Any]:
        """The blocks in which the state is kept, if there is any."""
        return []

    @classmethod
    def arguments(cls) -> dict[str, Any]:
        """The names of the constructor's arguments and their defaults."""
        return {k: p.default for k, p in cls.__signature__.parameters.items()}

    def _settings(self) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in self.arguments()}

    @classmethod
    def _checked(cls, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings, of which there is one for each argument, as they are kept."""
        population, project = settings["population"], settings["project"]
        if population is not None:
            population = check_whole("population", population, 1)
        if project is not None and not callable(project):
            raise TypeError(f"project is {project!r}; allowed: a callable of w")
        check_switch("nonfinite", settings["nonfinite"], NONFINITE)
        if settings["engine"] is not None:
            engines.check(settings["engine"])
        for name, choice in cls.switches.items():
            check_switch(name, settings[name], choice)
        kept = {"population": population}
        for name, declared in cls.hypers.items():
            kept[name] = checked(name, settings[name], declared, population)
            cls._check_constant(name, declared, settings)
        return settings | kept

    def _check_state(self, name: str, value: Any) -> None:
        """Refuse a setting that does not fit the state that there is."""
        paths = [path for block in self.blocks for path in block.paths]
        if name == "population" and paths and value != self.population:
            raise ValueError(
                f"population is {value}; allowed: {self.population}, that of the state "
                "(which reset() forgets)"
            )
        if name in self.hypers and paths:
            check_named(name, value, dict.fromkeys(paths))

    @staticmethod
    def _check_constant(name: str, declared: Hyper, settings: dict[str, Any]) -> None:
        if not declared.constant or not schedules_in(settings[name]):
            return
        if isinstance(declared.constant, str) and not settings[declared.constant]:
            return
        where = (
            f" with {declared.constant}=True" if declared.constant is not True else ""
        )
        raise ValueError(
            f"{name} is a schedule; allowed{where}: a constant, since {declared.why}"
        )

    def __repr__(self) -> str:
        settings = ", ".join(
            f"{name}={value!r}"
            for name, value in self._settings().items()
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
            check_switch(name, value, cls.switches[name])
        texts = [cls.ahead, cls.rule] if "gradient" in cls.inputs else [cls.rule]
        sources = [source(text).replace("@staticmethod\n", "") for text in texts]
        return "\n".join(folded(text, switches) for text in sources).rstrip()

    def schedules(self) -> dict[str, Callable[[int], Any]]:
        """The schedules among the hyper-parameters, by the name of where they stand."""
        return {
            name_of(name, path): schedule
            for name in self.hypers
            for path, schedule in schedules_in(getattr(self, name)).items()
        }

    def own(self) -> dict[str, Any]:
        """The settings that belong to a run; the engine belongs to the machine."""
        return {k: x for k, x in self._settings().items() if k != "engine"}

    def numbers(self, t: int, path: Path, dtype: np.dtype) -> list[Any]:
        """The hyper-parameters of one array in step t."""
        return [self.number(name, t, path, dtype) for name in self.hypers]

    def number(self, name: str, t: int, path: Path, dtype: np.dtype) -> Any:
        """One of them: a float, or shape (P,)."""
        declared, setting = self.hypers[name], getattr(self, name)
        value = value_at(name, setting, declared, path, t, self.population)
        check_held(name, value, dtype)
        return above_zero(value, dtype) if declared.guards else value

    def choices(self) -> tuple[tuple[str, Any], ...]:
        """The switches by name."""
        return tuple(zip(self.switches, map(self.__getattribute__, self.switches)))

    def check_needs(self, g: Any, given: dict[str, Any]) -> None:
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

    def check_sparse(self, name: str) -> None:
        """Refuse a sparse gradient where the method does not take one."""
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
