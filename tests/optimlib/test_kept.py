"""Finished work is kept once, whatever the work is: sweeps are one user of this."""

from contextlib import closing

import pytest

from optimlib.running.kept import Done, Kept, Task, finished

pytest.importorskip("joblib")


def marked(answers):
    """A submission's marks."""
    if not answers:
        raise ValueError("nothing to mark")
    return {"right": sum(answers), "of": len(answers)}


TASKS = [
    Task(name, marked, {"answers": x}) for name, x in {"a": [1, 0], "b": []}.items()
]


def test_work_of_another_kind_is_done_kept_and_found_again(tmp_path):
    file, meant = tmp_path / "class.sqlite", {"sheet": "one"}
    with closing(Kept(file, "marking", meant)) as kept:
        for done in finished(TASKS, 1, "the grader"):
            kept.record(done)
    with closing(Kept(file, "marking", meant)) as kept:
        assert kept.failures() == {"a": False, "b": True}
        assert kept.read("a").result() == {"right": 1, "of": 2}
        failed = kept.read("b")
        assert failed.result() is None and failed.error.endswith("nothing to mark\n")
        kept.forget(["b"])
        assert kept.failures() == {"a": False}


@pytest.mark.parametrize(
    ("what", "meant", "said"),
    [
        (
            "marking",
            {"sheet": "two"},
            "is the file of another marking: its sheet is 'one'",
        ),
        ("sweep", {"seed": "0"}, "is not a sweep's file, or is corrupt: no such table"),
    ],
)
def test_the_file_of_other_work_is_refused(what, meant, said, tmp_path):
    file = tmp_path / "class.sqlite"
    Kept(file, "marking", {"sheet": "one"}).close()
    before = file.read_bytes()
    with pytest.raises(ValueError, match=said):
        Kept(file, what, meant)
    assert file.read_bytes() == before


def test_what_is_no_dict_by_name_is_a_failure_in_the_callers_words():
    (done,) = finished([Task("a", len, {"obj": []})], 1, "the grader")
    assert isinstance(done, Done)
    assert "len() takes no keyword arguments" in done.error
    (done,) = finished([Task("a", dict.fromkeys, {})], 1, "the grader")
    assert done.value is None
    (done,) = finished([Task("a", str, {})], 1, "the grader")
    assert done.error.endswith("the grader returned ''; allowed: a dict by name\n")
