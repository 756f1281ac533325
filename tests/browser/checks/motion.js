// A reader who asks for less motion gets none.

/** Whatever moves, or would on a change. What follows the reader's own
 * scrolling does not move by itself. */
export function moves(page) {
  return page.evaluate(() => {
    const faults = [];
    const name = (element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}">`;
    for (const animation of document.getAnimations()) {
      if (!(animation.timeline instanceof DocumentTimeline)) continue;
      faults.push({ rule: "an animation", where: name(animation.effect.target) });
    }
    const seconds = (list) => Math.max(...list.split(",").map((each) => parseFloat(each) * (each.trim().endsWith("ms") ? 0.001 : 1)));
    for (const element of document.querySelectorAll("*")) {
      const { transitionDuration, transitionProperty, scrollBehavior } = getComputedStyle(element);
      if (transitionProperty !== "none" && seconds(transitionDuration) > 0.01) {
        faults.push({ rule: "a transition, s", found: seconds(transitionDuration), limit: 0, where: name(element) });
      }
      if (scrollBehavior === "smooth") faults.push({ rule: "smooth scrolling", where: name(element) });
    }
    return faults;
  });
}
