// No page scrolls sideways; what is too wide scrolls by itself, and says so.

/** Faults of the page at the width that its window has. */
export function fits(page) {
  return page.evaluate(() => {
    const faults = [];
    const name = (element) => {
      const { tagName, id, className } = element;
      const classes = typeof className === "string" && className ? `.${className.trim().replaceAll(/\s+/g, ".")}` : "";
      const text = element.textContent.trim().replaceAll(/\s+/g, " ").slice(0, 40);
      return `<${tagName.toLowerCase()}${id ? `#${id}` : ""}${classes}> ${text}`;
    };
    const scroller = document.scrollingElement;
    const room = scroller.clientWidth;
    const sideways = (element) => {
      const { overflowX } = getComputedStyle(element);
      return overflowX === "auto" || overflowX === "scroll";
    };
    const clips = (element) => ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
    const contained = (element) => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        if (sideways(at) || clips(at)) return true;
      }
      return false;
    };
    if (scroller.scrollWidth > room) {
      const wide = [...document.body.querySelectorAll("*")].filter(
        (element) => element.checkVisibility() && element.getBoundingClientRect().right > room + 1 && !contained(element),
      );
      faults.push({
        rule: "the page scrolls sideways, px",
        found: scroller.scrollWidth,
        limit: room,
        where: wide.slice(-3).map(name).join("\n    "),
      });
    }
    for (const element of document.body.querySelectorAll("*")) {
      if (!element.checkVisibility() || element.scrollWidth <= element.clientWidth + 1) continue;
      if (sideways(element)) {
        const labelled = element.ariaLabel || element.hasAttribute("aria-labelledby");
        const role = element.getAttribute("role");
        if (element.tabIndex < 0 || !labelled || !role) {
          faults.push({
            rule: "a region scrolls sideways, but the keyboard cannot reach it, or it has no role and name",
            where: name(element),
          });
        }
      } else if (
        clips(element) &&
        element.closest("main") &&
        element.clientWidth > 1 &&
        getComputedStyle(element).textOverflow !== "ellipsis" &&
        !(element instanceof SVGElement)
      ) {
        faults.push({
          rule: "text is cut off, px",
          found: element.scrollWidth,
          limit: element.clientWidth,
          where: name(element),
        });
      }
    }
    return faults;
  });
}
