// Closed forms of averages, and the means of gradients. Generated from Python's texts by `python -m companion.live`: not to be edited.
const AVERAGE = {
  weight: (age, beta) => (1 - beta) * beta ** age,
  sum: (t, beta) => 1 - beta ** t,
  excess: (t, beta1, beta2) => (1 - beta1 ** t) / Math.sqrt(1 - beta2 ** t),
};

const MEANS = {
  constant: (i) => 5,
  noisy: (i) => 5,
  drifting: (i) => 7 - 0.1 * i,
};
