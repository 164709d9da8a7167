"""The quizzes as a reader meets them: answered by mouse and by keyboard, linked to, printed, without JavaScript."""

from pathlib import Path

import pytest
import yaml

CONTENTS = yaml.safe_load(
    (Path(__file__).parents[2] / "_toc.yml").read_text(encoding="utf-8")
)
CHAPTERS = tuple(
    f"{chapter['file']}.html" for chapter in CONTENTS["parts"][0]["chapters"]
)
RADIO, BOXES, NUMBER = "quiz-first-step", "quiz-which-unbiased", "quiz-third-step"
RATES, CORRECTION = "chapters/adaptive_rates.html", "chapters/bias_correction.html"
WHERE = {RADIO: CORRECTION, BOXES: CORRECTION, NUMBER: RATES}


# Gives a form every answer in turn, a list of the boxes to tick or a text; returns what stood then in the result.
ANSWER = """(form, answers) => answers.map((answer) => {
  const inputs = [...form.querySelectorAll("input")];
  if (typeof answer === "string") inputs[0].value = answer;
  else inputs.forEach((input, i) => { input.checked = answer.includes(i); });
  form.requestSubmit();
  const result = form.querySelector("[role=status]");
  const items = [...result.querySelectorAll("li")].map((item) => item.textContent.trim());
  return {verdict: result.dataset.verdict, text: result.textContent, items};
})"""
# The folded answers: verdict, value and text of each.
ANSWERS = """items => items.map((item) => {
  return {...item.querySelector(".quiz-verdict").dataset, text: item.textContent.trim()};
})"""


class Quiz:
    """A quiz on an open page."""

    def __init__(self, page, name):
        self.form = page.locator(f"form#{name}")
        self.inputs = self.form.locator("input")
        self.check = self.form.get_by_role("button", name="Check")
        self.result = self.form.get_by_role("status")

    def answers(self):
        """The folded answers: verdict, value and text of each."""
        return self.form.locator(".quiz-answers > li").evaluate_all(ANSWERS)

    def said(self):
        """The verdict that the result carries, and its text."""
        return self.result.get_attribute("data-verdict"), self.result.text_content()


@pytest.fixture
def quiz(page, address):
    """Open the page of a quiz, by its name."""

    def of(name):
        page.goto(f"{address}/{WHERE[name]}")
        return Quiz(page, name)

    return of


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_answer_gets_its_verdict_and_its_own_explanation(page, address, chapter):
    """Three quizzes a chapter, numbered; every choice and every number that is named."""
    page.goto(f"{address}/{chapter}")
    names = page.locator("form.quiz").evaluate_all("all => all.map((one) => one.id)")
    assert len(names) == 3
    for count, name in enumerate(names, 1):
        one = Quiz(page, name)
        assert f".{count}" in one.form.locator("legend").text_content()
        answers = one.answers()
        of_number = "value" in answers[0]
        alone = sum(answer["verdict"] == "right" for answer in answers) == 1
        given = [
            answer.get("value", "-123") if of_number else [i]
            for i, answer in enumerate(answers)
        ]
        for answer, result in zip(answers, one.form.evaluate(ANSWER, given)):
            assert result["items"] == [answer["text"]]
            if alone or answer["verdict"] == "wrong":
                assert result["verdict"] == answer["verdict"]
    assert page.problems == []


def test_the_verdict_is_a_word_and_a_sign(quiz):
    """Colour is not the only sign."""
    radio = quiz(RADIO)
    for i, word, sign in ((0, "Wrong.", "✗"), (1, "Right.", "✓")):
        radio.inputs.nth(i).check()
        radio.check.click()
        mark = radio.result.locator(".quiz-verdict")
        assert mark.inner_text() == word
        drawn = mark.evaluate("mark => getComputedStyle(mark, '::before').content")
        assert sign in drawn


def test_a_number_may_be_written_in_many_ways(quiz):
    """With the English or the continental decimal mark, as a power, as a fraction."""
    ways = [
        "0.0923",
        ".0923",
        "0,0923",
        "9.23e-2",
        "+9.23E-02",
        "12/130",
        "1.2 / 13",
        "12⁄130",
        "—12/-130",
        "– 12 / −130",
    ]
    results = quiz(NUMBER).form.evaluate(ANSWER, ways)
    assert [result["verdict"] for result in results] == ["right"] * len(ways)
    assert "0,0923 is read as 0.0923." in results[2]["text"]


def test_what_is_no_number_is_said_to_be_none(quiz):
    """And is not called wrong; a minus may be the one that typesetters use."""
    number = quiz(NUMBER)
    texts = [
        "abc",
        "1/0",
        "1/2/3",
        "0x1",
        "Infinity",
        "1e",
        ".",
        "1//2",
        "-",
        "1 2",
        "1½",
        "0. 0923",
    ]
    for text, result in zip(texts, number.form.evaluate(ANSWER, texts)):
        assert result["verdict"] == "none"
        assert f"“{text}” is not a number" in result["text"]
    empty, *others = number.form.evaluate(ANSWER, [" ", "−1", "–0.5", "½"])
    assert (empty["verdict"], empty["text"]) == ("none", "Write a number first.")
    assert [other["verdict"] for other in others] == ["wrong"] * 3


def test_a_number_says_its_precision_and_what_is_rounded_further_is_told_so(quiz):
    """But not what is rounded to another number, or cut; a mistake of the list comes first."""
    number = quiz(NUMBER)
    assert "to four decimals" in number.form.locator("label").text_content()
    rounded, cut, other, listed, nothing = number.form.evaluate(
        ANSWER, ["0.09", "0.08", "0.9", "0.1", "0"]
    )
    assert rounded["verdict"] == "wrong"
    assert "rounded too far. Give your answer to four decimals" in rounded["text"]
    for result in (cut, other, listed, nothing):
        assert result["verdict"] == "wrong" and "too far" not in result["text"]


def test_the_answers_open_after_a_try(page, quiz):
    """What is no answer is no try; by keyboard as by mouse."""
    number = quiz(NUMBER)
    fold, field = number.form.locator("summary"), number.inputs.first
    for text in (None, "abc"):
        if text:
            field.fill(text)
            number.check.click()
        fold.focus()
        page.keyboard.press("Enter")
        assert number.said() == ("none", number.result.text_content())
        assert "Try first" in number.result.text_content()
        assert number.form.locator(".quiz-answers").is_hidden()
    assert fold.get_attribute("aria-disabled") == "true"
    field.fill("5")
    number.check.click()
    fold.click()
    assert number.form.locator(".quiz-answers").is_visible()
    assert number.said()[0] == "wrong"


def test_boxes_must_be_all_and_none_but_the_right_ones(quiz):
    """The wrong ones that are ticked are explained; what is missing is not betrayed."""
    boxes = quiz(BOXES)
    boxes.check.click()
    assert boxes.said() == ("none", "Choose an answer first.")
    answers = boxes.answers()
    right = [i for i, answer in enumerate(answers) if answer["verdict"] == "right"]
    boxes.inputs.nth(right[0]).check()
    boxes.check.click()
    verdict, text = boxes.said()
    assert verdict == "wrong" and "something is missing" in text
    assert answers[right[1]]["text"] not in text
    for i in right:
        boxes.inputs.nth(i).check()
    boxes.check.click()
    assert boxes.said()[0] == "right"
    wrong = next(i for i in range(len(answers)) if i not in right)
    boxes.inputs.nth(wrong).check()
    assert boxes.said() == ("", "")  # the old verdict is gone with the old answer
    boxes.check.click()
    verdict, text = boxes.said()
    assert verdict == "wrong" and answers[wrong]["text"] in text
    assert boxes.result.locator("li").count() == 1
    marker = boxes.result.locator("li").evaluate("item => item.value")
    assert marker == wrong + 1  # its letter is that of the choice


def test_by_keyboard_alone(page, quiz):
    """Tab, arrows, space and Enter; the focus is seen and stays."""
    radio = quiz(RADIO)
    radio.form.locator("legend a").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert radio.inputs.nth(1).is_checked()
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert radio.said()[0] == "right"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowUp")
    assert radio.said() == ("", "")
    page.keyboard.press("Enter")
    assert radio.said()[0] == "wrong"
    boxes = Quiz(page, BOXES)
    boxes.inputs.first.focus()
    for _ in range(2):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert boxes.said()[0] == "right"


def test_a_number_by_keyboard(page, quiz):
    """Its field has a name, and Enter checks without leaving the page."""
    number = quiz(NUMBER)
    field = number.form.get_by_label("Your answer")
    assert field.get_attribute("inputmode") == "text"
    field.focus()
    page.keyboard.type("0.24")
    page.keyboard.press("Enter")
    verdict, text = number.said()
    assert verdict == "wrong" and "before" in text
    assert number.result.locator(".quiz-key").is_hidden()
    assert page.url.endswith(RATES)


def test_a_result_is_announced_with_its_question(quiz):
    """The result is a polite live region; the group of buttons is described by the question."""
    radio = quiz(RADIO)
    assert radio.result.count() == 1 and radio.result.inner_text() == ""
    described = radio.form.locator("fieldset").get_attribute("aria-describedby")
    assert (
        radio.form.locator(f"#{described}").text_content().strip().startswith("You set")
    )


def test_has_an_address(page, address):
    """The address of a quiz opens its page there."""
    page.goto(f"{address}/{CORRECTION}#{RADIO}")
    link = page.locator(f"#{RADIO} legend a")
    assert link.get_attribute("href") == f"#{RADIO}"
    top = f"document.querySelector('form#{RADIO}').getBoundingClientRect().top"
    page.wait_for_function(f"0 <= {top} && {top} < 300")  # the page glides there


def test_prints_the_question_alone(page, quiz):
    """On paper there is nothing to press, and the answers stay folded."""
    radio = quiz(RADIO)
    radio.inputs.nth(1).check()
    radio.check.click()
    page.emulate_media(media="print")
    assert radio.inputs.first.is_visible()
    for hidden in (radio.check, radio.result, radio.form.locator("details")):
        assert hidden.is_hidden()


def test_without_javascript_the_answers_unfold(browser, address):
    """The question stands, nothing asks to be pressed in vain, and a click shows every explanation."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{RATES}")
    for name in (NUMBER, "quiz-hundredfold-cost"):
        form = page.locator(f"form#{name}")
        assert form.locator(".quiz-question").is_visible()
        assert form.locator("button").is_hidden()
        answers = form.locator(".quiz-answers > li")
        assert answers.count() > 4 and not any(a.is_visible() for a in answers.all())
        form.locator("summary").click()
        assert all(answer.is_visible() for answer in answers.all())
    context.close()


def test_only_pages_with_a_quiz_load_its_files(site):
    """No other page carries them."""
    loading = {
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if "quiz.js" in path.read_text(encoding="utf-8")
    }
    assert loading == set(CHAPTERS)
