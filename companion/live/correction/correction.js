// uses: optimlib, moments, kit
// Bias correction: the weights of an average, biased and corrected averages, the excess of an
// uncorrected step.

const SPREAD = { constant: 0, noisy: 2, drifting: 0.7 };
const HORIZONS = [25, 50, 100, 250, 500, 1000];
// 0, 0.05, ... 0.9, 0.905, ... 0.99, 0.9905, ... 0.999: even steps of the decade of 1 - beta.
const BETAS = [0, ...[1, 10, 100].flatMap((part) =>
  range(18).map((i) => Number((1 - (95 - 5 * i) / 100 / part).toFixed(4))))];
// 1, 2, ... 30, 35, ... 100, 120, ... 200, 250, ... 1000
const TIMES = [...range(30, 1), ...range(14, 7).map((i) => 5 * i),
  ...range(5, 6).map((i) => 20 * i), ...range(16, 5).map((i) => 50 * i)];

const gradients = (kind, seed, n) => {
  const { normal } = generator(seed);
  return range(n, 1).map((i) => MEANS[kind](i) + (SPREAD[kind] && SPREAD[kind] * normal()));
};

// m_1 ... m_n of the gradients g: those that Adam keeps.
const averages = (g, { beta: beta1, beta2 }) => {
  const h = { lr: 0, beta1, beta2, eps: 1e-8 };
  let state = METHODS.Adam.start([0], h, {});
  return g.map((value, i) => {
    ({ state } = METHODS.Adam.step([0], [value], state, i + 1, h, {}));
    return state.m[0];
  });
};

const compute = (state) => {
  const { beta, gradient, seed, t } = state;
  const horizon = HORIZONS.find((n) => n >= t);
  const g = gradients(gradient, seed, horizon);
  const m = averages(g, state);
  return {
    horizon, g, m,
    mean: range(horizon, 1).map(MEANS[gradient]),
    corrected: m.map((value, i) => value / AVERAGE.sum(i + 1, beta)),
    weights: range(t, 1).map((i) => AVERAGE.weight(t - i, beta)),
    rest: beta ** t,
    sum: AVERAGE.sum(t, beta),
  };
};

const drawWeights = (panel, { weights, horizon }, { beta, t }) => panel.draw({
  title: "The weight $(1 − β) β^{t−i}$ of each gradient $g_i$ in the average $m_t$",
  label: `Weights of ${t} gradients, from ${number(weights[0])} for the oldest to `
    + `${number(1 - beta)} for the newest`,
  x: [0, horizon + 0.5], y: [0, 1.1 * (1 - beta)], xlabel: "i",
}, (X, Y) => {
  const wide = Math.max(1, (X(1) - X(0)) * 0.82);
  const bars = weights.map((weight, k) => `M${(X(k + 1) - wide / 2).toFixed(2)} ${Y(0)}`
    + `V${Y(weight).toFixed(2)}h${wide.toFixed(2)}V${Y(0)}z`);
  return [mark("path", { class: "bars", d: bars.join(""), fill: hue("blue") })];
});

const cursor = (X, Y, panel, t) => mark("path", {
  class: "axis", d: `M${X(t)} ${Y(panel.space.y[0])}V${Y(panel.space.y[1])}`,
  "stroke-dasharray": "2 3",
});

const drawStrip = (strip, { weights, rest, sum }) => {
  const parts = weights.length > 60 ? [sum] : weights;
  strip.bar.classList.toggle("fine", parts.length === 1);
  strip.bar.innerHTML = [rest, ...parts]
    .map((part) => `<i style="flex-grow:${1000 * part}"></i>`).join("");
  strip.sum.innerHTML = `<span>${rich("$β^t$")} = <b>${number(rest)}</b> on the zero start</span>`
    + `<span>+ ${rich("$1 − β^t$")} = <b>${number(sum)}</b> on the gradients</span>`
    + "<span>= 1</span>";
};

const drawAverages = (panel, { g, m, mean, corrected, horizon }, { t }) => {
  const [low, high] = [Math.min(0, ...g), Math.max(...g)];
  const pad = 0.06 * (high - low);
  panel.draw({
    title: "The average of the gradients, from a start at zero",
    label: `At step ${t} the average is ${number(m[t - 1])}, `
      + `corrected ${number(corrected[t - 1])}, the mean gradient ${number(mean[t - 1])}`,
    x: [0, horizon + 0.5], y: [low && low - pad, high + pad], xlabel: "step t",
  }, (X, Y) => {
    const points = (values) => values.map((value, i) => [X(i + 1), Y(value)]);
    const stroke = (line, color, rest) =>
      mark("path", { class: "line", d: path(line), style: `stroke: ${hue(color)}`, ...rest });
    const both = (values, color, dash) => [
      stroke(points(values), color, { opacity: 0.25, "stroke-dasharray": dash }),
      stroke(points(values).slice(0, t), color, { "stroke-dasharray": dash }),
    ];
    const dots = (some) => some.map(([x, y]) => `M${x.toFixed(2)} ${y.toFixed(2)}h0`).join("");
    const gray = { class: "line", style: `stroke: ${hue("muted")}; stroke-width: 4` };
    return [
      cursor(X, Y, panel, t),
      stroke(points(mean), "ink", { class: "line thin" }),
      mark("path", { ...gray, d: dots(points(g).slice(t)), opacity: 0.25 }),
      mark("path", { ...gray, d: dots(points(g).slice(0, t)) }),
      ...both(m, "blue", ""), ...both(corrected, "orange", "7 4"),
      symbol("circle", ...points(m)[t - 1], { fill: hue("blue"), class: "m" }),
      symbol("square", ...points(corrected)[t - 1], { fill: hue("orange"), class: "corrected" }),
    ];
  });
};

const LAST = 10_000;
const drawExcess = (panel, { beta, beta2, t }) => {
  const times = range(161).map((i) => LAST ** (i / 160));
  const factors = times.map((time) => AVERAGE.excess(time, beta, beta2));
  panel.draw({
    title: "Adam's step without correction ÷ with it",
    label: `At step ${t} the step without correction is ${number(AVERAGE.excess(t, beta, beta2))} times `
      + "the corrected one",
    x: [1, LAST], y: [Math.min(0.5, ...factors) * 0.8, Math.max(10, ...factors) * 1.2],
    xlabel: "step t",
    log: { x: true, y: true },
  }, (X, Y) => [
    mark("path", { class: "axis", d: `M${X(1)} ${Y(1)}H${X(LAST)}` }),
    cursor(X, Y, panel, t),
    mark("path", {
      class: "line", d: path(times.map((time, i) => [X(time), Y(factors[i])])),
      style: `stroke: ${hue("red")}`,
    }),
    symbol("diamond", X(t), Y(AVERAGE.excess(t, beta, beta2)), { fill: hue("red") }),
  ]);
};

const stripOf = (row) => {
  const strip = { bar: element("div", { class: "live-weights", "aria-hidden": "true" }),
    sum: element("p", { class: "live-sum" }) };
  row.append(strip.bar, strip.sum);
  return strip;
};

const FACTS = {
  g: "gradient $g_t$", mean: "its mean $E[g_t]$", m: "average $m_t$",
  sum: "sum of its weights $1 − β^t$",
  corrected: "corrected, $m_t / (1 − β^t)$", excess: "step without ÷ with correction",
};

const render = ({ model, el }) => {
  const keys = ["t", "beta", "beta2", "gradient", "seed"];
  const fig = figure(model, el, { keys });
  fig.slider("t", { label: "Step $t$", stops: TIMES });
  fig.slider("beta", { label: "Decay rate $β$", stops: BETAS });
  fig.slider("beta2", { label: "$β_2$ of squares", stops: BETAS });
  fig.select("gradient", { label: "Gradient",
    options: { constant: "constant", noisy: "noisy", drifting: "drifting" } });
  const reseed = fig.button("Draw anew", () => {
    fig.set({ seed: (fig.get("seed") + 1) % 2 ** 32 });
    fig.say(`New gradients, from seed ${fig.get("seed")}.`);
  });
  fig.allow("seed", (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32);
  const row = fig.row();
  const weights = fig.panel(row, { height: 140 });
  const strip = stripOf(row);
  const runs = fig.panel(row, { height: 200 });
  fig.legend(row, [
    { text: "gradients", color: "muted", dash: null, marker: "circle" },
    { text: "their mean", color: "ink" },
    { text: "average $m_t$", color: "blue", marker: "circle" },
    { text: "corrected $m̂_t$", color: "orange", dash: "7 4", marker: "square" },
  ]);
  const last = fig.row(2);
  const ratio = fig.panel(last, { height: 190 });
  const facts = fig.facts(last, FACTS);
  return fig.start(() => {
    const state = Object.fromEntries(keys.map((key) => [key, fig.get(key)]));
    const { t, beta, beta2, gradient } = state;
    const values = compute(state);
    reseed.disabled = !SPREAD[gradient];
    drawWeights(weights, values, state);
    drawStrip(strip, values);
    drawAverages(runs, values, state);
    drawExcess(ratio, state);
    facts.show({
      g: values.g[t - 1], mean: values.mean[t - 1], m: values.m[t - 1], sum: values.sum,
      corrected: values.corrected[t - 1], excess: AVERAGE.excess(t, beta, beta2),
    });
    fig.root.gradients = values.g;
  });
};

export default { render };
