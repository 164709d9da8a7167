"""What holds for each live figure: it keeps its height, and a second one beside it has ids of its own."""

import pytest

from companion import live

# The race's runs end when its surface is another: its own tests operate it.
FIGURES = [live.figure(name) for name in live.names() if name != "race"]
# The column of a page at these widths; its font.
COLUMNS = {1280: 688, 390: 358}
FONT = "companion/site/vendor/source-sans/latin-normal.woff2"
# Every slider and choice to both ends, one after the other, and from each of the others' ends: the heights on the way.
OPERATED = """async (root) => {
  const controls = [...root.querySelectorAll("input[type=range], select")];
  const ends = (one) => (one.options ? [...one.options].map((option) => option.value) : [one.min, one.max]);
  const heights = new Set([root.offsetHeight]);
  const set = async (one, value) => {
    one.value = value;
    one.dispatchEvent(new Event(one.options ? "change" : "input", { bubbles: true }));
    await null;
    heights.add(root.offsetHeight);
  };
  for (const first of controls)
    for (const from of ends(first)) {
      await set(first, from);
      for (const one of controls) for (const end of ends(one)) if (one !== first) await set(one, end);
    }
  return [...heights];
}"""
# A second figure under the first, with the same scripts; the ids of both, and what refers to ids.
DOUBLED = """async (first) => {
  const second = document.createElement("figure");
  Object.assign(second.dataset, first.dataset);
  delete second.dataset.brought;
  second.innerHTML = '<div class="live-place"><img class="live-still" alt=""></div>';
  first.after(second);
  await bringOnce(second);
  return [first, second].map((figure) => ({
    ids: [...figure.querySelectorAll("[id]")].map((one) => one.id),
    used: [...figure.innerHTML.matchAll(/url\\(#(.*?)\\)|for="(.*?)"/g)].map(([, id, name]) => id ?? name),
  }));
}"""


@pytest.mark.parametrize("width", COLUMNS)
@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_keeps_its_height_from_end_to_end_of_every_control(
    page, alone, brought, root, figure, width
):
    page.set_viewport_size({"width": width, "height": 900})
    shown = brought(alone(figure(), f"width: {COLUMNS[width]}px; font-family: Source"))
    source = f"src: url({(root / FONT).as_uri()})"
    style = f"@font-face {{ font-family: Source; {source} }} figure {{ margin: 0; }}"
    page.add_style_tag(content=style)
    page.evaluate("document.fonts.load('16px Source')")
    assert len(shown.locator(".live-root").evaluate(OPERATED)) == 1


@pytest.mark.parametrize("figure", FIGURES)
def test_two_of_a_figure_on_a_page_share_no_id(alone, brought, figure):
    first, second = brought(alone(figure())).evaluate(DOUBLED)
    for one in (first, second):
        assert set(one["used"]) == set(one["ids"]) != set()
    assert not set(first["ids"]) & set(second["ids"])
