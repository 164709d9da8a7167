// The methods of optimlib, and surfaces. Generated from Python's texts by `python -m companion.live`: not to be edited.
// Without AdaSecant: AdaSecant needs the norm of the whole gradient; allowed: a method whose weights are each stepped by themselves.

const METHODS = {
  SGD: {
    name: "SGD",
    hypers: {lr: 0.01},
    state: [],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {};
    },
    step(w, g, state, t, h, x) {
      const {lr} = h;
      const rule = (w, g) => {
        const w_1 = w - lr * g;
        return [w_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {}};
    },
  },
  Momentum: {
    name: "Momentum",
    hypers: {lr: 0.01, momentum: 0.9},
    state: ["v"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {v: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, momentum} = h;
      const rule = (w, g, v) => {
        const v_1 = momentum * v - lr * g;
        const w_1 = w + v_1;
        return [w_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {v: column(1)}};
    },
  },
  NesterovLookAhead: {
    name: "NesterovLookAhead",
    hypers: {lr: 0.01, momentum: 0.9},
    state: ["v"],
    numbers: [],
    inputs: ["gradient"],
    start(w, h, x) {
      return {v: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, momentum} = h;
      const ahead = (w, v) => {
        const result_1 = w + momentum * v;
        return result_1;
      };
      g = x.gradient(w.map((_, i) => ahead(w[i], state.v[i])));
      const rule = (w, g, v) => {
        const v_1 = momentum * v - lr * g;
        const w_1 = w + v_1;
        return [w_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {v: column(1)}};
    },
  },
  Nesterov: {
    name: "Nesterov",
    hypers: {lr: 0.01, momentum: 0.9},
    state: ["v"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {v: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, momentum} = h;
      const k2 = 1 + momentum;
      const rule = (w, g, v) => {
        const v_1 = momentum * v - lr * g;
        const w_1 = w - momentum * v + k2 * v_1;
        return [w_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {v: column(1)}};
    },
  },
  SignSGD: {
    name: "SignSGD",
    hypers: {lr: 0.01},
    state: [],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {};
    },
    step(w, g, state, t, h, x) {
      const {lr} = h;
      const rule = (w, g) => {
        const w_1 = w - lr * Math.sign(g);
        return [w_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {}};
    },
  },
  Rprop: {
    name: "Rprop",
    hypers: {lr: 0.01, up: 1.2, down: 0.5, step_min: 1e-06, step_max: 50},
    state: ["p", "step"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {p: w.map(() => 0), step: w.map(() => h.lr)};
    },
    step(w, g, state, t, h, x) {
      const {lr, up, down, step_min, step_max} = h;
      const rule = (w, g, p, step) => {
        const agree_1 = Math.sign(g) * Math.sign(p);
        const step_1 = agree_1 > 0 ? up * step : (agree_1 < 0 ? down * step : step);
        const step_2 = Math.min(Math.max(step_1, step_min), step_max);
        const p_1 = agree_1 < 0 ? 0 : g;
        const w_1 = w - Math.sign(p_1) * step_2;
        return [w_1, p_1, step_2];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.p[i], state.step[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {p: column(1), step: column(2)}};
    },
  },
  Adagrad: {
    name: "Adagrad",
    hypers: {lr: 0.01, eps: 1e-08},
    state: ["v"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {v: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, eps} = h;
      const rule = (w, g, v) => {
        const v_1 = v + g * g;
        const w_1 = w - lr * g / Math.sqrt(v_1 + eps);
        return [w_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {v: column(1)}};
    },
  },
  AdagradSigma: {
    name: "AdagradSigma",
    hypers: {lr: 0.01, eps: 1e-08},
    state: ["sigma"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {sigma: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, eps} = h;
      const k0 = t - 1;
      const k2 = lr / t ** 0.5;
      const rule = (w, g, sigma) => {
        const sigma_1 = Math.sqrt((k0 * (sigma * sigma) + g * g) / t);
        const w_1 = w - k2 * g / (sigma_1 + eps);
        return [w_1, sigma_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.sigma[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {sigma: column(1)}};
    },
  },
  RMSprop: {
    name: "RMSprop",
    hypers: {lr: 0.01, beta: 0.9, eps: 1e-08},
    state: ["v", "m"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {v: w.map(() => 0), m: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta, eps} = h;
      const k1 = 1 - beta;
      const rule = (w, g, v) => {
        const v_1 = beta * v + k1 * (g * g);
        const w_1 = w - lr * g / Math.sqrt(v_1 + eps);
        return [w_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {v: column(1), m: state.m}};
    },
  },
  RMSpropSigma: {
    name: "RMSpropSigma",
    hypers: {lr: 0.01, beta: 0.9, eps: 1e-08},
    state: ["sigma"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {sigma: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta, eps} = h;
      const kept_1 = beta * (1 - 0 ** (t - 1));
      const k1 = 1 - kept_1;
      const rule = (w, g, sigma) => {
        const sigma_1 = Math.sqrt(kept_1 * (sigma * sigma) + k1 * (g * g));
        const w_1 = w - lr * g / (sigma_1 + eps);
        return [w_1, sigma_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.sigma[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {sigma: column(1)}};
    },
  },
  Adadelta: {
    name: "Adadelta",
    hypers: {lr: 1, beta: 0.9, eps: 1e-06},
    state: ["v", "u"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {v: w.map(() => 0), u: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta, eps} = h;
      const k1 = 1 - beta;
      const rule = (w, g, v, u) => {
        const v_1 = beta * v + k1 * (g * g);
        const d_1 = Math.sqrt(u + eps) / Math.sqrt(v_1 + eps) * g;
        const u_1 = beta * u + k1 * (d_1 * d_1);
        const w_1 = w - lr * d_1;
        return [w_1, v_1, u_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.v[i], state.u[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {v: column(1), u: column(2)}};
    },
  },
  Adam: {
    name: "Adam",
    hypers: {lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-08},
    state: ["m", "v"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0), v: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps} = h;
      const k1 = 1 - beta1;
      const k3 = 1 - beta2;
      const k4 = 1 - beta1 ** t;
      const k5 = 1 - beta2 ** t;
      const rule = (w, g, m, v) => {
        const m_1 = beta1 * m + k1 * g;
        const v_1 = beta2 * v + k3 * (g * g);
        const m_hat_1 = m_1 / k4;
        const v_hat_1 = v_1 / k5;
        const w_1 = w - lr * m_hat_1 / (Math.sqrt(v_hat_1) + eps);
        return [w_1, m_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), v: column(2)}};
    },
  },
  AdamW: {
    name: "AdamW",
    hypers: {lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-08, weight_decay: 0.01},
    state: ["m", "v"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0), v: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps, weight_decay} = h;
      const k0 = 1 - lr * weight_decay;
      const k2 = 1 - beta1;
      const k4 = 1 - beta2;
      const k5 = 1 - beta1 ** t;
      const k6 = 1 - beta2 ** t;
      const rule = (w, g, m, v) => {
        const w_1 = k0 * w;
        const m_1 = beta1 * m + k2 * g;
        const v_1 = beta2 * v + k4 * (g * g);
        const m_hat_1 = m_1 / k5;
        const v_hat_1 = v_1 / k6;
        const w_2 = w_1 - lr * m_hat_1 / (Math.sqrt(v_hat_1) + eps);
        return [w_2, m_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), v: column(2)}};
    },
  },
  AMSGrad: {
    name: "AMSGrad",
    hypers: {lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-08},
    state: ["m", "v", "v_max"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0), v: w.map(() => 0), v_max: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps} = h;
      const sum1_1 = 1 - beta1 ** t;
      const sum2_1 = 1 - beta2 ** t;
      const k1 = 1 - beta1;
      const k3 = 1 - beta2;
      const rule = (w, g, m, v, v_max) => {
        const m_1 = beta1 * m + k1 * g;
        const v_1 = beta2 * v + k3 * (g * g);
        const v_max_1 = Math.max(v_max, v_1);
        const v_hat_1 = v_max_1 / sum2_1;
        const w_1 = w - lr * (m_1 / sum1_1) / (Math.sqrt(v_hat_1) + eps);
        return [w_1, m_1, v_1, v_max_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.v[i], state.v_max[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), v: column(2), v_max: column(3)}};
    },
  },
  Adamax: {
    name: "Adamax",
    hypers: {lr: 0.002, beta1: 0.9, beta2: 0.999, eps: 1e-08},
    state: ["m", "u"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0), u: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps} = h;
      const k1 = 1 - beta1;
      const k4 = 1 - beta1 ** t;
      const rule = (w, g, m, u) => {
        const m_1 = beta1 * m + k1 * g;
        const u_1 = Math.max(beta2 * u, Math.abs(g) + eps);
        const m_hat_1 = m_1 / k4;
        const w_1 = w - lr * m_hat_1 / u_1;
        return [w_1, m_1, u_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.u[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), u: column(2)}};
    },
  },
  NAdam: {
    name: "NAdam",
    hypers: {lr: 0.002, beta1: 0.9, beta2: 0.999, eps: 1e-08, momentum_decay: 0.004},
    state: ["m", "v", "mu_product"],
    numbers: ["mu_product"],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0), v: w.map(() => 0), mu_product: 1};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps, momentum_decay} = h;
      const {mu_product} = state;
      const mu_1 = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * t));
      const mu_next_1 = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * (t + 1)));
      const mu_product_1 = mu_1 * mu_product;
      const k1 = 1 - beta1;
      const k3 = 1 - beta2;
      const k4 = 1 - beta2 ** t;
      const k5 = (1 - mu_1) / (1 - mu_product_1);
      const k6 = mu_next_1 / (1 - mu_next_1 * mu_product_1);
      const rule = (w, g, m, v) => {
        const m_1 = beta1 * m + k1 * g;
        const v_1 = beta2 * v + k3 * (g * g);
        const v_hat_1 = v_1 / k4;
        const now_1 = k5 * g;
        const ahead_1 = k6 * m_1;
        const w_1 = w - lr * (now_1 + ahead_1) / (Math.sqrt(v_hat_1) + eps);
        return [w_1, m_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), v: column(2), mu_product: mu_product_1}};
    },
  },
  AdaBelief: {
    name: "AdaBelief",
    hypers: {lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-16, eps_root: 1e-16},
    state: ["m", "s"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0), s: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps, eps_root} = h;
      const k1 = 1 - beta1;
      const k3 = 1 - beta2;
      const k5 = 1 - beta1 ** t;
      const k6 = 1 - beta2 ** t;
      const rule = (w, g, m, s) => {
        const m_1 = beta1 * m + k1 * g;
        const r1 = g - m_1;
        const s_1 = beta2 * s + k3 * (r1 * r1) + eps_root;
        const m_hat_1 = m_1 / k5;
        const s_hat_1 = s_1 / k6;
        const w_1 = w - lr * m_hat_1 / (Math.sqrt(s_hat_1) + eps);
        return [w_1, m_1, s_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.s[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), s: column(2)}};
    },
  },
  Yogi: {
    name: "Yogi",
    hypers: {lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 0.001},
    state: ["m", "v"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0), v: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps} = h;
      const k1 = 1 - beta1;
      const k2 = 1 - beta2;
      const k3 = 1 - beta1 ** t;
      const k4 = 1 - beta2 ** t;
      const rule = (w, g, m, v) => {
        const m_1 = beta1 * m + k1 * g;
        const v_1 = v - k2 * Math.sign(v - g * g) * (g * g);
        const m_hat_1 = m_1 / k3;
        const v_hat_1 = v_1 / k4;
        const w_1 = w - lr * m_hat_1 / (Math.sqrt(v_hat_1) + eps);
        return [w_1, m_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), v: column(2)}};
    },
  },
  RAdam: {
    name: "RAdam",
    hypers: {lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-08},
    state: ["m", "v"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0), v: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps} = h;
      const sum2_1 = 1 - beta2 ** t;
      const rho_1 = 2 / (1 - beta2) - 1;
      const rho_t_1 = rho_1 - 2 * t * beta2 ** t / sum2_1;
      const n_1 = Math.max(rho_1, 5);
      const n_t_1 = Math.max(rho_t_1, 5);
      const r_1 = Math.sqrt((n_t_1 - 4) * (n_t_1 - 2) * n_1 / ((n_1 - 4) * (n_1 - 2) * n_t_1));
      const k1 = 1 - beta1;
      const k3 = 1 - beta2;
      const k5 = r_1 * Math.sqrt(sum2_1);
      const k6 = rho_t_1 > 5;
      const k9 = 1 - beta1 ** t;
      const rule = (w, g, m, v) => {
        const m_1 = beta1 * m + k1 * g;
        const v_1 = beta2 * v + k3 * (g * g);
        const scale_1 = k6 ? k5 / (Math.sqrt(v_1) + eps) : 1;
        const w_1 = w - lr * m_1 / k9 * scale_1;
        return [w_1, m_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), v: column(2)}};
    },
  },
  Lion: {
    name: "Lion",
    hypers: {lr: 0.0001, beta1: 0.9, beta2: 0.99, weight_decay: 0},
    state: ["m"],
    numbers: [],
    inputs: [],
    start(w, h, x) {
      return {m: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, weight_decay} = h;
      const k1 = 1 - beta1;
      const k2 = 1 - lr * weight_decay;
      const k5 = 1 - beta2;
      const rule = (w, g, m) => {
        const u_1 = beta1 * m + k1 * g;
        const w_1 = k2 * w - lr * Math.sign(u_1);
        const m_1 = beta2 * m + k5 * g;
        return [w_1, m_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1)}};
    },
  },
  ScheduleFreeSGD: {
    name: "ScheduleFreeSGD",
    hypers: {lr: 1, beta: 0.9},
    state: ["d", "gamma", "n"],
    numbers: ["gamma", "n"],
    inputs: ["gradient"],
    start(w, h, x) {
      return {d: w.map(() => 0), gamma: 0, n: 0};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta} = h;
      const {gamma, n} = state;
      const k0 = 1 - beta;
      const ahead = (w, d) => {
        const result_1 = w + k0 * d;
        return result_1;
      };
      g = x.gradient(w.map((_, i) => ahead(w[i], state.d[i])));
      const gamma_1 = Math.max(gamma, lr);
      const r1 = gamma / (gamma_1 > 0 ? gamma_1 : 1);
      const n_1 = r1 * r1 * n + 1;
      const rule = (w, g, d) => {
        const p_1 = d - lr * g;
        const w_1 = w + p_1 / n_1;
        const d_1 = p_1 - p_1 / n_1;
        return [w_1, d_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.d[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {d: column(1), gamma: gamma_1, n: n_1}};
    },
  },
  ScheduleFreeAdamW: {
    name: "ScheduleFreeAdamW",
    hypers: {lr: 0.0025, beta1: 0.9, beta2: 0.999, eps: 1e-08, weight_decay: 0},
    state: ["d", "v", "gamma", "n"],
    numbers: ["gamma", "n"],
    inputs: ["gradient"],
    start(w, h, x) {
      return {d: w.map(() => 0), v: w.map(() => 0), gamma: 0, n: 0};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, eps, weight_decay} = h;
      const {gamma, n} = state;
      const k0 = 1 - beta1;
      const ahead = (w, d, v) => {
        const result_1 = w + k0 * d;
        return result_1;
      };
      g = x.gradient(w.map((_, i) => ahead(w[i], state.d[i], state.v[i])));
      const gamma_1 = Math.max(gamma, lr);
      const r1 = gamma / (gamma_1 > 0 ? gamma_1 : 1);
      const n_1 = r1 * r1 * n + 1;
      const k1 = 1 - beta2;
      const k2 = 1 - beta2 ** t;
      const k3 = 1 - beta1;
      const rule = (w, g, d, v) => {
        const v_1 = beta2 * v + k1 * (g * g);
        const v_hat_1 = v_1 / k2;
        const y_1 = w + k3 * d;
        const p_1 = d - lr * (g / (Math.sqrt(v_hat_1) + eps) + weight_decay * y_1);
        const w_1 = w + p_1 / n_1;
        const d_1 = p_1 - p_1 / n_1;
        return [w_1, d_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.d[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {d: column(1), v: column(2), gamma: gamma_1, n: n_1}};
    },
  },
  Eve: {
    name: "Eve",
    hypers: {lr: 0.001, beta1: 0.9, beta2: 0.999, beta3: 0.999, eps: 1e-08, c: 10, f_min: 0},
    state: ["m", "v", "f_prev", "d"],
    numbers: ["f_prev", "d"],
    inputs: ["loss"],
    start(w, h, x) {
      return {m: w.map(() => 0), v: w.map(() => 0), f_prev: x.loss, d: 1};
    },
    step(w, g, state, t, h, x) {
      const {lr, beta1, beta2, beta3, eps, c, f_min} = h;
      const {f_prev, d} = state;
      const {loss} = x;
      const r_1 = Math.abs(loss - f_prev) / (Math.min(loss, f_prev) - f_min);
      const r1 = 1 / c;
      const r2 = r_1 >= r1 || r1 !== r1 ? r_1 : r1;
      const r_2 = r2 <= c || c !== c ? r2 : c;
      const d_1 = t > 1 ? beta3 * d + (1 - beta3) * r_2 : 1;
      const k1 = 1 - beta1;
      const k3 = 1 - beta2;
      const k4 = 1 - beta1 ** t;
      const k5 = 1 - beta2 ** t;
      const k6 = lr / d_1;
      const rule = (w, g, m, v) => {
        const m_1 = beta1 * m + k1 * g;
        const v_1 = beta2 * v + k3 * (g * g);
        const m_hat_1 = m_1 / k4;
        const v_hat_1 = v_1 / k5;
        const w_1 = w - k6 * m_hat_1 / (Math.sqrt(v_hat_1) + eps);
        return [w_1, m_1, v_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.m[i], state.v[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {m: column(1), v: column(2), f_prev: loss, d: d_1}};
    },
  },
  VSGD: {
    name: "VSGD",
    hypers: {warmup: 10, slow_start: 2, eps: 1e-09},
    state: ["a", "v", "h", "tau"],
    numbers: [],
    inputs: ["curvature"],
    start(w, h, x) {
      return {a: w.map(() => 0), v: w.map(() => 0), h: w.map(() => 0), tau: w.map(() => 0)};
    },
    step(w, g, state, t, h, x) {
      const {warmup, slow_start, eps} = h;
      const warming_1 = t <= warmup;
      const k4 = t === warmup;
      const rule = (w, g, a, v, h, tau, curvature) => {
        const share_1 = 1 / (warming_1 ? t : tau);
        const a_1 = (1 - share_1) * a + share_1 * g;
        const v_1 = (1 - share_1) * v + share_1 * (g * g);
        const v_2 = k4 ? slow_start * v_1 : v_1;
        const h_1 = (1 - share_1) * h + share_1 * Math.abs(curvature);
        const r_1 = a_1 * a_1 / (v_2 + eps);
        const w_1 = w - (warming_1 ? 0 : r_1 / (h_1 + eps)) * g;
        const tau_1 = warming_1 ? t : (1 - r_1) * tau + 1;
        return [w_1, a_1, v_2, h_1, tau_1];
      };
      const rows = w.map((_, i) => rule(w[i], g[i], state.a[i], state.v[i], state.h[i], state.tau[i], x.curvature[i]));
      const column = (k) => rows.map((row) => row[k]);
      return {w: column(0), state: {a: column(1), v: column(2), h: column(3), tau: column(4)}};
    },
  },
};

const SURFACES = {
  beale: {
    name: "beale",
    window: [[-0.5, 4.5], [-1.6, 2]],
    start: [1, 1.6],
    minima: [[3, 0.5]],
    value(x, y) {
      const s3 = 1.5 - x + x * y;
      const s6 = y * y;
      const s8 = 2.25 - x + x * s6;
      const s14 = 2.625 - x + x * (s6 * y);
      return s3 * s3 + s8 * s8 + s14 * s14;
    },
    gradient(x, y) {
      const s5 = 2 * (1.5 - x + x * y);
      const s11 = y * y;
      const s15 = 2 * (2.25 - x + x * s11);
      const s24 = s11 * y;
      const s28 = 2 * (2.625 - x + x * s24);
      return [s5 * (-1 + y) + s15 * (-1 + s11) + s28 * (-1 + s24), s5 * x + s15 * (x * (2 * y)) + s28 * (x * (3 * s11))];
    },
    curvature(x, y) {
      const s4 = -1 + y;
      const s11 = y * y;
      const s14 = -1 + s11;
      const s24 = s11 * y;
      const s27 = -1 + s24;
      const s40 = x * (2 * y);
      const s51 = x * (3 * s11);
      return [2 * (s4 * s4) + 2 * (s14 * s14) + 2 * (s27 * s27), 2 * (x * x) + (2 * (s40 * s40) + 2 * (2.25 - x + x * s11) * (x * 2)) + (2 * (s51 * s51) + 2 * (2.625 - x + x * s24) * (x * (6 * y)))];
    },
  },
  rosenbrock: {
    name: "rosenbrock",
    window: [[-1.6, 1.6], [-0.6, 2]],
    start: [-0.6, 1.6],
    minima: [[1, 1]],
    value(x, y) {
      const s1 = 1 - x;
      const s4 = y - x * x;
      return s1 * s1 + 100 * (s4 * s4);
    },
    gradient(x, y) {
      const s9 = 2 * (y - x * x);
      return [-(2 * (1 - x)) + 100 * (s9 * -(2 * x)), 100 * s9];
    },
    curvature(x, y) {
      const s8 = -(2 * x);
      return [2 + 100 * (2 * (s8 * s8) + 2 * (y - x * x) * -2), 200];
    },
  },
  ravine: {
    name: "ravine",
    window: [[-6, 4], [-2, 2]],
    start: [-5, 1],
    minima: [[0, 0]],
    value(x, y) {
      return 0.5 * (x * x + 50 * (y * y));
    },
    gradient(x, y) {
      return [0.5 * (2 * x), 0.5 * (50 * (2 * y))];
    },
    curvature(x, y) {
      return [1, 50];
    },
  },
  saddle: {
    name: "saddle",
    window: [[-2, 2], [-2, 2]],
    start: [-1.5, 0.001],
    minima: [],
    value(x, y) {
      return x * x - y * y;
    },
    gradient(x, y) {
      return [2 * x, -(2 * y)];
    },
    curvature(x, y) {
      return [2, -2];
    },
  },
  toy: {
    name: "toy",
    window: [[-2, 6], [-4, 3]],
    start: [-1, 2],
    minima: [[2, -1]],
    value(x, y) {
      const s7 = 0.5 * (1 + Math.tanh(0.5 * (x * -0.9328288493890713 + y))) - 0.05387757153954642;
      const s17 = 0.5 * (1 + Math.tanh(0.5 * (x * -0.648688758794882 + y))) - 0.09134038688776092;
      const s28 = 0.5 * (1 + Math.tanh(0.5 * (x * -0.5456848129332406 + y))) - 0.10993848209916712;
      const s37 = 0.5 * (1 + Math.tanh(0.5 * y)) - 0.2689414213699951;
      const s48 = 0.5 * (1 + Math.tanh(0.5 * (x * 0.14305966145952187 + y))) - 0.32874192014794984;
      const s59 = 0.5 * (1 + Math.tanh(0.5 * (x * 0.2307702229625077 + y))) - 0.368546001952885;
      const s70 = 0.5 * (1 + Math.tanh(0.5 * (x * 0.2739233746429086 + y))) - 0.38884893353421746;
      const s81 = 0.5 * (1 + Math.tanh(0.5 * (x * 0.4589931219679968 + y))) - 0.4795080458743179;
      const s92 = 0.5 * (1 + Math.tanh(0.5 * (x * 0.6652882953067956 + y))) - 0.5818996636028554;
      const s103 = 0.5 * (1 + Math.tanh(0.5 * (x * 0.7263578446997732 + y))) - 0.6112847190959714;
      const s114 = 0.5 * (1 + Math.tanh(0.5 * (x * 0.7805487040095846 + y))) - 0.6367064212792284;
      return 0.5 * (s7 * s7) * 0.02 + 0.5 * (s17 * s17) * 0.02 + 0.5 * (s28 * s28) * 0.02 + 0.5 * (s37 * s37) * 0.8 + 0.5 * (s48 * s48) * 0.02 + 0.5 * (s59 * s59) * 0.02 + 0.5 * (s70 * s70) * 0.02 + 0.5 * (s81 * s81) * 0.02 + 0.5 * (s92 * s92) * 0.02 + 0.5 * (s103 * s103) * 0.02 + 0.5 * (s114 * s114) * 0.02;
    },
    gradient(x, y) {
      const s3 = 0.5 * (x * -0.9328288493890713 + y);
      const s7 = Math.exp(-2 * Math.abs(s3));
      const s9 = 1 + s7;
      const s11 = 4 * s7 / (s9 * s9);
      const s21 = 2 * (0.5 * (1 + Math.tanh(s3)) - 0.05387757153954642);
      const s37 = 0.5 * (x * -0.648688758794882 + y);
      const s41 = Math.exp(-2 * Math.abs(s37));
      const s43 = 1 + s41;
      const s45 = 4 * s41 / (s43 * s43);
      const s55 = 2 * (0.5 * (1 + Math.tanh(s37)) - 0.09134038688776092);
      const s74 = 0.5 * (x * -0.5456848129332406 + y);
      const s78 = Math.exp(-2 * Math.abs(s74));
      const s80 = 1 + s78;
      const s82 = 4 * s78 / (s80 * s80);
      const s92 = 2 * (0.5 * (1 + Math.tanh(s74)) - 0.10993848209916712);
      const s109 = 0.5 * y;
      const s113 = Math.exp(-2 * Math.abs(s109));
      const s115 = 1 + s113;
      const s130 = 0.5 * (x * 0.14305966145952187 + y);
      const s134 = Math.exp(-2 * Math.abs(s130));
      const s136 = 1 + s134;
      const s138 = 4 * s134 / (s136 * s136);
      const s148 = 2 * (0.5 * (1 + Math.tanh(s130)) - 0.32874192014794984);
      const s167 = 0.5 * (x * 0.2307702229625077 + y);
      const s171 = Math.exp(-2 * Math.abs(s167));
      const s173 = 1 + s171;
      const s175 = 4 * s171 / (s173 * s173);
      const s185 = 2 * (0.5 * (1 + Math.tanh(s167)) - 0.368546001952885);
      const s204 = 0.5 * (x * 0.2739233746429086 + y);
      const s208 = Math.exp(-2 * Math.abs(s204));
      const s210 = 1 + s208;
      const s212 = 4 * s208 / (s210 * s210);
      const s222 = 2 * (0.5 * (1 + Math.tanh(s204)) - 0.38884893353421746);
      const s241 = 0.5 * (x * 0.4589931219679968 + y);
      const s245 = Math.exp(-2 * Math.abs(s241));
      const s247 = 1 + s245;
      const s249 = 4 * s245 / (s247 * s247);
      const s259 = 2 * (0.5 * (1 + Math.tanh(s241)) - 0.4795080458743179);
      const s278 = 0.5 * (x * 0.6652882953067956 + y);
      const s282 = Math.exp(-2 * Math.abs(s278));
      const s284 = 1 + s282;
      const s286 = 4 * s282 / (s284 * s284);
      const s296 = 2 * (0.5 * (1 + Math.tanh(s278)) - 0.5818996636028554);
      const s315 = 0.5 * (x * 0.7263578446997732 + y);
      const s319 = Math.exp(-2 * Math.abs(s315));
      const s321 = 1 + s319;
      const s323 = 4 * s319 / (s321 * s321);
      const s333 = 2 * (0.5 * (1 + Math.tanh(s315)) - 0.6112847190959714);
      const s352 = 0.5 * (x * 0.7805487040095846 + y);
      const s356 = Math.exp(-2 * Math.abs(s352));
      const s358 = 1 + s356;
      const s360 = 4 * s356 / (s358 * s358);
      const s370 = 2 * (0.5 * (1 + Math.tanh(s352)) - 0.6367064212792284);
      return [0.5 * (s21 * (0.5 * (s11 * -0.46641442469453565))) * 0.02 + 0.5 * (s55 * (0.5 * (s45 * -0.324344379397441))) * 0.02 + 0.5 * (s92 * (0.5 * (s82 * -0.2728424064666203))) * 0.02 + 0.5 * (s148 * (0.5 * (s138 * 0.07152983072976093))) * 0.02 + 0.5 * (s185 * (0.5 * (s175 * 0.11538511148125385))) * 0.02 + 0.5 * (s222 * (0.5 * (s212 * 0.1369616873214543))) * 0.02 + 0.5 * (s259 * (0.5 * (s249 * 0.2294965609839984))) * 0.02 + 0.5 * (s296 * (0.5 * (s286 * 0.3326441476533978))) * 0.02 + 0.5 * (s333 * (0.5 * (s323 * 0.3631789223498866))) * 0.02 + 0.5 * (s370 * (0.5 * (s360 * 0.3902743520047923))) * 0.02, 0.5 * (s21 * (0.5 * (s11 * 0.5))) * 0.02 + 0.5 * (s55 * (0.5 * (s45 * 0.5))) * 0.02 + 0.5 * (s92 * (0.5 * (s82 * 0.5))) * 0.02 + 0.5 * (2 * (0.5 * (1 + Math.tanh(s109)) - 0.2689414213699951) * (0.5 * (4 * s113 / (s115 * s115) * 0.5))) * 0.8 + 0.5 * (s148 * (0.5 * (s138 * 0.5))) * 0.02 + 0.5 * (s185 * (0.5 * (s175 * 0.5))) * 0.02 + 0.5 * (s222 * (0.5 * (s212 * 0.5))) * 0.02 + 0.5 * (s259 * (0.5 * (s249 * 0.5))) * 0.02 + 0.5 * (s296 * (0.5 * (s286 * 0.5))) * 0.02 + 0.5 * (s333 * (0.5 * (s323 * 0.5))) * 0.02 + 0.5 * (s370 * (0.5 * (s360 * 0.5))) * 0.02];
    },
    curvature(x, y) {
      const s3 = 0.5 * (x * -0.9328288493890713 + y);
      const s4 = Math.tanh(s3);
      const s7 = Math.exp(-2 * Math.abs(s3));
      const s9 = 1 + s7;
      const s11 = 4 * s7 / (s9 * s9);
      const s13 = -2 * s4 * s11;
      const s18 = 0.5 * (s11 * -0.46641442469453565);
      const s21 = 2 * (0.5 * (1 + s4) - 0.05387757153954642);
      const s37 = 0.5 * (x * -0.648688758794882 + y);
      const s38 = Math.tanh(s37);
      const s41 = Math.exp(-2 * Math.abs(s37));
      const s43 = 1 + s41;
      const s45 = 4 * s41 / (s43 * s43);
      const s47 = -2 * s38 * s45;
      const s52 = 0.5 * (s45 * -0.324344379397441);
      const s55 = 2 * (0.5 * (1 + s38) - 0.09134038688776092);
      const s74 = 0.5 * (x * -0.5456848129332406 + y);
      const s75 = Math.tanh(s74);
      const s78 = Math.exp(-2 * Math.abs(s74));
      const s80 = 1 + s78;
      const s82 = 4 * s78 / (s80 * s80);
      const s84 = -2 * s75 * s82;
      const s89 = 0.5 * (s82 * -0.2728424064666203);
      const s92 = 2 * (0.5 * (1 + s75) - 0.10993848209916712);
      const s109 = 0.5 * y;
      const s110 = Math.tanh(s109);
      const s113 = Math.exp(-2 * Math.abs(s109));
      const s115 = 1 + s113;
      const s117 = 4 * s113 / (s115 * s115);
      const s130 = 0.5 * (x * 0.14305966145952187 + y);
      const s131 = Math.tanh(s130);
      const s134 = Math.exp(-2 * Math.abs(s130));
      const s136 = 1 + s134;
      const s138 = 4 * s134 / (s136 * s136);
      const s140 = -2 * s131 * s138;
      const s145 = 0.5 * (s138 * 0.07152983072976093);
      const s148 = 2 * (0.5 * (1 + s131) - 0.32874192014794984);
      const s167 = 0.5 * (x * 0.2307702229625077 + y);
      const s168 = Math.tanh(s167);
      const s171 = Math.exp(-2 * Math.abs(s167));
      const s173 = 1 + s171;
      const s175 = 4 * s171 / (s173 * s173);
      const s177 = -2 * s168 * s175;
      const s182 = 0.5 * (s175 * 0.11538511148125385);
      const s185 = 2 * (0.5 * (1 + s168) - 0.368546001952885);
      const s204 = 0.5 * (x * 0.2739233746429086 + y);
      const s205 = Math.tanh(s204);
      const s208 = Math.exp(-2 * Math.abs(s204));
      const s210 = 1 + s208;
      const s212 = 4 * s208 / (s210 * s210);
      const s214 = -2 * s205 * s212;
      const s219 = 0.5 * (s212 * 0.1369616873214543);
      const s222 = 2 * (0.5 * (1 + s205) - 0.38884893353421746);
      const s241 = 0.5 * (x * 0.4589931219679968 + y);
      const s242 = Math.tanh(s241);
      const s245 = Math.exp(-2 * Math.abs(s241));
      const s247 = 1 + s245;
      const s249 = 4 * s245 / (s247 * s247);
      const s251 = -2 * s242 * s249;
      const s256 = 0.5 * (s249 * 0.2294965609839984);
      const s259 = 2 * (0.5 * (1 + s242) - 0.4795080458743179);
      const s278 = 0.5 * (x * 0.6652882953067956 + y);
      const s279 = Math.tanh(s278);
      const s282 = Math.exp(-2 * Math.abs(s278));
      const s284 = 1 + s282;
      const s286 = 4 * s282 / (s284 * s284);
      const s288 = -2 * s279 * s286;
      const s293 = 0.5 * (s286 * 0.3326441476533978);
      const s296 = 2 * (0.5 * (1 + s279) - 0.5818996636028554);
      const s315 = 0.5 * (x * 0.7263578446997732 + y);
      const s316 = Math.tanh(s315);
      const s319 = Math.exp(-2 * Math.abs(s315));
      const s321 = 1 + s319;
      const s323 = 4 * s319 / (s321 * s321);
      const s325 = -2 * s316 * s323;
      const s330 = 0.5 * (s323 * 0.3631789223498866);
      const s333 = 2 * (0.5 * (1 + s316) - 0.6112847190959714);
      const s352 = 0.5 * (x * 0.7805487040095846 + y);
      const s353 = Math.tanh(s352);
      const s356 = Math.exp(-2 * Math.abs(s352));
      const s358 = 1 + s356;
      const s360 = 4 * s356 / (s358 * s358);
      const s362 = -2 * s353 * s360;
      const s367 = 0.5 * (s360 * 0.3902743520047923);
      const s370 = 2 * (0.5 * (1 + s353) - 0.6367064212792284);
      const s389 = 0.5 * (s11 * 0.5);
      const s403 = 0.5 * (s45 * 0.5);
      const s419 = 0.5 * (s82 * 0.5);
      const s435 = 0.5 * (s117 * 0.5);
      const s451 = 0.5 * (s138 * 0.5);
      const s467 = 0.5 * (s175 * 0.5);
      const s483 = 0.5 * (s212 * 0.5);
      const s499 = 0.5 * (s249 * 0.5);
      const s515 = 0.5 * (s286 * 0.5);
      const s531 = 0.5 * (s323 * 0.5);
      const s547 = 0.5 * (s360 * 0.5);
      return [0.5 * (2 * (s18 * s18) + s21 * (0.5 * (s13 * 0.21754241556313467))) * 0.02 + 0.5 * (2 * (s52 * s52) + s55 * (0.5 * (s47 * 0.10519927644671113))) * 0.02 + 0.5 * (2 * (s89 * s89) + s92 * (0.5 * (s84 * 0.07444297876649644))) * 0.02 + 0.5 * (2 * (s145 * s145) + s148 * (0.5 * (s140 * 0.005116516684228252))) * 0.02 + 0.5 * (2 * (s182 * s182) + s185 * (0.5 * (s177 * 0.01331372395154138))) * 0.02 + 0.5 * (2 * (s219 * s219) + s222 * (0.5 * (s214 * 0.018758503793939816))) * 0.02 + 0.5 * (2 * (s256 * s256) + s259 * (0.5 * (s251 * 0.052668671503482097))) * 0.02 + 0.5 * (2 * (s293 * s293) + s296 * (0.5 * (s288 * 0.1106521289680555))) * 0.02 + 0.5 * (2 * (s330 * s330) + s333 * (0.5 * (s325 * 0.13189892963922495))) * 0.02 + 0.5 * (2 * (s367 * s367) + s370 * (0.5 * (s362 * 0.15231406983276055))) * 0.02, 0.5 * (2 * (s389 * s389) + s21 * (0.5 * (s13 * 0.25))) * 0.02 + 0.5 * (2 * (s403 * s403) + s55 * (0.5 * (s47 * 0.25))) * 0.02 + 0.5 * (2 * (s419 * s419) + s92 * (0.5 * (s84 * 0.25))) * 0.02 + 0.5 * (2 * (s435 * s435) + 2 * (0.5 * (1 + s110) - 0.2689414213699951) * (0.5 * (-2 * s110 * s117 * 0.25))) * 0.8 + 0.5 * (2 * (s451 * s451) + s148 * (0.5 * (s140 * 0.25))) * 0.02 + 0.5 * (2 * (s467 * s467) + s185 * (0.5 * (s177 * 0.25))) * 0.02 + 0.5 * (2 * (s483 * s483) + s222 * (0.5 * (s214 * 0.25))) * 0.02 + 0.5 * (2 * (s499 * s499) + s259 * (0.5 * (s251 * 0.25))) * 0.02 + 0.5 * (2 * (s515 * s515) + s296 * (0.5 * (s288 * 0.25))) * 0.02 + 0.5 * (2 * (s531 * s531) + s333 * (0.5 * (s325 * 0.25))) * 0.02 + 0.5 * (2 * (s547 * s547) + s370 * (0.5 * (s362 * 0.25))) * 0.02];
    },
  },
  bowl: {
    name: "bowl",
    window: [[-4, 4], [-1, 1]],
    start: [3, 0],
    minima: [[0, 0]],
    value(x, y) {
      return 0.5 * (x * x);
    },
    gradient(x, y) {
      return [0.5 * (2 * x), 0];
    },
    curvature(x, y) {
      return [1, 0];
    },
  },
  plateau: {
    name: "plateau",
    window: [[-4, 4], [-1, 1]],
    start: [3, 0],
    minima: [[0, 0]],
    value(x, y) {
      const s1 = x * x;
      return s1 / (1 + s1);
    },
    gradient(x, y) {
      const s1 = 2 * x;
      const s2 = x * x;
      const s3 = 1 + s2;
      return [(s1 - s2 / s3 * s1) / s3, 0];
    },
    curvature(x, y) {
      const s1 = 2 * x;
      const s2 = x * x;
      const s3 = 1 + s2;
      const s4 = s2 / s3;
      return [(2 - 2 * ((s1 - s4 * s1) / s3) * s1 - s4 * 2) / s3, 0];
    },
  },
  kink: {
    name: "kink",
    window: [[-4, 4], [-1, 1]],
    start: [3, 0],
    minima: [[0, 0]],
    value(x, y) {
      return 1.1 * Math.abs(x) - 0.9 * x;
    },
    gradient(x, y) {
      return [1.1 * Math.sign(x) - 0.9, 0];
    },
    curvature(x, y) {
      return [0, 0];
    },
  },
  valleys: {
    name: "valleys",
    window: [[-4, 4], [-1, 1]],
    start: [3, 0],
    minima: [[-2, 0], [2, 0]],
    value(x, y) {
      const s2 = x * x - 4;
      return 0.02 * (s2 * s2);
    },
    gradient(x, y) {
      return [0.02 * (2 * (x * x - 4) * (2 * x)), 0];
    },
    curvature(x, y) {
      const s1 = 2 * x;
      return [0.02 * (2 * (s1 * s1) + 2 * (x * x - 4) * 2), 0];
    },
  },
};
