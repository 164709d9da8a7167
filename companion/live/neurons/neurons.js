// uses: networks, kit
// A network of eighteen numbers: its drawing, one output over the inputs, all that it can answer.

const CELLS = 48;  // of the map, across and up
const BANDS = 12;  // shades of the map
const PATCH = 16;  // parts of the answers' patch, each way
const WANTED = [0.9, 0.1];  // what the chapter would like to hear
const PLACES = ["upper", "lower"];
const NEURONS = { "1u": "layer 1, upper", "1l": "layer 1, lower", "2u": "layer 2, upper",
  "2l": "layer 2, lower" };

// Each of the numbers in words: the weights of a layer row by row, then its biases.
const NAMES = Object.fromEntries(range(18).map((i) => {
  const [layer, part] = [Math.floor(i / 6), i % 6];
  const neuron = `${layer + 1} ${PLACES[part < 4 ? Math.floor(part / 2) : part - 4]}`;
  if (part > 3) return [i, `${neuron}: bias`];
  const from = layer ? `from ${PLACES[part % 2]}` : `of x${"₁₂"[part % 2]}`;
  return [i, `${neuron}: weight ${from}`];
}));

const ends = (last, [z1, z2]) => {
  if (last === "softmax") return NETWORK.shares(z1, z2);
  return last === "linear" ? [z1, z2] : [NETWORK.sigmoid(z1), NETWORK.sigmoid(z2)];
};
const answer = (w, last, x1, x2) => ends(last, NETWORK.sums(...w, x1, x2).slice(4));
const fixed = (x) => (Math.abs(x) < 99.95 ? x.toFixed(Math.abs(x) < 9.995 ? 2 : 1) : x.toFixed(0))
  .replace("-", "−");
const signed = (x) => `${x < 0 ? "" : "+"}${short(Number(x.toFixed(2)) + 0)}`;
const plain = (x) => short(Number(x.toFixed(2)) + 0);

// What is made of a key is made again where the key has changed.
const keeper = () => {
  let [key, made] = [null, null];
  return (now, make) => {
    if (now !== key) [key, made] = [now, make()];
    return made;
  };
};

// Answers at the centres of the map's cells, row by row from below.
const table = (w, last, reach) => range(CELLS * CELLS).map((i) => {
  const at = (n) => ((2 * n + 1) / CELLS - 1) * reach;
  return answer(w, last, at(i % CELLS), at(Math.floor(i / CELLS)));
});

// All that the network can answer, as quadrilaterals. If the first layer can be inverted, its
// activations can be any two between 0 and 1; else they lie on a line, and inputs far out are tried.
const patch = (w, last) => {
  const free = Math.abs(w[0] * w[3] - w[1] * w[2]) > 1e-9;
  const far = (part) => 4 * Math.tan(1.5 * (2 * part - 1));
  const at = (i, j) => (free
    ? ends(last, NETWORK.late(...w.slice(6), i / PATCH, j / PATCH).slice(2))
    : answer(w, last, far(i / PATCH), far(j / PATCH)));
  const corners = range(PATCH + 1).map((i) => range(PATCH + 1).map((j) => at(i, j)));
  return range(PATCH).flatMap((i) => range(PATCH).map((j) =>
    [corners[i][j], corners[i + 1][j], corners[i + 1][j + 1], corners[i][j + 1]]));
};

// The drawing of the network, as wide as its place.

const HIGH = 192;
const drawingOf = (fig, row) => {
  const holder = element("div", { class: "live-panel neurons-net" });
  holder.innerHTML = `<div class="live-title">The network</div><svg role="img" height="${HIGH}"></svg>`;
  row.append(holder);
  const svg = holder.lastChild;
  const drawing = { svg, width: 0 };
  drawing.measure = () => { drawing.width = svg.clientWidth || drawing.width || 640; };
  fig.panels.push(drawing);
  svg.addEventListener("click", (event) => {
    const { number: chosen, neuron } = event.target.dataset;
    if (chosen) fig.set({ chosen });
    if (neuron) fig.set({ hidden: neuron });
  });
  return drawing;
};

const drawNetwork = (drawing, { w, x, stages, chosen, hidden }) => {
  if (!drawing.width) drawing.measure();
  const [wide, round] = [drawing.width, 22];
  const X = (layer) => 30 + (layer * (wide - 60)) / 3;
  const Y = (place) => 58 + 78 * place;
  const [lines, words] = [[], []];
  const word = (i, x, y, text) => words.push(mark("text", {
    x: x.toFixed(1), y: (y + 4.5).toFixed(1), "text-anchor": "middle", "data-number": i,
    class: `halo number ${String(i) === chosen ? "chosen" : ""} ${i % 6 < 4 ? "weight" : "bias"}`,
  }, text));
  for (let i = 0; i < 18; i += 1) {
    const [layer, part] = [Math.floor(i / 6), i % 6];
    if (part > 3) {
      word(i, X(layer + 1), Y(part - 4) + (part > 4 ? 36 : -36), signed(w[i]));
    } else {
      const [from, to] = [[X(layer), Y(part % 2)], [X(layer + 1), Y(Math.floor(part / 2))]];
      lines.push(mark("path", {
        d: path([from, to]), class: `line ${String(i) === chosen ? "chosen" : "plain"}`,
      }));
      const at = (axis) => from[axis] + 0.35 * (to[axis] - from[axis]);
      word(i, at(0), at(1), plain(w[i]));
    }
  }
  const nodes = [x, ...stages].flatMap((values, layer) => values.map((value, place) => {
    const name = layer && layer < 3 ? `${layer}${"ul"[place]}` : undefined;
    const shape = layer ? { rx: round } : {};
    const box = { x: X(layer) - round, y: Y(place) - round, width: 2 * round, height: 2 * round };
    const known = name ? { "data-neuron": name } : {};
    const looks = { class: `neuron ${name === hidden ? "chosen" : ""}` };
    return mark("rect", { ...box, ...shape, ...looks, ...known })
      + mark("text", { x: X(layer), y: Y(place) + 4.5, "text-anchor": "middle", ...known },
        layer ? fixed(value) : plain(value));
  }));
  drawing.svg.setAttribute("aria-label", `The input ${x.map(plain).join(", ")}; ${stages
    .map((values, i) => `layer ${i + 1} answers ${values.map(fixed).join(", ")}`).join("; ")}`);
  drawing.svg.innerHTML = [...lines, ...nodes, ...words].join("");
};

// The map: one output over all inputs, darker where it is larger.

const bands = (values, X, Y, reach) => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const level = (value) => (high - low < 1e-12 ? 0
    : Math.min(BANDS - 1, Math.floor(((value - low) / (high - low)) * BANDS)));
  const runs = range(BANDS).map(() => []);
  const edge = (n) => ((2 * n) / CELLS - 1) * reach;
  for (let j = 0; j < CELLS; j += 1) {
    for (let i = 0, next; i < CELLS; i = next) {
      const band = level(values[j * CELLS + i]);
      next = i + 1;
      while (next < CELLS && level(values[j * CELLS + next]) === band) next += 1;
      const [left, right] = [X(edge(i)), X(edge(next))];
      runs[band].push(`M${left.toFixed(1)} ${Y(edge(j)).toFixed(1)}H${right.toFixed(1)}`
        + `V${Y(edge(j + 1)).toFixed(1)}H${left.toFixed(1)}z`);
    }
  }
  return runs.map((run, band) => mark("path", {
    d: run.join(""), fill: hue("blue"), "fill-opacity": (0.05 + (0.8 * band) / (BANDS - 1)).toFixed(3),
  })).join("");
};

const drawMap = (panel, kept, key, { values, x, shown, y, reach }) => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  panel.draw({
    title: `The ${shown} output: ${fixed(low)} (light) to ${fixed(high)} (dark)`,
    label: `The ${shown} output over all inputs, from ${fixed(low)} to ${fixed(high)}; at the input `
      + `${x.map(plain).join(", ")} it is ${fixed(y[shown === "first" ? 0 : 1])}`,
    x: [-reach, reach], y: [-reach, reach], xlabel: "x₁", ylabel: "x₂", grid: false,
  }, (X, Y) => [
    kept(`${panel.width};${key}`, () => bands(values, X, Y, reach)),
    symbol("circle", X(x[0]), Y(x[1]), { class: "here", fill: hue("orange") }),
  ]);
};

const drawAnswers = (panel, parts, { y, last }) => {
  const all = [...parts.flat(), y];
  const span = (axis) => {
    if (last !== "linear") return [0, 1];
    const values = all.map((one) => one[axis]);
    return [Math.min(0, Math.floor(Math.min(...values))), Math.max(1, Math.ceil(Math.max(...values)))];
  };
  panel.draw({
    title: "All that it can answer",
    label: `The answer is ${y.map(fixed).join(", ")}`,
    x: span(0), y: span(1), xlabel: "y₁", ylabel: "y₂",
  }, (X, Y) => [
    mark("g", { opacity: 0.35 }, parts.map((part) => mark("path", {
      d: `${path(part.map(([a, b]) => [X(a), Y(b)]))}z`, fill: hue("blue"), stroke: hue("blue"),
      "stroke-width": 1.5, "stroke-linejoin": "round",
    })).join("")),
    symbol("plus", X(WANTED[0]), Y(WANTED[1]), { fill: hue("red") }),
    mark("text", { x: X(WANTED[0]) - 9, y: Y(WANTED[1]) + 4.5, "text-anchor": "end", class: "halo wanted" },
      "wanted"),
    symbol("circle", X(y[0]), Y(y[1]), { class: "here", fill: hue("orange") }),
  ]);
};

// The slider of the chosen number, which is one of a list.
const numberSlider = (fig) => {
  const id = `live-control-${fresh()}`;
  const value = element("span", { class: "live-value" });
  const input = element("input", { type: "range", id, min: -6, max: 6, step: 0.25, "data-key": "w" });
  input.addEventListener("input", () => {
    const chosen = Number(fig.get("chosen"));
    fig.set({ w: fig.get("w").map((old, i) => (i === chosen ? Number(input.value) : old)) });
  });
  fig.controls.append(element("div", { class: "live-control" },
    element("span", {}, labelled("label", "Its value", { for: id }), value), input));
  fig.updates.push(() => {
    const now = fig.get("w")[Number(fig.get("chosen"))];
    input.min = Math.min(-6, Math.floor(now));
    input.max = Math.max(6, Math.ceil(now));
    input.value = now;
    value.textContent = plain(now);
    input.setAttribute("aria-valuetext", plain(now));
  });
};

const movedByPointer = (fig, panel, reach) => {
  panel.svg.parentNode.classList.add("neurons-map");
  const go = (event) => {
    const [x1, x2] = panel.at(event)
      .map((part) => Number(within(part, [-reach, reach]).toFixed(1)) + 0);
    fig.set({ x1, x2 });
  };
  panel.svg.addEventListener("pointerdown", (event) => {
    panel.svg.setPointerCapture(event.pointerId);
    go(event);
  });
  panel.svg.addEventListener("pointermove", (event) => {
    if (panel.svg.hasPointerCapture(event.pointerId)) go(event);
  });
};

const controlsOf = (fig, { deck, largest, reach }) => {
  fig.slider("x1", { label: "Input $x_1$", min: -reach, max: reach, step: 0.1 });
  fig.slider("x2", { label: "Input $x_2$", min: -reach, max: reach, step: 0.1 });
  fig.select("chosen", { label: "Number (layer, neuron)", options: NAMES });
  numberSlider(fig);
  fig.select("hidden", { label: "Neuron", options: NEURONS });
  const change = (w, words) => {
    if (w.some((one) => Math.abs(one) > largest)) return fig.say("The numbers would grow too large.");
    fig.set({ w: w.map((one) => one + 0) });
    return fig.say(words);
  };
  fig.button("Flip it", () => {
    const name = fig.get("hidden");
    change(NETWORK[`flip${name}`](...fig.get("w")), `Flipped: ${NEURONS[name]}.`);
  });
  fig.button("Swap its layer", () => {
    const layer = fig.get("hidden")[0];
    change(NETWORK[`swap${layer}`](...fig.get("w")), `The neurons of layer ${layer} have changed places.`);
  });
  fig.button("Random numbers", () => {
    const { uniform } = generator(Math.floor(performance.now() * 1000));
    change(range(18).map(() => Math.floor(9 * uniform()) - 4), "Eighteen whole numbers from −4 to 4.");
  });
  fig.button("Start again", () => change(deck, "The numbers of the beginning."));
  fig.select("last", { label: "Last layer",
    options: { sigmoid: "sigmoid", softmax: "softmax", linear: "linear" } });
  fig.select("shown", { label: "Map of the", options: { first: "first output", second: "second output" } });
  fig.allow("w", (w) => Array.isArray(w) && w.length === 18
    && w.every((one) => Number.isFinite(one) && Math.abs(one) <= largest));
};

const FACTS = {
  y1: "first output $y_1$", y2: "second output $y_2$", total: "their total",
  changed: "numbers changed, of 18", apart: "largest change of $y$",
};

const render = ({ model, el }) => {
  const keys = ["w", "x1", "x2", "last", "shown", "chosen", "hidden"];
  const fig = figure(model, el, { keys });
  const { deck, reach } = fig.constants;
  fig.root.classList.add("neurons");
  controlsOf(fig, fig.constants);
  const drawing = drawingOf(fig, fig.row());
  const row = fig.row(2);
  const map = fig.panel(row, { height: 300 });
  const square = fig.panel(row, { height: 300 });
  movedByPointer(fig, map, reach);
  const facts = fig.facts(fig.row(), FACTS);
  const [tables, starts, patches, pictures] = [keeper(), keeper(), keeper(), keeper()];
  return fig.start(() => {
    const { w, x1, x2, last, shown, chosen, hidden } =
      Object.fromEntries(keys.map((key) => [key, fig.get(key)]));
    const key = `${last};${w.join()}`;
    const [answers, start] = [tables(key, () => table(w, last, reach)),
      starts(last, () => table(deck, last, reach))];
    const sums = NETWORK.sums(...w, x1, x2);
    const hiddens = [sums.slice(0, 2), sums.slice(2, 4)].map((z) => z.map(NETWORK.sigmoid));
    const y = ends(last, sums.slice(4));
    drawNetwork(drawing, { w, x: [x1, x2], stages: [...hiddens, y], chosen, hidden });
    const values = answers.map((one) => one[shown === "first" ? 0 : 1]);
    drawMap(map, pictures, `${shown};${key}`, { values, x: [x1, x2], shown, y, reach });
    drawAnswers(square, patches(key, () => patch(w, last)), { y, last });
    const changed = w.filter((one, i) => one !== deck[i]).length;
    const apart = Math.max(...answers.map((one, i) =>
      Math.max(Math.abs(one[0] - start[i][0]), Math.abs(one[1] - start[i][1]))));
    facts.show({ y1: y[0], y2: y[1], total: y[0] + y[1], changed: String(changed),
      apart: apart < 1e-12 ? "none" : apart });
    fig.tell(changed && apart < 1e-12 ? ["The numbers have changed, and the function has not."] : []);
    fig.root.answers = answers;
  });
};

export default { render };
