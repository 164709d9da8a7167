"""What holds for each live figure: it keeps its height, and a second one beside it has ids of its own."""

from itertools import combinations

import pytest

from companion import live

# The race's runs end when its surface is another: its own tests operate it.
FIGURES = [live.figure(name) for name in live.names() if name != "race"]
# The widths of a page's column on a wide and a narrow screen, in px; its font.
COLUMNS = [688, 358]
FONT = "companion/site/vendor/source-sans/latin-normal.woff2"
# The values between which each slider and choice can be: where it is, its ends or its options.
LEVELS = """(root) => [...root.querySelectorAll("input[type=range], select")].map((one) =>
  [...new Set([one.value, ...(one.options ? [...one.options].map((option) => option.value) : [one.min, one.max])])])"""
# The heights of the figure in columns of these widths, with its controls at each of these rows of values.
HEIGHTS = """async (root, [widths, rows]) => {
  const controls = [...root.querySelectorAll("input[type=range], select")];
  const heights = widths.map(() => new Set());
  for (const row of rows) {
    controls.forEach((one, k) => {
      if (one.value === row[k]) return;
      one.value = row[k];
      one.dispatchEvent(new Event(one.options ? "change" : "input", { bubbles: true }));
    });
    for (const [k, width] of widths.entries()) {
      root.closest("main").style.width = `${width}px`;
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      heights[k].add(root.offsetHeight);
    }
  }
  return heights.map((found) => [...found]);
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


def every_pair(levels):
    """Few rows, one value of each control, in which any two values of two controls meet."""
    values = [(k, value) for k, own in enumerate(levels) for value in own]
    pairs = (pair for pair in combinations(values, 2) if pair[0][0] != pair[1][0])
    missing, rows = dict.fromkeys(pairs), []
    while missing:
        row = dict(next(iter(missing)))
        for k in sorted(range(len(levels)), key=lambda k: k not in row):
            met = {
                value: sum(pair in missing for pair in pairs_of({**row, k: value}))
                for value in levels[k]
            }
            row.setdefault(k, max(met, key=met.get))
        for pair in pairs_of(row):
            missing.pop(pair, None)
        rows.append([row[k] for k in range(len(levels))])
    return rows


def pairs_of(row):
    """The pairs of values that meet in a row."""
    return combinations(sorted(row.items()), 2)


def test_in_few_rows_any_two_values_meet():
    rows = every_pair([["1", "2", "3"], ["a", "b"], ["x", "y", "z"], ["0", "1"]])
    for j, k in combinations(range(4), 2):
        assert len({(row[j], row[k]) for row in rows}) in (4, 6, 9)
    assert len(rows) < 13


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_keeps_its_height_from_end_to_end_of_every_control(
    page, alone, brought, root, figure
):
    """In a wide column and in a narrow one."""
    shown = brought(alone(figure(), "font-family: Source"))
    source = f"src: url({(root / FONT).as_uri()})"
    style = f"@font-face {{ font-family: Source; {source} }} figure {{ margin: 0; }}"
    page.add_style_tag(content=style)
    page.evaluate("document.fonts.load('16px Source')")
    live = shown.locator(".live-root")
    rows = every_pair(live.evaluate(LEVELS))
    heights = live.evaluate(HEIGHTS, [COLUMNS, rows])
    assert [len(found) for found in heights] == [1, 1], heights


@pytest.mark.parametrize("figure", FIGURES)
def test_two_of_a_figure_on_a_page_share_no_id(alone, brought, figure):
    first, second = brought(alone(figure())).evaluate(DOUBLED)
    for one in (first, second):
        assert set(one["used"]) == set(one["ids"]) != set()
    assert not set(first["ids"]) & set(second["ids"])
