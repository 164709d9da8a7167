"""The pages' links, images, equations and claims, read from the HTML."""

import posixpath
import re
from urllib.parse import unquote, urlsplit

from companion import book
from companion.checks.claims import claims


def test_every_link_within_the_site_resolves(site, pages):
    """Each file is there, and each anchor in it."""
    broken = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (
                posixpath.normpath(
                    posixpath.join(posixpath.dirname(name), unquote(parts.path))
                )
                if parts.path
                else name
            )
            anchors = {"", "top", *(pages[target].ids if target in pages else [])}
            if not (site / target).exists() or (
                target in pages and unquote(parts.fragment) not in anchors
            ):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_every_image_has_words(pages):
    """An image has a text that stands for it: not empty, not its file's name."""
    for name, page in pages.items():
        for image in page.images:
            if "logo__image" in image.get(
                "class", ""
            ):  # the title beside it says the same
                continue
            alt = image.get("alt", "")
            assert len(alt) > 3 and not re.search(r"\.(svg|png)$|^_images", alt), (
                f"{name}: {image['src']} has alt {alt!r}"
            )


def first_checks(site, path):
    """Of each cell the first check of each equation."""
    html = (site / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8")
    for cell in html.split('<div class="cell ')[1:]:
        found = re.findall(r'id="(check-[^"]+)" [^>]*data-equation="([^"]+)"', cell)
        yield from {label: name for name, label in reversed(found)}.values()


def test_equations_and_checks_link_to_each_other(site, pages):
    """Each equation of a chapter has a badge for each cell that checks it, and each check names an equation."""
    for path in book.chapters():
        page = pages[f"chapters/{path.stem}.html"]
        labels = [equation.label for equation in book.equations(path)]
        assert labels, f"{path.name} has no labelled equation"
        checks = page.of_class("companion-check")
        badges = [
            badge["href"][1:] for badge in page.of_class("checked") if "href" in badge
        ]
        assert sorted(badges) == sorted(first_checks(site, path))
        assert set(badges) <= {check["id"] for check in checks}
        assert {check["data-equation"] for check in checks} == set(labels)
        for label in labels:
            assert page.ids.count(f"equation-{label}") == 1
            assert f"check-{label}" in page.ids


def test_each_check_shows_its_equations_number(site):
    """A reader sees (2.3), not a label."""
    for path in book.chapters():
        html = (site / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8")
        shown = dict(re.findall(r'<a href="#equation-([^"]+)">([^<]*)</a>', html))
        given = dict(
            re.findall(
                r'id="equation-([^"]+)">\s*<span class="eqno">(\([\d.]+\))', html
            )
        )
        assert shown == {label: given[label] for label in shown}


def test_no_id_is_given_twice(pages):
    """An address leads to one place."""
    for name, page in pages.items():
        twice = {one for one in page.ids if page.ids.count(one) > 1}
        assert not twice, name


def test_every_equation_theorem_proof_exercise_and_quiz_shows_its_address(pages):
    """Each has a link to itself; where there are proofs there is a theorem for each, with a number of its own."""
    for path in book.chapters():
        page = pages[f"chapters/{path.stem}.html"]
        for kind in ("math", "theorem", "proof", "exercise", "quiz"):
            names = [one["id"] for one in page.of_class(kind) if "id" in one]
            assert not [name for name in names if f"#{name}" not in page.links], kind
            if path in book.course() and kind not in ("theorem", "proof"):
                assert len(names) >= 2, (path.stem, kind)
        theorems = {one["id"] for one in page.of_class("theorem")}
        proofs = {one["id"] for one in page.of_class("proof")} - theorems
        assert proofs == {f"{name}-proof" for name in theorems}


def test_the_equation_page_lists_every_equation_and_check(pages):
    """Coverage is seen to be complete."""
    links = set(pages["chapters/equations.html"].links)
    for path in book.chapters():
        page = f"{path.stem}.html"
        checks = [
            check["id"]
            for check in pages[f"chapters/{page}"].of_class("companion-check")
        ]
        wanted = [
            f"equation-{equation.label}" for equation in book.equations(path)
        ] + checks
        assert not [anchor for anchor in wanted if f"{page}#{anchor}" not in links]


def test_the_claim_page_lists_every_claim(pages):
    """Each claim has its place there; each claim that is answered leads to its answer."""
    listing = pages["chapters/claims.html"]
    assert {f"claim-{name}" for name in claims()} <= set(listing.ids)
    assert {f"#claim-{name}" for name in claims()} <= set(listing.links)  # the map's
    for path in book.chapters():
        page = pages[f"chapters/{path.stem}.html"]
        answered = [r["id"] for r in book.results(path) if r["kind"] == "claim"]
        for name in answered:
            assert page.ids.count(f"claim-{name}") == 1, name
            assert f"claims.html#claim-{name}" in page.links, name
            assert f"{path.stem}.html#claim-{name}" in listing.links, name


def test_chapters_can_be_downloaded_and_ask_for_no_repository(site, pages):
    """The notebook is there to download; without a repository's address no button leads to one."""
    for path in book.chapters():
        page = pages[f"chapters/{path.stem}.html"]
        assert any(
            link.endswith(f"_sources/chapters/{path.name}") for link in page.links
        )
        assert not [
            link
            for link in page.links
            if "colab" in link or "binder" in link or "/edit/" in link
        ]
