"""The page "Live figures": all of them, each in the place that was reserved for it."""

import pytest

from companion.site.pages.live import in_order

PAGE = "chapters/live.html"
FIGURES = in_order()
PLACES = """() => [...document.querySelectorAll("figure.live")].map((figure) => {
  const reserved = getComputedStyle(figure.querySelector(".live-place")).minHeight;
  return {name: figure.dataset.live, room: parseFloat(reserved) - figure.querySelector(".live-root").offsetHeight};
})"""


@pytest.mark.parametrize("width", [1280, 390])
def test_every_figure_is_live_in_the_place_reserved_for_it(page, address, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{PAGE}")
    for name in FIGURES:  # each comes when it is near
        figure = page.locator(f'figure.live[data-live="{name}"]')
        figure.scroll_into_view_if_needed()
        figure.locator(".live-root").wait_for()
    places = page.evaluate(PLACES)
    assert [place["name"] for place in places] == FIGURES
    # A figure follows its width in a frame or two; what does not fit for good ends the wait.
    page.wait_for_function(
        f"({PLACES})().every(({{ room }}) => 0 <= room && room <= 4)"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.problems == []


# Of every control the figures of its labels, or its own name; and the ids that occur more than once.
NAMED = """() => {
  const fields = [...document.querySelectorAll(".live-root :is(input, select)")];
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return {
    wrong: fields.filter((one) => !one.ariaLabel && !one.hasAttribute("aria-labelledby") && (one.labels.length !== 1
      || one.labels[0].closest("figure.live") !== one.closest("figure.live"))).map((one) => one.outerHTML),
    fields: fields.length,
    twice: ids.filter((id, i) => ids.indexOf(id) !== i),
  };
}"""


def test_every_control_has_its_own_label(page, address):
    """Each figure is a program of its own, and their ids are one page's."""
    page.goto(f"{address}/{PAGE}")
    for name in FIGURES:
        figure = page.locator(f'figure.live[data-live="{name}"]')
        figure.scroll_into_view_if_needed()
        figure.locator(".live-root").wait_for()
    named = page.evaluate(NAMED)
    assert named["fields"] > 30
    assert named["wrong"] == [] and named["twice"] == []


def test_the_address_of_a_state_opens_its_figure(page, address):
    page.goto(f"{address}/{PAGE}#live=damping;lr=0.5;momentum=0.25;h1=2;h2=0.4")
    figure = page.locator('figure.live[data-live="damping"][data-ready]')
    figure.wait_for()
    assert figure.locator('[data-fact="x1"]').get_attribute("data-value") == "1"
    page.wait_for_function(
        "figure => Math.abs(figure.getBoundingClientRect().top) < 200",
        arg=figure.element_handle(),
    )
    assert page.problems == []
