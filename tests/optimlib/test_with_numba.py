"""The engine of numba: what NumPy computes, bit for bit, in one pass over memory."""

import ast
import os
import re
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from variants import METHODS, VARIANTS, every_variant, make, take

import optimlib
from optimlib import SGD, Adam, Momentum, Rows, engine
from optimlib.arrays.nests import flatten
from optimlib.engine import with_numba
from optimlib.engine.kernels import kernel
from optimlib.optimizer import Optimizer
from optimlib.settings import rate

pytest.importorskip("numba")

SERIAL, WITHIN, PARALLEL = 5, 40_000, 70_000  # on either side of both modules' SMALL


def dtype_of(method):
    """The one dtype that a method is compiled for."""
    return (np.float32, np.float64)[METHODS.index(method) % 2]


def nested(method, switches):
    """What is in a variant's text: operations, each with one that it is of, as a sum with
    a product, and the dtype."""

    def word(node):
        if isinstance(node, ast.Call):
            return ast.unparse(node.func)
        return type(getattr(node, "op", node)).__name__

    found = set()
    for name in ("rule", "ahead") if "gradient" in method.inputs else ("rule",):
        body = dict(kernel(method, name, tuple(switches.items())).program.body)
        for node in (x for value in body.values() for x in ast.walk(value)):
            for child in ast.iter_child_nodes(node):
                child = body.get(getattr(child, "id", None), child)
                found.add((dtype_of(method), word(node), word(child)))
    return found


def covering():
    """Variants with every method, and all that is `nested` in any of them."""
    seen, chosen = set(), []
    for variant in sorted(VARIANTS, key=lambda x: len(nested(*x)), reverse=True):
        known = variant[0] in (method for method, _ in chosen)
        if not known or not nested(*variant) <= seen:
            seen |= nested(*variant)
            chosen.append(variant)
    return chosen


# Compiling takes long. The text of the other variants is run by Python here; what the
# compiler makes of each of their operations is seen in these.
COMPILED = covering()
LARGE = [
    (Adam, {"bias_correction": True}, WITHIN, True),
    (Adam, {"bias_correction": True}, PARALLEL, True),
    (optimlib.Rprop, {"backtracking": True}, PARALLEL, False),
]
KERNELS = [*LARGE, *((m, s, SERIAL, False) for m, s in COMPILED)]


def pair(method, **settings):
    """The same optimizer for either engine."""
    return [make(method, **settings, engine=name) for name in engine.ENGINES]


def drawn(method, size, seed=0):
    """An array with a few zeros."""
    array = np.random.default_rng(seed).normal(size=size).astype(dtype_of(method))
    array[::4] = 0
    return array


def alike(one, other):
    """Whether nests of arrays are the same, bit for bit; a NaN's sign has no meaning."""
    one, other = flatten(one), flatten(other)
    assert one.keys() == other.keys()
    for path, array in one.items():
        np.testing.assert_array_equal(array, other[path], strict=True)
        signs = [np.signbit(x) & ~np.isnan(x) for x in (array, other[path])]
        np.testing.assert_array_equal(*signs)


def hold_together(method, w, slopes, out=None, **settings):
    """Steps of both engines along the same gradients: weights and states are alike.

    out: None, "w" for a step in place, or "other".
    """
    one, other = pair(method, **settings)
    v = w.copy() if isinstance(w, np.ndarray) else w
    w = v.copy() if isinstance(w, np.ndarray) else w
    for g in slopes:
        into = {None: (None, None), "w": (w, v)}.get(out) or (w.copy(), v.copy())
        w = take(one, w, g, out=into[0])
        v = take(other, v, g, out=into[1])
        alike(w, v)
        alike(one.state, other.state)


def compiled(share):
    """Compile the first kernel, as the other process does now, and every other one."""
    for method, switches, size, within in [LARGE[0], *KERNELS[share::2]]:
        w = np.ones(size, dtype_of(method))
        opt = make(method, **switches, engine="numba")
        take(opt, w, w, out=w if within else None)
    print(*(misses for _, misses in found_and_compiled()))


def run_by_python(monkeypatch):
    """Have kernels run as the text that they are, not compiled."""
    made = with_numba.compiled

    def interpreted(*args):
        kernel = made(*args).py_func

        def run(*given):
            with np.errstate(all="ignore"):
                kernel(*given)

        return run

    monkeypatch.setattr(with_numba, "compiled", interpreted)


def found_and_compiled():
    """For each kernel in the folder that is used: how often the compiled code was found
    there, and how often it was made."""
    modules = [x for name, x in sys.modules.items() if name.startswith("kernel_")]
    return [
        (
            sum(m.kernel.stats.cache_hits.values()),
            sum(m.kernel.stats.cache_misses.values()),
        )
        for m in modules
        if os.path.dirname(m.__file__) == os.environ["OPTIMLIB_CACHE"]
    ]


@pytest.fixture(scope="module", autouse=True)
def compilers(tmp_path_factory):
    """What two processes print that compile all kernels at once into one folder."""
    patch = pytest.MonkeyPatch()
    patch.setenv("OPTIMLIB_CACHE", str(tmp_path_factory.mktemp("kernels")))
    with_numba.compiled.cache_clear()
    path = os.pathsep.join([*sys.path, os.path.dirname(__file__)])
    command = "import test_with_numba as t, sys; t.compiled(int(sys.argv[1]))"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", command, str(share)],
            env=os.environ | {"PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for share in (0, 1)
    ]
    yield [(*process.communicate(), process.returncode) for process in started]
    patch.undo()
    with_numba.compiled.cache_clear()


def test_two_processes_compile_at_once_into_one_folder(compilers):
    for printed, errors, code in compilers:
        assert code == 0, errors
        assert len(printed.split()) > 10 and "1" in printed


def test_another_process_compiles_nothing(compilers):
    for method, switches, size, within in KERNELS:
        w = np.ones(size, dtype_of(method))
        take(make(method, **switches, engine="numba"), w, w, out=w if within else None)
    found = found_and_compiled()
    assert len(found) >= len(KERNELS) and set(found) == {(1, 0)}


@pytest.fixture
def sparing(request, monkeypatch):
    """Only what is in KERNELS is compiled."""
    given = request.node.callspec.params
    small = given.get("size", SERIAL) == SERIAL
    if small and (given["method"], given.get("switches", {})) not in COMPILED:
        run_by_python(monkeypatch)


@every_variant
@pytest.mark.usefixtures("sparing")
def test_numba_steps_as_numpy_does_bit_for_bit(method, switches):
    slopes = [drawn(method, SERIAL, seed) for seed in range(6)]
    hold_together(method, drawn(method, SERIAL, 9), slopes, **switches)
    hold_together(method, drawn(method, SERIAL, 9), slopes, "other", **switches)


@pytest.mark.parametrize(
    ("method", "switches", "size", "within"),
    LARGE,
    ids=lambda x: getattr(x, "__name__", None),
)
def test_in_parallel_and_in_place_it_does_so_too(method, switches, size, within):
    slopes = [drawn(method, size, seed) for seed in range(6)]
    out = "w" if within else None
    hold_together(method, drawn(method, size, 9), slopes, out, **switches)


@every_variant
def test_the_kernels_text_is_the_same_arithmetic_in_both_dtypes(
    method, switches, monkeypatch
):
    run_by_python(monkeypatch)
    for dtype in (np.float32, np.float64):
        for out in (None, "w", "other"):
            slopes = [drawn(method, SERIAL, k).astype(dtype) for k in range(4)]
            w = drawn(method, SERIAL, 9).astype(dtype)
            hold_together(method, w, slopes, out, **switches)


@every_variant
@pytest.mark.usefixtures("sparing")
def test_numbers_at_the_ends_of_their_range_are_alike(method, switches):
    kind = np.finfo(dtype_of(method))
    ends = [np.nan, np.inf, -np.inf, -0.0, kind.tiny, kind.smallest_subnormal]
    ends = np.array([*ends, kind.max, kind.min, 0.0], kind.dtype)
    rng = np.random.default_rng(3)
    slopes = [rng.permutation(ends) for _ in range(4)]
    hold_together(method, rng.permutation(ends), slopes, nonfinite="ignore", **switches)


def test_a_division_by_zero_is_nan_as_in_numpy():
    w, g = drawn(Adam, SERIAL, 9), np.zeros(SERIAL, dtype_of(Adam))
    hold_together(Adam, w, [g, g], eps=0.0, nonfinite="ignore")
    assert np.isnan(Adam(engine="numba", eps=0.0).step(w, g)).all()


@every_variant
@pytest.mark.usefixtures("sparing")
def test_nests_with_settings_for_each_array_are_alike(method, switches):
    shapes = {"a": (3,), "b": (2, 4), "c": ()}

    def nest(seed):
        rng = np.random.default_rng(seed)
        draw = {k: rng.normal(size=s) for k, s in shapes.items()}
        return {k: np.asarray(x, dtype_of(method)) for k, x in draw.items()}

    name = next((name for name in method.hypers if name != "warmup"), None)
    value = method.hypers[name].default
    own = {name: {"a": value, "b": value * 0.9, "c": value * 0.8}}
    slopes = [nest(seed) for seed in range(4)]
    one, other = pair(method, **switches, **own)
    w = v = nest(9)
    for g in slopes:
        w, v = take(one, w, g), take(other, v, g)
        alike(w, v)
        alike(one.state, other.state)


@pytest.mark.usefixtures("sparing")
@pytest.mark.parametrize(
    ("method", "switches", "size"),
    [(*x, SERIAL) for x in VARIANTS] + [LARGE[-1][:3]],
    ids=lambda x: getattr(x, "__name__", None),
)
def test_populations_with_a_setting_for_each_member_are_alike(method, switches, size):
    name = next((name for name in method.hypers if name != "warmup"), None)
    value = method.hypers[name].default
    own = {name: value * np.array([1.0, 0.9, 0.8])}
    shape = (3, size // 2, 2)
    slopes = [drawn(method, shape, seed) for seed in range(4)]
    w = drawn(method, shape, 9)
    before = sum(misses for _, misses in found_and_compiled())
    hold_together(method, w, slopes, population=3, **switches, **own)
    assert sum(misses for _, misses in found_and_compiled()) == before


@pytest.mark.usefixtures("sparing")
@pytest.mark.parametrize(
    "method", [m for m in METHODS if m.sparse], ids=lambda m: m.__name__
)
def test_rows_are_alike(method):
    one, other = pair(method)
    w = v = drawn(method, (6, 2), 9)
    for k in range(4):
        g = Rows([k, 5, k], drawn(method, (3, 2), k))
        w, v = one.step(w, g), other.step(v, g)
        alike(w, v)
        alike(one.state, other.state)


def test_arrays_that_are_not_in_order_are_alike():
    w = drawn(Adam, (4, 6), 1).T
    g = np.concatenate([drawn(Adam, (6, 4), 2)] * 2)[::2, ::-1]
    g = np.concatenate([g, g])[::2]
    one, other = pair(Adam)
    alike(one.step(w, g), other.step(w, g))
    inplace = np.zeros((12, 8), w.dtype)[::2, ::2]
    inplace[...] = w
    assert other.step(inplace, g, out=inplace) is inplace
    alike(inplace, one.step(w, g))


@pytest.mark.parametrize("size", [SERIAL, WITHIN])
def test_a_gradient_that_overlaps_w_is_read_as_it_was(size):
    buffer = drawn(Adam, size + 1)
    w, g = buffer[1:], buffer[:-1]
    expected = Adam().step(w.copy(), g.copy())
    assert Adam(engine="numba").step(w, g, out=w) is w
    alike(w, expected)


@pytest.mark.parametrize("within", [None, "w"])
def test_weights_narrower_than_float32_are_alike(within):
    method = next(m for m in METHODS if dtype_of(m) == np.float32 and m.state_names)
    slopes = [drawn(method, SERIAL, seed).astype(np.float16) for seed in range(4)]
    hold_together(method, drawn(method, SERIAL, 9).astype(np.float16), slopes, within)


@pytest.mark.parametrize("method", [Adam, Momentum], ids=lambda m: m.__name__)
def test_frozen_arrays_are_alike(method):
    w = {"a": drawn(method, SERIAL, 8), "b": drawn(method, SERIAL, 9)}
    hold_together(method, w, [w, {**w, "a": None}, {**w, "b": None}, w])


def test_a_file_saved_with_one_engine_goes_on_with_the_other(tmp_path):
    slopes = [drawn(Adam, SERIAL, seed) for seed in range(6)]
    expected = w = drawn(Adam, SERIAL, 9)
    whole = Adam()
    for g in slopes:
        expected = whole.step(expected, g)
    for k, g in enumerate(slopes):
        opt = Adam(engine=engine.ENGINES[k % 2])
        if k:
            opt.load(tmp_path / "run.npz")
        assert opt.engine == engine.ENGINES[k % 2]
        w = opt.step(w, g)
        opt.save(tmp_path / "run.npz")
    alike(w, expected)


@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
def test_a_step_in_place_makes_nothing_of_the_parameters_size(nonfinite):
    w, g = np.ones((2, 2_000_000), dtype_of(Adam))
    opt = Adam(engine="numba", nonfinite=nonfinite)
    opt.step(w, g, out=w)
    tracemalloc.start()
    try:
        opt.step(w, g, out=w)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2e6


@pytest.mark.parametrize("within", [True, False])
@every_variant
def test_a_kernel_is_one_pass_over_the_numbers(method, switches, within):
    for name in ("rule", "ahead") if "gradient" in method.inputs else ("rule",):
        cut = kernel(method, name, tuple(switches.items()))
        text = with_numba.source(cut, within, parallel=True)
        assert "fastmath" not in text and "parallel=True" in text
        loops = [x for x in ast.walk(ast.parse(text)) if isinstance(x, ast.For)]
        pieces, members, numbers = loops
        assert members in pieces.body and numbers in members.body
        places = [x for x in ast.walk(numbers) if isinstance(x, ast.Subscript)]
        loads = [ast.unparse(x) for x in places if isinstance(x.ctx, ast.Load)]
        stores = [ast.unparse(x) for x in places if isinstance(x.ctx, ast.Store)]
        homes = {"w": "w" if within else "new_w"}
        assert loads == [f"at_{x}[_i]" for x in cut.arrays]
        assert stores == [f"at_{homes.get(x, x)}[_i]" for x in cut.outputs]
        assert not any(isinstance(x, ast.Constant) for x in ast.walk(numbers))


@every_variant
def test_what_is_free_of_arrays_is_not_in_the_body(method, switches):
    cut = kernel(method, "rule", tuple(switches.items()))
    for _, expression in cut.program.body:
        for node in ast.walk(expression):
            names = {x.id for x in ast.walk(node) if isinstance(x, ast.Name)} - {"np"}
            if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.Call):
                assert any(not re.fullmatch(r"k\d+", name) for name in names)
    constants = [
        ast.unparse(x) for name, x in cut.program.prelude if name in cut.constants
    ]
    assert len(set(constants)) == len(constants)


def test_where_the_folder_cannot_be_written_kernels_are_compiled_all_the_same(
    tmp_path, monkeypatch
):
    class Unseen(Optimizer):
        lr = rate(0.5)

        @staticmethod
        def rule(w, g, t, lr):
            return (w - lr * lr * g,)

    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("OPTIMLIB_CACHE", str(tmp_path / "file"))
    w = np.ones(2)
    np.testing.assert_array_equal(Unseen(engine="numba").step(w, w), [0.75, 0.75])
    assert (tmp_path / "file").read_text() == "no folder"


def test_a_kernels_file_that_was_spoilt_is_written_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTIMLIB_CACHE", str(tmp_path))
    cut = kernel(SGD, "rule", ())
    with_numba.compiled.__wrapped__(cut, False, False)
    (file,) = tmp_path.glob("kernel_*.py")
    text = file.read_text()
    file.write_text(text[:20])
    with_numba.compiled.__wrapped__(cut, False, False)
    assert file.read_text() == text
    assert [x.name for x in tmp_path.iterdir() if x.is_file()] == [file.name]
