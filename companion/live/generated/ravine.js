// A ravine of two curvatures, and descent on it. Generated from Python's texts by `python -m companion.live`: not to be edited.
const RAVINE = {
  along: (x, y, angle) => {
    const s1 = Math.cos(angle);
    const s2 = Math.sin(angle);
    return [s1 * x + s2 * y, s1 * y - s2 * x];
  },
  cost: (x, y, condition, angle) => {
    const s1 = Math.cos(angle);
    const s2 = Math.sin(angle);
    const s5 = s1 * x + s2 * y;
    const s8 = s1 * y - s2 * x;
    return 0.5 * (s5 * s5 / condition + s8 * s8);
  },
  gradient: (x, y, condition, angle) => {
    const s1 = Math.cos(angle);
    const s2 = Math.sin(angle);
    const s10 = 2 * (s1 * x + s2 * y);
    const s19 = 2 * (s1 * y - s2 * x);
    return [0.5 * (s10 * s1 / condition + s19 * -s2), 0.5 * (s10 * s2 / condition + s19 * s1)];
  },
  line: (level, turn, condition, angle) => {
    const s2 = Math.sqrt(2 * level);
    const s6 = s2 * Math.sqrt(condition) * Math.cos(turn);
    const s8 = s2 * Math.sin(turn);
    const s9 = -angle;
    const s10 = Math.cos(s9);
    const s11 = Math.sin(s9);
    return [s10 * s6 + s11 * s8, s10 * s8 - s11 * s6];
  },
  factor: (rate, curvature) => 1 - rate * curvature,
  steps: (share, left) => Math.log(share) / Math.log(left),
};
