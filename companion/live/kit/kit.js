// What the live figures share: controls, panels, a player, the address, numbers.
// Joined in front of a figure's own file, whose first line says so: `// uses: kit`.
//
// const fig = figure(model, el, {keys})
//     keys: the traits that make the state: drawn anew when they change, and part of the address
//   fig.get(key), fig.set({key: value, ...})
//     the state, which Python, the page and the address share
//   fig.constants
//     what Python tells that never changes: the class's constants()
//   fig.slider(key, {label, min, max, step, show}) or (key, {label, stops: [...], show})
//     show: value -> text; min and max may be functions; every control takes `into`, another parent
//   fig.select(key, {label, options: {value: text}, choose}), fig.check(key, {label})
//     choose: what a choice does besides; it returns more of the state, to be set with it
//   fig.button(text, action)
//   fig.player(key, {label, last: () => n, rate})
//     play, pause, step, scrub through 0 ... n, `rate` steps a second
//   fig.row(columns)
//     a box for panels; columns: 1 or 2 (below one another when narrow)
//   fig.panel(row, {height})
//     an SVG with axes: panel.draw({title, label, x, y, xlabel, ylabel, xticks, yticks, log},
//     (X, Y) => [markup]); panel.at(event) -> [x, y]; panel.svg
//   fig.facts(row, {name: label})
//     numbers with labels: facts.show({name: value or text})
//   fig.legend(row, [{text, color, dash, marker}])
//     dash: null for a marker without a line
//   fig.allow(key, test)
//     what the address may set a key to: without a control of its own, or before that is made
//   fig.say(text)
//     tell the reader what came of an action, also by voice
//   fig.tell([text, ...], many)
//     in draw(): all that holds now; said once when it is new, at most once a second, and taken back
//     when it holds no longer; many(count): said instead where more than two are new at once
//   return fig.start(draw)
//     the end of render: draw() is called now and after every change
// element(tag, attributes, ...children), mark(tag, attributes, text): a node of HTML; SVG as text
// rich(text): markup with $m_t$, $β^{t−i}$ set as mathematics; titles and labels are read so
// path([[x, y], ...]), symbol(kind, x, y, attributes): a line's d; a marker (looks() in Python)
// draggable(node, move, steer): move(event) while the pointer that is pressed on the node moves;
//     steer([right, up], event) at an arrow key, such as [0, -1]
// hue(name): a colour of the book; number(x, digits): text; generator(seed): {uniform(), normal()}
// fresh(): a number for an id, which no other figure of the page has; within(value, [low, high])
// still(): whether the reader wants less motion

const hue = (name) => `var(--live-${name})`;
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const range = (n, first = 0) => Array.from({ length: n }, (_, i) => first + i);
const within = (value, [low, high]) => Math.min(high, Math.max(low, value));
// Each figure is a module of its own, so the page counts.
const fresh = () => (window.liveCount = (window.liveCount ?? 0) + 1);

const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
};

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const draggable = (node, move, steer) => {
  node.addEventListener("pointerdown", (event) => node.setPointerCapture(event.pointerId));
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) move(event);
  });
  node.addEventListener("keydown", (event) => {
    if (!ARROWS[event.key]) return;
    event.preventDefault();
    steer(ARROWS[event.key], event);
  });
};

const mark = (tag, attributes = {}, text = "") => {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  return `<${tag}${written.join("")}>${tag === "g" ? text : escaped(text)}</${tag}>`;
};

// Text as markup: $m_t$ and $β^{t−i}$ are set as mathematics, letters italic.
const rich = (text) => escaped(text).replace(/\$([^$]*)\$/g, (_, math) => math
  .replace(/([_^])(\{[^}]*\}|.)/g, (_, sign, script) => {
    const tag = sign === "_" ? "sub" : "sup";
    return `<${tag}>${script.replace(/[{}]/g, "")}</${tag}>`;
  })
  .replace(/(?<![</a-zA-Z])[a-zA-Zα-ω]\u0302?(?![a-zA-Z>])/g, "<i>$&</i>"));

const path = (points) =>
  points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");

const OUTLINES = {
  circle: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", square: "M-4 -4h8v8h-8z",
  diamond: "M0 -5.5L5.5 0L0 5.5L-5.5 0z", up: "M0 -5L5 4H-5z", down: "M0 5L5 -4H-5z",
  plus: "M-1.8 -5h3.6v3.2h3.2v3.6h-3.2v3.2h-3.6v-3.2h-3.2v-3.6h3.2z",
};
const symbol = (kind, x, y, attributes = {}) =>
  mark("path", {
    d: OUTLINES[kind], transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`, ...attributes,
  });

// Numbers as text

const raised = (n) => String(n).replace("-", "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);

const number = (x, digits = 4) => {
  if (Number.isNaN(x)) return "not a number";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const [mantissa, power] = x.toExponential(digits - 1).split("e").map(Number);
  const scientific = power < -4 || power > 5;
  const plain = power >= digits ? String(Math.round(x)) : x.toPrecision(digits);
  const text = scientific ? `${mantissa.toFixed(digits - 1)} × 10${raised(power)}` : plain;
  return text.replace("-", "−");
};

const short = (x) => {
  const size = Math.abs(x);
  if (size && (size >= 1e4 || size < 1e-4)) {
    const [mantissa, power] = x.toExponential(2).split("e").map(Number);
    return `${mantissa === 1 ? "" : `${mantissa} × `}10${raised(power)}`.replace("-", "−");
  }
  return String(Number(x.toPrecision(6))).replace("-", "−");
};

// A seeded generator (mulberry32), so that a seed says all about what was drawn; normal numbers by
// Box and Muller.
const generator = (seed) => {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 1831565813) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
};

// Axes

const ticks = ([low, high], count, log) => {
  if (log) {
    const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const every = Math.max(1, Math.ceil((last - first) / count));
    const within = Math.log10(high / low) < count / 2 ? [1, 2, 5] : [1];
    return range(Math.floor((last - first) / every) + 1)
      .flatMap((i) => within.map((factor) => factor * 10 ** (first + i * every)))
      .filter((value) => value >= low * 0.999 && value <= high * 1.001);
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  return range(Math.floor(high / step + 1e-9) - first + 1).map((i) => (first + i) * step);
};

const scale = ([low, high], [from, to], log) => {
  const f = log ? Math.log10 : (value) => value;
  return (value) => from + ((f(value) - f(low)) / (f(high) - f(low) || 1)) * (to - from);
};

const MARGIN = { left: 46, right: 12, top: 20, bottom: 38 };

const axes = (space, X, Y, width, height) => {
  const { x, y, xlabel, ylabel, xticks, yticks, log = {}, grid = true } = space;
  const [left, right, bottom] = [MARGIN.left, width - MARGIN.right, height - MARGIN.bottom];
  const marks = [];
  for (const value of yticks ?? ticks(y, Math.max(2, height / 36), log.y)) {
    if (grid) marks.push(mark("path", { class: "grid", d: `M${left} ${Y(value)}H${right}` }));
    const place = { x: left - 7, y: Y(value) + 4, "text-anchor": "end", class: "muted" };
    marks.push(mark("text", place, short(value)));
  }
  for (const value of xticks ?? ticks(x, Math.max(2, width / 80), log.x)) {
    marks.push(mark("path", { class: "axis", d: `M${X(value)} ${bottom}v5` }));
    const place = { x: X(value), y: bottom + 18, "text-anchor": "middle", class: "muted" };
    marks.push(mark("text", place, short(value)));
  }
  marks.push(mark("path", { class: "axis", d: `M${left} ${bottom}H${right}` }));
  if (xlabel) marks.push(mark("text", { x: right, y: bottom + 33, "text-anchor": "end" }, xlabel));
  const above = { x: left, y: MARGIN.top - 9, "text-anchor": "middle" };
  if (ylabel) marks.push(mark("text", above, ylabel));
  return marks;
};

const panelOf = (row, { height }) => {
  const title = element("div", { class: "live-title" });
  const holder = element("div");
  row.append(element("div", { class: "live-panel" }, title, holder));
  holder.innerHTML = `<svg role="img" height="${height}"><g></g><g></g></svg>`;
  const svg = holder.firstChild;
  const [ground, layer] = svg.children;
  const panel = { svg, layer, height, width: 0, X: null, Y: null, space: null };
  panel.measure = () => { panel.width = svg.clientWidth || panel.width || 640; };
  panel.draw = (space, marks) => {
    if (!panel.width) panel.measure();
    const { x, y, log = {} } = space;
    const X = scale(x, [MARGIN.left, panel.width - MARGIN.right], log.x);
    const Y = scale(y, [height - MARGIN.bottom, MARGIN.top], log.y);
    Object.assign(panel, { X, Y, space });
    if (panel.title !== space.title) title.innerHTML = rich(space.title);
    panel.title = space.title;
    svg.setAttribute("aria-label", space.label);
    const behind = axes(space, X, Y, panel.width, height).join("");
    if (panel.behind !== behind) ground.innerHTML = behind;  // words take longest to lay out
    panel.behind = behind;
    layer.innerHTML = marks(X, Y).join("");
  };
  panel.at = (event) => {
    const box = svg.getBoundingClientRect();
    const back = ([low, high], part, log) =>
      log ? low * (high / low) ** part : low + (high - low) * part;
    const x = event.clientX - box.left - MARGIN.left;
    const y = height - MARGIN.bottom - (event.clientY - box.top);
    return [
      back(panel.space.x, x / (panel.width - MARGIN.left - MARGIN.right), panel.space.log?.x),
      back(panel.space.y, y / (height - MARGIN.top - MARGIN.bottom), panel.space.log?.y),
    ];
  };
  return panel;
};

const labelled = (tag, text, attributes) => {
  const node = element(tag, attributes);
  node.innerHTML = rich(text);
  return node;
};

// Numbers with labels. The full number stands in `data-value`, for a test or a curious reader.
const factsOf = (row, labels) => {
  const places = {};
  const list = element("dl", { class: "live-facts" });
  for (const [name, label] of Object.entries(labels)) {
    places[name] = element("dd", { "data-fact": name });
    list.append(element("div", {}, labelled("dt", label), places[name]));
  }
  row.append(list);
  const show = (values) => {
    for (const [name, value] of Object.entries(values)) {
      places[name].textContent = typeof value === "number" ? number(value) : value;
      places[name].dataset.value = value;
    }
  };
  return { list, show };
};

// What each colour, dash and marker means.
const legendOf = (row, items) => {
  const list = element("ul", { class: "live-legend" });
  for (const { text, color, dash = "", marker } of items) {
    const line = marker && dash === null ? "" :
      mark("path", {
        d: "M1 8H27", class: "line", style: `stroke: ${hue(color)}`, "stroke-dasharray": dash,
      });
    const item = element("li");
    item.innerHTML = `<svg width="28" height="16" aria-hidden="true">${line}${
      marker ? symbol(marker, 14, 8, { fill: hue(color) }) : ""}</svg>`;
    item.append(labelled("span", text));
    list.append(item);
  }
  row.append(list);
  return list;
};

// The address: #live=<name>;key=value;...

const written = (value) =>
  encodeURIComponent(typeof value === "object" ? JSON.stringify(value) : value);

const read = (text, like) => {
  if (typeof like === "number") return text.trim() === "" ? NaN : Number(text);
  if (typeof like === "boolean") return { true: true, false: false }[text];
  return typeof like === "object" ? JSON.parse(text) : text;
};

const addressed = (name) => {
  const [head, ...pairs] = location.hash.slice(1).split(";");
  return head === `live=${name}` ? pairs.map((pair) => pair.split("=")) : null;
};

const cut = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const restore = (fig, name) => {
  const pairs = addressed(name);
  if (!pairs) return;
  fig.say("");
  const [state, refused] = [{}, []];
  for (const [key, text = ""] of pairs) {
    try {
      const value = read(decodeURIComponent(text), fig.get(key));
      if (!fig.allowed[key]?.(value)) throw new RangeError(key);
      state[key] = value;
    } catch {
      refused.push(cut(`${key}=${text}`));
    }
  }
  fig.set(state);
  fig.root.redraw();  // what the state has to tell goes before
  if (refused.length) fig.say(`The address asks for what there is not: ${refused.join(", ")}`);
  fig.place.scrollIntoView({ behavior: "instant" });
};

const share = (fig, name, keys, foot) => {
  const link = element("a", { onclick: async (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    try {
      await navigator.clipboard.writeText(location.href);
      fig.say("The address of this state is copied.");
    } catch {
      fig.say("The address of this page now leads to this state.");
    }
  } }, "Link to this state");
  foot.append(link);
  fig.updates.push(() => {
    link.href = `#live=${name};${keys.map((key) => `${key}=${written(fig.get(key))}`).join(";")}`;
  });
};

// Controls

const nearest = (stops, value) => {
  const away = stops.map((stop) => Math.abs(stop - value));
  return away.indexOf(Math.min(...away));
};

const controls = (fig) => ({
  slider(key, { label, min, max, step = 1, stops, show = short, into = fig.controls }) {
    const bound = (end) => (typeof end === "function" ? end() : end);
    const low = () => (stops ? stops[0] : bound(min));
    const high = () => (stops ? stops.at(-1) : bound(max));
    const id = `live-control-${fresh()}`;
    const value = element("span", { class: "live-value" });  // spoken as the input's aria-valuetext
    const input = element("input", {
      type: "range", id, min: 0, step: stops ? 1 : step, "data-key": key,
    });
    input.addEventListener("input", () => {
      fig.set({ [key]: stops ? stops[Number(input.value)] : Number(input.value) });
    });
    into.append(element("div", { class: "live-control" },
      element("span", {}, labelled("label", label, { for: id }), value), input));
    const whole = (stops ?? [step]).every(Number.isInteger);
    const counts = whole ? Number.isInteger : Number.isFinite;
    fig.allow(key, (value) => counts(value) && value >= low() && value <= high());
    fig.updates.push(() => {
      const now = stops ? fig.get(key) : within(fig.get(key), [low(), high()]);
      [input.min, input.max] = stops ? [0, stops.length - 1] : [low(), high()];
      input.value = stops ? nearest(stops, now) : now;
      value.textContent = show(now);
      input.setAttribute("aria-valuetext", show(now));
    });
    return input;
  },
  select(key, { label, options, choose, into = fig.controls }) {
    const id = `live-control-${fresh()}`;
    const items = Object.entries(options)
      .map(([value, text]) => element("option", { value }, text));
    const input = element("select", {
      id, "data-key": key, onchange: () => {
        fig.set({ [key]: input.value, ...choose?.(input.value) });
      },
    }, ...items);
    into.append(element("div", { class: "live-control narrow" },
      labelled("label", label, { for: id }), input));
    fig.allow(key, (value) => Object.hasOwn(options, value));
    fig.updates.push(() => { input.value = fig.get(key); });
    return input;
  },
  check(key, { label, into = fig.controls }) {
    const input = element("input", { type: "checkbox", "data-key": key,
      onchange: () => fig.set({ [key]: input.checked }) });
    into.append(element("label", { class: "live-check" }, input, label));
    fig.allow(key, (value) => typeof value === "boolean");
    fig.updates.push(() => { input.checked = fig.get(key); });
    return input;
  },
  button(text, action, { into = fig.controls } = {}) {
    const button = element("button", { type: "button", onclick: action }, text);
    into.append(button);
    return button;
  },
  player(key, { label, last, rate = 20, into = fig.controls }) {
    const box = element("div", { class: "live-player", role: "group", "aria-label": label });
    into.append(box);
    let [since, frame] = [null, 0];
    const step = (by) => {
      const now = Math.min(last(), fig.get(key));
      fig.set({ [key]: within(now + by, [0, last()]) });
    };
    const stop = () => {
      cancelAnimationFrame(frame);
      since = null;
      fig.schedule();
    };
    const next = () => { frame = requestAnimationFrame(tick); };
    const tick = (now) => {
      if (!fig.root.isConnected) return;
      since = Math.max(since, now - 250);  // a hidden tab's time is not made up for
      const due = Math.floor(((now - since) / 1000) * rate);
      if (due > 0) { since += (due * 1000) / rate; step(due); }
      if (fig.get(key) >= last()) stop();
      else next();
    };
    const play = controls(fig).button("Play", () => {
      if (since !== null) return stop();
      if (fig.get(key) >= last()) fig.set({ [key]: 0 });
      if (still()) return fig.set({ [key]: last() });  // less motion: straight to the end
      since = performance.now();
      fig.schedule();
      return next();
    }, { into: box });
    const moves = { "−1": ["Back one step", -1], "+1": ["Forward one step", 1] };
    for (const [text, [name, by]] of Object.entries(moves)) {
      const button = controls(fig).button(text, () => { stop(); step(by); }, { into: box });
      button.setAttribute("aria-label", `${text}: ${name}`);
    }
    const scrub = controls(fig).slider(key, { label, min: 0, max: last, into: box });
    scrub.addEventListener("input", stop);
    fig.updates.push(() => { play.textContent = since === null ? "Play" : "Pause"; });
    return { play, scrub, stop };
  },
});

// What is said to the reader: the words of an action at once; of what holds in the state, what is
// new, with a second between.
const speakerOf = (place) => {
  let [held, told, shown, timer, last] = [[], [], [], 0, -Infinity];
  const write = (text) => {
    clearTimeout(timer);
    timer = 0;
    place.textContent = text;
    if (text) last = performance.now();
  };
  const news = (many) => {
    const recent = held.filter((text) => !told.includes(text));
    told = held;
    const summed = many && recent.length > 2;
    shown = summed ? held : recent;
    if (recent.length) write(summed ? many(held.length) : recent.join(" "));
  };
  const say = (text) => {
    [told, shown] = [text ? held : [], []];
    write(text);
  };
  const tell = (texts, many) => {
    held = texts;
    told = told.filter((text) => held.includes(text));
    if (!shown.every((text) => held.includes(text))) {
      shown = [];
      write("");
    }
    if (timer || held.every((text) => told.includes(text))) return;
    const wait = last + 1000 - performance.now();
    if (wait > 0) timer = setTimeout(() => { timer = 0; news(many); }, wait);
    else news(many);
  };
  return { say, tell };
};

// Jupyter must not take the keys that operate a control; the page's own shortcuts have Ctrl or Cmd.
const keepKeys = (event) => { if (!event.ctrlKey && !event.metaKey) event.stopPropagation(); };

const figure = (model, el, { keys }) => {
  const constants = model.get("_constants");
  const root = element("div", {
    class: "live-root", role: "group", "aria-label": constants.title, "data-lm-suppress-shortcuts": "true",
    onkeydown: keepKeys,
  });
  const said = element("p", { role: "status" });
  const fig = { root, constants, place: el.closest("[data-live]"), updates: [], panels: [],
    allowed: Object.create(null) };
  fig.controls = element("div", { class: "live-controls" });
  root.append(fig.controls);
  fig.get = (key) => model.get(key);
  fig.set = (state) => {
    for (const [key, value] of Object.entries(state)) model.set(key, value);
    model.save_changes();
  };
  fig.allow = (key, test) => { fig.allowed[key] ??= test; };
  Object.assign(fig, speakerOf(said));
  fig.row = (columns = 1) => {
    const row = element("div", { class: columns === 2 ? "live-row two" : "live-row" });
    root.append(row);
    return row;
  };
  fig.panel = (row, options) => {
    const panel = panelOf(row, options);
    fig.panels.push(panel);
    return panel;
  };
  Object.assign(fig, { facts: factsOf, legend: legendOf });
  Object.assign(fig, controls(fig));
  let due = false;
  fig.schedule = () => {
    if (!due) queueMicrotask(() => { if (due) root.redraw(); });
    due = true;
  };
  fig.start = (draw) => {
    const foot = element("div", { class: "live-foot" }, said);
    root.append(foot);
    root.redraw = () => {
      due = false;
      for (const update of fig.updates) update();
      draw();
    };
    const name = fig.place?.dataset.live;
    const onHash = () => restore(fig, name);
    if (name) share(fig, name, keys, foot);
    el.append(root);
    if (name) onHash();
    root.redraw();
    const observer = new ResizeObserver(() => {
      for (const panel of fig.panels) panel.measure();
      fig.schedule();
    });
    observer.observe(root);
    for (const key of keys) model.on(`change:${key}`, fig.schedule);
    if (name) addEventListener("hashchange", onHash);
    return () => {
      observer.disconnect();
      for (const key of keys) model.off(`change:${key}`, fig.schedule);
      removeEventListener("hashchange", onHash);
      root.remove();
    };
  };
  return fig;
};
