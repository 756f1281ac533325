// Search: in the texts of all chapters, read on first use.
"use strict";

{
  let texts;
  const read = () => (texts ??= fetch(data.texts).then((answer) => {
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  }));
  const MOST = 40;

  // A word of one or two letters counts only where a word begins.
  const pattern = (word) => {
    const letters = word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    return new RegExp(word.length < 3 ? `(?<![\\p{L}\\p{N}])${letters}` : letters, "giu");
  };
  const count = (text, words) => text.match(words)?.length ?? 0;

  const find = (book, words) => {
    const patterns = words.map(pattern);
    const found = [];
    for (const chapter of book) {
      for (const [id, title, text] of chapter.sections) {
        let points = 0;
        const all = patterns.every((each, index) => {
          const [times, named, around] = [text, title, chapter.title].map((part) => count(part, each));
          const alone = title.toLowerCase() === words[index];
          points += Math.min(times, 5) + (named ? 20 : 0) + (alone ? 30 : 0) + (around ? 3 : 0);
          return times || named || (around && id === chapter.sections[0][0]);
        });
        if (all) found.push({ chapter, id, title, text, points });
      }
    }
    return found.sort((a, b) => b.points - a.points);
  };

  // The text around the first word, with each word marked.
  const teaser = (text, words) => {
    const any = new RegExp(words.map((word) => pattern(word).source).join("|"), "giu");
    const first = Math.max(0, text.search(any));
    const from = first > 60 ? text.indexOf(" ", first - 60) + 1 : 0;
    const whole = from + 190 >= text.length;
    const part = whole ? text.slice(from) : text.slice(from, text.lastIndexOf(" ", from + 190));
    const line = make("span", {}, from ? "… " : "");
    let rest = 0;
    for (const { 0: word, index } of part.matchAll(any)) {
      line.append(part.slice(rest, index), make("mark", { textContent: word }));
      rest = index + word.length;
    }
    line.append(part.slice(rest), whole ? "" : " …");
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
      const all = found.length === 1 ? "1 section" : `${found.length} sections`;
      status.textContent = found.length > MOST ? `The first ${MOST} of ${all}` : all;
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
