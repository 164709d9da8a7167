"""How long does a live figure take to draw itself anew?

It needs the built book (`make book`), Playwright and Chromium.
"""

import importlib.util
from pathlib import Path
from typing import Any

from . import timing
from .reports import Row, bar, duration, spreads, table, values
from .sizes import Sizes

TITLE = "A redraw of a live figure"
PAGE = Path(__file__).parents[1] / "_build" / "html" / "chapters" / "live.html"
NEEDED = ("playwright", "sphinx", "companion")
REDRAWN = """([name, count]) => {
  const root = document.querySelector(`[data-live="${name}"] .live-root`);
  for (let k = 0; k < count; k += 1) root.redraw();  // by then it is compiled
  return Array.from({length: count}, () => {
    const begun = performance.now();
    root.redraw();
    root.getBoundingClientRect();  // the browser has laid it out
    return (performance.now() - begun) / 1000;
  });
}"""


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """Each width, on all the cores: a browser is several processes."""
    cores = max(sizes.threads)
    rounds = 4 * sizes.rounds
    return [{"threads": cores, "width": w, "rounds": rounds} for w in sizes.widths]


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each figure; none where there is no browser or no built page."""
    if not PAGE.exists() or not all(map(importlib.util.find_spec, NEEDED)):
        return []
    from playwright.sync_api import sync_playwright

    from companion.tools import serve

    program = serve.chromium()
    if program is None:
        return []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(serve.FLAGS)
        )
        page = browser.new_page(viewport={"width": case["width"], "height": 900})
        page.set_default_timeout(0)  # the machine may be as slow as it is
        page.goto(PAGE.as_uri())
        for still in page.locator("[data-live]").all():  # it comes when it is near
            still.scroll_into_view_if_needed()
            still.locator(".live-root").wait_for()
        names = page.eval_on_selector_all(
            "[data-live]", "all => all.map((one) => one.dataset.live)"
        )
        where = {key: case[key] for key in ("threads", "width")}
        return [
            {
                **where,
                "figure": name,
                **timing.spread(page.evaluate(REDRAWN, [name, case["rounds"]])),
            }
            for name in names
        ]


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """Figures down, the median and the upper quartile at each width across."""
    if not rows:
        return []
    widths = values(rows, "width")
    columns = [f"{width} px, {what}" for width in widths for what in ("median", "3/4")]
    lines: dict[str, list[str]] = {}
    for row in rows:
        times = [duration(row["seconds"]), duration(row["high"])]
        lines[row["figure"]] = lines.get(row["figure"], []) + times
    made = [[name, *cells] for name, cells in lines.items()]
    title = "A redraw and its layout, in Chromium"
    return [table(title, ["figure", *columns], made, spreads(rows))]


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """Less than 8 milliseconds, so that a screen's next frame has it."""
    asked = []
    for row in rows:
        where = f"{row['figure']}, {row['width']} px"
        took = 1000 * row["seconds"]
        asked += bar("live figure: milliseconds of a redraw", where, took, most=8.0)
    return asked
