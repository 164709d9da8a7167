// uses: backward, kit
// Backpropagation: the course's network, three steps forward and three back, with every number.

const NAMES = ["input", "layer 1", "layer 2", "layer 3"];
const WHICH = ["upper", "lower"];
const pairs = (flat) => range(flat.length / 2).map((l) => flat.slice(2 * l, 2 * l + 2));

// The activations, the input first, and the signals of the layers 1 to 3, with null for the input.
const passed = ({ x1, x2, cost }) => ({
  a: [[x1, x2], ...pairs(BACKWARD.forward(x1, x2))],
  signals: [null, ...pairs(BACKWARD[cost === "squared" ? "squared" : "entropy"](x1, x2))],
});

const fixed = (x, digits) => {
  const text = x.toFixed(digits).replace("-", "−");
  const lost = x !== 0 && Number(x.toFixed(digits)) === 0;
  return lost ? number(x, 2).replace(" × 10", "·10") : text;
};
const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text);

const forwardText = (l, { a }, { W, b }) => {
  const terms = W[0].map((w, j) => `${bracketed(short(w))} · ${bracketed(fixed(a[l - 1][j], 3))}`);
  const bias = b[0] ? ` + ${bracketed(short(b[0]))}` : "";
  return `Forward into layer ${l}. Upper neuron: $σ$(${terms.join(" + ")}${bias}) = `
    + `${fixed(a[l][0], 3)}.`;
};

// An activation in as many digits as it takes to tell it from 0 and 1.
const apart = (a) => (a < 0.1 ? number(a, 3) : fixed(a, a > 0.99999 ? 10 : a > 0.99 ? 6 : 3));
const slopeText = (a) => `${apart(a)} · (1 − ${apart(a)})`;

const backText = (l, { a, signals }, constants, cost) => {
  const own = fixed(signals[l][0], 4);
  if (l === 3) {
    const error = `${fixed(a[3][0], 3)} − ${constants.target[0]}`;
    const slope = cost === "squared" ? `(${error}) · ${slopeText(a[3][0])}` : error;
    return `The signal of layer 3. Upper neuron: ${slope} = ${own}.`;
  }
  const terms = constants.layers[l].W
    .map((row, i) => `${bracketed(short(row[0]))} · ${bracketed(fixed(signals[l + 1][i], 4))}`);
  return `Back into layer ${l}. Upper neuron: (${terms.join(" + ")}) · ${slopeText(a[l][0])} = ${own}.`;
};

const wordsOf = (t, values, constants, cost) => {
  if (t === 0) return "The input is in place. Take a step forward.";
  return t <= 3 ? forwardText(t, values, constants.layers[t - 1])
    : backText(7 - t, values, constants, cost);
};

const drawNetwork = (panel, { a, signals }, { t }, { layers }) => {
  const [seen, back] = [Math.min(t, 3), 7 - t];
  const height = (i) => 1 - i;
  const said = range(seen + 1)
    .map((l) => `${NAMES[l]}: ${a[l].map((x) => fixed(x, 3)).join(" and ")}`);
  const returned = range(3, 1).filter((l) => t > 3 && l >= back)
    .map((l) => `signals of ${NAMES[l]}: ${signals[l].map((x) => fixed(x, 4)).join(" and ")}`);
  panel.draw({
    title: "Activations above, signals $δ$ below",
    label: [...said, ...returned].join("; "), grid: false,
    x: [-0.25, 3.25], y: [-0.32, 1.5], xticks: [], yticks: [],
  }, (X, Y) => {
    const text = (x, y, words, color, rest = {}) => mark("text", {
      x: X(x), y: Y(y) + 5, "text-anchor": "middle", class: "halo",
      style: `fill: ${hue(color)}`, ...rest,
    }, words);
    const each = (draw) => layers.flatMap(({ W }, l) =>
      W.flatMap((row, i) => row.map((w, j) => draw(w, l, i, j))));
    const lines = each((w, l, i, j) => {
      const [forth, returns] = [t <= 3 && t === l + 1, t > 4 && back === l];
      const color = forth ? "blue" : returns ? "orange" : "faint";
      return mark("path", {
        class: "line", d: path([[X(l), Y(height(j))], [X(l + 1), Y(height(i))]]),
        style: `stroke: ${hue(color)}`, "stroke-dasharray": returns ? "7 4" : "",
      });
    });
    const weights = each((w, l, i, j) =>
      text(l + 0.36, height(j) + 0.36 * (height(i) - height(j)), short(w), "ink"));
    const nodes = range(4).flatMap((l) => WHICH.flatMap((name, i) => [
      symbol("circle", X(l), Y(height(i)), { fill: hue("blue") }),
      l <= seen ? text(l, height(i) + 0.17, l ? fixed(a[l][i], 3) : short(a[l][i]), "blue",
        { "data-activation": `${l}-${i + 1}`, "data-value": a[l][i] }) : "",
      t > 3 && l >= back ? text(l, height(i) - 0.17, fixed(signals[l][i], 4), "orange",
        { "data-signal": `${l}-${i + 1}`, "data-value": signals[l][i] }) : "",
    ]));
    return [...lines, ...weights, ...nodes, ...NAMES.map((name, l) => text(l, 1.44, name, "muted"))];
  });
};

const FACTS = {
  answer: "answer", weaker: "signals, layer 3 ÷ layer 1",
};

const render = ({ model, el }) => {
  const keys = ["t", "x1", "x2", "cost"];
  const fig = figure(model, el, { keys });
  const { constants } = fig;
  fig.root.classList.add("backprop");
  fig.player("t", { label: "Step", last: () => constants.steps, rate: 1 });
  for (const [k, key] of ["x1", "x2"].entries()) {
    fig.slider(key, { label: `Input $x_${k + 1}$`, min: -6, max: 6, step: 0.5 });
  }
  fig.select("cost", { label: "Cost",
    options: { squared: "half the squared distance", "cross-entropy": "cross-entropy" } });
  const panel = fig.panel(fig.row(), { height: 320 });
  const words = element("p", { class: "live-how" });
  const row = fig.row();
  row.append(words);
  const facts = fig.facts(row, FACTS);
  return fig.start(() => {
    const state = Object.fromEntries(keys.map((key) => [key, fig.get(key)]));
    const values = passed(state);
    drawNetwork(panel, values, state, constants);
    words.innerHTML = rich(wordsOf(state.t, values, constants, state.cost));
    const ratio = Math.hypot(...values.signals[3]) / Math.hypot(...values.signals[1]);
    facts.show({
      answer: state.t < 3 ? "–" : values.a[3].map((x) => fixed(x, 3)).join(" and "),
      weaker: state.t < constants.steps ? "–" : ratio,
    });
  });
};

export default { render };
