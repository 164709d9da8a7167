// uses: optimlib, noise, kit
// The noise floor: many runs on mini-batches, and how far they are spread about the minimum.

const WAYS = { draw: "drawn with replacement", shuffle: "shuffled each epoch" };
const SCHEDULES = { constant: "constant", falling: "falling, c / t" };
const LOWEST = 1e-6;  // what a logarithmic axis shows at least
const total = (values) => values.reduce((sum, value) => sum + value, 0);
const meanSquare = (values) => total(values.map((value) => value * value)) / values.length;

const shuffled = (count, uniform) => {
  const order = range(count);
  for (let k = count - 1; k > 0; k -= 1) {
    const other = Math.floor(uniform() * (k + 1));
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
};

const rateOf = ({ schedule, lr, c }) => (schedule === "falling" ? (t) => c / t : () => lr);

// The weights of all runs at the start and after each step.
const runsOf = (state, { places, runs, steps, start }) => {
  const { way, batch, seed } = state;
  const { uniform } = generator(seed);
  const rate = rateOf(state);
  const orders = range(runs).map(() => []);
  const next = (run) => {
    if (way === "draw") return Math.floor(uniform() * places.length);
    if (!orders[run].length) orders[run] = shuffled(places.length, uniform);
    return orders[run].pop();
  };
  const path = [range(runs).map(() => start)];
  for (let t = 1; t <= steps; t += 1) {
    const before = path.at(-1);
    const slopes = before.map((w, run) => {
      const place = total(range(batch).map(() => places[next(run)])) / batch;
      return NOISE.gradient(w, place, 1);
    });
    path.push(METHODS.SGD.step(before, slopes, {}, t, { lr: rate(t) }, {}).w);
  }
  return path;
};

// The mean square over all runs that there could be.
const predictedOf = (state, { places, steps, start }) => {
  const { way, batch } = state;
  const rate = rateOf(state);
  const found = [start * start];
  let [begun, sums] = [found[0], [0, 0, 1]];
  for (let t = 1; t <= steps; t += 1) {
    if (way === "draw") {
      found.push(NOISE.drawn(found.at(-1), rate(t), 1, 1 / batch));
    } else {
      if ((t - 1) % (places.length / batch) === 0) [begun, sums] = [found.at(-1), [0, 0, 1]];
      sums = NOISE.sums(...sums, rate(t), 1);
      found.push(Math.max(0, NOISE.shuffled(begun, ...sums, 1, places.length, batch)));
    }
  }
  return found;
};

const EDGE = 4.2; // of the frame
const drawCloud = (panel, { path: runs, predicted }, { t }) => {
  const wide = Math.sqrt(predicted[t]);
  const outside = runs[t].filter((w) => Math.abs(w) > EDGE).length;
  panel.draw({
    title: `The ${runs[t].length} runs after step ${t}${outside ? `, ${outside} outside the frame` : ""}`,
    label: `${runs[t].length} runs after step ${t}: the root of their mean square distance from the minimum is `
      + `${number(Math.sqrt(meanSquare(runs[t])), 3)}, predicted ${number(wide, 3)}`,
    x: [-EDGE, EDGE], y: [-1, runs[t].length], xlabel: "weight w", yticks: [],
  }, (X, Y) => {
    const [left, right] = [-wide, wide].map((w) => X(within(w, [-EDGE, EDGE])));
    const [top, bottom] = [Y(runs[t].length), Y(-1)];
    const dots = runs[t].flatMap((w, i) =>
      (Math.abs(w) <= EDGE ? [`M${X(w).toFixed(1)} ${Y(i).toFixed(1)}h0`] : []));
    return [
      mark("rect", { x: left, y: top, width: Math.max(1, right - left), height: bottom - top,
        fill: hue("faint") }),
      mark("path", { class: "axis", d: `M${X(0)} ${top}V${bottom}` }),
      mark("path", { class: "line dots", d: dots.join(""), style: `stroke: ${hue("blue")}` }),
    ];
  });
};

const drawSpread = (panel, { measured, predicted, line }, { t }, last) => {
  const seen = [...measured, ...predicted].map((value) => Math.max(LOWEST, value));
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  panel.draw({
    title: "Mean square distance from the minimum",
    label: `At step ${t} the mean square is ${number(measured[t], 3)} over the runs, `
      + `predicted ${number(predicted[t], 3)}`,
    x: [0, last], y: [Math.min(0.1, low / 1.5), high * 1.5], xlabel: "step t", log: { y: true },
  }, (X, Y) => {
    const points = (values) => values.map((value, i) => [X(i), Y(Math.max(LOWEST, value))]);
    const stroke = (values, color, rest) =>
      mark("path", { class: "line", d: path(values), style: `stroke: ${hue(color)}`, ...rest });
    const edges = `V${Y(panel.space.y[1])}`;
    return [
      line === null ? "" : mark("path", { class: "axis", d: `M${X(0)} ${Y(line)}H${X(last)}` }),
      mark("path", { class: "axis", d: `M${X(t)} ${Y(panel.space.y[0])}${edges}`,
        "stroke-dasharray": "2 3" }),
      stroke(points(measured).slice(0, t + 1), "blue"),
      stroke(points(predicted), "orange", { "stroke-dasharray": "7 4" }),
      symbol("circle", ...points(measured)[t], { fill: hue("blue") }),
    ];
  });
};

const FACTS = {
  epoch: "epochs", measured: "mean square", predicted: "predicted",
  floor: "floor if drawn",
};

const render = ({ model, el }) => {
  const keys = ["t", "lr", "batch", "way", "schedule", "c", "seed"];
  const fig = figure(model, el, { keys });
  const { constants } = fig;
  const { steps, batches, places } = constants;
  fig.root.classList.add("floor");
  fig.player("t", { label: "Step $t$", last: () => steps, rate: 24 });
  fig.select("way", { label: "Examples", options: WAYS });
  fig.allow("batch", (value) => batches.includes(value));
  fig.slider("batch", { label: "Batch size", stops: batches });
  fig.select("schedule", { label: "Rate", options: SCHEDULES });
  const lr = fig.slider("lr", { label: "Learning rate $η$", min: 0.05, max: 1.9, step: 0.05 });
  const c = fig.slider("c", { label: "$c$ of $c / t$", min: 0.1, max: 3, step: 0.1 });
  fig.allow("seed", (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32);
  const row = fig.row();
  const cloud = fig.panel(row, { height: 190 });
  const spread = fig.panel(row, { height: 230 });
  fig.legend(row, [
    { text: "200 runs", color: "blue", marker: "circle" },
    { text: "predicted", color: "orange", dash: "7 4" },
    { text: "floor if drawn with replacement", color: "muted" },
  ]);
  const facts = fig.facts(row, FACTS);
  let [known, values] = ["", null];
  return fig.start(() => {
    const state = Object.fromEntries(keys.map((key) => [key, fig.get(key)]));
    const { t, ...settings } = state;
    const now = JSON.stringify(settings);
    if (known !== now) {
      const runs = runsOf(state, constants);
      const line = state.schedule === "constant" ? NOISE.floor(state.lr, 1, 1, state.batch) : null;
      values = { path: runs, measured: runs.map(meanSquare),
        predicted: predictedOf(state, constants), line };
      known = now;
    }
    lr.disabled = state.schedule === "falling";
    c.disabled = state.schedule === "constant";
    drawCloud(cloud, values, state);
    drawSpread(spread, values, state, steps);
    facts.show({
      epoch: number((t * state.batch) / places.length, 3),
      measured: values.measured[t], predicted: values.predicted[t],
      floor: values.line === null ? "none" : values.line,
    });
    fig.root.runs = values;
  });
};

export default { render };
