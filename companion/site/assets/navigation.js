// The menus at the top of a page, and the mark in its contents at the section that is being read.
// (All that the theme needs of Bootstrap's 80 kB of JavaScript.)

const close = (button) => {
  button.classList.remove("show");
  button.setAttribute("aria-expanded", "false");
};

for (const button of document.querySelectorAll('[data-bs-toggle="dropdown"]')) {
  const box = button.parentElement;
  button.addEventListener("click", () => {
    button.setAttribute("aria-expanded", String(button.classList.toggle("show")));
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !button.classList.contains("show")) return;
    close(button);
    button.focus();
  });
  box.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) close(button);
  });
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) close(button);
  });
}

const entries = new Map();
for (const link of document.querySelectorAll('.bd-toc-nav a[href^="#"]')) {
  const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (section) entries.set(section, link);
}
const seen = new Set();
const watcher = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) {
    if (isIntersecting) seen.add(target);
    else seen.delete(target);
  }
  const current = [...entries.keys()].filter((section) => seen.has(section)).pop();
  for (const [section, link] of entries) {
    const active = section === current || (current && section.contains(current));
    link.classList.toggle("active", Boolean(active));
    link.parentElement.classList.toggle("active", Boolean(active));
    if (section === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}, { rootMargin: "-80px 0px -70%" });
for (const section of entries.keys()) watcher.observe(section);
