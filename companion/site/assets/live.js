// Makes a page's live figures live without a kernel: scripts bring each one's module and state, the
// module is imported from memory and drawn in the place of the still figure. The model is the part
// of Backbone's that they use.
const modelOf = (state) => {
  const heard = {};
  const tell = (name) => { for (const listener of [...(heard[name] ?? [])]) listener(); };
  return {
    get: (key) => state[key],
    set(key, value) {
      if (Object.is(state[key], value)) return;
      state[key] = value;
      tell(`change:${key}`);
    },
    on: (name, listener) => { (heard[name] ??= new Set()).add(listener); },
    off: (name, listener) => { heard[name]?.delete(listener); },
    save_changes() {},
  };
};

// A figure's scripts, which pages opened from the disk may load, too; each is asked for once, and
// again where it did not come.
const asked = {};
const script = (address) => asked[address] ??= new Promise((resolve, reject) => {
  const tag = document.createElement("script");
  tag.addEventListener("load", resolve);
  tag.addEventListener("error", () => {
    delete asked[address];
    tag.remove();
    reject(new Error(`${address} could not be loaded`));
  });
  tag.src = address;
  document.head.append(tag);
});

// A program is the names of its parts, which scripts have brought.
const joined = (program) => program.map((part) => window.liveParts[part]).join("\n");

const fetched = (still) => Promise.all(still.dataset.scripts.split(" ").map(script));

const bring = async (still) => {
  const { _esm, _css, _constants } = window.liveFigures[still.dataset.live];
  const state = window.liveStates[still.dataset.model];
  const blob = new Blob([joined(_esm)], { type: "text/javascript" });
  const address = URL.createObjectURL(blob);
  const { default: figure } = await import(address);
  URL.revokeObjectURL(address);
  const style = document.createElement("style");
  style.textContent = joined(_css);
  document.head.append(style);
  const live = document.createElement("div");
  const place = still.querySelector(".live-place");
  place.prepend(live);
  figure.render({ model: modelOf({ ...state, _constants }), el: live });
  place.lastElementChild.remove();
  still.dataset.ready = "";
};

// Each figure is brought when the reader comes near it, or when the address names it. Where a script
// did not come, the still is shown, until the next such occasion, or until the reader is online.
const missed = new Set();
const near = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) if (isIntersecting) bringOnce(target);
}, { rootMargin: "100%" });
const miss = (still) => {
  missed.add(still);
  delete still.dataset.brought;
};
const bringOnce = async (still) => {
  if ("brought" in still.dataset) return;
  still.dataset.brought = "";
  try {
    await fetched(still).catch((error) => { miss(still); throw error; });
    near.unobserve(still);
    await bring(still);
  } catch (error) {  // an old browser has the still
    still.querySelector(".live-still").style.setProperty("display", "block", "important");
    throw error;
  }
};
const stills = [...document.querySelectorAll("figure.live")];
const named = () => {
  const [, name] = /^#live=(\w+)/.exec(location.hash) ?? [];
  for (const still of stills) if (still.dataset.live === name) bringOnce(still);
};
for (const still of stills) near.observe(still);
named();
addEventListener("hashchange", named);
addEventListener("online", () => missed.forEach(bringOnce));
