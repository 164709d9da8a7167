"""Every method against 1,000 steps of torch and of optax in float64."""

import numpy as np
import pytest
from cases import (
    CASES,
    HERE,
    LIBRARIES,
    ROWS,
    Case,
    differences,
    first_step_ulp,
    gradients,
    stored,
)
from make import PACKAGES, checksum, made_with, make

from optimlib import optimizers

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
every_library = pytest.mark.parametrize("library", LIBRARIES)
every_difference = pytest.mark.parametrize(
    "case", [case for case in CASES if case.differs], ids=lambda case: case.name
)
every_own_bound = pytest.mark.parametrize(
    "case", [case for case in CASES if case.reason], ids=lambda case: case.name
)


def theirs(case: Case) -> np.ndarray:
    """The library's weights at the stored steps."""
    return stored(case.library)[1][case.name]


@every_case
def test_1000_steps_are_the_librarys(case):
    apart = differences(case.path, theirs(case))
    assert apart.max() <= case.bound, case.reason or case.differs


@every_case
def test_the_first_step_is_the_librarys_to_four_ulp(case):
    assert first_step_ulp(case.path, theirs(case)) <= case.ulp


@every_difference
def test_a_stated_difference_is_one(case):
    """Without the relation the paths part, and not by rounding."""
    assert differences(case.plain_path(), theirs(case)).max() > 0.01


@every_own_bound
def test_a_wider_bound_is_needed(case):
    apart = differences(case.path, theirs(case)).max()
    assert apart > Case.bound
    assert apart > case.bound / 100, "the derived bound is far from what happens"


@pytest.mark.parametrize("method", optimizers.METHODS)
def test_a_method_is_compared_with_each_call_that_its_docstring_names(method):
    """Where it names a library's ``call``, that is, and nowhere else."""
    named = "``" in optimizers.METHODS[method].__doc__.split("Elsewhere:")[1]
    assert named == any(case.method == method for case in CASES), "see cases.py"


def test_the_gradients_have_zeros_sparse_rows_and_sizes_from_1e_8_to_1e8():
    g = gradients()
    assert 0.25 < (g[:, :6] == 0).mean() < 0.35
    for row, (size, share, first) in enumerate(ROWS):
        taken = (g[:, row] != 0).any(axis=1)
        assert taken[first - 1 :].mean() == pytest.approx(
            share, abs=0.05 * share + 0.01
        )
        assert not taken[: first - 1].any(), row
        largest = np.abs(g[:, row]).max()
        assert 1 < largest / (size or 1e8) < 1.25, row
    mixed = np.abs(g[:, [size for size, *_ in ROWS].index(None)])
    assert mixed[mixed > 0].min() < 1e-8 and mixed.max() > 1e8


@every_library
def test_the_files_hold_every_case_and_are_of_these_gradients(library):
    facts, arrays = stored(library)
    assert list(arrays) == [case.name for case in CASES if case.library == library]
    assert facts["gradients"] == checksum(), "run tests/golden/make.py"
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_the_files_are_small():
    assert sum(file.stat().st_size for file in HERE.glob("*.npz")) < 500_000


@every_library
def test_the_script_makes_the_files_again(library):
    """Bit for bit with the versions and on the machine that made them; elsewhere to
    1e-13, since the order of roundings is theirs to choose.
    """
    for package in PACKAGES[library]:
        pytest.importorskip(
            package, reason=f"{package} is not installed: pip install .[parity]"
        )
    facts, arrays = stored(library)
    made = make(library)
    assert list(made) == list(arrays)
    same = made_with(library).items() <= facts.items()
    for name, array in made.items():
        if same:
            assert array.tobytes() == arrays[name].tobytes(), name
        else:
            size = np.maximum.accumulate(np.abs(arrays[name]))
            assert (np.abs(array - arrays[name]) <= 1e-13 * size).all(), name
