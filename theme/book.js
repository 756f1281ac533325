// Behaviour of the pages. A page says the same without it: here are ways to look
// closer and to move faster. choice.js has run before.
"use strict";
(() => {
  const script = document.getElementById("page.script");
  const root = script.dataset.root;
  const page = document.documentElement;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  // An element: tag, properties, children.
  const make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const keep = (name, value) => {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch {
      // No storage: the choice holds for this page.
    }
  };

  // The one live region: what changed, for those who do not see it.
  const region = make("p", { className: "visually-hidden", role: "status" });
  document.body.append(region);
  const say = (text) => {
    region.textContent = "";
    setTimeout(() => (region.textContent = text), 30);
  };

  // The page of a 404 has a base, which would lead this link to another page.
  $(".skip").addEventListener("click", (event) => {
    if (!$("base")) return;
    event.preventDefault();
    $("main").focus();
  });

  // Colours
  const theme = page.dataset.theme || "system";
  for (const choice of $$('input[name="theme"]')) {
    choice.checked = choice.value === theme;
    choice.addEventListener("change", () => {
      const system = choice.value === "system";
      if (system) delete page.dataset.theme;
      else page.dataset.theme = choice.value;
      keep("theme", system ? null : choice.value);
    });
  }

  // Contents: a column on a wide screen, else a popover
  const contents = document.getElementById("page.contents");
  const button = $(".contents-button");
  const wide = matchMedia("(width >= 64rem)");
  const tellContents = () => {
    if (wide.matches) {
      if (contents.matches(":popover-open")) contents.hidePopover();
      button.setAttribute("aria-expanded", page.dataset.contents !== "hidden");
    } else button.removeAttribute("aria-expanded");
  };
  button.addEventListener("click", (event) => {
    if (!wide.matches) return;
    event.preventDefault();
    const hide = page.dataset.contents !== "hidden";
    if (hide) page.dataset.contents = "hidden";
    else delete page.dataset.contents;
    keep("contents", hide ? "hidden" : null);
    tellContents();
  });
  wide.addEventListener("change", tellContents);
  tellContents();
  const chapters = $(".chapters", contents);
  const here = $('[aria-current="page"]', contents);
  const showHere = () => {
    if (here) chapters.scrollTop = here.offsetTop - chapters.clientHeight / 3;
  };
  showHere();
  contents.addEventListener("toggle", showHere);
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && contents.matches(":popover-open")) contents.hidePopover();
  });

  // The page's headings, below the chapters
  const list = $(".on-this-page ul");
  if (list && !$("body.print")) {
    const copy = list.cloneNode(true);
    $(".headings", contents).append(make("h2", { textContent: "On this page" }), copy);
    const links = $$("a", copy);
    const targets = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
    let waiting = false;
    const follow = () => {
      waiting = false;
      const passed = targets.filter((target) => target && target.getBoundingClientRect().top < 140);
      links.forEach((link, index) => {
        const current = index === passed.length - 1;
        if (current) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      });
    };
    addEventListener("scroll", () => {
      if (!waiting) requestAnimationFrame(follow);
      waiting = true;
    }, { passive: true });
    follow();
  }

  // With all chapters on one page, many asides have the same name.
  for (const aside of $$("body.print aside")) aside.setAttribute("role", "note");

  // What scrolls sideways can be reached by Tab; what does not, need not.
  const reach = () => {
    for (const part of $$("main :is(pre, .table-wrapper, .scroll)")) {
      const scrolls = part.scrollWidth > part.clientWidth + 1;
      if (scrolls && !part.hasAttribute("aria-label")) {
        part.setAttribute("role", "group");
        part.setAttribute("aria-label", part.matches("pre") ? "Code, scrolls sideways" : "Table, scrolls sideways");
      }
      if (scrolls) part.tabIndex = 0;
      else if (part.hasAttribute("tabindex")) part.tabIndex = -1;
    }
  };
  reach();
  let resized;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(reach, 200);
  });

  // Search: in the texts of all chapters, read on first use
  let texts;
  const read = () => (texts ??= fetch(script.dataset.texts).then((answer) => {
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

  const makeSearch = () => {
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
        make("a", { href: `${root}${chapter.page}#${id}` },
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

  // Keys
  const makeHelp = () => {
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

  const makers = { search: makeSearch, help: makeHelp };
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

  // Copy: commands without prompt and output, listings without callouts
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
    if (code) addCopy(listing, "the code", () => source(code));
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

  // Steps
  const steppers = new Map();
  for (const figure of $$("figure.steps")) {
    const control = $(".stepper", figure);
    if (!control) continue;
    const slider = $("input", control);
    const [back, next] = $$("button", control);
    const rows = $$("tr", figure);
    const grids = $$(".pages > div", figure);
    const heads = [...rows[0].cells].slice(1);
    const names = heads.map((head) => head.textContent);
    const step = (wanted, quietly) => {
      const number = Math.max(1, Math.min(heads.length, wanted));
      const same = number === +slider.value && figure.dataset.at === String(number);
      figure.dataset.at = number;
      slider.value = number;
      for (const row of rows) [...row.cells].forEach((cell, index) => cell.classList.toggle("shown", index === number));
      grids.forEach((grid, index) => grid.classList.toggle("shown", index === number - 1));
      back.setAttribute("aria-disabled", number === 1);
      next.setAttribute("aria-disabled", number === heads.length);
      slider.setAttribute("aria-valuetext", names[number - 1]);
      $(".now", control).replaceChildren(`${number} of ${heads.length}: `, make("code", { textContent: names[number - 1] }));
      light(figure, number);
      if (same || quietly) return;
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
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const figure = target && target.closest("figure.steps");
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

  // What the fields of smaps mean: on focus, hover and tap
  const captures = $$("main pre[data-captured] > code, .steps tbody th code");
  if (script.dataset.fields && captures.length) {
    (window.requestIdleCallback || setTimeout)(async () => {
      let fields;
      try {
        fields = await (await fetch(script.dataset.fields)).json();
      } catch {
        return;
      }
      if (Object.keys(fields.meanings).length) explain(fields);
    });
  }

  const explain = ({ page: indexPage, meanings }) => {
    const link = (node, from, to, id) => {
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      range.surroundContents(make("a", { className: "field", href: `${root}${indexPage}#${id}`, tabIndex: -1 }));
    };
    for (const code of captures) {
      const alone = code.closest("th");
      const marks = [];
      const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
      let before = "";
      for (let node; (node = walker.nextNode()); ) {
        const text = node.data;
        for (const { 0: word, index: at } of text.matchAll(/[A-Za-z_]+/g)) {
          const line = (before + text.slice(0, at)).split("\n").at(-1);
          const rest = text.slice(at + word.length);
          const field = `field-${word.toLowerCase()}`;
          const flag = `flag-${word}`;
          if (line === "" && (alone || rest[0] === ":" || rest === "") && field in meanings) marks.push([node, at, word.length, field]);
          else if (/^VmFlags:/.test(line) && flag in meanings) marks.push([node, at, word.length, flag]);
        }
        before = (before + text).split("\n").at(-1);
      }
      // From the end, as a link splits its text.
      for (const [node, at, length, id] of marks.reverse()) link(node, at, at + length, id);
    }
    // One stop for Tab in each capture; arrows go on from there.
    for (const capture of new Set(captures.map((code) => code.closest("pre, tbody")))) {
      const first = $(".field", capture);
      if (first) first.tabIndex = 0;
    }

    const box = make("div", { id: "page.meaning", popover: "manual", role: "tooltip" });
    $("main").append(box);
    let current = null;
    let timer;
    const hide = () => {
      clearTimeout(timer);
      if (!current) return;
      current.removeAttribute("aria-describedby");
      current = null;
      box.hidePopover();
    };
    const open = (link) => {
      clearTimeout(timer);
      if (current === link) return;
      hide();
      const id = decodeURIComponent(link.hash.slice(1));
      if (!(id in meanings)) return;
      current = link;
      box.replaceChildren(make("p", {}, make("b", { textContent: link.textContent }), `: ${meanings[id]}`));
      link.setAttribute("aria-describedby", "page.meaning");
      box.showPopover();
      put(link);
    };
    const put = (link) => {
      const place = link.getBoundingClientRect();
      const left = Math.max(8, Math.min(place.left, page.clientWidth - box.offsetWidth - 8));
      const below = place.bottom + 6;
      const top = below + box.offsetHeight > page.clientHeight ? place.top - box.offsetHeight - 6 : below;
      box.style.left = `${left}px`;
      box.style.top = `${top}px`;
    };
    const meant = (event) => event.target.closest?.(`a[href*="${indexPage}#"]`);
    document.addEventListener("pointerover", (event) => {
      if (event.pointerType === "touch") return;
      const link = meant(event);
      clearTimeout(timer);
      if (link) timer = setTimeout(() => open(link), 120);
      else if (!box.contains(event.target) && current !== document.activeElement) timer = setTimeout(hide, 200);
    });
    document.addEventListener("focusin", (event) => {
      const link = meant(event);
      if (link) open(link);
      else hide();
    });
    document.addEventListener("focusout", hide);
    // The page scrolls to what gets the focus: its meaning goes along.
    addEventListener("scroll", () => {
      if (current && current === document.activeElement) put(current);
      else hide();
    }, { passive: true, capture: true });
    // A tap shows the meaning; a second one goes to the index.
    let tapped = null;
    document.addEventListener("click", (event) => {
      const link = meant(event);
      if (event.pointerType !== "touch") return;
      if (!link) {
        tapped = null;
        hide();
      } else if (tapped !== link) {
        event.preventDefault();
        tapped = link;
        open(link);
      }
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
      const field = event.target.closest?.(".field");
      if (!field || event.altKey || event.ctrlKey || event.metaKey) return;
      const within = $$(".field", field.closest("pre, tbody"));
      const at = within.indexOf(field);
      const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: within.length - 1 }[event.key];
      if (to === undefined || !within[to]) return;
      event.preventDefault();
      event.stopPropagation();
      for (const each of within) each.tabIndex = -1;
      within[to].tabIndex = 0;
      within[to].focus();
    }, { capture: true });
  };

  // While plain `mdbook serve` serves the book
  if (script.dataset.liveReload) {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/${script.dataset.liveReload}`);
    socket.addEventListener("message", (event) => {
      if (event.data === "reload") location.reload();
    });
  }
})();
