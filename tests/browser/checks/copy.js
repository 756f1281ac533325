// What is to be copied has a button that is seen, and that covers nothing.
import { COPY } from "../markup.js";

/** Blocks of code without such a button. The pointer is nowhere, and nothing has
 * the focus. */
export function unseenCopies(page) {
  return page.evaluate((copy) => {
    const faults = [];
    const name = (element) => element.textContent.trim().replaceAll(/\s+/g, " ").slice(0, 50);
    const clip = (box, { left, right, top, bottom }) => ({
      left: Math.max(box.left, left),
      right: Math.min(box.right, right),
      top: Math.max(box.top, top),
      bottom: Math.min(box.bottom, bottom),
    });
    const meet = (one, other) =>
      Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
      Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;
    for (const code of document.querySelectorAll("main pre > code")) {
      const frame = code.closest("figure") ?? code.parentElement.parentElement;
      const typed = !frame.matches(".terminal") || frame.querySelector("kbd:not(.return)");
      const button = frame.querySelector(copy);
      if (!button) {
        if (typed) faults.push({ rule: "nothing to copy it with", where: name(code) });
        continue;
      }
      const seen = button.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
      if (!seen) faults.push({ rule: "a copy button that is not seen", where: name(code) });
      const place = button.getBoundingClientRect();
      const walker = document.createTreeWalker(frame, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (button.contains(node) || !node.data.trim() || node.parentElement.closest(".visually-hidden")) continue;
        const scroller = node.parentElement.closest("pre");
        const range = document.createRange();
        range.selectNodeContents(node);
        const boxes = [...range.getClientRects()];
        const shown = scroller ? boxes.map((box) => clip(box, scroller.getBoundingClientRect())) : boxes;
        if (shown.some((box) => meet(box, place))) {
          faults.push({ rule: "a copy button that covers text", where: node.data.trim().slice(0, 50) });
        }
      }
    }
    return faults;
  }, COPY);
}
