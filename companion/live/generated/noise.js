// Mini-batches on a parabola. Generated from Python's texts by `python -m companion.live`: not to be edited.
const NOISE = {
  gradient: (w, place, curvature) => curvature * (w - place),
  floor: (lr, curvature, variance, batch) => lr * variance / (batch * curvature * (2 - lr * curvature)),
  drawn: (spread, lr, curvature, variance) => {
    const s2 = 1 - lr * curvature;
    return s2 * s2 * spread + lr * lr * variance;
  },
  sums: (sums, squares, shrunk, lr, curvature) => {
    const s2 = 1 - lr * curvature;
    const s5 = s2 * s2;
    return [s2 * sums + lr, s5 * squares + lr * lr, s5 * shrunk];
  },
  shuffled: (spread, sums, squares, shrunk, variance, examples, batch) => shrunk * spread + variance / (examples - 1) * (examples / batch * squares - sums * sums),
};
