"""What every method shares: settings validated at once, state, and a step that is all
or nothing."""

from collections.abc import Callable
from itertools import repeat
from os import PathLike
from typing import Any

import numpy as np

from optimlib import engine as engines
from optimlib import files, inputs, state_dicts
from optimlib.arrays import checks
from optimlib.arrays.blocks import Block, Part
from optimlib.arrays.layout import Layout
from optimlib.arrays.nests import flatten, name_of
from optimlib.arrays.rows import Rows
from optimlib.declaring import Declared
from optimlib.settings import check_named, check_whole, copied

Ready = tuple[engines.Kernel, list[Part], list[engines.Constants]]


class Optimizer(Declared):
    """A method. Subclasses declare state, hyper-parameters, switches and `rule`.

    `rule(w, g, *state, t, *inputs, *hyper-parameters, *switches)` returns `w, *state`:
    plain arithmetic on one array, written once. It is what `step` runs, what SymPy
    reads and what the chapters show. An `if` in it stands on switches alone. Where
    "gradient" is among the inputs, the rule gets g as usual, taken at
    `ahead(w, *state, t, *hyper-parameters, *switches)`.

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
            "numba", which compiles the rule (float16 to float64; the extra `fast`).
            Large arrays are stepped by several threads: one for each core, or as many
            as the environment's OMP_NUM_THREADS says (NUMBA_NUM_THREADS for numba).
    """

    @staticmethod
    def rule(*args: Any) -> Any:
        """The update of one array."""
        raise NotImplementedError("a method declares its own rule")

    @staticmethod
    def ahead(*args: Any) -> Any:
        """The point at which a method that takes `gradient` wants it."""
        raise NotImplementedError("a method that takes gradient declares ahead")

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.reset()

    def reset(self) -> None:
        """Forget every step: t = 0 and empty state.

        Schedules with a state of their own (`ReduceOnPlateau`) stay as they are: they
        may be another optimizer's too.
        """
        self.t = 0
        self._layout: Layout | None = None
        self._usual: engines.Usual | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What a copy (by `copy` or `pickle`) starts from: all of it its own."""
        own = {name: copied(value) for name, value in self.own().items()}
        layout = None if self._layout is None else self._layout.copied()
        return vars(self) | own | {"_layout": layout, "_usual": None}

    @property
    def state(self) -> dict[str, Any]:
        """A copy of the state: each entry shaped like w, or one number for each array.

        Empty before the first step.
        """
        if self._layout is None:
            return {}
        return {name: self._shown(self._layout, name) for name in self.state_names}

    @property
    def blocks(self) -> list[Block]:
        """The blocks in which the state is kept: the arrays themselves, no copies."""
        return [] if self._layout is None else self._layout.blocks

    def _shown(self, layout: Layout, name: str) -> Any:
        """A state as it is shown."""
        if name not in self.scalars:
            return layout.shown(lambda block, place: block.at(name, place).copy())
        shape = () if self.population is None else (self.population,)
        return layout.shown(
            lambda block, place: block.scalar_at(name, place).reshape(shape).copy()
        )

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
            w: float array, or a dict (list, nest) of them: the parameters. Containers
                of other classes, as named tuples, come back in the same.
            g: the gradient at w, of the same structure and shapes; for a sparse method
                an array's gradient may be `Rows`. In a nest an array's gradient may be
                None: that array stays as it is, state and all. The step counts for it
                all the same, so that a bias correction goes on as if it had been one
                of its own.
            loss: the value of the function at w, a number or shape (P,), for a method
                that needs it (`inputs` says which do).
            curvature: the diagonal of the Hessian at w, of the same structure and
                shapes, likewise; None where the gradient is.
            gradient: a callable that gives the gradient at any w, likewise; it takes
                the place of g.
            out: None, or where to write the result: arrays shaped and typed like w; w
                itself to work in place.

        Raises:
            TypeError: for a w that is not floating point, a masked array, and for an
                argument that the method needs and did not get, or got and does not take.
            ValueError: for structures, shapes, rows or an `out` that do not agree, for
                arrays of `out` that share memory, and for a hyper-parameter's dict that
                names other arrays than w has.
            FloatingPointError: with nonfinite="raise", for NaN or infinity in the
                gradient, loss or curvature (w is not looked at).

        float16 is computed in float32, in which its state is kept too, and the new w
        rounded. Operands may share memory; what is written to `out` may not.

        After an error nothing has changed.
        """
        if loss is None and curvature is None and gradient is None:
            moved = self._usual_step(w, g, out)
            if moved is not None:
                return moved
        layout, weights = self._read(w)
        into = () if out is None else layout.targets(out, weights)
        self.check_needs(
            g, {"loss": loss, "curvature": curvature, "gradient": gradient}
        )
        given: dict[str, Any] = {"w": weights}
        if loss is not None:
            given["loss"] = inputs.losses(self, loss, weights, self.t + 1)
        if curvature is not None:
            given["curvature"] = layout.read(
                "curvature", curvature, weights, self._rows, frozen=True
            )
        if self._layout is None:
            for block in layout.blocks:
                inputs.start(self, block, given, self.t + 1)
        if gradient is not None:
            g = self._gradient_ahead(gradient, w, layout, given)
        given["g"] = layout.read("g", g, weights, self._rows, frozen=True)
        if curvature is not None:
            layout.check_frozen(given["g"], given["curvature"])
        if "norm" in self.inputs:
            given["norm"] = inputs.norms(given["g"], self.population)
        ready = self._ready("rule", layout, given)
        if self.nonfinite == "raise" and not all(map(Part.is_finite, ready[1])):
            nests = {"g": g, "curvature": curvature}
            layout.refuse_nonfinite(nests, given, self.t + 1)
        if self.project is None:
            moves = engines.ready(*ready, weights, into, self.engine)
            new = moves.arrays()
        else:
            moves = engines.ready(*ready, weights, name=self.engine, apart=True)
            moves.make()
            new = self._projected(w, layout, moves.arrays())
            moves.changes += zip(into, repeat(...), new)
        moved = layout.nest(w, new) if out is None else out
        own = vars(self)
        usual = inputs.usual(self, layout, *ready[:2])
        moves.changes += (own, "_layout", layout), (own, "t", self.t + 1)
        moves.changes.append((own, "_usual", usual))
        moves.take() if self.project is None else moves.write()
        return moved

    def _usual_step(self, w: Any, g: Any, out: Any) -> Any:
        """The new w if this step is of the kind that was made ready, else None.

        `_usual` is taken out meanwhile, so that another thread, or a schedule that takes
        a step, does not use the same buffers. If one of them sets it, that stays.
        """
        own = vars(self)
        usual = own.pop("_usual", None)
        if usual is None or engines.chosen(self.engine) is not usual.engine:
            return None
        try:
            numbers, block = usual.numbers, usual.block
            if numbers is None:
                numbers = self.numbers(self.t + 1, block.paths[0], block.dtype)
            return usual.take(own, numbers, w, g, out)
        finally:
            own.setdefault("_usual", usual)

    def _read(self, w: Any) -> tuple[Layout, list[np.ndarray]]:
        """How w is laid out, and its leaves, checked, in that order."""
        layout = self._layout
        if layout is not None and (known := layout.leaves(w)) is not None:
            return layout, known
        weights = {path: checks.floats("w", path, x) for path, x in flatten(w).items()}
        for path, leaf in weights.items():
            checks.of_members(name_of("w", path), leaf, self.population)
        for name in self.hypers:
            check_named(name, getattr(self, name), weights)
        if layout is not None:
            checks.same_keys("w", weights, layout.paths)
            if self.state_names:
                return layout.fitting(weights)
        return Layout.of(w, weights, self.population), list(weights.values())

    def _ready(self, text: str, layout: Layout, given: dict[str, Any]) -> Ready:
        """A text's kernel, and what it is run on."""
        kernel = engines.kernel(type(self), text, self.choices())
        parts = layout.parts(kernel.arrays, given)
        t = self.t + 1
        return (
            kernel,
            parts,
            [inputs.constants(self, kernel, x, given, t) for x in parts],
        )

    def _rows(self, name: str, rows: Rows, leaf: np.ndarray, root: str) -> Rows:
        """A sparse gradient, checked, with each row once."""
        self.check_sparse(name)
        cast = checks.rows_like(name, rows, leaf, root)
        if self.nonfinite == "raise":
            checks.finite(f"{name}.values", cast.values, self.t + 1, rows.values)
        return cast.summed()

    def _gradient_ahead(
        self,
        gradient: Callable[[Any], Any],
        w: Any,
        layout: Layout,
        given: dict[str, Any],
    ) -> Any:
        """The gradient at the points that the method looks at."""
        if not callable(gradient):
            raise TypeError(f"gradient is {gradient!r}; allowed: a callable of w")
        ready = self._ready("ahead", layout, given)
        moves = engines.ready(*ready, given["w"], name=self.engine)
        moves.make()
        return gradient(layout.nest(w, moves.arrays()))

    def _projected(
        self, w: Any, layout: Layout, moved: list[np.ndarray]
    ) -> list[np.ndarray]:
        """The new weights as `project` gives them back."""
        assert self.project is not None
        nest, what = self.project(layout.nest(w, moved)), "what project returns"
        given = layout.read(what, nest, moved, checks.like)
        return [
            checks.cast(x, old.dtype).copy()
            for x, old in zip(given, moved, strict=True)
        ]

    def state_dict(self) -> dict[str, Any]:
        """All that a run needs to go on, as a plain dict of numbers and copied arrays.

        Keys: "format", "method", "t", "settings" (numbers, dicts, switches; what is
        code, a schedule or a projection, is named as such), "schedules" (what schedules
        with a state of their own keep) and "state".
        """
        return state_dicts.contents(
            type(self).__name__, self.t, self.own(), self.schedules(), self.state
        )

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
        own = self.own()
        state_dicts.check(saved, type(self).__name__, own, self.state_names)
        settings = state_dicts.settings(saved["settings"], own)
        fresh = type(self)(**settings, engine=self.engine)
        fresh.t = check_whole("the saved t", saved["t"])
        if saved["state"]:
            fresh._layout = state_dicts.layout(
                saved["state"], self.state_names, self.scalars, fresh.population
            )
        state_dicts.load_schedules(saved["schedules"], fresh.schedules())
        vars(self).update(vars(fresh))

    def save(self, path: str | PathLike[str]) -> None:
        """Write `state_dict()` to one .npz file, whole or not at all.

        Raises:
            OSError: where the file can't be written; one that was there stays.
            TypeError: for a nest whose keys are not text, numbers or None.
        """
        files.write(path, self.state_dict())

    def load(self, path: str | PathLike[str]) -> None:
        """Go on from a file that `save` wrote, as `load_state_dict` does: the saved
        numbers take the place of this object's, its schedules and projection stay.

        Raises:
            OSError: where the file can't be read.
            ValueError: where it is truncated, corrupted or no such file, besides what
                `load_state_dict` raises.

        After an error the optimizer is as it was.
        """
        self.load_state_dict(files.read(path))
