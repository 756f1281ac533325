// What the fields of smaps mean: on focus, hover and tap.
"use strict";

{
  const captures = $$("main pre[data-captured] > code, .steps tbody th code");
  if (data.fields && captures.length) {
    (window.requestIdleCallback || setTimeout)(async () => {
      let fields;
      try {
        fields = await (await fetch(data.fields)).json();
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
      range.surroundContents(make("a", { className: "field", href: `${data.root}${indexPage}#${id}`, tabIndex: -1 }));
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
      current = link;
      box.replaceChildren(make("p", {}, make("b", { textContent: link.textContent }), `: ${meanings[led(link)]}`));
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
    // A link in the text, not one of the contents or of a dialog.
    const meant = (event) => {
      const link = event.target.closest?.(`main a[href*="${indexPage}#"]`);
      return link && Object.hasOwn(meanings, led(link)) ? link : null;
    };
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
}
