"""The Sphinx extension that makes the book's pages: offline, with every equation linked to its check.

`setup` has every hook, in three lists. In ``pages/`` is what works on the document tree and on what a page is written
with, in ``finish/`` what works on the HTML of each page and then on the whole folder. ``assets`` is what every page
loads, ``fingerprint`` tells when all pages are stale.
"""

from typing import Any

from sphinx.application import Sphinx

from companion.site import assets, fingerprint
from companion.site.finish import (
    corrections,
    lost,
    modules,
    room,
    sharing,
    stylesheet,
    texts,
)
from companion.site.pages import (
    api,
    boxes,
    buttons,
    checks,
    claims,
    equations,
    folds,
    home,
    index,
    live,
    mathematics,
    quizzes,
    theorems,
)

# 1. The document tree, and what a page is written with: each part's directives, transforms and events.
TREE = (
    home,
    mathematics,
    api,
    assets,
    boxes,
    buttons,
    checks,
    folds,
    equations,
    claims,
    quizzes,
    theorems,
    live,
    sharing,
    index,
)
# 2. Each page's HTML, once: text to text.
PAGE: tuple[texts.Work, ...] = (
    *corrections.CORRECTIONS,
    corrections.sized,
    corrections.measured,
    corrections.drawn_once,
    room.reserved,
)
# 3. The whole folder, when all pages are known: files beside the pages, and what the pages say of them.
FOLDER = (
    texts.forget,
    modules.share,
    corrections.unburden,
    stylesheet.pack,
    lost.lead_home,
    lost.lead_back,
    sharing.list_pages,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every part to Sphinx."""
    for part in TREE:
        part.setup(app)
    app.add_config_value("companion_full_book", default=True, rebuild="html")
    # Last: some extensions copy their style sheets when everything else is done.
    app.connect("build-finished", finish, priority=900)
    return {
        "version": "1",
        "env_version": fingerprint.fingerprint(app.confdir),
        "parallel_read_safe": True,
    }


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Read each page once, work on those just written and then on the folder, and write each changed page once."""
    if exception:
        return
    before = texts.read(app)
    fresh = {file: page for file, page in before.items() if not stylesheet.has(page)}
    mended, idle = texts.mend(fresh, PAGE)
    if app.config.companion_full_book and len(fresh) == len(before):
        corrections.must_all_work(idle)
    after = {**before, **mended}
    for work in FOLDER:
        work(app, after)
    texts.write(after, before)
