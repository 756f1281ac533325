// Copy: commands without prompt and output, listings without callouts.
"use strict";

{
  const copyText = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = make("textarea", { value: text, className: "visually-hidden" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("refused");
  };
  const addCopy = (frame, what, text) => {
    const copy = make("button", { type: "button", className: "copy", textContent: "Copy", "aria-label": `Copy ${what}` });
    copy.addEventListener("click", async () => {
      const focused = document.activeElement;
      try {
        await copyText(text());
        copy.textContent = "Copied";
        say("Copied");
      } catch {
        copy.textContent = "Not allowed";
        say("The browser does not allow it");
      }
      focused?.focus({ preventScroll: true });
      setTimeout(() => (copy.textContent = "Copy"), 2000);
    });
    frame.append(copy);
  };
  const source = (code) => {
    const copy = code.cloneNode(true);
    for (const link of $$(".to-step", copy)) link.remove();
    return copy.textContent.split("\n").filter((line) => !/^\s*\/\/ \(\d+\)$/.test(line)).join("\n");
  };
  for (const terminal of $$("figure.terminal")) {
    const commands = $$("kbd:not(.return)", terminal);
    if (!commands.length) continue;
    addCopy(terminal, commands.length > 1 ? "the commands" : "the command",
      () => commands.map((command) => command.textContent).join("\n"));
  }
  for (const listing of $$("figure.listing")) {
    const code = $("pre > code", listing);
    if (code) addCopy($(".actions", listing), "the code", () => source(code));
  }
  for (const code of $$("main pre > code")) {
    if (code.closest("figure")) continue;
    const frame = make("div", { className: "copied" });
    code.parentElement.replaceWith(frame);
    frame.append(code.parentElement);
    addCopy(frame, "the code", () => {
      const lines = code.textContent.split("\n");
      const typed = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
      return typed.length ? typed.join("\n") : code.textContent;
    });
  }
}
