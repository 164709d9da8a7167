"""The book's chapters, for the tests: those that have taken the form of a chapter, and those that are still to."""

import pytest

from companion import book

NOT_YET_IN_FORM = {"adaptive_rates"}


def in_form():
    """The notebooks that must have the form."""
    return [path for path in book.course() if path.stem not in NOT_YET_IN_FORM]


def shortest():
    """The chapter that stands for all where one is enough: the cheapest to open."""
    return min(in_form(), key=lambda path: path.stat().st_size)


each_in_form = pytest.mark.parametrize("path", in_form(), ids=lambda path: path.stem)
