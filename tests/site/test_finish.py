"""Each page is read once, corrected once and written once; a correction that finds nothing is named."""

import re
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from companion.site.finish import corrections, texts
from companion.site.finish.corrections import Correction


@pytest.fixture
def app(tmp_path):
    """A build of two chapters into `tmp_path`, in which an older one left a page of a third."""
    for name in ("one", "two", "gone", "index", "404", "_static/frame"):
        file = tmp_path / f"{name}.html"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"<p>{name}</p>", encoding="utf-8")
    env = SimpleNamespace(found_docs={"one", "two", "unwritten"})
    return SimpleNamespace(outdir=str(tmp_path), env=env)


def test_works_follow_each_other_and_those_without_effect_are_found(app):
    pages = texts.read(app)
    works = [
        Correction("<p>", "<b>"),
        Correction("<b>one", "<b>first"),
        Correction("<p>", "<i>"),
    ]
    mended, idle = texts.mend(pages, works)
    assert [page[:8] for page in mended.values()] == ["<b>first", "<b>two</"]
    assert idle == works[2:]


def test_only_a_changed_page_is_written(app, tmp_path):
    pages = texts.read(app)
    (tmp_path / "two.html").unlink()
    texts.write({**pages, tmp_path / "one.html": "new"}, pages)
    assert (tmp_path / "one.html").read_text(encoding="utf-8") == "new"
    assert not (tmp_path / "two.html").exists()


def test_a_page_that_the_book_has_no_more_is_removed(app, tmp_path):
    texts.forget(app, texts.read(app))
    left = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.html")}
    assert left == {"one.html", "two.html", "index.html", "404.html", "_static/frame.html"}  # fmt: skip


def test_corrections_that_find_nothing_are_named():
    corrections.must_all_work([])
    with pytest.raises(ExtensionError, match=r"find nothing(.|\n)*\n<p>\nsized$"):
        corrections.must_all_work([Correction("<p>", ""), corrections.sized])


def test_the_themes_script_is_mended_once_and_another_one_is_an_error(app, tmp_path):
    script = tmp_path / corrections.THEME
    script.parent.mkdir(parents=True)
    script.write_text(f"a;{corrections.MEASURES};b", encoding="utf-8")
    for _ in range(2):
        corrections.unburden(app, {})
        assert corrections.MEASURES not in script.read_text(encoding="utf-8")
    script.write_text("a;b", encoding="utf-8")
    with pytest.raises(ExtensionError, match="the theme's script .* has no"):
        corrections.unburden(app, {})


def test_each_page_of_the_site_is_corrected(site):
    """No page has what a correction of the theme's frame takes away, and none has twice what one adds."""
    for file in site.rglob("*.html"):
        name = file.relative_to(site)
        if name.parts[0].startswith("_") or name.stem in {"index", "404"}:
            continue
        page = file.read_text(encoding="utf-8")
        assert page.count('role="complementary" aria-label="Book"') == 1, name
        assert not re.search(r'data-theme="auto"|bootstrap\.js|rel="preload"', page), (
            name
        )
