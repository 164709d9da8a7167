"""The table of Lighthouse's runs."""

import pytest

from companion.tools import lighthouse

REPORT = {
    "categories": {
        "performance": {"score": 0.97},
        "accessibility": {"score": 1},
        "best-practices": {"score": 1},
        "seo": {"score": None},
    },
    "audits": {"total-blocking-time": {"numericValue": 123.4}},
    "environment": {"benchmarkIndex": 1234.5},
}


def test_a_run_says_what_the_machine_was_worth_and_how_long_it_was_blocked():
    run = lighthouse.read(REPORT)
    assert list(run) == list(lighthouse.COLUMNS)
    assert list(run.values()) == pytest.approx([97, 100, 100, 0, 123.4, 1234.5])
    assert lighthouse.line("run 1", run.values()).split()[-2:] == ["123", "1234"]
