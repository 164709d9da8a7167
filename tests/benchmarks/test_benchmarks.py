"""The benchmarks run, and count and judge rightly; no time is asserted here."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import optimlib
from benchmarks import __main__ as benchmarks
from benchmarks import contenders, reports, sizes, timing

ROOT = Path(__file__).parents[2]
PATIENCE = 3600  # s; only what hangs takes so long


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """What a quick run prints and writes."""
    file = tmp_path_factory.mktemp("bench") / "results.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--out", str(file)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


def test_every_question_is_answered_by_all_who_are_installed(quick):
    said, results = quick
    assert list(results["questions"]) == list(benchmarks.QUESTIONS)
    here = {k for k, c in contenders.contenders(1).items() if not c.missing()}
    for name, answer in results["questions"].items():
        asked = import_module(f"benchmarks.{name}")
        kinds = (getattr(asked, kind, None) for kind in ("KEYS", "LABELS", "ENGINES"))
        wanted = next(filter(None, kinds), None)
        if wanted is None:  # it is asked of the live figures, where there is a browser
            assert all(row["figure"] in said for row in answer["rows"])
            continue
        found = {row["contender"].split()[0] for row in answer["rows"]}
        assert found == here & set(wanted), name
        for row in answer["rows"]:
            times = row.get("seconds", row.get("first", row.get("traced")))
            assert times >= 0, name


def test_whoever_is_not_installed_is_named(quick):
    said, results = quick
    for contender in contenders.contenders(1).values():
        assert (contender.label in results["left out"]) == bool(contender.missing())
        if contender.missing():
            assert f"left out: {contender.label}" in said


def test_the_machine_and_the_versions_are_described(quick):
    said, results = quick
    assert {"architecture", "cores", "system"} <= results["machine"].keys()
    assert results["versions"]["numpy"] == np.__version__
    assert results["versions"]["numpy"] in said
    assert results["began"] <= results["ended"]


def test_every_table_is_printed_and_is_rectangular(quick):
    said, results = quick
    questions = results["questions"].values()
    assert all(q["tables"] or not q["rows"] for q in questions)
    answers = [one for q in questions for one in q["tables"]]
    for table in answers + results["bars"]:
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
        assert table["title"] in said or not table["rows"]


def test_each_bar_says_what_was_wanted_and_what_was_reached(quick):
    _, results = quick
    bars = [one for q in results["questions"].values() for one in q["bars"]]
    assert {one["asked"].partition(":")[0] for one in bars} >= {"memory", "population"}
    for one in bars:
        share = one["reached"] / one["wanted"]
        assert one["met"] == (share >= 1 if one["way"] == "at least" else share <= 1)
        assert one["met"] == (one["missed_by"] == 0)


def test_the_file_that_the_book_shows_is_of_a_whole_run():
    stored = json.loads(benchmarks.RESULTS.read_text(encoding="utf-8"))
    assert stored["format"] == benchmarks.FORMAT
    assert not stored["quick"] and stored["left out"] == {}
    assert list(stored["questions"]) == list(benchmarks.QUESTIONS)
    assert {row["numbers"] for row in stored["questions"]["step"]["rows"]} == {10**7}


def test_calls_take_turns_and_each_round_begins_with_another():
    order = []
    calls = {name: lambda name=name: order.append(name) for name in "abc"}
    found = timing.interleaved(calls, rounds=3, least=0.0)
    rounds = [order[k : k + 3] for k in range(6, len(order), 3)]
    assert rounds == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]]
    assert all(one["rounds"] == 3 and one["calls"] == 1 for one in found.values())


def test_the_time_is_the_median_and_the_spread_the_quartiles():
    found = timing.spread([5.0, 1.0, 2.0, 4.0, 300.0])
    assert (found["low"], found["seconds"], found["high"]) == (2.0, 4.0, 5.0)


@pytest.mark.parametrize("method", contenders.METHODS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_copy_moves_as_many_bytes_as_the_step(method, dtype):
    w, g = contenders.parameters(1_000, dtype)
    opt = getattr(optimlib, method)(**contenders.SETTINGS[method])
    opt.step(w, g)
    state = sum(array.nbytes for array in opt.state.values())
    expected = 2 * w.nbytes + g.nbytes + 2 * state
    assert contenders.traffic(method, w.size, w.itemsize) == expected


@pytest.mark.parametrize("threads", [1, 3])
def test_the_copy_copies_all_of_it(threads, monkeypatch):
    copied = []
    monkeypatch.setattr(np, "copyto", lambda to, of: copied.append(of.size))
    w, g = contenders.parameters(1_000, "float32")
    contenders.copy(threads)("Adam", w, g).take()
    assert len(copied) == threads
    assert 2 * sum(copied) == contenders.traffic("Adam", 1_000, 4)


def test_a_contender_that_computes_something_else_is_found():
    w, g = contenders.parameters(10, "float64")
    right = contenders.contenders(1)["numpy"].make("Adam", w, g)
    wrong = contenders.Step(lambda: None, lambda: [w])
    with pytest.raises(AssertionError, match="wrong"):
        contenders.check_equal({"right": right, "wrong": wrong})


def test_whoever_has_no_room_is_left_out(monkeypatch):
    w, g = contenders.parameters(1_000, "float64")
    monkeypatch.setattr(contenders, "memory", lambda: 6.5 * w.nbytes)
    found = contenders.ready(("numpy", "numpy-scan", "copy"), 1, "Adam", w, g)
    assert list(found) == ["numpy", "numpy-scan"]


@pytest.mark.parametrize(
    ("reached", "limit", "met", "missed_by"),
    [
        (2.0, {"least": 1.0}, True, 0.0),
        (1.0, {"least": 1.0}, True, 0.0),
        (0.75, {"least": 1.0}, False, 0.25),
        (1.5, {"most": 2.0}, True, 0.0),
        (2.5, {"most": 2.0}, False, 0.25),
    ],
)
def test_a_bar_is_met_or_missed_by_a_share(reached, limit, met, missed_by):
    (found,) = reports.bar("asked", "where", reached, **limit)
    assert (found["met"], found["missed_by"]) == (met, missed_by)


def test_a_bar_without_a_number_is_no_bar():
    assert reports.bar("asked", "where", None, least=1.0) == []


def test_the_worst_case_of_a_bar_is_the_one_shown():
    bars = [
        *reports.bar("fast", "here", 3.0, least=2.0),
        *reports.bar("fast", "there", 1.0, least=2.0),
        *reports.bar("small", "here", 1.0, most=2.0),
        *reports.bar("small", "there", 1.5, most=2.0),
    ]
    assert reports.of_bars(bars)["rows"] == [
        ["fast", "at least 2", "1 of 2", "1 (there)", "missed by 50.0%"],
        ["small", "at most 2", "2 of 2", "1.5 (there)", "met"],
    ]
    assert len(reports.missed(bars)["rows"]) == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1.5, "1.50 s"),
        (0.9994, "999 ms"),
        (0.0123456, "12.3 ms"),
        (250e-6, "250 µs"),
        (2.5e-9, "2.50 ns"),
    ],
)
def test_a_duration_has_three_digits_and_a_unit_that_fits(seconds, text):
    assert reports.duration(seconds) == text


def test_a_full_run_has_the_sizes_that_the_bars_are_about():
    full = sizes.full((1, 2))
    assert full.step == 10_000_000 and full.runs == full.steps == 1_000
    assert full.growth[0] == 10**4 and full.growth[-1] == 10**8
    assert {"float32", "float64"} == set(full.dtypes)
    assert full.widths == (1280, 390)
