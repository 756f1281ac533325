// Figures with steps: one at a time, linked with the lines of the listing.
"use strict";

{
  const steppers = new Map();
  for (const figure of $$("figure.steps")) {
    const control = $(".stepper", figure);
    if (!control) continue;
    const rows = $$("tr", figure);
    const grids = $$(".pages > div", figure);
    const scroller = $(".scroll", figure);
    const heads = [...rows[0].cells].slice(1);
    const names = heads.map((head) => head.textContent);
    const [back, next] = ["Back", "Next"].map((textContent) => make("button", { type: "button", textContent }));
    const slider = make("input", { type: "range", min: 1, max: heads.length, value: 1, "aria-label": "Step" });
    const now = make("span");
    control.setAttribute("role", "group");
    control.setAttribute("aria-label", "Steps");
    control.append(back, slider, next, now);
    // How far the reader has come: what is still to come can be guessed first.
    let reached = 0;
    const step = (wanted, quietly) => {
      const number = Math.max(1, Math.min(heads.length, wanted));
      const same = number === +slider.value && figure.dataset.at === String(number);
      figure.dataset.at = number;
      slider.value = number;
      reached = Math.max(reached, number);
      for (const row of rows) {
        [...row.cells].forEach((cell, index) => {
          cell.classList.toggle("shown", index === number);
          cell.classList.toggle("later", index > reached);
        });
      }
      grids.forEach((grid, index) => grid.classList.toggle("shown", index === number - 1));
      back.setAttribute("aria-disabled", number === 1);
      next.setAttribute("aria-disabled", number === heads.length);
      slider.setAttribute("aria-valuetext", names[number - 1]);
      now.replaceChildren(`${number} of ${heads.length}: `, make("code", { textContent: names[number - 1] }));
      light(figure, number);
      if (same || quietly) return;
      // A table that is wider than its window shows the step's column.
      const head = heads[number - 1];
      scroller.scrollLeft = head.offsetLeft + (head.offsetWidth - rows[0].cells[0].offsetWidth - scroller.clientWidth) / 2;
      const changed = rows.slice(1).filter((row) => row.cells[number].matches(".changed"))
        .map((row) => `${row.cells[0].textContent} ${row.cells[number].textContent}`);
      say(`${names[number - 1]}: ${changed.join(", ") || "no field changed"}`);
    };
    const at = () => +slider.value;
    back.addEventListener("click", () => step(at() - 1));
    next.addEventListener("click", () => step(at() + 1));
    slider.addEventListener("input", () => { delete figure.dataset.at; step(at()); });
    figure.tabIndex = -1;
    figure.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.target === slider) return;
      // In what scrolls sideways, arrows scroll.
      if (event.target.matches('.scroll[tabindex="0"]')) return;
      const to = { ArrowLeft: at() - 1, ArrowRight: at() + 1, Home: 1, End: heads.length }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      step(to);
    });
    steppers.set(figure, { step, heads, names });
  }

  // A step and the line of the listing that announces it
  const lines = [];
  const light = (figure, number) => {
    for (const line of lines) {
      if (line.figure === figure) line.link.classList.toggle("lit", line.number === number);
    }
  };
  // Behind the line of `code` that holds `"mapped"` or `"mapped: press Return`.
  const endOfLine = (code, name) => {
    const text = code.textContent;
    const word = name.replace(/[^\w-]/g, "");
    const found = new RegExp(`^.*(checkpoint\\(\\s*"${word}[":]|"${word}: press Return).*$`, "m").exec(text);
    if (!found) return null;
    let end = found.index + found[0].length;
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); end -= node.length) {
      if (end <= node.length) return [node, end];
    }
    return null;
  };
  for (const [figure, { step, heads, names }] of steppers) {
    names.forEach((name, index) => {
      const checkpoint = name.split(":")[0];
      for (const download of $$(`figure.listing a[download="${figure.dataset.listing}.rs"]`)) {
        const code = $("pre > code", download.closest("figure"));
        const known = $(`.to-step[data-of="${checkpoint}"]`, code);
        if (known) continue;
        const place = endOfLine(code, checkpoint);
        if (!place) continue;
        const link = make("a", {
          className: "to-step",
          href: `#${heads[index].id}`,
          "data-of": checkpoint,
          textContent: "→ figure",
          "aria-label": `${checkpoint}: step ${index + 1} of the figure`,
        });
        link.id = `${heads[index].id}-line`;
        const range = document.createRange();
        range.setStart(...place);
        range.insertNode(link);
        lines.push({ figure, number: index + 1, link });
        // And back, from the head of the column.
        const label = $("code", heads[index]);
        if (!label.closest("a")) {
          const back = make("a", { href: `#${link.id}`, title: "To the line of the listing" });
          label.replaceWith(back);
          back.append(label);
        }
      }
    });
    step(1, true);
  }
  // Links to a step show it.
  const showTarget = () => {
    const target = document.getElementById(led(location));
    const figure = target?.closest("figure.steps");
    const stepper = steppers.get(figure);
    const number = stepper ? stepper.heads.indexOf(target) + 1 : 0;
    if (number) {
      stepper.step(number);
      figure.focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", showTarget);
  showTarget();
  document.addEventListener("click", (event) => {
    // The same link twice changes no hash.
    const link = event.target.closest?.('a[href^="#"]');
    if (link && link.hash === location.hash) setTimeout(showTarget);
  });
}
