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
    page.close()


@contextmanager
def emptied(tab, keep=False):
    """The tab as a new one would be: on a wide screen, in light, with nothing in it, unless its page is kept."""
    if not keep:
        tab.evaluate(
            "() => { try { localStorage.clear(); sessionStorage.clear(); } catch { } }"
        )
        tab.goto("about:blank")
    tab.mouse.move(0, 0)
    tab.emulate_media(
        media="null", color_scheme="light", reduced_motion="no-preference"
    )
    tab.set_viewport_size(WIDE)
    tab.problems.clear()
    yield tab


def leaves(url):
    """Whether a request goes to another host."""
    return not url.startswith(("http://127.0.0.1", "file://", "data:", "blob:"))
