"""How tests use the browser: screens, and tabs in which nothing is left of the test before."""

from contextlib import contextmanager

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 900}
HANGS = 300_000  # ms; nothing takes so long on a machine that is only slow


@contextmanager
def opening(context):
    """A fresh page; `page.problems` lists what it complained of and every request that left the host."""
    page = context.new_page()
    page.set_default_timeout(HANGS)
    page.problems = problems = []
    page.on(
        "console",
        lambda said: (
            said.type in ("warning", "error")
            and problems.append(f"{said.type}: {said.text}")
        ),
    )
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    page.on(
        "response",
        lambda answer: (
            answer.status >= 400 and problems.append(f"{answer.status}: {answer.url}")
        ),
    )
    page.on(
        "request",
        lambda request: (
            leaves(request.url) and problems.append(f"left the host: {request.url}")
        ),
    )
    yield page
    clear(page)
    page.close()


def clear(page):
    """Leave a page's site, and nothing there for the next."""
    page.evaluate(
        "() => { try { localStorage.clear(); sessionStorage.clear(); } catch { } }"
    )
    page.goto("about:blank")


@contextmanager
def emptied(tab):
    """The tab, which is left as a new one would be: on a wide screen, in light, with nothing in it."""
    yield tab
    clear(tab)
    tab.mouse.move(0, 0)
    tab.emulate_media(
        media="null", color_scheme="light", reduced_motion="no-preference"
    )
    tab.set_viewport_size(WIDE)
    tab.problems.clear()


def leaves(url):
    """Whether a request goes to another host."""
    return not url.startswith(("http://127.0.0.1", "file://", "data:", "blob:"))
