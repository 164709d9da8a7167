// An example's cost and effective rates. Generated from Python's texts by `python -m companion.live`: not to be edited.
const EXAMPLE = {
  cost: (w, b, x, y) => {
    const s7 = 0.5 * (1 + Math.tanh(0.5 * (w * x + b))) - y;
    return 0.5 * (s7 * s7);
  },
  gradient: (w, b, x, y) => {
    const s3 = 0.5 * (w * x + b);
    const s8 = Math.exp(-2 * Math.abs(s3));
    const s10 = 1 + s8;
    const s12 = 4 * s8 / (s10 * s10);
    const s23 = 2 * (0.5 * (1 + Math.tanh(s3)) - y);
    return [0.5 * (s23 * (0.5 * (s12 * (0.5 * x)))), 0.5 * (s23 * (0.5 * (s12 * 0.5)))];
  },
};

const RATES = {
  SGD: ({lr}, t, {}) => lr,
  Momentum: ({lr}, t, {}) => lr,
  Nesterov: ({lr}, t, {}) => lr,
  Adagrad: ({lr, eps}, t, {v}) => lr / Math.sqrt(v + eps),
  RMSprop: ({lr, eps}, t, {v}) => lr / Math.sqrt(v + eps),
  Adam: ({lr, beta2, eps}, t, {v}) => lr / (Math.sqrt(v / (1 - beta2 ** t)) + eps),
};
