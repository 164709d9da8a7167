// Where a function of two variables crosses some levels: marching squares, linked to closed lines.

// The edges of a cell are 0 below, 1 right, 2 above, 3 left, its corners 0 to 3 counter-clockwise
// from below on the left. For each set of low corners: the edges where a line enters and leaves,
// low ground on its left.
const CROSSINGS = range(16).map((low) => {
  const isLow = (corner) => (low >> ((corner + 4) % 4)) & 1;
  return range(4).filter((k) => isLow(k) && !isLow(k + 1)).map((k) => {
    let other = k - 1;
    while (isLow(other)) other -= 1;
    return [k, (other + 4) % 4];
  });
});
const HIGH = 1e300;

// The values on a grid that reaches one cell beyond the window; its rim is high, so that every line
// is closed.
const gridOf = (f, [[x0, x1], [y0, y1]], nx, ny) => {
  const [dx, dy] = [(x1 - x0) / (nx - 3), (y1 - y0) / (ny - 3)];
  const values = range(nx * ny).map((k) => {
    const [i, j] = [k % nx, Math.floor(k / nx)];
    const rim = i === 0 || j === 0 || i === nx - 1 || j === ny - 1;
    return rim ? HIGH : f(x0 + (i - 1) * dx, y0 + (j - 1) * dy);
  });
  const at = (i, j) => [x0 + (i - 1) * dx, y0 + (j - 1) * dy];
  const inner = values.filter((value) => value < HIGH).sort((a, b) => a - b);
  return { values, nx, ny, at, inner };
};

// The edges of the grid that a line at this level crosses, each with the next one. An edge is twice
// the number of its left or lower end, and one more where it goes up.
const crossed = ({ values, nx, ny }, level) => {
  const next = new Map();
  for (let k = 0; k < nx * (ny - 1); k += 1) {
    if (k % nx === nx - 1) continue;
    const low = (values[k] < level) | ((values[k + 1] < level) << 1)
      | ((values[k + 1 + nx] < level) << 2) | ((values[k + nx] < level) << 3);
    if (low === 0 || low === 15) continue;
    const edges = [2 * k, 2 * (k + 1) + 1, 2 * (k + nx), 2 * k + 1];
    for (const [from, to] of CROSSINGS[low]) next.set(edges[from], edges[to]);
  }
  return next;
};

// The closed lines of a level: lists of points.
const linesAt = (grid, level) => {
  const { values, nx, at } = grid;
  const next = crossed(grid, level);
  const point = (edge) => {
    const [k, up] = [edge >> 1, edge & 1];
    const part = (level - values[k]) / (values[k + (up ? nx : 1)] - values[k]);
    const [i, j] = [k % nx, Math.floor(k / nx)];
    return at(i + (up ? 0 : part), j + (up ? part : 0));
  };
  const lines = [];
  while (next.size) {
    const line = [];
    let edge = next.keys().next().value;
    while (next.has(edge)) {
      line.push(point(edge));
      const following = next.get(edge);
      next.delete(edge);
      edge = following;
    }
    lines.push(line);
  }
  return lines;
};

// Levels in a constant ratio above the minimum, or, where there is none, at constant distances.
const levelsOf = ({ inner }, minimum, count) => {
  const quantile = (part) => inner[Math.floor(part * (inner.length - 1))];
  if (minimum === undefined) {
    const [low, high] = [quantile(0), quantile(1)];
    return range(count, 1).map((i) => low + ((high - low) * i) / (count + 1));
  }
  const [low, high] = [quantile(0.004) - minimum, quantile(0.97) - minimum];
  return range(count).map((i) => minimum + low * (high / low) ** (i / (count - 1)));
};
