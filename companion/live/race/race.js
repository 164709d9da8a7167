// uses: optimlib, kit
// The race: several methods from one start. The picture first, the player below, then what chooses among them.

const SETTINGS = {
  momentum: { label: "Momentum $μ$", stops: [0, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99] },
  beta: { label: "$β$ of RMSProp", stops: [0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999] },
  beta1: { label: "Adam’s $β_1$", stops: [0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99] },
  beta2: { label: "Adam’s $β_2$", stops: [0, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999] },
  eps: { label: "Guard $ε$", stops: [1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 0.1, 1] },
};
const LENGTHS = [50, 100, 150, 200, 300, 400, 500];
const SCALES = [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1,
  1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 7, 10, 20, 50, 100];

// Something that opens over the figure, so that the figure keeps its height.
const drawerOf = (into, text, ...inside) => {
  const summary = element("summary", {}, text);
  const box = element("div", { class: "race-drawer" }, ...inside);
  const drawer = element("details", { class: "race-more" }, summary, box);
  // A press outside closes it once it is over: the page may become shorter, and what is pressed would move away.
  const outside = (event) => { if (!drawer.contains(event.target)) close(); };
  const close = () => {
    drawer.open = false;
    for (const over of ["click", "keyup"]) document.removeEventListener(over, outside);
  };
  // "click" comes as it opens; "toggle" later, but also where the page's search opens it.
  for (const opening of ["click", "toggle"]) {
    drawer.addEventListener(opening, () => {
      for (const over of ["click", "keyup"]) document.addEventListener(over, outside);
    });
  }
  drawer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    summary.focus();
  });
  into.append(drawer);
};

const methodsOf = (fig, looks, first) => {
  const row = element("div", { class: "race-methods", role: "group", "aria-label": "Methods" });
  const rest = element("div");
  const inputs = [];
  const choose = () => {
    fig.set({ methods: inputs.filter((one) => one.checked).map((one) => one.dataset.method) });
  };
  for (const [name, look] of Object.entries(looks)) {
    const input = element("input", { type: "checkbox", "data-method": name, onchange: choose });
    const label = element("label", { class: "live-check" }, input);
    label.insertAdjacentHTML("beforeend", `${swatch(look)}<span>${look.title}</span>`);
    (first.includes(name) ? row : rest).append(label);
    inputs.push(input);
  }
  fig.root.append(row);
  drawerOf(row, `${inputs.length - first.length} more`, element("div", { class: "race-choices" }, rest));
  fig.allow("methods", (value) => Array.isArray(value)
    && value.every((name) => Object.hasOwn(looks, name)) && new Set(value).size === value.length);
  fig.updates.push(() => {
    const chosen = fig.get("methods");
    for (const input of inputs) input.checked = chosen.includes(input.dataset.method);
  });
  return row;
};

// A coordinate of the start, to type. A field in use keeps what is typed while the race runs.
const fieldOf = (fig, key, labelOf, bounds, into) => {
  const input = element("input", { type: "number", step: "any", "data-key": key });
  const label = element("span");
  const show = () => { input.value = fig.get(key); };
  input.addEventListener("change", () => {
    const typed = input.valueAsNumber;
    if (Number.isFinite(typed)) moveTo(fig, { [key]: within(typed, bounds) });
    show();
  });
  input.addEventListener("blur", show);
  into.append(element("label", { class: "live-control" }, label, input));
  fig.updates.push(() => {
    label.textContent = labelOf();
    if (!input.matches(":focus")) show();
  });
};

const settingsOf = (fig, row, bounds) => {
  const inside = element("div", { class: "race-settings" });
  for (const [i, key] of ["x", "y"].entries()) {
    fieldOf(fig, key, () => `Start ${axesOf(fig.get("surface"))[i]}`, bounds[key].range, inside);
  }
  for (const [key, options] of Object.entries(SETTINGS)) {
    fig.slider(key, { ...options, into: inside });
  }
  fig.slider("steps", { label: "Steps of a run", stops: LENGTHS, into: inside });
  const note = element("p", {}, "Each holds for every method that has it.");
  drawerOf(row, "Settings", inside, note);
};

// The start: dropped by a click on the map, dragged, or moved by the arrow keys.

const startAt = (x, y) => `Start at (${short(x)}, ${short(y)})`;
const namedStart = (fig) => startAt(fig.get("x"), fig.get("y"));

const moveTo = (fig, state) => {
  fig.set(state);
  fig.say(namedStart(fig));
};

// A point of the map, with as many digits as can be aimed at.
const aimed = (fig, point) => {
  const { window } = SURFACES[fig.get("surface")];
  const [x, y] = point.map((part, i) => {
    const [low, high] = window[i];
    const digits = Math.max(0, 3 - Math.floor(Math.log10(high - low)));
    return Number(within(part, window[i]).toFixed(digits));
  });
  return { x, y };
};

const startOf = (fig, panel) => {
  const ring = element("button", { type: "button", class: "race-start" });
  panel.svg.parentNode.classList.add("race-map");
  panel.svg.after(ring);
  const under = (event) => aimed(fig, panel.at(event));
  panel.svg.addEventListener("click", (event) => {
    moveTo(fig, under(event));
    ring.focus({ preventScroll: true });
  });
  draggable(ring, (event) => fig.set(under(event)), (by, { shiftKey }) => {
    const parts = shiftKey ? 400 : 40;
    const { window } = SURFACES[fig.get("surface")];
    const at = [fig.get("x"), fig.get("y")];
    const to = at.map((part, i) => part + (by[i] * (window[i][1] - window[i][0])) / parts);
    moveTo(fig, aimed(fig, to));
  });
  ring.addEventListener("lostpointercapture", () => fig.say(namedStart(fig)));
  return () => {
    const { x, y } = inner(panel);
    ring.style.left = `${within(panel.X(fig.get("x")), x)}px`;
    ring.style.top = `${within(panel.Y(fig.get("y")), y)}px`;
    ring.setAttribute("aria-label", `${namedStart(fig)}: move it with the arrow keys`);
  };
};

const tellEnds = (fig, runs, t) => {
  const ends = runs.filter(({ run }) => hasEnded(run, t)).map(({ run, look }) =>
    `${look.title[0].toUpperCase()}${look.title.slice(1)} ${run.end.how} at step ${run.end.step}.`);
  fig.tell(ends, (count) => `${count} methods have ended; open Numbers to see how.`);
};

const controlsOf = (fig, { titles, first, bounds }, looks) => {
  for (const [key, { whole, range: ends }] of Object.entries(bounds)) {
    const counts = whole ? Number.isInteger : Number.isFinite;
    fig.allow(key, (value) => counts(value) && value === within(value, ends));
  }
  const choose = (name) => {
    const [x, y] = SURFACES[name].start;
    fig.say(startAt(x, y));
    return { x, y };
  };
  fig.select("surface", { label: "Surface", options: Object.fromEntries(titles), choose });
  const show = (value) => `${short(value)} × their own`;
  fig.slider("scale", { label: "Learning rates", stops: SCALES, show });
  const player = element("div", { class: "live-controls race-player" });
  fig.controls.before(player);
  fig.player("t", { label: "Step", last: () => fig.get("steps"), rate: 25, into: player });
  const row = methodsOf(fig, looks, first);
  settingsOf(fig, row, bounds);
  return row;
};

// A method's run in this state.
const runnerOf = (fig, { rates, far }, looks) => keeping((name, surface, start, steps) => {
  const h = { ...METHODS[name].hypers };
  for (const key of Object.keys(SETTINGS)) if (key in h) h[key] = fig.get(key);
  if ("lr" in h) h.lr = rates[surface][name] * fig.get("scale");
  const run = runOf(METHODS[name], SURFACES[surface], h, start, steps, far);
  return { name, lr: h.lr, look: looks[name], run };
});

const render = ({ model, el }) => {
  const own = ["scale", "steps", ...Object.keys(SETTINGS)];
  const keys = ["surface", "methods", "x", "y", ...own, "t"];
  const fig = figure(model, el, { keys });
  fig.root.classList.add("race");
  const facts = fig.constants;
  const looks = Object.fromEntries(facts.methods.map((name) => [name, facts.looks[name]]));
  const panels = element("div", { class: "race-panels" });
  fig.controls.before(panels);
  const row = controlsOf(fig, facts, looks);
  const id = `race-map-${fresh()}`;
  const map = fig.panel(panels, { height: 340 });
  const losses = fig.panel(panels, { height: 340 });
  losses.svg.classList.add("race-losses");
  const ground = groundOf(map, id);
  const placeStart = startOf(fig, map);
  const table = tableOf();
  drawerOf(row, "Numbers", table.box);
  const send = senderOf(fig);
  const maps = keeping((name) => mapOf(SURFACES[name]));
  const runner = runnerOf(fig, facts, looks);
  return fig.start(() => {
    const [name, steps] = [fig.get("surface"), fig.get("steps")];
    const start = [fig.get("x"), fig.get("y")];
    const t = Math.min(fig.get("t"), steps);
    const from = JSON.stringify([name, start, own.map(fig.get)]);
    const order = Object.keys(looks).filter((method) => fig.get("methods").includes(method));
    const runs = order.map((method) => runner(method, from, name, start, steps));
    const frame = { map: maps(name, ""), surface: SURFACES[name], name, runs, t, steps };
    drawMap(map, ground, id, frame);
    drawLosses(losses, frame);
    placeStart();
    table.show(frame);
    tellEnds(fig, runs, t);
    send(`${from} ${order}`, runs);
    fig.root.runs = runs;
  });
};

export default { render };
