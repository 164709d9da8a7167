// An equation, a table or code wider than its box scrolls in it; a reader with a keyboard must be able to reach it.
// A box is measured when the reader comes near it: measuring all at once would hold the page up.
const boxes = document.querySelectorAll(
  ".katex-display, .pst-scrollable-table-container, pre, .cell_output:has(> img), .cell_output > .output");
const nearby = new IntersectionObserver((changes) => {
  for (const { target: box, isIntersecting } of changes) {
    if (!isIntersecting) continue;
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight + 1;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}, { rootMargin: "100%" });
const watch = () => {
  nearby.disconnect();
  for (const box of boxes) nearby.observe(box);
};
watch();
addEventListener("resize", watch);

// Paper is light, whatever the screen is.
let theme;
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = theme;
});
