"""Nests of arrays: taken apart and put together they are what they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optimlib.arrays.nests import flatten, is_container, name_of, outline, rebuild
from optimlib.arrays.rows import Rows

arrays = hnp.arrays(
    float,
    hnp.array_shapes(min_dims=0, max_dims=2, max_side=3),
    elements=st.floats(-1, 1),
)
nests = st.recursive(
    arrays,
    lambda inner: st.one_of(
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.lists(inner, min_size=1, max_size=3),
        st.lists(inner, min_size=1, max_size=3).map(tuple),
    ),
    max_leaves=8,
)


def same(one, other):
    """Whether two nests have the same types, keys and arrays."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(
            same(one[key], other[key]) for key in one
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return np.array_equal(one, other)


@given(nests)
def test_a_nest_taken_apart_and_rebuilt_is_the_same(nest):
    assert same(rebuild(nest, flatten(nest)), nest)


@given(nests)
def test_the_leaves_are_the_arrays_themselves_each_under_its_own_path(nest):
    for path, leaf in flatten(nest).items():
        inside = nest
        for key in path:
            inside = inside[key]
        assert inside is leaf and isinstance(leaf, np.ndarray)


@given(nests)
def test_a_leaf_is_named_as_a_reader_would_write_it(nest):
    for path, leaf in flatten(nest).items():
        assert eval(name_of("nest", path), {"nest": nest}) is leaf


@pytest.mark.parametrize(
    "numbers",
    [[1.0, 2.0], (1.0, 2.0), [[1.0, 2.0], [3.0, 4.0]], [], 3.0, [np.float64(1), 2]],
)
def test_numbers_are_one_leaf(numbers):
    assert flatten(numbers) == {(): numbers}


def test_a_list_with_an_array_or_a_dict_in_it_is_a_container():
    assert list(flatten([np.ones(2), 3.0])) == [(0,), (1,)]
    assert list(flatten([{"w": 1.0}, {"w": 2.0}])) == [(0, "w"), (1, "w")]
    assert list(flatten({"layers": [np.ones(1), np.ones(2)], "b": 0.0})) == [
        ("layers", 0),
        ("layers", 1),
        ("b",),
    ]


def test_rows_and_callables_are_leaves_that_make_a_list_a_container():
    rows, schedule = Rows([0], [1.0]), lambda t: 0.1
    assert flatten(rows) == {(): rows} and not is_container(rows)
    assert flatten([rows, 1.0]) == {(0,): rows, (1,): 1.0}
    assert flatten((0.1, schedule)) == {(0,): 0.1, (1,): schedule}
    assert not is_container([0.1, 0.2]) and not is_container(schedule)


@given(nests)
def test_an_outline_has_the_structure_and_none_of_the_numbers(nest):
    shape = outline(nest)
    assert list(flatten(shape)) == list(flatten(nest)) and type(shape) is type(nest)
    assert all(leaf.size == 0 for leaf in flatten(shape).values())
    assert same(rebuild(shape, flatten(nest)), nest)
