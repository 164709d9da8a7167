// uses: optimlib, toy, kit, descent
// Sparse features: six methods on the toy set, one example a step; their weights, and the rate
// that each weight gets.

const FACTORS = [0.1, 0.2, 0.5, 1, 2, 5];
const BEFORE = 30; // examples shown before and after the step's

// A method's weights and effective rates after 0, 1, ... steps.
const walked = (name, lr, start, examples) => {
  const method = METHODS[name];
  const h = { ...method.hypers, lr };
  const [weights, rates] = [[start], [start.map(() => NaN)]];
  let [w, memory] = [start, method.start(start, h, {})];
  examples.forEach(([x, y], i) => {
    ({ w, state: memory } = method.step(w, EXAMPLE.gradient(...w, x, y), memory, i + 1, h, {}));
    const own = (k) => Object.fromEntries(method.state.map((kept) => [kept, memory[kept][k]]));
    weights.push(w);
    rates.push(w.map((_, k) => RATES[name](h, i + 1, own(k))));
  });
  return { weights, rates };
};

const costOf = (points, [w, b]) => {
  let [sum, all] = [0, 0];
  for (const [x, y, count] of points) {
    sum += count * EXAMPLE.cost(w, b, x, y);
    all += count;
  }
  return sum / all;
};

// The least and the largest rate of weights that had a gradient, with some room.
const spanOf = (runs, first) => {
  const all = Object.values(runs).flatMap(({ rates }) =>
    rates.slice(1).flatMap(([w, b], i) => (i + 1 < first ? [b] : [w, b])),
  );
  return [Math.min(...all) / 2, Math.max(...all) * 2];
};

// The runs of a start and a factor; the last ones are kept.
const runsOf = (data, lrs) => {
  const examples = data.order.map((i) => data.points[i]);
  const first = 1 + examples.findIndex(([x]) => x); // before this step w has had no gradient
  let [known, found] = ["", null];
  return ({ start, factor }) => {
    const key = `${start};${factor}`;
    if (key === known) return found;
    const place = data.starts[start - 1];
    const runs = Object.fromEntries(
      [...lrs].map(([name, lr]) => [name, walked(name, factor * lr, place, examples)]),
    );
    [known, found] = [
      key,
      { key, examples, first, runs, span: spanOf(runs, first), window: data.windows[start - 1] },
    ];
    return found;
  };
};

const drawExamples = (panel, examples, t) => {
  const first = Math.max(1, Math.min(t - BEFORE, examples.length - 2 * BEFORE));
  const shown = range(2 * BEFORE + 1, first).filter((i) => i <= examples.length);
  panel.draw(
    {
      title: "The examples, one a step: $x$ is 0 in four of five",
      label: `The x of the examples ${first} to ${shown.at(-1)}; that of step ${t} is marked`,
      x: [first - 1, first + 2 * BEFORE + 1],
      y: [-1, 1],
      yticks: [-1, 0, 1],
      xlabel: "step",
      ylabel: "x",
    },
    (X, Y) => [
      t
        ? mark("path", {
            d: `M${X(t)} ${Y(-1)}V${Y(1)}`,
            stroke: hue("orange"),
            "stroke-width": 11,
            opacity: 0.3,
          })
        : "",
      ...shown.map((i) => {
        const [x] = examples[i - 1];
        const look = { fill: hue(x ? "blue" : "muted"), opacity: i > t ? 0.3 : 1 };
        const high = Math.max(2, Math.abs(Y(x) - Y(0)));
        return mark("rect", {
          x: X(i) - 2,
          y: x ? Math.min(Y(x), Y(0)) : Y(0) - 1,
          width: 4,
          height: x ? high : 2,
          ...look,
        });
      }),
    ],
  );
};

const pairText = ([w, b]) => `w ${number(w, 3)}, b ${number(b, 3)}`;

// What a panel keeps from draw to draw, made again where what it comes from has changed.
const kept = (panel, of, make) => {
  const key = [panel.width, ...of].join(";");
  if (panel.kept?.key !== key) panel.kept = { key, made: make() };
  return panel.kept.made;
};

// A line's points as text; joined, any run of them is a path's d.
const textOf = (points) => points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`);
const joined = (texts) => (texts.length ? `M${texts.join("L")}` : "");

const drawPlane = (panel, data, looks, { key, runs, window: [x, y] }, { t, method }) => {
  panel.draw(
    {
      title: "The weights, and level lines of the cost",
      x,
      y,
      xlabel: "w",
      ylabel: "b",
      grid: false,
      label: `Six paths to step ${t}: ${Object.entries(runs)
        .map(([name, { weights }]) => `${looks[name].title} ${pairText(weights[t])}`)
        .join("; ")}`,
    },
    (X, Y) => {
      const at = ([w, b]) => [X(w), Y(b)];
      const { levels, lines } = kept(panel, [key], () => ({
        levels: data.levels.map((line) => path(line.map(at))).join(""),
        lines: Object.fromEntries(
          Object.entries(runs).map(([name, { weights }]) => [name, textOf(weights.map(at))]),
        ),
      }));
      const paths = Object.entries(runs).flatMap(([name, { weights }]) => {
        const { color, dash, marker } = looks[name];
        const chosen = name === method;
        return [
          mark("path", {
            class: "line",
            d: joined(lines[name].slice(0, t + 1)),
            "stroke-dasharray": dash,
            style: `stroke: ${hue(color)}; stroke-width: ${chosen ? 3 : 1.6}`,
            opacity: chosen ? 1 : 0.75,
          }),
          symbol(marker, ...at(weights[t]), {
            fill: hue(color),
            stroke: hue("paper"),
            class: "weights",
            "data-name": name,
          }),
        ];
      });
      const [goalX, goalY] = at(data.goal);
      return [
        clipped(panel, [mark("path", { class: "grid", d: levels }), ...paths]),
        mark("path", {
          class: "axis",
          d: `M${goalX - 5} ${goalY - 5}l10 10m0 -10l-10 10`,
          style: `stroke: ${hue("ink")}`,
        }),
      ];
    },
  );
};

// A method's rates on its row: that of b hollow, that of w filled, or in words where it never had
// a gradient.
const rateMarks = (X, y, [w, b], { color, marker }, high, never) => {
  const [hollow, filled] = [
    { fill: "none", stroke: hue(color), class: "b" },
    { fill: hue(color), class: "w" },
  ];
  const at = (rate, size) => `translate(${X(rate).toFixed(2)} ${y.toFixed(2)}) scale(${size})`;
  const marks = [symbol(marker, 0, 0, { ...hollow, transform: at(b, 1.7) })];
  if (never && w !== b) {
    const text = `w: ${number(w, 2)}, no gradient yet`;
    return [
      ...marks,
      mark("text", { x: X(high), y: y - 15, "text-anchor": "end", class: "muted" }, text),
    ];
  }
  const line = mark("path", {
    class: "line",
    d: `M${X(b)} ${y}H${X(w)}`,
    style: `stroke: ${hue(color)}`,
  });
  return [line, ...marks, symbol(marker, 0, 0, { ...filled, transform: at(w, 1) })];
};

const drawRates = (panel, looks, { runs, span, first }, { t, method }) => {
  const names = Object.keys(runs);
  panel.draw(
    {
      title: "Effective rates: $w$ filled, $b$ hollow",
      x: span,
      y: [names.length, 0],
      yticks: [],
      log: { x: true },
      xlabel: "what a gradient is multiplied by",
      label: t
        ? `Effective rates at step ${t}: ${names
            .map((name) => `${looks[name].title} ${pairText(runs[name].rates[t])}`)
            .join("; ")}`
        : "No effective rates yet: step 0",
    },
    (X, Y) =>
      names.flatMap((name, row) => {
        const y = Y(row + 0.68);
        const bold = name === method ? 650 : 400;
        return [
          mark("path", { class: "grid", d: `M${X(span[0])} ${y}H${X(span[1])}` }),
          mark("text", { x: X(span[0]), y: Y(row + 0.34), "font-weight": bold }, looks[name].title),
          ...(t ? rateMarks(X, y, runs[name].rates[t], looks[name], span[1], t < first) : []),
        ];
      }),
  );
};

// One method's rates, step by step.
const drawSeries = (panel, looks, { key, runs, first, examples }, { t, method }) => {
  const { rates } = runs[method];
  const values = rates.slice(1).flatMap((pair, i) => (i + 1 < first ? [pair[1]] : pair));
  panel.draw(
    {
      title: `Step by step: the rates of ${looks[method].title}`,
      label: `Rates of ${looks[method].title}; short bars mark the steps whose feature is on`,
      x: [0, examples.length],
      y: [Math.min(...values) / 2, Math.max(...values) * 1.6],
      log: { y: true },
      xlabel: "step",
    },
    (X, Y) => {
      const lines = kept(panel, [key, method], () =>
        [0, 1].map((k) => textOf(rates.map((pair, i) => [X(i), Y(pair[k])]))),
      );
      const style = `stroke: ${hue(looks[method].color)}`;
      const both = [
        [0, ""],
        [1, "5 4"],
      ].flatMap(([k, dash]) => {
        const from = k ? 1 : first;
        return [
          [rates.length, 0.3],
          [Math.max(t, from - 1), 1],
        ].map(([to, opacity]) =>
          mark("path", {
            class: "line",
            d: joined(lines[k].slice(from, to + 1)),
            style,
            opacity,
            "stroke-dasharray": dash,
          }),
        );
      });
      const floor = Y(panel.space.y[0]);
      const rug = examples.map(([x], i) => (x ? `M${X(i + 1).toFixed(1)} ${floor}v-9` : ""));
      const now = rates[Math.max(1, t)];
      return [
        mark("path", { d: rug.slice(t).join(""), stroke: hue("blue"), opacity: 0.3 }),
        mark("path", { d: rug.slice(0, t).join(""), stroke: hue("blue") }),
        mark("path", {
          class: "axis",
          d: `M${X(t)} ${floor}V${Y(panel.space.y[1])}`,
          "stroke-dasharray": "2 3",
        }),
        ...both,
        ...["w", "b"].flatMap((name, k) =>
          t < (k ? 1 : first) || (k && now[0] === now[1])
            ? []
            : [
                mark(
                  "text",
                  { x: X(t) + 6, y: Y(now[k]) - 7, class: "halo" },
                  now[0] === now[1] ? "w and b" : name,
                ),
              ],
        ),
      ];
    },
  );
};

const COLUMNS = { w: "$w$", b: "$b$", rateW: "rate of $w$", rateB: "rate of $b$", cost: "cost" };

// A row for each method, which is also the legend: how it is drawn stands before its name.
const tableOf = (row, looks) => {
  const table = element("table", { class: "live-table runs" });
  const head = element(
    "tr",
    {},
    labelled("th", "method", { scope: "col" }),
    ...Object.values(COLUMNS).map((text) => labelled("th", text, { scope: "col" })),
  );
  table.append(element("thead", {}, head));
  const rows = Object.fromEntries(
    Object.entries(looks).map(([name, { title, color, dash, marker }]) => {
      const swatch = `<svg width="28" height="16" aria-hidden="true">${mark("path", {
        d: "M1 8H27",
        class: "line",
        style: `stroke: ${hue(color)}`,
        "stroke-dasharray": dash,
      })}${symbol(marker, 14, 8, { fill: hue(color) })}</svg>`;
      const label = element("th", { scope: "row" });
      label.innerHTML = swatch + escaped(title);
      const cells = Object.fromEntries(
        Object.keys(COLUMNS).map((key) => [key, element("td", { "data-fact": `${name}-${key}` })]),
      );
      const line = element("tr", {}, label, ...Object.values(cells));
      table.append(line);
      return [name, { line, cells }];
    }),
  );
  row.append(table);
  return (name, values, chosen) => {
    rows[name].line.classList.toggle("chosen", chosen);
    for (const [key, value] of Object.entries(values)) {
      rows[name].cells[key].textContent = Number.isNaN(value)
        ? "–"
        : number(value, key === "cost" ? 2 : 3);
      rows[name].cells[key].dataset.value = value;
    }
  };
};

const told = ([x, y] = [], t) => {
  if (!t) return "Step 0: no example yet. Play, or step forward.";
  const shown = `Step ${t}: $x$ = ${number(x, 3)}, target ${number(y, 3)}.`;
  return x
    ? `${shown} The feature is on: $w$ and $b$ get a gradient.`
    : `${shown} The feature is off: only $b$ gets a gradient.`;
};

const render = ({ model, el }) => {
  const keys = ["t", "method", "factor", "start"];
  const fig = figure(model, el, { keys });
  const data = fig.constants;
  const lrs = new Map(data.rates);
  const names = [...lrs.keys()];
  const looks = Object.fromEntries(names.map((name) => [name, data.looks[name]]));
  fig.root.classList.add("sparse");
  const compute = runsOf(data, lrs);
  fig.player("t", { label: "Step", last: () => data.order.length, rate: 15 });
  fig.select("method", {
    label: "Look closely at",
    options: Object.fromEntries(names.map((name) => [name, looks[name].title])),
  });
  fig.slider("factor", {
    label: "Learning rates",
    stops: FACTORS,
    show: (value) => `× ${short(value)}`,
  });
  fig.slider("start", {
    label: "Start",
    min: 1,
    max: data.starts.length,
    show: (value) => `${value} of ${data.starts.length}`,
  });
  const row = fig.row();
  const example = element("p", { class: "live-example" });
  row.append(example);
  const strip = fig.panel(row, { height: 128 });
  const both = fig.row(2);
  const plane = fig.panel(both, { height: 300 });
  const scaled = fig.panel(both, { height: 300 });
  const last = fig.row();
  const series = fig.panel(last, { height: 170 });
  const show = tableOf(last, looks);
  return fig.start(() => {
    const state = Object.fromEntries(keys.map((key) => [key, fig.get(key)]));
    const { t, method } = state;
    const found = compute(state);
    const { runs, examples } = found;
    example.innerHTML = rich(told(examples[t - 1], t));
    drawExamples(strip, examples, t);
    drawPlane(plane, data, looks, found, state);
    drawRates(scaled, looks, found, state);
    drawSeries(series, looks, found, state);
    for (const name of names) {
      const [[w, b], [rateW, rateB]] = [runs[name].weights[t], runs[name].rates[t]];
      show(name, { w, b, rateW, rateB, cost: costOf(data.points, [w, b]) }, name === method);
    }
  });
};

export default { render };
