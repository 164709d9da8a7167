// uses: optimlib, kit, descent, ravine
// Gradient descent on a ravine: its path, the factor of each direction, the distance over the steps.

const DIRECTIONS = {
  flat: { text: "flat direction", color: "blue", dash: "", marker: "circle" },
  steep: { text: "steep direction", color: "orange", dash: "7 3", marker: "square" },
};
const radians = (degrees) => (degrees * Math.PI) / 180;
const curvatures = ({ condition }) => ({ flat: 1 / condition, steep: 1 });

const compute = (state, { steps, share }) => {
  const { rate, condition, x, y } = state;
  const angle = radians(state.angle);
  const gradient = ([a, b]) => RAVINE.gradient(a, b, condition, angle);
  const points = descend(METHODS.SGD, { lr: rate }, [x, y], gradient, steps).map(({ w }) => w);
  const factors = Object.fromEntries(Object.entries(curvatures(state))
    .map(([name, h]) => [name, RAVINE.factor(rate, h)]));
  const slower = Math.max(...Object.values(factors).map(Math.abs));
  // Where a step leaves nothing, the first one is enough.
  const needed = slower < 1e-9 ? 1 : Math.ceil(RAVINE.steps(share, slower) - 1e-9);
  return { points, factors, slower, steps: slower < 1 - 1e-12 ? needed : "never" };
};

// The map

const drawMap = (panel, { points }, state, { levels, reach }) => {
  if (!panel.width) panel.measure();
  const { left, right, top, bottom } = MARGIN;
  const inner = [panel.width - left - right, panel.height - top - bottom];
  // One scale for both axes, so that every start lies on the map.
  const unit = Math.min(...inner.map((size, i) => size / (2 * reach[i] + 0.4)));
  const [wide, up] = inner.map((size) => size / unit / 2);
  const last = points.at(-1);
  panel.draw({
    title: "The path on the ravine",
    label: `From (${short(state.x)}, ${short(state.y)}), after ${points.length - 1} steps at (${
      number(last[0], 3)}, ${number(last[1], 3)}); the minimum is at (0, 0)`,
    x: [-wide, wide], y: [-up, up], grid: false,
  }, (X, Y) => {
    const to = ([x, y]) => [X(x), Y(y)];
    const ring = (level) => range(73).map((i) =>
      to(RAVINE.line(level, (i * Math.PI) / 36, state.condition, radians(state.angle))));
    const seen = points.map((point) => point.map((part) => within(part, [-60, 60])));
    return [clipped(panel, [
      ...levels.map((level) => mark("path", { class: "grid", d: path(ring(level)) })),
      mark("path", { class: "line thin", d: path(seen.map(to)), style: `stroke: ${hue("ink")}` }),
      ...seen.map((point) => symbol("circle", ...to(point), {
        fill: hue("ink"), transform: `translate(${to(point).map((at) => at.toFixed(2)).join(" ")}) scale(0.5)`,
      })),
      symbol("plus", X(0), Y(0), { fill: hue("red") }),
      symbol("circle", ...to([state.x, state.y]), { class: "start", fill: hue("paper"),
        stroke: hue("ink"), "stroke-width": 2 }),
    ])];
  });
};

// The start is a button: dragged, or moved by the arrow keys; a click on the map brings it there.
const startOf = (fig, panel, reach) => {
  const move = (point) => {
    const [x, y] = point.map((part, i) =>
      within(Math.round(10 * part) / 10, [-reach[i], reach[i]]));
    fig.set({ x, y });
  };
  const button = element("button", { type: "button", class: "live-start" });
  draggable(button, (event) => move(panel.at(event)),
    ([right, up]) => move([fig.get("x") + 0.1 * right, fig.get("y") + 0.1 * up]));
  panel.svg.parentNode.classList.add("ravine-map");
  panel.svg.parentNode.append(button);
  panel.svg.addEventListener("click", (event) => {
    move(panel.at(event));
    button.focus({ preventScroll: true });
  });
  for (const [i, key] of ["x", "y"].entries()) {
    fig.allow(key, (value) => Number.isFinite(value) && Math.abs(value) <= reach[i]);
  }
  return ({ x, y }) => {
    button.style.left = `${panel.X(x)}px`;
    button.style.top = `${panel.Y(y)}px`;
    button.setAttribute("aria-label",
      `Start at (${short(x)}, ${short(y)}): move it with the arrow keys`);
  };
};

// Factors and distance

const drawFactors = (panel, { factors }, state, { fastest }) => panel.draw({
  title: "The factor of each direction",
  label: Object.entries(factors).map(([name, value]) => `${name}: ${number(value, 3)}`).join("; "),
  x: [0, fastest], y: [-1.25, 1.1], xlabel: "learning rate η", yticks: [-1, 0, 1],
}, (X, Y) => [
  mark("rect", { x: X(0), y: Y(-1), width: X(fastest) - X(0), height: Y(-1.25) - Y(-1),
    fill: hue("red"), opacity: 0.13 }),
  mark("path", { class: "axis", "stroke-dasharray": "2 3",
    d: `M${X(state.rate)} ${Y(-1.25)}V${Y(1.1)}` }),
  ...Object.entries(curvatures(state)).flatMap(([name, h]) => {
    const { color, dash, marker } = DIRECTIONS[name];
    const ends = [0, fastest].map((rate) => [X(rate), Y(RAVINE.factor(rate, h))]);
    return [curve(ends, color, { "stroke-dasharray": dash }),
      symbol(marker, X(state.rate), Y(factors[name]), { class: `dot ${name}`, fill: hue(color) })];
  }),
]);

const drawDistance = (panel, { points }, { steps }) => {
  const [low, high] = [1e-6, 1e3];
  const far = points.map((point) => Math.hypot(...point));
  panel.draw({
    title: "The distance from the minimum",
    label: `${number(far[0], 3)} at the start, ${number(far.at(-1), 3)} after ${far.length - 1} steps`,
    x: [0, steps], y: [low, high], xlabel: "step t", yticks: [1e-6, 1e-3, 1, 1e3], log: { y: true },
  }, (X, Y) => {
    const ends = far.findIndex((value) => value < low);  // below, the line leaves the panel once
    const shown = ends < 0 ? far : far.slice(0, ends + 1);
    const line = shown.map((value, t) => [X(t), Y(within(value, [1e-9, 1e6]))]);
    return [clipped(panel, [curve(line, "ink")])];
  });
};

// What the rate does, in words.
const fate = ({ factors }) => {
  if (factors.steep < -1 - 1e-9) return ["The steep direction grows at every step: the run diverges."];
  if (factors.steep < -1 + 1e-9) return ["The steep direction only changes its sign: the edge."];
  if (factors.steep < -1e-9) return ["The run zigzags across the ravine."];
  return [];
};

const LABELS = { flat: "flat factor", steep: "steep factor", slower: "the larger size",
  steps: "steps to a millionth" };
const CONDITIONS = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];

const render = ({ model, el }) => {
  const keys = ["rate", "condition", "angle", "x", "y"];
  const fig = figure(model, el, { keys });
  const { constants } = fig;
  fig.root.classList.add("descent", "ravine");
  const fixed = (value) => value.toFixed(2);
  fig.slider("rate", { label: "Learning rate $η$", min: 0.02, max: constants.fastest, step: 0.01,
    show: fixed });
  fig.slider("condition", { label: "Condition number", stops: CONDITIONS });
  fig.slider("angle", { label: "Turned by", min: 0, max: 90, step: 5, show: (value) => `${value}°` });
  const panels = fig.row();
  panels.classList.add("three");
  const map = fig.panel(panels, { height: 340 });
  const factors = fig.panel(panels, { height: 165 });
  const distance = fig.panel(panels, { height: 145 });
  const start = startOf(fig, map, constants.reach);
  fig.legend(fig.row(), Object.values(DIRECTIONS));
  const facts = fig.facts(fig.row(), LABELS);
  return fig.start(() => {
    const state = Object.fromEntries(keys.map((key) => [key, fig.get(key)]));
    const run = compute(state, constants);
    drawMap(map, run, state, constants);
    start(state);
    drawFactors(factors, run, state, constants);
    drawDistance(distance, run, constants);
    facts.show({ ...run.factors, slower: run.slower, steps: String(run.steps) });
    fig.root.points = run.points;
    fig.tell(fate(run));
  });
};

export default { render };
