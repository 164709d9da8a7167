// The activations and signals of the course's network. Generated from Python's texts by `python -m companion.live`: not to be edited.
const BACKWARD = {
  forward: (x1, x2) => {
    const s7 = 0.5 * (1 + Math.tanh(0.5 * (x1 + -2 * x2 + 1)));
    const s13 = 0.5 * (1 + Math.tanh(0.5 * (-1 * x1 + x2)));
    const s15 = -1 * s13;
    const s20 = 0.5 * (1 + Math.tanh(0.5 * (2 * s7 + s15)));
    const s26 = 0.5 * (1 + Math.tanh(0.5 * (-2 * s7 + s15)));
    return [s7, s13, s20, s26, 0.5 * (1 + Math.tanh(0.5 * (3 * s20 + -1 * s26 + -2))), 0.5 * (1 + Math.tanh(0.5 * (-1 * s20 + 4 * s26 + 2)))];
  },
  squared: (x1, x2) => {
    const s7 = 0.5 * (1 + Math.tanh(0.5 * (x1 + -2 * x2 + 1)));
    const s13 = 0.5 * (1 + Math.tanh(0.5 * (-1 * x1 + x2)));
    const s15 = -1 * s13;
    const s20 = 0.5 * (1 + Math.tanh(0.5 * (2 * s7 + s15)));
    const s26 = 0.5 * (1 + Math.tanh(0.5 * (-2 * s7 + s15)));
    const s34 = 0.5 * (1 + Math.tanh(0.5 * (3 * s20 + -1 * s26 + -2)));
    const s42 = 0.5 * (1 + Math.tanh(0.5 * (-1 * s20 + 4 * s26 + 2)));
    const s46 = (s34 - 1) * (s34 * (1 - s34));
    const s49 = s42 * (s42 * (1 - s42));
    const s55 = (3 * s46 + -1 * s49) * (s20 * (1 - s20));
    const s61 = (-1 * s46 + 4 * s49) * (s26 * (1 - s26));
    return [(2 * s55 + -2 * s61) * (s7 * (1 - s7)), (-1 * s55 + -1 * s61) * (s13 * (1 - s13)), s55, s61, s46, s49];
  },
  entropy: (x1, x2) => {
    const s7 = 0.5 * (1 + Math.tanh(0.5 * (x1 + -2 * x2 + 1)));
    const s13 = 0.5 * (1 + Math.tanh(0.5 * (-1 * x1 + x2)));
    const s15 = -1 * s13;
    const s20 = 0.5 * (1 + Math.tanh(0.5 * (2 * s7 + s15)));
    const s26 = 0.5 * (1 + Math.tanh(0.5 * (-2 * s7 + s15)));
    const s42 = 0.5 * (1 + Math.tanh(0.5 * (-1 * s20 + 4 * s26 + 2)));
    const s43 = 0.5 * (1 + Math.tanh(0.5 * (3 * s20 + -1 * s26 + -2))) - 1;
    const s49 = (3 * s43 + -1 * s42) * (s20 * (1 - s20));
    const s55 = (-1 * s43 + 4 * s42) * (s26 * (1 - s26));
    return [(2 * s49 + -2 * s55) * (s7 * (1 - s7)), (-1 * s49 + -1 * s55) * (s13 * (1 - s13)), s49, s55, s43, s42];
  },
};
