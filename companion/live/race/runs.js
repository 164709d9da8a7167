// The methods' runs on a surface, and the map under them: computed once for what they come from.

const CELLS = [140, 112];
const LEVELS = 14;

// What a method needs besides the gradient, at w.
const needed = ({ value, curvature }, gradient, w) =>
  ({ loss: value(...w), curvature: curvature(...w), gradient });

const awayFrom = (window, far) => {
  const middle = window.map(([low, high]) => (low + high) / 2);
  const reach = window.map(([low, high]) => far * (high - low));
  return (w) => w.some((part, i) => Math.abs(part - middle[i]) > reach[i]);
};

// Where a run ends before its time, and how: from there on it stays away, or has no finite numbers.
const endOfRun = ({ points, losses }, isAway, steps) => {
  let step = points.length;
  while (step > 1 && isAway(points[step - 1])) step -= 1;
  if (step > steps) return null;
  const downhill = step < points.length && losses.at(-1) < losses[0];
  return { step, how: downhill ? "left the map" : "diverged" };
};

// A method's run: its points, and their losses and gradient norms, as far as it is finite and does
// not stay `far` windows from the middle of the map.
const runOf = (method, surface, h, start, steps, far) => {
  const gradient = (w) => surface.gradient(...w);
  const run = { points: [], losses: [], norms: [] };
  let [w, state] = [start, null];
  for (let t = 0; t <= steps; t += 1) {
    const [loss, g] = [surface.value(...w), gradient(w)];
    const norm = Math.hypot(...g);
    if (![...w, loss, norm].every(Number.isFinite)) break;
    run.points.push(w);
    run.losses.push(loss);
    run.norms.push(norm);
    const x = method.inputs.length ? needed(surface, gradient, w) : {};
    state ??= method.start(w, h, x);
    ({ w, state } = method.step(w, g, state, t + 1, h, x));
  }
  const end = endOfRun(run, awayFrom(surface.window, far), steps);
  for (const list of Object.values(run)) list.length = end?.step ?? list.length;
  return { ...run, end };
};

const hasEnded = (run, t) => run.end !== null && run.end.step <= t;

const mapOf = (surface) => {
  const grid = gridOf(surface.value, surface.window, ...CELLS);
  const minimum = surface.minima.length ? surface.value(...surface.minima[0]) : undefined;
  const lines = levelsOf(grid, minimum, LEVELS).map((level) => linesAt(grid, level));
  return { lines, low: grid.inner[0], high: grid.inner.at(-1), log: minimum !== undefined };
};

// What is made is kept until what it comes from has changed.
const keeping = (make) => {
  const kept = new Map();
  let from = "";
  return (key, of, ...rest) => {
    if (of !== from) kept.clear();
    from = of;
    if (!kept.has(key)) kept.set(key, make(key, ...rest));
    return kept.get(key);
  };
};

// The paths, for Python: sent when nothing has changed for a while.
const senderOf = (fig) => {
  let [sent, timer] = ["", 0];
  return (key, runs) => {
    if (key === sent) return;
    sent = key;
    clearTimeout(timer);
    timer = setTimeout(() => {
      fig.set({ paths: Object.fromEntries(runs.map(({ name, run }) => [name, run.points])) });
    }, 200);
  };
};
