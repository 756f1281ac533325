// The dialogs, and the keys that open them and turn the page.
"use strict";

{
  makers.help = () => {
    const close = make("button", { type: "button", textContent: "Close" });
    const keys = [
      ["/", "s", "Search"],
      ["←", "→", "Previous and next chapter, unless something that scrolls or steps has the focus"],
      ["←", "→", "In a figure with steps: one step. Home and End: the first and the last"],
      ["↑", "↓", "From a field of a capture: the field above and below"],
      ["Enter", "On a field: its entry in the index"],
      ["?", "These keys"],
      ["Esc", "Close what is open"],
    ].map((line) => {
      const names = line.slice(0, -1).flatMap((name) => [make("kbd", { textContent: name }), " "]);
      return [make("dt", {}, ...names), make("dd", { textContent: line.at(-1) })];
    });
    const dialog = make("dialog", { "aria-labelledby": "page.keys" },
      make("div", { className: "keys" },
        make("h2", { id: "page.keys", textContent: "Keys" }),
        make("dl", {}, ...keys.flat()), close));
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    return dialog;
  };

  const dialogs = {};
  const show = (name) => {
    if (!dialogs[name]) {
      dialogs[name] = makers[name]();
      document.body.append(dialogs[name]);
    }
    if (!dialogs[name].open) dialogs[name].showModal();
    dialogs[name].begin?.();
  };
  for (const opener of $$("[data-open]")) opener.addEventListener("click", () => show(opener.dataset.open));

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const from = event.target;
    if (from.closest?.("input, textarea, select, dialog, [contenteditable]") || $("dialog[open]")) return;
    if (event.key === "/" || event.key === "s") {
      event.preventDefault();
      show("search");
    } else if (event.key === "?") {
      event.preventDefault();
      show("help");
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") turn(event, from);
  });

  // Turns the page, unless the arrow may mean something else here.
  const turn = (event, from) => {
    const scroller = document.scrollingElement;
    const busy = event.shiftKey || from.closest?.("figure, pre, .table-wrapper, .scroll, nav") ||
      scroller.scrollWidth > scroller.clientWidth || visualViewport?.scale > 1;
    if (busy) return;
    const forward = (event.key === "ArrowRight") === (page.dir !== "rtl");
    $(`.turn a[rel="${forward ? "next" : "prev"}"]`)?.click();
  };
}
