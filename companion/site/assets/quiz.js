// Quizzes: shows the explanation of the reader's answer, one of those folded below the question.
{
  const UNREAD = "is not a number. Write 0.1, 1e-1 or 1/10, for example.";
  const PARTLY = "What you ticked is right, but something is missing.";
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const TRY = "Try first: the answers open once you have given one of your own.";
  // Minus signs and dashes, fractions and marks of decimals as phones and typesetters write them.
  // (1½ is no 11/2: it stays apart and is not read.)
  const plain = (text) => text.replace(/(\d)\s*(?=[¼-¾⅐-⅞])/g, "$1 ").normalize("NFKC").trim().replace(/[−–—‐‑]\s*/g, "-").replace(/\s*[/⁄÷]\s*/g, "/").replaceAll(",", ".");
  const asNumber = (text) => {
    const parts = plain(text).split("/");
    const [top, bottom = 1] = parts.map((part) => (NUMBER.test(part) ? Number(part) : NaN));
    return parts.length > 2 ? NaN : top / bottom;
  };

  const decimals = (text) => text.split(".")[1]?.length ?? 0;
  const roundedTooFar = (text, value) => Number(text) !== 0 && NUMBER.test(text) && decimals(text) < decimals(value)
    && Number(text) === Number(Number(value).toFixed(decimals(text)));

  const facts = (item) => item.querySelector(".quiz-verdict").dataset;
  const isRight = (item) => facts(item).verdict === "right";

  // A verdict, words and explanations, each with the letter of its choice.
  const show = (form, verdict, words, items = []) => {
    const list = document.createElement("ol");
    for (const item of items) {
      const copy = item.cloneNode(true);
      copy.value = [...item.parentNode.children].indexOf(item) + 1;
      list.append(copy);
    }
    const line = document.createElement("p");
    line.textContent = words;
    const result = form.querySelector(".quiz-result");
    result.dataset.verdict = verdict;
    result.replaceChildren(...(words ? [line] : []), ...(items.length ? [list] : []));
  };

  const checkNumber = (form, text, items) => {
    const number = asNumber(text);
    if (!text.trim()) return show(form, "none", "Write a number first.");
    if (!Number.isFinite(number)) return show(form, "none", `“${text}” ${UNREAD}`);
    const fits = ({ value, tolerance }) =>
      !value || Math.abs(number - value) <= Number(tolerance) + 1e-12 * Math.abs(value);
    const item = items.find((item) => fits(facts(item)));
    if (!facts(item).value && items.some((one) => isRight(one) && roundedTooFar(plain(text), facts(one).value)))
      return show(form, "wrong", `Not yet: right as far as it goes, but rounded too far. Give your answer ${form.dataset.precision}.`);
    const read = text.includes(",") ? `${text} is read as ${number}.` : "";
    show(form, facts(item).verdict, read, [item]);
  };

  const checkChoice = (form, inputs, items) => {
    const chosen = items.filter((_, i) => inputs[i].checked);
    if (!chosen.length) return show(form, "none", "Choose an answer first.");
    if (inputs[0].type === "radio") return show(form, facts(chosen[0]).verdict, "", chosen);
    const wrong = chosen.filter((item) => !isRight(item));
    const all = items.filter(isRight).length === chosen.length;
    if (wrong.length) show(form, "wrong", "Not all that you ticked is right.", wrong);
    else if (!all) show(form, "wrong", PARTLY, chosen);
    else show(form, "right", "This is right, and it is all.", chosen);
  };

  for (const form of document.querySelectorAll("form.quiz")) {
    const inputs = [...form.querySelectorAll("input")];
    const items = [...form.querySelectorAll(".quiz-answers > li")];
    const ofNumber = inputs[0].type === "text";
    const fold = form.querySelector("summary");
    fold.setAttribute("aria-disabled", "true");
    fold.addEventListener("click", (event) => {
      if (!fold.hasAttribute("aria-disabled")) return;
      event.preventDefault();
      show(form, "none", TRY);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (ofNumber) checkNumber(form, inputs[0].value, items);
      else checkChoice(form, inputs, items);
      const { verdict } = form.querySelector(".quiz-result").dataset;
      if (verdict !== "none") fold.removeAttribute("aria-disabled");
    });
    // A result that stands must be that of the answer that stands.
    form.addEventListener("input", () => show(form, "", ""));
  }
}
