// Predictions: choose first, then look at what the kernel said. Without this they
// are a list, and an answer to unfold.
"use strict";

{
  // What was said, by page and heading. It stays in this browser.
  let made = {};
  try {
    made = Object(JSON.parse(localStorage.getItem("predictions")));
  } catch {
    // No storage, or not ours: they hold for this page.
  }
  const note = (name, prediction) => {
    // A page that is opened again stores nothing.
    if (JSON.stringify(made[name]) === JSON.stringify(prediction)) return;
    made[name] = prediction;
    keep("predictions", JSON.stringify(made));
  };

  const contents = document.getElementById("page.contents");
  const fileOf = (link) => link.getAttribute("href").slice(data.root.length);
  const here = $('[aria-current="page"]', contents);
  const file = here ? fileOf(here) : "";

  // How it went: on the front page, and where a part ends.
  const score = make("p", { className: "score" });
  const forget = make("button", { type: "button", textContent: "Forget them" });
  forget.addEventListener("click", () => {
    made = {};
    keep("predictions", null);
    score.remove();
    say("Forgotten");
  });
  const tellScore = () => {
    if (!here) return;
    const chapters = here.closest("ol");
    const part = chapters.previousElementSibling?.matches("h2") && chapters.lastElementChild.contains(here);
    if (!part && here.closest("li").previousElementSibling) return;
    const files = part ? $$("a", chapters).map(fileOf) : null;
    const seen = Object.entries(made)
      .filter(([name, each]) => each?.seen && (!files || files.includes(name.split("#")[0])))
      .map(([, prediction]) => prediction);
    if (!seen.length) return score.remove();
    const right = seen.filter((prediction) => prediction.right).length;
    const where = part ? "In this part you" : "You";
    const count = seen.length === 1 ? "one prediction" : `${seen.length} predictions`;
    score.replaceChildren(`${where} have made ${count}, and the kernel agreed with ${right}. `);
    if (!part) score.append(forget);
    $("main").append(score);
  };

  for (const mark of $$("main li data")) {
    const list = mark.closest("ul");
    // Where it differs from machine to machine, only the answer can tell.
    const right = mark.value === "right" ? mark.closest("li") : null;
    let heading = list;
    while (heading && !heading.matches("h1, h2, h3")) heading = heading.previousElementSibling;
    let answer = list.nextElementSibling;
    while (answer && !answer.matches("details, h2")) answer = answer.nextElementSibling;
    if (!heading || !answer?.matches("details")) continue;
    const name = `${file}#${heading.id}`;
    const options = [...list.children];
    const text = (option) => option.textContent.trim();
    list.classList.add("prediction");
    list.setAttribute("role", "radiogroup");
    list.setAttribute("aria-labelledby", heading.id);
    const radios = options.map((option) => {
      const radio = make("input", { type: "radio", name: `predict.${heading.id}` });
      option.append(make("label", {}, radio, make("span", {}, ...option.childNodes)));
      option.setAttribute("role", "none");
      radio.addEventListener("change", () => {
        note(name, { said: text(option), right: option === right });
        $("summary", answer).textContent = "What the kernel said";
      });
      return radio;
    });
    const verdict = make("p", { className: "verdict" });
    const reveal = () => {
      for (const radio of radios) radio.disabled = true;
      right?.classList.add("right");
      const chosen = options[radios.findIndex((radio) => radio.checked)];
      if (!chosen) return;
      const said = (option) => make("b", { textContent: text(option) });
      verdict.replaceChildren("You said ", said(chosen));
      $("summary", answer).after(verdict);
      if (!right) return verdict.append(".");
      const is = chosen === right;
      if (!is) chosen.classList.add("wrong");
      verdict.append(...(is ? [", and so did the kernel."] : [". The kernel said ", said(right), "."]));
      note(name, { said: text(chosen), right: is, seen: true });
    };
    answer.addEventListener("toggle", () => {
      if (!answer.open || radios[0].disabled) return;
      reveal();
      tellScore();
    });
    // What was said before the options were others is no prediction.
    const before = made[name];
    const chosen = options.findIndex((option) => text(option) === before?.said);
    if (chosen >= 0) {
      radios[chosen].checked = true;
      $("summary", answer).textContent = "What the kernel said";
      if (before.seen) reveal();
    }
  }
  tellScore();
}
