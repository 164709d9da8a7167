"""Pictures of every page, wide and narrow, light and dark: ``python -m companion.tools.screenshots [page ...]``."""

import sys
from pathlib import Path
from typing import Any

from companion.tools import serve

SITE, FOLDER = Path("_build/html"), Path("_build/screenshots")
WIDTHS = (1280, 390)
THEMES = ("light", "dark")
TALLEST = 12_000  # px; Chromium draws no larger picture


def main(names: list[str]) -> None:
    """Take the pictures, of all pages or of those named, such as chapters/index."""
    from playwright.sync_api import sync_playwright

    browser = serve.chromium()
    if browser is None:
        sys.exit(f"no browser: none of {', '.join(serve.BROWSERS)} is installed")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serve.serving(SITE) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=list(serve.FLAGS)
        )
        for theme in THEMES:
            context = chromium.new_context(
                color_scheme=theme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.set_default_timeout(0)  # the machine may be as slow as it is
            for name in names or pages():
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 900})
                    page.goto(f"{address}/{name}.html")
                    bring_all(page)
                    height = page.evaluate("document.documentElement.scrollHeight")
                    for part, top in enumerate(range(0, height, TALLEST), 1):
                        clip = {"x": 0, "y": top, "width": width}
                        clip["height"] = min(TALLEST, height - top)
                        file = f"{name.replace('/', '-')}-{width}-{theme}-{part}.png"
                        page.screenshot(
                            path=FOLDER / file,
                            full_page=True,
                            clip=clip,  # type: ignore[arg-type]
                        )
            context.close()
        chromium.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures are in {FOLDER}")


def bring_all(page: Any) -> None:
    """Have the page bring what it brings when a reader comes near: figures and images, code and formulas."""
    for figure in page.locator("figure.live").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".live-root").wait_for()
    page.add_style_tag(content="* { content-visibility: visible !important }")
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_load_state("networkidle")


def pages() -> list[str]:
    """Return the site's pages by their paths without a suffix."""
    found = (path.relative_to(SITE) for path in sorted(SITE.rglob("*.html")))
    return [
        path.with_suffix("").as_posix()
        for path in found
        if not path.parts[0].startswith("_") and path.name != "index.html"
    ] + ["chapters/index"]


if __name__ == "__main__":
    main(sys.argv[1:])
