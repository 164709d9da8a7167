// uses: optimlib, kit, descent
// RProp's sign: one weight by RProp and by gradient descent on functions of any scale, and on
// mini-batches whose signs mislead.

const NAMES = { bowl: "bowl", plateau: "plateau", kink: "kink", valleys: "two valleys" };
const SOURCES = { hinton: "Hinton: −0.9, nine times 0.1",
  slides: "slides: 0.9, four times −0.1" };
// What becomes of RProp's step.
const CHANGES = {
  up: { text: "same sign: × 1.2", factor: "× 1.2", color: "blue", marker: "up" },
  down: { text: "flip: × 0.5, no move", factor: "× 0.5", color: "orange", marker: "down" },
  keep: { text: "first, or after a flip: × 1", factor: "× 1", color: "muted", marker: "circle" },
};
const BATCHED = ["SGD", "SignSGD", "Rprop"];  // the methods on mini-batches
// 0.01, 0.0125, ... 100 and 0.001, ... 1
const spread = (low, decades) =>
  range(10 * decades + 1).map((i) => Number((low * 10 ** (i / 10)).toPrecision(2)));

const walk = (method, { function: name, lr, start }, scale, steps) => {
  const { value, gradient } = SURFACES[name];
  const slope = ([w]) => [scale * gradient(w, 0)[0]];
  const points = descend(METHODS[method], { lr }, [start], slope, steps);
  return points.map(({ w, state }) =>
    ({ w: w[0], f: scale * value(w[0], 0), g: slope(w)[0], step: state.step?.[0] }));
};

// What RProp did with its step at t = 1, 2, ...
const change = (before, after) => {
  if (after.step === before.step) return "keep";
  return after.step > before.step ? "up" : "down";
};

// The largest distance of two paths.
const gap = (a, b) => Math.max(...a.map(({ w }, t) => Math.abs(w - (b[t]?.w ?? Infinity))));

const compute = (state, steps) => {
  const [rprop, sgd] = ["Rprop", "SGD"].map((method) => walk(method, state, state.scale, steps));
  const plain = walk("SGD", state, 1, steps);
  return {
    rprop, sgd, plain,
    changes: rprop.slice(1).map((point, i) => change(rprop[i], point)),
    gaps: { rprop: gap(rprop, walk("Rprop", state, 1, steps)), sgd: gap(sgd, plain) },
  };
};

// A method's marker and line, by its look.
const markerAt = (x, y, { color, marker }, attributes = {}) =>
  symbol(marker, x, y, { fill: hue(color), ...attributes });
const dashed = (points, { color, dash }) => curve(points, color, { "stroke-dasharray": dash });

const drawFunction = (panel, { rprop, sgd }, { function: name, scale, t }, looks) => {
  const { window: [span], value } = SURFACES[name];
  const f = (w) => scale * value(w, 0);
  const places = range(161).map((i) => span[0] + ((span[1] - span[0]) * i) / 160);
  const values = places.map(f);
  const top = Math.max(...values);
  panel.draw({
    title: "RProp's path on the function $f(w)$",
    label: `${NAMES[name]}, times ${short(scale)}. At step ${t} RProp is at ${number(rprop[t].w)}, `
      + `gradient descent at ${number((sgd[t] ?? sgd.at(-1)).w)}`,
    x: span, y: [-0.06 * top, 1.06 * top], xlabel: "w",
  }, (X, Y) => {
    const seen = (points, look, attributes) => points.filter(({ w }) => inside(span)(w))
      .map(({ w }) => markerAt(X(w), Y(f(w)), look, attributes));
    return [
      curve(places.map((w, i) => [X(w), Y(values[i])]), "ink", { opacity: 0.75 }),
      ...seen(rprop.slice(0, t), looks.Rprop,
        { fill: hue("paper"), stroke: hue(looks.Rprop.color) }),
      ...seen(sgd.slice(t, t + 1), looks.SGD, { class: "sgd" }),
      ...seen(rprop.slice(t, t + 1), looks.Rprop, { class: "rprop" }),
    ];
  });
};

const cursor = (X, panel, t) => mark("path", { class: "axis", "stroke-dasharray": "2 3",
  d: `M${X(t).toFixed(2)} ${panel.Y(panel.space.y[0])}V${panel.Y(panel.space.y[1])}` });

const drawWeights = (panel, { rprop, sgd, plain }, { function: name, t }, looks, steps) => {
  const [span] = SURFACES[name].window;
  panel.draw({
    title: "The weight $w$ over the steps",
    label: `RProp goes from ${number(rprop[0].w)} to ${number(rprop.at(-1).w)}, `
      + `gradient descent to ${number(sgd.at(-1).w)}`,
    x: [0, steps], y: span, xlabel: "step t",
  }, (X, Y) => {
    const line = (points) => points.map(({ w }, i) => [X(i), Y(within(w, [-40, 40]))]);
    return [
      cursor(X, panel, t),
      clipped(panel, [
        dashed(line(plain), { ...looks.SGD, dash: "2 4" }),
        dashed(line(sgd), looks.SGD), dashed(line(rprop), looks.Rprop),
        ...line(sgd).slice(t, t + 1).map(([x, y]) => markerAt(x, y, looks.SGD)),
        markerAt(...line(rprop)[t], looks.Rprop),
      ]),
    ];
  });
};

const drawSteps = (panel, { rprop, changes }, { t }, looks, steps) => {
  const sizes = rprop.map(({ step }) => step);
  panel.draw({
    title: "RProp's step $Δ_t$",
    label: `At step ${t} it is ${number(sizes[t])}; largest ${number(Math.max(...sizes))}`,
    x: [0, steps], y: [Math.min(...sizes) / 1.6, Math.max(...sizes) * 1.6], xlabel: "step t",
    log: { y: true },
  }, (X, Y) => [
    cursor(X, panel, t),
    curve(sizes.map((size, i) => [X(i), Y(size)]), looks.Rprop.color, { opacity: 0.4 }),
    ...changes.map((kind, i) => markerAt(X(i + 1), Y(sizes[i + 1]), CHANGES[kind],
      { class: kind, opacity: i < t ? 1 : 0.3 })),
  ]);
};

const total = (numbers) => numbers.reduce((sum, x) => sum + x, 0);

// Each method's weights along the gradients of mini-batches, from 0.
const batched = (gradients, lr) => Object.fromEntries(BATCHED.map((method) => {
  const gradient = (w, t) => [gradients[t - 1]];
  const points = descend(METHODS[method], { lr }, [0], gradient, gradients.length);
  return [method, points.map(({ w }) => w[0])];
}));

const drawBatches = (panel, paths, looks, sequence) => {
  const all = Object.values(paths).flat();
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const pad = 0.06 * (high - low);
  const last = paths.SGD.length - 1;
  panel.draw({
    title: "A weight $w$ on mini-batches",
    label: Object.entries(paths).map(([method, weights]) =>
      `${looks[method].title} ends at ${number(weights.at(-1))}`).join(", "),
    x: [0, last], y: [low - pad, high + pad], xlabel: "mini-batch",
  }, (X, Y) => [
    mark("path", { class: "axis", d: `M${X(0)} ${Y(0)}H${X(last)}` }),
    ...range(last / sequence.length, 1).map((i) => mark("path", { class: "grid",
      d: `M${X(i * sequence.length)} ${Y(panel.space.y[0])}V${Y(panel.space.y[1])}` })),
    ...Object.entries(paths).flatMap(([method, weights]) => {
      const line = weights.map((w, i) => [X(i), Y(w)]);
      return [dashed(line, looks[method]), markerAt(...line.at(-1), looks[method])];
    }),
  ]);
};

const LABELS = {
  g: "RProp's $g_t$", factor: "factor of its step", step: "its step $Δ_t$",
  rprop: "RProp's $w_t$", fRprop: "its $f(w_t)$", gapRprop: "effect of scale",
  sgd: "descent's $w_t$", fSgd: "its $f(w_t)$", gapSgd: "effect of scale",
};
const SUMS = { mean: "mean gradient", signs: "sum of the signs", SGD: "gradient descent ends at",
  SignSGD: "sign descent ends at", Rprop: "RProp ends at" };
const rounded = (x) => Number(x.toFixed(12));  // the mean of Hinton's gradients is 0

const fate = ({ sgd }, { function: name, t }) => {
  const out = sgd.findIndex(({ w }) => !inside(SURFACES[name].window[0])(w));
  if (out < 0 || out > t) return [];
  return [sgd.length <= t ? `Gradient descent diverged: it left the picture at step ${out}.`
    : `Gradient descent left the picture at step ${out}.`];
};

const render = ({ model, el }) => {
  const keys = ["function", "scale", "lr", "start", "t", "batches"];
  const fig = figure(model, el, { keys });
  fig.root.classList.add("descent", "sign");
  const { steps, looks, sequences, passes } = fig.constants;
  fig.select("function", { label: "Function", options: NAMES });
  fig.slider("scale", { label: "Scale", stops: spread(0.01, 4) });
  fig.slider("lr", { label: "First step, rate $η$", stops: spread(0.001, 3) });
  fig.slider("start", { label: "Start $w_0$", min: -4, max: 4, step: 0.1 });
  fig.player("t", { label: "Step $t$", last: () => steps, rate: 5 });
  const top = fig.row();
  const shape = fig.panel(top, { height: 210 });
  shape.svg.addEventListener("click", (event) => {
    const w = shape.at(event)[0];
    fig.set({ start: Math.min(4, Math.max(-4, Math.round(10 * w) / 10)) });
  });
  const legend = (row, methods, ...others) => fig.legend(row,
    [...methods.map((method) => ({ ...looks[method], text: looks[method].title })), ...others]);
  legend(top, ["Rprop", "SGD"],
    { text: "the same at scale 1", color: looks.SGD.color, dash: "2 4" },
    ...Object.values(CHANGES).map((kind) => ({ ...kind, dash: null })));
  const middle = fig.row(2);
  const weights = fig.panel(middle, { height: 190 });
  const sizes = fig.panel(middle, { height: 190 });
  const facts = fig.facts(fig.row(), LABELS);
  const bottom = fig.row(2);
  const batches = fig.panel(bottom, { height: 240 });
  const side = element("div", { class: "live-side" });
  bottom.append(side);
  fig.select("batches", { label: "Gradients of the mini-batches", options: SOURCES, into: side });
  legend(side, BATCHED);
  const sums = fig.facts(side, SUMS);
  return fig.start(() => {
    const state = Object.fromEntries(keys.map((key) => [key, fig.get(key)]));
    const { t } = state;
    const runs = compute(state, steps);
    drawFunction(shape, runs, state, looks);
    drawWeights(weights, runs, state, looks, steps);
    drawSteps(sizes, runs, state, looks, steps);
    facts.show({
      g: t ? runs.rprop[t - 1].g : "none yet",
      factor: t ? CHANGES[runs.changes[t - 1]].factor : "none yet",
      step: runs.rprop[t].step, rprop: runs.rprop[t].w, sgd: runs.sgd[t]?.w ?? "diverged",
      fRprop: runs.rprop[t].f, fSgd: runs.sgd[t]?.f ?? "diverged",
      gapRprop: runs.gaps.rprop,
      gapSgd: Number.isFinite(runs.gaps.sgd) ? runs.gaps.sgd : "diverged",
    });
    const sequence = sequences[state.batches];
    const gradients = range(passes).flatMap(() => sequence);
    const paths = batched(gradients, state.lr);
    drawBatches(batches, paths, looks, sequence);
    sums.show({
      mean: rounded(total(sequence) / sequence.length), signs: total(sequence.map(Math.sign)),
      SGD: rounded(paths.SGD.at(-1)), SignSGD: paths.SignSGD.at(-1), Rprop: paths.Rprop.at(-1),
    });
    fig.root.paths = { rprop: runs.rprop, sgd: runs.sgd, batches: paths };
    fig.tell(fate(runs, state));
  });
};

export default { render };
