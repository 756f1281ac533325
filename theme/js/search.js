// Search: in the texts of all chapters, read on first use.
"use strict";

{
  let texts;
  const read = () => (texts ??= fetch(data.texts).then((answer) => {
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }));
  const MOST = 40;

  const find = (book, words) => {
    const found = [];
    for (const chapter of book) {
      const inChapter = chapter.title.toLowerCase();
      for (const [id, title, text] of chapter.sections) {
        const inTitle = title.toLowerCase();
        const inText = text.toLowerCase();
        let points = 0;
        const all = words.every((word) => {
          const times = inText.split(word).length - 1;
          const named = inTitle.includes(word);
          const around = inChapter.includes(word);
          points += Math.min(times, 5) + (named ? 20 : 0) + (inTitle === word ? 30 : 0) + (around ? 3 : 0);
          return times || named || (around && id === chapter.sections[0][0]);
        });
        if (all) found.push({ chapter, id, title, text, points });
      }
    }
    return found.sort((a, b) => b.points - a.points);
  };

  // The text around the first word, with each word marked.
  const teaser = (text, words) => {
    const lower = text.toLowerCase();
    const places = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
    const first = places.length ? Math.min(...places) : 0;
    let from = Math.max(0, first - 60);
    if (from) from = lower.indexOf(" ", from) + 1;
    const part = text.slice(from, from + 190);
    const line = make("span", {}, from ? "… " : "");
    let rest = 0;
    for (let at = 0; at < part.length; ) {
      const word = words.find((each) => part.toLowerCase().startsWith(each, at));
      if (!word) { at += 1; continue; }
      line.append(part.slice(rest, at), make("mark", { textContent: part.slice(at, at + word.length) }));
      at = rest = at + word.length;
    }
    line.append(part.slice(rest), from + 190 < text.length ? " …" : "");
    return line;
  };

  makers.search = () => {
    const input = make("input", { type: "search", "aria-label": "Words to look for", autocomplete: "off", spellcheck: false, enterKeyHint: "go" });
    const close = make("button", { type: "button", textContent: "Close" });
    const status = make("p", { role: "status" });
    const results = make("ol");
    const dialog = make("dialog", { "aria-label": "Search the book" },
      make("form", { role: "search" }, input, close), status, results);
    const look = async () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (!words.length) {
        results.replaceChildren();
        status.textContent = "All the words must stand in one section. Listings and captures are not searched.";
        return;
      }
      let book;
      try {
        book = await read();
      } catch {
        texts = undefined;
        status.textContent = "The texts could not be loaded. Search needs a book that is served: cargo xtask serve.";
        return;
      }
      const found = find(book, words);
      status.textContent = found.length === 1 ? "1 section" : `${found.length} sections`;
      results.replaceChildren(...found.slice(0, MOST).map(({ chapter, id, title, text }) => make("li", {},
        make("a", { href: `${data.root}${chapter.page}#${id}` },
          make("b", { textContent: title || chapter.title }),
          make("span", { textContent: title === chapter.title ? "" : chapter.title }),
          teaser(text, words)))));
    };
    input.addEventListener("input", look);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      $("a", results)?.click();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("a")) dialog.close();
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        dialog.close();
        return;
      }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const stops = [input, ...$$("a", results)];
      const at = stops.indexOf(document.activeElement);
      event.preventDefault();
      stops[Math.max(0, Math.min(stops.length - 1, at + step))]?.focus();
    });
    dialog.begin = () => {
      look();
      input.select();
      read().catch(() => {});
    };
    return dialog;
  };
}
