// uses: kit
// What the figures of one weight share: its descent by a method of optimlib.js, clipped drawing.

const FAR = 1e9;  // a weight beyond this has diverged

// A method's path [{w, state}, ...], which ends where it diverges; start, w and gradient(w, t) are
// arrays.
const descend = (method, settings, start, gradient, steps) => {
  const hypers = { ...method.hypers, ...settings };
  const points = [{ w: start, state: method.start(start, hypers, {}) }];
  for (let t = 1; t <= steps; t += 1) {
    const { w, state } = points.at(-1);
    points.push(method.step(w, gradient(w, t), state, t, hypers, {}));
    if (!points.at(-1).w.every((value) => Math.abs(value) <= FAR)) break;
  }
  return points;
};

// Marks that end at the panel's edges.
const clipped = (panel, marks) => {
  panel.clip ??= `live-clip-${fresh()}`;
  const { left, right, top, bottom } = MARGIN;
  const box = mark("rect", { x: left, y: top - 5, width: panel.width - left - right,
    height: panel.height - top - bottom + 5 });
  return `<clipPath id="${panel.clip}">${box}</clipPath>`
    + mark("g", { "clip-path": `url(#${panel.clip})` }, marks.join(""));
};

// A line through points in pixels.
const curve = (points, color, attributes = {}) =>
  mark("path", { class: "line", d: path(points), style: `stroke: ${hue(color)}`, ...attributes });

const inside = ([low, high]) => (value) => value >= low && value <= high;
