// A network of three layers of two neurons. Generated from Python's texts by `python -m companion.live`: not to be edited.
const NETWORK = {
  sigmoid: (z) => 0.5 * (1 + Math.tanh(0.5 * z)),
  shares: (z1, z2) => [0.5 * (1 + Math.tanh(0.5 * (z1 - z2))), 0.5 * (1 + Math.tanh(0.5 * (z2 - z1)))],
  sums: (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17, x1, x2) => {
    const s4 = w0 * x1 + w1 * x2 + w4;
    const s8 = w2 * x1 + w3 * x2 + w5;
    const s12 = 0.5 * (1 + Math.tanh(0.5 * s4));
    const s16 = 0.5 * (1 + Math.tanh(0.5 * s8));
    const s20 = w6 * s12 + w7 * s16 + w10;
    const s24 = w8 * s12 + w9 * s16 + w11;
    const s28 = 0.5 * (1 + Math.tanh(0.5 * s20));
    const s32 = 0.5 * (1 + Math.tanh(0.5 * s24));
    return [s4, s8, s20, s24, w12 * s28 + w13 * s32 + w16, w14 * s28 + w15 * s32 + w17];
  },
  late: (w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17, u, v) => {
    const s4 = w6 * u + w7 * v + w10;
    const s8 = w8 * u + w9 * v + w11;
    const s12 = 0.5 * (1 + Math.tanh(0.5 * s4));
    const s16 = 0.5 * (1 + Math.tanh(0.5 * s8));
    return [s4, s8, w12 * s12 + w13 * s16 + w16, w14 * s12 + w15 * s16 + w17];
  },
  flip1u: (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17) => [-w0, -w1, w2, w3, -w4, w5, -w6, w7, -w8, w9, w10 + w6, w11 + w8, w12, w13, w14, w15, w16, w17],
  flip1l: (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17) => [w0, w1, -w2, -w3, w4, -w5, w6, -w7, w8, -w9, w10 + w7, w11 + w9, w12, w13, w14, w15, w16, w17],
  flip2u: (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17) => [w0, w1, w2, w3, w4, w5, -w6, -w7, w8, w9, -w10, w11, -w12, w13, -w14, w15, w16 + w12, w17 + w14],
  flip2l: (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17) => [w0, w1, w2, w3, w4, w5, w6, w7, -w8, -w9, w10, -w11, w12, -w13, w14, -w15, w16 + w13, w17 + w15],
  swap1: (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17) => [w2, w3, w0, w1, w5, w4, w7, w6, w9, w8, w10, w11, w12, w13, w14, w15, w16, w17],
  swap2: (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17) => [w0, w1, w2, w3, w4, w5, w8, w9, w6, w7, w11, w10, w13, w12, w15, w14, w16, w17],
};
