// uses: optimlib, toy, kit
// AdaGrad's accumulator: two weights, whose gradients the reader continues; the sum of squares, the
// rate, the step.

const SLIDES = [
  [0.1, 20],
  [0.2, 10],
];
const SCALES = [0.001, 0.01, 0.1, 1, 10, 100, 1000];
const LOOKS = [
  { color: "blue", name: "first" },
  { color: "orange", name: "second" },
];

// g, v, rate and step of both weights after each step, with the learning rate 1.
const accumulated = (gradients, scaled) => {
  const h = { ...METHODS.Adagrad.hypers, lr: 1 };
  let state = METHODS.Adagrad.start([0, 0], h, {});
  return gradients.map(([first, second], i) => {
    const g = [first, second * scaled];
    const next = METHODS.Adagrad.step([0, 0], g, state, i + 1, h, {});
    state = next.state;
    return {
      g,
      v: state.v,
      rate: state.v.map((v) => RATES.Adagrad(h, i + 1, { v })),
      step: next.w.map((w) => 0 - w),
    };
  });
};

const ROWS = {
  g: ["gradient $g_t$", ({ g }) => g],
  square: ["its square $g_t^2$", ({ g }) => g.map((x) => x * x)],
  v: ["accumulator $v_t$", ({ v }) => v],
  root: ["its root $√v_t$", ({ v }) => v.map(Math.sqrt)],
  rate: ["effective rate, in $η$", ({ rate }) => rate],
  step: ["step $w_{t−1} − w_t$, in $η$", ({ step }) => step],
};

const swatch = (fill, { color }) =>
  `<svg width="12" height="12" aria-hidden="true">${mark("rect", {
    width: 12,
    height: 12,
    fill,
    stroke: hue(color),
  })}</svg>`;

const tableOf = (row, fills) => {
  const heads = ["first weight", "second weight"].map((text, k) => {
    const head = element("th", { scope: "col" });
    head.innerHTML = swatch(fills[k], LOOKS[k]) + text;
    return head;
  });
  const corner = element("td");
  const table = element(
    "table",
    { class: "live-table" },
    element("thead", {}, element("tr", {}, corner, ...heads)),
  );
  const cells = Object.fromEntries(
    Object.entries(ROWS).map(([name, [label]]) => {
      const both = LOOKS.map((_, k) => element("td", { "data-fact": `${name}-${k + 1}` }));
      table.append(element("tr", {}, labelled("th", label, { scope: "row" }), ...both));
      return [name, both];
    }),
  );
  row.append(table);
  return (values, t) => {
    corner.innerHTML = rich(`after step ${t}`);
    for (const [name, [, part]] of Object.entries(ROWS)) {
      part(values).forEach((value, k) => {
        cells[name][k].textContent = number(value);
        cells[name][k].dataset.value = value;
      });
    }
  };
};

// The shares that the squares have in a weight's accumulator; the newest one's root is the step.
const shareOf = (row, k) => {
  const bar = element("div", { class: `live-shares ${LOOKS[k].name}`, "aria-hidden": "true" });
  const sum = element("p", { class: "live-newest" });
  const title = `The ${LOOKS[k].name} weight's $v_t$`;
  row.append(element("div", {}, labelled("div", title, { class: "live-title" }), bar, sum));
  return (run) => {
    const squares = run.map(({ g }) => g[k] * g[k]);
    const { v, step } = run.at(-1);
    bar.innerHTML = squares
      .map((square) => `<i style="flex-grow:${(1000 * square) / (v[k] || 1)}"></i>`)
      .join("");
    const share = v[k] ? squares.at(-1) / v[k] : 0;
    sum.innerHTML =
      rich(
        `Of the sum ${number(v[k], 3)}, the newest square is ${number(100 * share, 3)} %. ` +
          `Root of this share: ${number(Math.sqrt(share), 3)}; step: `,
      ) + `<b>${number(step[k], 3)} ${rich("$η$")}</b>`;
  };
};

const pairText = (pair) => pair.map((value) => number(value, 3)).join(" and ");

const drawBars = (panel, run, part, { t, title, fills }) => {
  const pairs = run.map((values) => values[part]);
  const [low, high] = [Math.min(0, ...pairs.flat()), Math.max(0, ...pairs.flat())];
  const pad = 0.12 * (high - low || 1);
  const count = Math.max(4, run.length);
  panel.draw(
    {
      title,
      x: [0.4, count + 0.6],
      y: [low && low - pad, high && high + pad],
      xticks: range(count, 1),
      xlabel: "step t",
      label: `${title}: ${pairs.map((pair, i) => `step ${i + 1}: ${pairText(pair)}`).join("; ")}`,
    },
    (X, Y) => {
      const wide = Math.min(36, (X(2) - X(1)) * 0.4);
      const bars = pairs.flatMap((pair, i) =>
        pair.map((value, k) => {
          const [top, bottom] = [Math.min(Y(value), Y(0)), Math.max(Y(value), Y(0))];
          return mark("rect", {
            class: part,
            x: X(i + 1) + (k - 1) * wide,
            y: top,
            width: wide - 2,
            height: Math.max(1, bottom - top),
            fill: fills[k],
            stroke: hue(LOOKS[k].color),
            opacity: i < t ? 1 : 0.35,
          });
        }),
      );
      const frame = mark("rect", {
        x: X(t) - wide - 3,
        y: Y(panel.space.y[1]),
        width: 2 * wide + 4,
        height: Y(panel.space.y[0]) - Y(panel.space.y[1]),
        fill: hue("faint"),
        opacity: 0.5,
      });
      const texts =
        count > 4
          ? []
          : pairs.flatMap((pair, i) =>
              pair.map((value, k) =>
                mark(
                  "text",
                  {
                    class: "halo",
                    "text-anchor": "middle",
                    x: X(i + 1) + (k - 0.5) * wide - 1,
                    y: Math.min(Y(value), Y(0)) - 5,
                  },
                  short(Number(value.toPrecision(2))),
                ),
              ),
            );
      return [
        frame,
        ...bars,
        ...texts,
        mark("path", { class: "axis", d: `M${X(0.4)} ${Y(0)}H${X(count + 0.6)}` }),
      ];
    },
  );
};

// The pattern of the second weight's bars, beside their colour.
const stripes = (id) => `<svg width="0" height="0" aria-hidden="true" style="position: absolute">
  <defs><pattern id="${id}" width="5" height="5" patternUnits="userSpaceOnUse"
    patternTransform="rotate(45)"><rect width="5" height="5" style="fill: var(--live-paper)"/>
    <rect width="2.5" height="5" style="fill: var(--live-orange)"/></pattern></defs></svg>`;

// Two inputs for the next pair of gradients, and what can be done with them.
const formOf = (fig, { add, undo, reset }) => {
  const inputs = LOOKS.map(({ name }, k) => {
    const id = `live-control-${fresh()}`;
    const input = element("input", {
      type: "number",
      id,
      step: "any",
      value: SLIDES[0][k],
      "data-next": k + 1,
      min: -fig.constants.largest,
      max: fig.constants.largest,
      required: "",
    });
    const label = labelled("label", `Next, ${name} weight`, { for: id });
    return [input, element("div", { class: "live-control" }, element("span", {}, label), input)];
  });
  const form = element(
    "form",
    {
      class: "live-add",
      novalidate: "",
      onsubmit: (event) => {
        event.preventDefault();
        add(inputs.map(([input]) => input.value));
      },
    },
    ...inputs.map(([, control]) => control),
  );
  const box = element(
    "div",
    { class: "live-buttons" },
    element("button", { type: "submit" }, "Add gradients"),
  );
  const back = fig.button("Undo", undo, { into: box });
  fig.button("Reset", reset, { into: box });
  form.append(box);
  fig.controls.append(form);
  return { add: box.firstChild, undo: back };
};

// A button that can't be used now; the focus that it had goes to the other one.
const disable = (button, other) => {
  other.disabled = false;
  if (button.matches(":focus")) other.focus();
  button.disabled = true;
};

const paired = (value, most, largest) =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= most &&
  value.every(
    (pair) =>
      Array.isArray(pair) &&
      pair.length === 2 &&
      pair.every((g) => typeof g === "number" && Math.abs(g) <= largest),
  );

const render = ({ model, el }) => {
  const keys = ["gradients", "scale", "t"];
  const fig = figure(model, el, { keys });
  const { most, largest } = fig.constants;
  const last = () => fig.get("gradients").length;
  fig.root.classList.add("accumulator");
  const pattern = `accumulator-stripes-${fresh()}`;
  fig.root.insertAdjacentHTML("afterbegin", stripes(pattern));
  const fills = [hue(LOOKS[0].color), `url(#${pattern})`];
  const { add, undo } = formOf(fig, {
    add: (texts) => {
      const pair = texts.map((text) => (text.trim() === "" ? NaN : Number(text)));
      const wrong = texts.find((_, k) => !(Math.abs(pair[k]) <= largest));
      if (wrong !== undefined)
        return fig.say(
          `A gradient is "${wrong}"; allowed: a number from −${largest} to ${largest}.`,
        );
      fig.set({ gradients: [...fig.get("gradients"), pair], t: last() + 1 });
      return fig.say(
        `Step ${last()} added: gradients ${pair.map((g) => number(g, 3)).join(" and ")}.`,
      );
    },
    undo: () => {
      fig.set({ gradients: fig.get("gradients").slice(0, -1), t: last() - 1 });
      fig.say(`Back at step ${last()}.`);
    },
    reset: () => {
      fig.set({ gradients: SLIDES, scale: 1, t: SLIDES.length });
      fig.say("Back at the slides' gradients.");
    },
  });
  fig.allow("t", (value) => Number.isInteger(value) && value >= 1 && value <= most);
  fig.slider("t", {
    label: "Step $t$",
    min: 1,
    max: last,
    show: (value) => String(Math.min(value, last())),
  });
  fig.slider("scale", {
    label: "Second weight's gradients",
    stops: SCALES,
    show: (value) => `× ${short(value)}`,
  });
  fig.allow("gradients", (value) => paired(value, most, largest));
  const show = tableOf(fig.row(), fills);
  const shares = fig.row(2);
  const strips = LOOKS.map((_, k) => shareOf(shares, k));
  const row = fig.row(2);
  const [left, right] = [fig.panel(row, { height: 190 }), fig.panel(row, { height: 190 })];
  return fig.start(() => {
    const run = accumulated(fig.get("gradients"), fig.get("scale"));
    const t = Math.min(fig.get("t"), run.length);
    if (run.length >= most) disable(add, undo);
    else if (run.length < 2) disable(undo, add);
    else add.disabled = undo.disabled = false;
    show(run[t - 1], t);
    for (const strip of strips) strip(run.slice(0, t));
    drawBars(left, run, "g", { t, title: "Gradients", fills });
    const title = "Steps, in $η$: subtracted from the weight";
    drawBars(right, run, "step", { t, title, fills });
  });
};

export default { render };
