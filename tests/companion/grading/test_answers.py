"""What an answer returns and does becomes plain data, whatever it is."""

import json
import signal
import sys
import threading
import time

import numpy as np
import pytest

from companion.grading import answers
from companion.grading.answers import MOST, called, plain


def number(value):
    return {"kind": "number", "dtype": "float", "shape": [], "values": [value]}


PLAIN = [
    (2.5, number(2.5)),
    (float("nan"), number("nan")),
    (float("-inf"), number("-inf")),
    (None, {"kind": "none"}),
    (..., {"kind": "dots"}),
    (np.array([[1, 2]]), {"kind": "array", "dtype": "int64", "shape": [1, 2], "values": [1.0, 2.0]}),
    ([1.5, 2.5], {"kind": "array", "dtype": "float", "shape": [2], "values": [1.5, 2.5]}),
    ([[1.5], [2.5]], {"kind": "array", "dtype": "float", "shape": [2, 1], "values": [1.5, 2.5]}),
    ((1.5, ...), {"kind": "pair", "type": "tuple", "entries": [number(1.5), {"kind": "dots"}]}),
    ([1.5, [2.5]], {"kind": "pair", "type": "list", "entries": [number(1.5), {"kind": "array", "dtype": "float", "shape": [1], "values": [2.5]}]}),
    ("two", {"kind": "no number", "type": "str", "text": "two"}),
    (True, {"kind": "no number", "type": "bool", "text": "True"}),
    ({1.5}, {"kind": "no number", "type": "set", "text": "{1.5}"}),
    (np.zeros((200, 200)), {"kind": "too large", "shape": [200, 200]}),
    (np.broadcast_to(1.0, (10**9, 10**9)), {"kind": "too large", "shape": [10**9, 10**9]}),
    ([0.0] * (MOST + 1), {"kind": "too large", "shape": [MOST + 1]}),
    ([[0.0] * 200] * 200, {"kind": "too large", "shape": []}),
    (10**400, {"kind": "no number", "type": "int", "text": str(10**400)[:200]}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "data"), PLAIN, ids=[repr(v)[:30] for v, _ in PLAIN])
def test_a_value_is_plain_data(value, data):
    assert plain(value) == data
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == data


def test_of_an_iterator_one_entry_more_is_taken_than_asked():
    taken = []
    endless = (taken.append(i) or 1.0 for i in iter(int, 1))
    assert plain(endless, 3)["shape"] == [4] and len(taken) == 4


def test_a_list_in_itself_comes_to_an_end():
    inside = [1.0]
    inside.append(inside)
    assert plain(inside)["kind"] in ("pair", "too large")


def test_the_package_of_arrays_is_not_needed():
    """The class grader's trusted side loads the file alone."""
    with open(answers.__file__, encoding="utf-8") as file:
        source = file.read()
    assert "numpy" not in source and "companion" not in source


# Calling


class Mute(Exception):
    """Its text can't be made."""

    def __str__(self):
        raise RuntimeError


def thrown(error):
    """A function that raises."""

    def f(*_):
        raise error

    return f


@pytest.mark.parametrize(
    ("error", "name", "text"),
    [
        (ValueError("no"), "ValueError", "no"),
        (SystemExit(3), "SystemExit", "3"),
        (Mute(), "Mute", ""),
        (GeneratorExit(), "GeneratorExit", ""),
        (MemoryError(), "MemoryError", ""),
    ],
)
def test_what_an_answer_raises_is_an_error_with_its_own_line(error, name, text):
    [answer] = called(thrown(error), [[1]])
    assert answer["kind"] == "error" and answer["name"] == name
    assert answer["text"] == text and answer["code"] == "raise error"
    assert answer["line"] == thrown.__code__.co_firstlineno + 4


def test_the_line_is_the_readers_own_and_not_a_librarys():
    def f(x):
        return np.linalg.inv(x)  # here

    [answer] = called(f, [[np.zeros((2, 2))]])
    assert answer["code"] == "return np.linalg.inv(x)  # here"


def test_an_error_before_the_first_line_has_none():
    [answer] = called(lambda x: x, [[1, 2]])
    assert answer["name"] == "TypeError" and "line" not in answer


def halves():
    raise NotImplementedError


def total_of_dots():
    total = ...
    return total / 2


@pytest.mark.parametrize("f", [halves, total_of_dots, lambda: ...])
def test_dots_are_no_error(f):
    assert called(f, [[]])[0]["kind"] == "dots"


def test_an_answer_is_called_once_a_case_with_copies():
    seen = []

    def f(a):
        seen.append(a.copy())
        a[:] = 0
        return a

    given = [[np.ones(2)], [np.ones(2)]]
    assert len(called(f, given)) == 2 and len(seen) == 2
    assert all((a == 1).all() for a in seen) and (given[0][0] == 1).all()


def test_what_is_printed_is_kept_for_each_case_ten_lines_at_most(capsys):
    def f(n):
        for i in range(n):
            print(i)
        return n

    few, none, many = called(f, [[2], [0], [1000]])
    assert few["printed"] == "0\n1" and "printed" not in none
    assert many["printed"].splitlines() == [*map(str, range(10)), "..."]
    assert capsys.readouterr().out == ""


def endless(*_):
    while True:
        pass


def stubborn(*_):
    while True:
        try:
            while True:
                pass
        except Exception:  # noqa: BLE001, S110 - as a reader may write it
            pass


timed = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="the platform has no such timers"
)


@timed
@pytest.mark.parametrize("f", [endless, stubborn])
def test_a_loop_is_stopped_with_its_line(f):
    kept = signal.getsignal(signal.SIGPROF)
    *_, last = called(f, [[1], [2]], seconds=0.1)
    assert last["kind"] == "stopped" and last["seconds"] == 0.1
    assert (
        last["code"]
        in (
            "while True:",
            "pass",
            "except Exception:  # noqa: BLE001, S110 - as a reader may write it",
        )
        and len(_) == 0
    )
    assert signal.getsignal(signal.SIGPROF) is kept


@timed
def test_a_wait_is_stopped_too():
    [answer] = called(lambda: time.sleep(60), [[]], patience=0.1)
    assert answer["kind"] == "stopped" and answer["seconds"] == 0.1


@timed
def test_the_time_of_all_cases_counts():
    def f(n):
        return sum(range(200_000))

    made = called(f, [[n] for n in range(100_000)], seconds=0.2)
    assert made[-1]["kind"] == "stopped" and made[0]["kind"] == "number"


def test_stop_gives_an_answer():
    [answer] = called(thrown(KeyboardInterrupt()), [[1]])
    assert answer["kind"] == "stopped" and answer["seconds"] is None
    assert answer["code"] == "raise error"


def test_in_another_thread_an_answer_is_called_all_the_same():
    made = []
    thread = threading.Thread(target=lambda: made.extend(called(abs, [[-1.0]])))
    thread.start()
    thread.join()
    assert made == [number(1.0)]


def test_deep_recursion_is_an_error():
    def f(n):
        return f(n)

    kept = sys.getrecursionlimit()
    assert called(f, [[1]])[0]["name"] == "RecursionError"
    assert sys.getrecursionlimit() == kept


# Objects of a reader that say anything of themselves


class Everything:
    """It has every attribute, and a call fails."""

    def __getattr__(self, name):
        return self

    def __call__(self, *_):
        raise ValueError


def test_an_object_that_has_every_attribute_has_no_line():
    [answer] = called(Everything(), [[1]])
    assert answer == {"kind": "error", "name": "ValueError", "text": ""}


def test_an_error_whose_class_has_no_name_is_an_error():
    nameless = type("Nameless", (type,), {"__name__": property(lambda _: 1 / 0)})
    [answer] = called(thrown(nameless("E", (Exception,), {})()), [[1]])
    assert answer["kind"] == "error" and answer["name"] == "an error"


class Endless(Exception):
    """Its text takes for ever."""

    def __str__(self):  # noqa: PLE0307
        while True:
            pass


def test_an_error_whose_text_takes_for_ever_is_stopped():
    [answer] = called(thrown(Endless()), [[1]], seconds=0.2)
    assert answer["kind"] == "stopped"
