"""What every method shares: settings validated at once, state, and a step that is all
or nothing."""

from collections.abc import Callable
from os import PathLike
from typing import Any

import numpy as np

from optimlib import engine as engines
from optimlib import files, state_dicts
from optimlib.arrays import checks
from optimlib.arrays.layout import Arrays, Block, Layout, Part
from optimlib.arrays.nests import flatten, is_container, name_of
from optimlib.arrays.rows import Rows
from optimlib.clipping import global_norm
from optimlib.declaring import Declared
from optimlib.settings import check_named, check_whole

FLOATS = {float}
Ready = tuple[engines.Kernel, list[Part], list[engines.Constants]]


class Optimizer(Declared):
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

    @staticmethod
    def rule(*args: Any) -> Any:
        """The update of one array: overridden by every method."""
        raise NotImplementedError("a method declares its own rule")

    @staticmethod
    def ahead(*args: Any) -> Any:
        """Where a method that takes `gradient` wants it: overridden by that method."""
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
        layout, weights = self._read(w)
        into = () if out is None else layout.targets(out, weights)
        self.check_needs(
            g, {"loss": loss, "curvature": curvature, "gradient": gradient}
        )
        given: dict[str, Any] = {"w": weights}
        if loss is not None:
            given["loss"] = self._losses(loss, weights)
        if curvature is not None:
            given["curvature"] = layout.read(
                "curvature", curvature, weights, self._rows
            )
        if self._layout is None:
            self._start(layout, given)
        if gradient is not None:
            g = self._gradient_ahead(gradient, w, layout, given)
        given["g"] = layout.read("g", g, weights, self._rows)
        if "norm" in self.inputs:
            given["norm"] = list(map(self._norm, given["g"]))
        ready = self._ready("rule", layout, given)
        if self.nonfinite == "raise" and not all(map(Part.is_finite, ready[1])):
            for what, nest in {"g": g, "curvature": curvature}.items():
                layout.refuse_nonfinite(what, given.get(what, ()), nest, self.t + 1)
        if self.project is None:
            new = engines.run(*ready, into, self.engine)
        else:
            new = self._projected(w, layout, ready, into)
        self._layout = layout
        self.t += 1
        return layout.nest(w, new) if out is None else out

    def _read(self, w: Any) -> tuple[Layout, list[np.ndarray]]:
        """How w is laid out, and its leaves, checked, in that order."""
        layout = self._layout
        if layout is not None and (known := layout.leaves(w)) is not None:
            return layout, known
        weights = {path: checks.floats("w", path, x) for path, x in flatten(w).items()}
        for path, leaf in weights.items():
            if self.population is not None and leaf.shape[:1] != (self.population,):
                raise ValueError(
                    f"{name_of('w', path)} has shape {leaf.shape}; allowed: a first axis "
                    f"of length {self.population}, the population"
                )
        for name in self.hypers:
            check_named(name, getattr(self, name), weights)
        if layout is not None:
            checks.same_keys("w", weights, layout.paths)
            if self.state_names:
                return layout, layout.fitting(weights)
        return Layout.of(w, weights, self.population), list(weights.values())

    def _start(self, layout: Layout, given: dict[str, Any]) -> None:
        """Give the blocks the state before the first step."""
        starts = dict(self.starts)
        for block in layout.blocks:
            for name in self.state_names:
                first: Any = starts.get(name, 0.0)
                if first in given:
                    firsts = block.own(given[first])
                elif isinstance(first, str):
                    firsts = [
                        self.number(first, self.t + 1, x, block.dtype)
                        for x in block.paths
                    ]
                else:
                    firsts = [first] * len(block.paths)
                block.start(name, firsts, name in self.scalars)

    def _ready(self, text: str, layout: Layout, given: dict[str, Any]) -> Ready:
        """A text's kernel, and what it is run on."""
        kernel = engines.kernel(type(self), text, self.choices())
        parts = layout.parts(kernel.arrays, given)
        return kernel, parts, [self._constants(kernel, part, given) for part in parts]

    def _constants(
        self, kernel: engines.Kernel, part: Part, given: dict[str, Any]
    ) -> engines.Constants:
        """What the kernel takes besides arrays: once, or for each array if they differ."""
        block, rows = part.block, []
        settings = list(map(self.__getattribute__, self.hypers))
        plain = set(map(type, settings)) == FLOATS
        alike = plain or not any(map(is_container, settings))
        one = alike and "norm" not in kernel.inputs and block.has_one(kernel.scalars)
        for place in part.places[:1] if one else part.places:
            row = [given[name][block.indices[place]] for name in kernel.inputs]
            row += [block.scalar_at(name, place) for name in kernel.scalars]
            if plain and block.dtype == np.float64:
                row += settings
            else:
                row += self.numbers(self.t + 1, block.paths[place], block.dtype)
            rows.append(row)
        return engines.computed(kernel, self.t + 1, rows, part)

    def _losses(self, loss: Any, weights: list[np.ndarray]) -> list[np.ndarray]:
        """The loss in each array's dtype."""
        array = checks.real("loss", loss)
        shape = () if self.population is None else (self.population,)
        if array.shape != shape:
            raise ValueError(f"loss has shape {array.shape}; allowed: {shape}")
        losses = [checks.cast(array, x.dtype) for x in weights]
        for value in losses if self.nonfinite == "raise" else ():
            checks.finite("loss", value, self.t + 1, array)
        return losses

    def _norm(self, g: np.ndarray) -> np.ndarray:
        """The norm of an array's gradient, in its dtype."""
        return np.asarray(global_norm(g, self.population), float).astype(g.dtype)

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
        points = engines.run(*self._ready("ahead", layout, given), (), self.engine)
        return gradient(layout.nest(w, points))

    def _projected(
        self, w: Any, layout: Layout, ready: Ready, into: Arrays
    ) -> list[np.ndarray]:
        """The new weights as `project` gives them back; where it can't, nothing moved."""
        assert self.project is not None
        kept = [{k: x.copy() for k, x in b.state.items()} for b in layout.blocks]
        try:
            moved = engines.run(*ready, (), self.engine)
            nest, what = self.project(layout.nest(w, moved)), "what project returns"
            new = [x.copy() for x in layout.read(what, nest, moved, checks.like)]
        except BaseException:
            for block, state in zip(layout.blocks, kept, strict=True):
                block.state = state
            raise
        for target, array in zip(into, new, strict=False):
            np.copyto(target, array)
        return new

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
