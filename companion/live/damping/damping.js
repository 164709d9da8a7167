// uses: optimlib, kit, descent
// Momentum's damping: a quadratic's directions as points of the plane of lr h and momentum, their
// poles and their weights. damping.py derives the formulas.

const DIRECTIONS = [{ curvature: "h1", color: "blue", dash: "", marker: "circle" },
  { curvature: "h2", color: "orange", dash: "7 3", marker: "square" }];

// The roots of z^2 - (1 + mu - x) z + mu, as [re, im]; the farther one, or the upper one, first.
const poles = (x, mu) => {
  const half = (1 + mu - x) / 2;
  const square = half ** 2 - mu;
  const root = Math.sqrt(Math.abs(square));
  if (square < 0) return [[half, root], [half, -root]];
  return half < 0 ? [[half - root, 0], [half + root, 0]] : [[half + root, 0], [half - root, 0]];
};

// What momentum does in the regions of the plane.
const regime = (x, mu) => {
  if (x >= 2 * (1 + mu)) return "diverges";
  if ((1 + mu - x) ** 2 < 4 * mu) return "oscillates";
  return x <= 1 + mu ? "monotone" : "alternates";
};

// The learning rate and momentum that are best for both curvatures.
const bestPair = (h1, h2) => {
  const [a, b] = [Math.sqrt(h1), Math.sqrt(h2)];
  return { lr: (2 / (a + b)) ** 2, momentum: ((a - b) / (a + b)) ** 2 };
};

// A direction's weights from 1: along it the function is h times the bowl.
const weightsOf = (h, lr, momentum, steps) => {
  const gradient = ([w]) => [h * SURFACES.bowl.gradient(w, 0)[0]];
  return descend(METHODS.Momentum, { lr, momentum }, [1], gradient, steps).map(({ w }) => w[0]);
};

const compute = ({ lr, momentum, ...curvatures }, steps) => DIRECTIONS.map((look) => {
  const h = curvatures[look.curvature];
  const x = lr * h;
  const z = poles(x, momentum);
  const best = x < 4 ? 1 - Math.sqrt(x) : NaN;  // of the double pole; none converges from 4 on
  return { ...look, h, x, z, rate: Math.hypot(...z[0]), regime: regime(x, momentum),
    weights: weightsOf(h, lr, momentum, steps), best: best ** 2, bestRate: Math.abs(best) };
});

const inWords = (runs, text) => runs.map((run, i) => `direction ${i + 1} ${text(run)}`).join("; ");

// The plane

// The borders of its regions: where the two poles meet, and where one of them is -1.
const ROOTS = range(41).map((i) => i / 40);
const LEFT = ROOTS.map((root) => [(1 - root) ** 2, root ** 2]);
const RIGHT = ROOTS.map((root) => [(1 + root) ** 2, root ** 2]);
const LIMIT = [[2, 0], [4, 1]];
const ROOM = 0.15;  // left of 0: a point there covers no number of the axis

const regions = (X, Y, widest) => {
  const to = (points) => points.map(([x, y]) => [X(x), Y(y)]);
  const region = (points, color) =>
    mark("path", { d: `${path(to(points))}z`, fill: hue(color), opacity: 0.13 });
  const word = (x, y, text, anchor = "middle") =>
    mark("text", { x: X(x), y: Y(y), "text-anchor": anchor, class: "halo" }, text);
  const pointer = (...ends) => mark("path", { class: "axis", d: path(to(ends)) });
  return [
    region([...LEFT, [0, 0]], "green"), region([...LEFT].reverse().concat(RIGHT), "blue"),
    region([...RIGHT, LIMIT[0]], "purple"), region([...LIMIT, [widest, 1], [widest, 0]], "red"),
    curve(to(LEFT), "green"), curve(to(RIGHT), "purple"),
    curve(to(LIMIT), "red", { "stroke-dasharray": "6 3" }),
    pointer([0.7, 0.31], [0.12, 0.24]), word(0.74, 0.29, "monotone", "start"),
    pointer([2.5, 0.21], [1.93, 0.07]), word(2.54, 0.2, "alternates", "start"),
    word(1.6, 0.85, "oscillates"), word(3.75, 0.45, "diverges"),
  ];
};

const drawPlane = (panel, runs, { momentum }, widest) => panel.draw({
  title: "Learning rate × curvature, and momentum",
  label: inWords(runs, ({ x, regime: word }) => `at ${number(x)} and ${number(momentum)} ${word}`),
  x: [-ROOM, widest], y: [0, 1], xlabel: "η h", ylabel: "μ", grid: false,
}, (X, Y) => [
  ...regions(X, Y, widest),
  mark("path", { class: "axis", "stroke-dasharray": "2 3",
    d: `M${X(0)} ${Y(momentum)}H${X(widest)}` }),
  ...runs.flatMap(({ x, marker, color }, i) => {
    const [cx, cy] = [X(Math.min(x, widest)), Y(momentum)];
    return [mark("circle", { cx, cy, r: 9, fill: hue("paper"), stroke: hue(color) }),
      symbol(marker, cx, cy, { class: `point p${i + 1}`, fill: hue(color) })];
  }),
]);

// Each direction's point is a button: dragged, or moved by the arrow keys; a click in the plane
// brings the nearer one there. The learning rate and the momentum follow.
const handlesOf = (fig, panel, widest) => {
  const curvature = (i) => fig.get(DIRECTIONS[i].curvature);
  const at = (i) => fig.get("lr") * curvature(i);
  const move = (i, [x, mu]) => fig.set({
    lr: within(Number((within(x, [0.01, widest]) / curvature(i)).toPrecision(3)), [0.0001, 500]),
    momentum: within(Math.round(100 * mu) / 100, [0, 0.99]),
  });
  const place = panel.svg.parentNode;
  place.classList.add("live-plane");
  const handles = range(DIRECTIONS.length).map((i) => {
    const button = element("button", { type: "button", class: "live-handle" });
    draggable(button, (event) => move(i, panel.at(event)),
      ([right, up]) => move(i, [at(i) + 0.05 * right, fig.get("momentum") + 0.01 * up]));
    place.append(button);
    return button;
  });
  panel.svg.addEventListener("click", (event) => {
    const to = panel.at(event);
    const i = Math.abs(at(0) - to[0]) <= Math.abs(at(1) - to[0]) ? 0 : 1;
    move(i, to);
    handles[i].focus({ preventScroll: true });
  });
  return (runs, { momentum }) => runs.forEach(({ x, regime: word }, i) => {
    handles[i].style.left = `${panel.X(Math.min(x, widest))}px`;
    handles[i].style.top = `${panel.Y(momentum)}px`;
    handles[i].setAttribute("aria-label", `Direction ${i + 1} at ${number(x)}, momentum ${
      number(momentum)}, ${word}: move it with the arrow keys`);
  });
};

// Poles and weights

const drawPoles = (panel, runs, { momentum }) => {
  if (!panel.width) panel.measure();
  const far = 1.12 * Math.max(1, ...runs.map(({ rate }) => rate));
  const { left, right, top, bottom } = MARGIN;
  const wide = (far * (panel.width - left - right)) / (panel.height - top - bottom);
  panel.draw({
    title: "The poles $z$ of each direction (filled: the farther)",
    label: inWords(runs, ({ rate }) => `has its farther pole ${number(rate)} from 0`),
    x: [-wide, wide], y: [-far, far], xlabel: "real part", ylabel: "imaginary", grid: false,
  }, (X, Y) => {
    const ring = (r, attributes) =>
      mark("circle", { cx: X(0), cy: Y(0), r: X(r) - X(0), fill: "none", ...attributes });
    const pole = ([re, im], { marker, color }, attributes) =>
      symbol(marker, X(re), Y(im), { stroke: hue(color), "stroke-width": 2, ...attributes });
    return [
      mark("path", { class: "grid",
        d: `M${X(-wide)} ${Y(0)}H${X(wide)}M${X(0)} ${Y(-far)}V${Y(far)}` }),
      ring(1, { stroke: hue("ink"), "stroke-width": 1.5 }),
      ring(Math.sqrt(momentum), { stroke: hue("muted"), "stroke-dasharray": "2 3" }),
      ...runs.flatMap((run, i) => [
        pole(run.z[1], run, { fill: hue("paper") }),
        pole(run.z[0], run, { fill: hue(run.color), class: `pole z${i + 1}` }),
      ]),
    ];
  });
};

const SPOTS = { circle: "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z",
  square: "m-2.5 -2.5h5v5h-5z" };
const HIGHEST = 4;  // weights beyond it are off the picture

const drawWeights = (panel, runs, steps) => {
  const sizes = runs.flatMap(({ weights }) => weights.map(Math.abs)).filter(inside([0, HIGHEST]));
  const far = 1.08 * Math.max(1, ...sizes);
  panel.draw({
    title: "The two weights over the steps",
    label: inWords(runs, ({ weights }) => `ends at ${number(weights.at(-1))}`),
    x: [0, steps], y: [-far, far], xlabel: "step t", ylabel: "w",
  }, (X, Y) => [
    mark("path", { class: "axis", d: `M${X(0)} ${Y(0)}H${X(steps)}` }),
    clipped(panel, [...runs].reverse().flatMap(({ weights, color, dash, marker }) => {
      const points = weights.map((w, t) => [X(t), Y(within(w, [-9 * far, 9 * far]))]);
      const spots = points.map((point) => path([point]) + SPOTS[marker]);
      return [curve(points, color, { "stroke-dasharray": dash }),
        mark("path", { d: spots.join(""), fill: hue(color) })];
    })),
  ]);
};

// Numbers

const ROWS = { h: "curvature $h$", x: "$η\u202fh$", regime: "with this $μ$ it",
  rate: "a step leaves $|z|$", best: "best $μ = (1 − √η\u202fh)^2$",
  bestRate: "that leaves $|1 − √η\u202fh|$" };
const LABELS = { slower: "slower $|z|$", tenfold: "steps to a tenth",
  lr: "best for both: $η$", momentum: "and $μ$", bestRate: "they leave $|z|$",
  plain: "with $μ = 0$" };

const tableOf = (row) => {
  const table = element("table", { class: "live-table" });
  row.append(element("div", { class: "live-panel" }, table));
  const text = (value) => (Number.isNaN(value) ? "none" : number(value));
  const cell = (value, name) => mark("td", { "data-fact": name, "data-value": value },
    typeof value === "number" ? text(value) : value);
  return (runs) => {
    const heads = runs.map((_, i) => `<th scope="col">direction ${i + 1}</th>`);
    const cells = (name) => runs.map((run, i) => cell(run[name], `${name}${i + 1}`)).join("");
    const lines = Object.entries(ROWS).map(([name, label]) =>
      `<tr><th scope="row">${rich(label)}</th>${cells(name)}</tr>`);
    table.innerHTML = `<thead><tr><td></td>${heads.join("")}</tr></thead>`
      + `<tbody>${lines.join("")}</tbody>`;
  };
};

const summary = (runs, { h1, h2 }) => {
  const slower = Math.max(...runs.map(({ rate }) => rate));
  const pair = bestPair(h1, h2);
  const tenfold = Math.max(1, Math.log(10) / -Math.log(slower));
  return { slower, tenfold: slower < 1 ? tenfold : "never", ...pair,
    bestRate: Math.sqrt(pair.momentum), plain: Math.abs(h1 - h2) / (h1 + h2) };
};

const fate = (runs) => {
  const outs = runs.map(({ weights }) => weights.findIndex((w) => Math.abs(w) > HIGHEST));
  const [first, ...rest] = outs.flatMap((out, i) => (out < 0 ? [] : [[i + 1, out]]));
  if (!first) return [];
  const more = rest.map(([i, out]) => `, direction ${i} at step ${out}`);
  return [`Direction ${first[0]} leaves the picture at step ${first[1]}${more.join("")}.`];
};

// Twenty stops to a decade.
const spread = (low, high) => range(Math.round(20 * Math.log10(high / low)) + 1)
  .map((i) => Number((low * 10 ** (i / 20)).toPrecision(3)));

const render = ({ model, el }) => {
  const keys = ["lr", "momentum", "h1", "h2"];
  const fig = figure(model, el, { keys });
  fig.root.classList.add("descent", "damping");
  const { steps, widest } = fig.constants;
  fig.slider("lr", { label: "Learning rate $η$", stops: spread(0.0001, 500) });
  fig.slider("momentum", { label: "Momentum $μ$", min: 0, max: 0.99, step: 0.01 });
  fig.slider("h1", { label: "Curvature $h_1$", stops: spread(0.01, 100) });
  fig.slider("h2", { label: "Curvature $h_2$", stops: spread(0.01, 100) });
  fig.button("Best for both", () => {
    const { lr, momentum } = bestPair(fig.get("h1"), fig.get("h2"));
    fig.set({ lr, momentum: Math.min(momentum, 0.99) });
  });
  const top = fig.row(2);
  const plane = fig.panel(top, { height: 280 });
  const circle = fig.panel(top, { height: 280 });
  const handles = handlesOf(fig, plane, widest);
  fig.legend(fig.row(), DIRECTIONS.map((look, i) =>
    ({ ...look, text: `direction ${i + 1}, $h_${i + 1}$` })));
  const bottom = fig.row(2);
  const weights = fig.panel(bottom, { height: 220 });
  const table = tableOf(bottom);
  const facts = fig.facts(fig.row(), LABELS);
  return fig.start(() => {
    const state = Object.fromEntries(keys.map((key) => [key, fig.get(key)]));
    const runs = compute(state, steps);
    drawPlane(plane, runs, state, widest);
    handles(runs, state);
    drawPoles(circle, runs, state);
    drawWeights(weights, runs, steps);
    table(runs);
    facts.show(summary(runs, state));
    fig.root.weights = runs.map((run) => run.weights);
    fig.tell(fate(runs));
  });
};

export default { render };
