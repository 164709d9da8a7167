// What the race shows of its runs: the map with the paths, the losses, the table.

const axesOf = (surface) => (surface === "toy" ? ["w", "b"] : ["x", "y"]);

const swatch = ({ color, dash, marker }) => {
  const style = `stroke: ${hue(color)}`;
  const line = mark("path", { d: "M1 8H27", class: "line", style, "stroke-dasharray": dash });
  const middle = symbol(marker, 14, 8, { fill: hue(color) });
  return `<svg width="28" height="16" aria-hidden="true">${line}${middle}</svg>`;
};

const inner = ({ width, height }) => ({
  x: [MARGIN.left, width - MARGIN.right], y: [MARGIN.top, height - MARGIN.bottom],
});

// Paths

const ANYWHERE = [-2000, 3000];
const pixel = ([x, y]) => `${within(x, ANYWHERE).toFixed(1)} ${within(y, ANYWHERE).toFixed(1)}`;

// The points of a line as text, kept with the run: a step forward takes only more of them. Of
// points that would be drawn in one place only the first is taken.
const textsOf = (run, key, pixels) => {
  if (run[key]?.by === pixels.key) return run[key].texts;
  let last = [Infinity, Infinity];
  const texts = run.points.map((_, i) => {
    const point = pixels.at(i);
    if (Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]) < 0.8) return "";
    last = point;
    return `${pixel(point)}L`;
  });
  run[key] = { by: pixels.key, texts };
  return texts;
};

const lineOf = (run, key, t, pixels, look) => {
  const last = Math.min(t, run.points.length - 1);
  const before = textsOf(run, key, pixels).slice(0, last).join("");
  return mark("path", { class: "line", d: `M${before}${pixel(pixels.at(last))}`,
    style: `stroke: ${hue(look.color)}`, "stroke-dasharray": look.dash });
};

// The names beside the ends of the paths: moved up or down where one would cover another or a
// star, left out where that is far, since the table has them all.
const MOVES = range(8).flatMap((i) => [2 * i, -2 * i]);
const namesAt = (ends, stars, { x: [, right], y: [top, bottom] }) => {
  const taken = stars.map(([x, y]) => ({ span: [x - 8, x + 8], down: y + 4 }));
  const edges = [top + 10, bottom - 4];
  const placed = [];
  for (const { x, y, look } of [...ends].sort((a, b) => a.y - b.y)) {
    const long = 7 * look.title.length + 10;
    const left = x + long > right;
    const span = left ? [x - long, x] : [x, x + long];
    const home = within(y + 4, edges);
    const isFree = (down) => down === within(down, edges)
      && taken.every((other) => Math.abs(other.down - down) >= 14
        || other.span[0] >= span[1] || span[0] >= other.span[1]);
    const move = MOVES.find((by) => isFree(home + by));
    if (move === undefined) continue;
    taken.push({ span, down: home + move });
    placed.push({ x: x + (left ? -9 : 9), down: home + move, left, look });
  }
  return placed.map(({ x, down, left, look }) => mark("text", {
    class: "halo name", x: x.toFixed(1), y: down.toFixed(1),
    "text-anchor": left ? "end" : "start", style: `fill: ${hue(look.color)}`,
  }, look.title));
};

// The map

// Contour lines lie under the panel's own marks and are drawn again only for another surface or
// width.
const groundOf = (panel, id) => {
  panel.svg.insertAdjacentHTML("afterbegin", `<defs><clipPath id="${id}"><rect/></clipPath></defs>
    <g class="race-ground" clip-path="url(#${id})"></g>`);
  const rect = panel.svg.querySelector("rect");
  const ground = panel.svg.querySelector(".race-ground");
  let drawn = "";
  return (name, lines, X, Y) => {
    const key = `${name} ${panel.width}`;
    if (drawn === key) return;
    drawn = key;
    const { x, y } = inner(panel);
    const sizes = { x: x[0], y: y[0], width: x[1] - x[0], height: y[1] - y[0] };
    for (const [side, size] of Object.entries(sizes)) rect.setAttribute(side, size);
    const closed = (line) => `${path(line.map(([u, v]) => [X(u), Y(v)]))}Z`;
    const areas = lines.map((level) => mark("path", { d: level.map(closed).join("") }));
    ground.innerHTML = areas.join("");
  };
};

const star = (x, y) => {
  const points = range(10).map((i) => {
    const [angle, size] = [(Math.PI * i) / 5, i % 2 ? 3.2 : 8];
    return [x + size * Math.sin(angle), y - size * Math.cos(angle)];
  });
  return mark("path", { class: "minimum", d: `${path(points)}Z` });
};

// The marker at a path's end; hollow, and at the edge, where the path has left the map.
const endOf = ({ x, y, look, off }) => {
  const [fill, stroke] = off ? ["paper", look.color] : [look.color, "paper"];
  const style = `fill: ${hue(fill)}; stroke: ${hue(stroke)}; stroke-width: ${off ? 2 : 1}`;
  return symbol(look.marker, x, y, { class: "end", style });
};

const drawMap = (panel, ground, id, { map, surface, name, runs, t }) => {
  const [xlabel, ylabel] = axesOf(name);
  panel.draw({
    title: "The paths", x: surface.window[0], y: surface.window[1], xlabel, ylabel, grid: false,
    label: `Contour lines, and the paths of ${runs.length} methods up to step ${t}; `
      + "the numbers are in the table",
  }, (X, Y) => {
    ground(name, map.lines, X, Y);
    const at = ([x, y]) => [X(x), Y(y)];
    const sides = inner(panel);
    const ends = runs.filter(({ run }) => !hasEnded(run, t)).map(({ run, look }) => {
      const here = at(run.points[t]);
      const [x, y] = [within(here[0], sides.x), within(here[1], sides.y)];
      return { x, y, look, off: x !== here[0] || y !== here[1] };
    });
    const key = `${name} ${panel.width}`;
    const paths = runs.map(({ run, look }) =>
      lineOf(run, "onMap", t, { key, at: (i) => at(run.points[i]) }, look));
    const stars = surface.minima.map(at);
    return [
      ...stars.map((point) => star(...point)),
      mark("g", { "clip-path": `url(#${id})` }, paths.join("")),
      ...(t ? namesAt(ends, stars, sides) : []),
      ...ends.map(endOf),
    ];
  });
};

// The losses

// From which loss to which: those of the runs, but neither far above the start's nor very far
// below.
const boundsOf = ({ map, runs }) => {
  if (!runs.length) return map.log ? [0.1, 1] : [map.low, map.high];
  const start = runs[0].run.losses[0] || 1;
  if (!map.log) return [map.low, Math.max(map.high / 2, start)];
  const all = runs.flatMap(({ run }) => [Math.min(...run.losses), Math.max(...run.losses)]);
  const low = within(Math.min(...all), [1e-8 * start, start / 10]);
  return [low / 1.5, within(Math.max(...all), [start, 30 * start]) * 1.5];
};

const drawLosses = (panel, frame) => {
  const { map, runs, t, steps } = frame;
  const y = boundsOf(frame);
  panel.draw({
    title: map.log ? "Their losses" : "Their losses: no lower end", x: [0, steps], y,
    xlabel: "step", log: { y: map.log },
    label: `The loss of each method up to step ${t}; the numbers are in the table`,
  }, (X, Y) => {
    const key = `${panel.width} ${steps} ${y}`;
    const at = (run) => (i) => [X(i), Y(within(run.losses[i], y))];
    const last = (run) => at(run)(Math.min(t, run.points.length - 1));
    return [
      mark("path", { class: "axis now", d: `M${X(t)} ${Y(y[0])}V${Y(y[1])}` }),
      ...runs.map(({ run, look }) => lineOf(run, "ofLoss", t, { key, at: at(run) }, look)),
      ...runs.map(({ run, look }) =>
        symbol(look.marker, ...last(run), { class: "end", fill: hue(look.color) })),
    ];
  });
};

// The table

const HEADS = { rate: "rate", x: "x", y: "y", loss: "loss", norm: "gradient<i> norm</i>" };

const place = (x) => {
  if (Math.abs(x) >= 1e4) return number(x, 3);
  return x.toFixed(4).replace(/^-(?=.*[1-9])/, "−").replace("-", "");  // no −0.0000
};

const cell = (name, value, text, best) =>
  `<td class="${name}${best ? " best" : ""}" data-value="${value}">${text}</td>`;

const rowOf = ({ name, run, look, lr }, t, least) => {
  const rate = lr === undefined ? '<td class="rate">its own</td>' : cell("rate", lr, short(lr));
  const ended = () => `<td class="end" colspan="4">${run.end.how} at step ${run.end.step}</td>`;
  const going = () => {
    const [[x, y], loss, norm] = [run.points[t], run.losses[t], run.norms[t]];
    return cell("x", x, place(x)) + cell("y", y, place(y))
      + cell("loss", loss, number(loss, 3), loss === least) + cell("norm", norm, number(norm, 3));
  };
  return `<tr data-method="${name}"><th scope="row">${swatch(look)}${look.title}</th>${rate}${
    hasEnded(run, t) ? ended() : going()}</tr>`;
};

const tableOf = () => {
  const heads = Object.entries(HEADS).map(([name, text]) =>
    `<th scope="col" class="${name}">${text}</th>`);
  const box = element("div", { class: "race-table", tabindex: 0, role: "region",
    "aria-label": "The numbers of this step" });
  box.innerHTML = `<table class="live-table"><thead><tr><th scope="col">method</th>${
    heads.join("")}</tr></thead><tbody></tbody></table>`;
  const show = ({ runs, t, name }) => {
    [box.querySelector("th.x").textContent, box.querySelector("th.y").textContent] = axesOf(name);
    const losses = runs.filter(({ run }) => !hasEnded(run, t)).map(({ run }) => run.losses[t]);
    const least = Math.min(...losses);
    box.querySelector("tbody").innerHTML = runs.map((one) => rowOf(one, t, least)).join("");
  };
  return { box, show };
};
