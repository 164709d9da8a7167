// An equation, a table or code wider than its box scrolls in it; a reader with a keyboard must be able to reach it.
// A box is measured when the reader comes to it: measuring all at once would hold the page up, and what is far away
// is not laid out.
const boxes = document.querySelectorAll(
  ".katex-display, .pst-scrollable-table-container, pre, .cell_output:has(> img), .cell_output > .output");
const measure = (box) => {
  const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight + 1;
  if (scrolls) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
};
const nearby = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) {
    if (isIntersecting) setTimeout(measure, 100, target);
  }
}, { rootMargin: "10%" });
const watch = () => {
  nearby.disconnect();
  for (const box of boxes) nearby.observe(box);
};
watch();
addEventListener("resize", watch);

// Sections below the first are laid out when the reader comes near; all at once where a place on the page is asked for,
// by a link or by a reader who comes back.
const SECTION = ".bd-article > section > section";
const layOut = () => {
  for (const section of document.querySelectorAll(SECTION)) section.classList.add("laid-out");
};
if (location.hash || performance.getEntriesByType("navigation")[0]?.type !== "navigate") layOut();
for (const asked of ["hashchange", "beforeprint"]) addEventListener(asked, layOut);

// When the page has been quiet for a while the rest follows, a section at a time, so that a picture of the whole page
// has all of it. What is above the reader may get another height: only where the browser holds the reader's place.
const drawNext = () => {
  const section = document.querySelector(`${SECTION}:not(.drawn)`);
  if (!section) return;
  section.classList.add("drawn");
  requestIdleCallback(drawNext);
};
if (window.requestIdleCallback && CSS.supports("overflow-anchor", "auto")) {
  addEventListener("load", () => setTimeout(requestIdleCallback, 2000, drawNext));
}

// A link to what is within a closed fold opens it, on a second click too; not every browser does so by itself.
const unfold = (hash) => {
  const target = document.getElementById(hash.slice(1));
  const closed = () => target?.closest("details:not([open])");
  if (!closed()) return;
  while (closed()) closed().open = true;
  target.scrollIntoView();
};
unfold(location.hash);
addEventListener("hashchange", () => unfold(location.hash));
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.('a[href^="#"]');
  if (!link) return;
  layOut();
  unfold(link.hash);
});

// Paper is light, whatever the screen is, and shows every figure; not every browser asks for those that the reader
// has not come near.
let theme;
addEventListener("beforeprint", () => {
  for (const image of document.images) image.loading = "eager";
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = theme;
});
