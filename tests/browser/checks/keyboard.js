// A walk through a page with the Tab key.
import { over } from "../budget.js";

/** What has the focus now, how it shows it, and whether it can be seen. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const text = (element.ariaLabel || element.textContent || element.value || "").trim().replaceAll(/\s+/g, " ");
    const name = `<${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}> ${text.slice(0, 40)}`;
    // A radio button may show its focus by its label.
    const shown = [element, element.closest("label")].filter(Boolean).some((each) => {
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(each);
      const clear = /rgba\(.*, 0\)|transparent/.test(outlineColor);
      return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 && !clear;
    });
    const seen = element.closest("label") ?? element;
    const boxes = [...seen.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
    const inWindow = boxes.some((box) => {
      const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
      const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
      if (left >= right || top >= bottom) return false;
      const places = [0.5, 0.02, 0.98].flatMap((x) => [0.5, 0.02, 0.98].map((y) => [x, y]));
      return places.some(([x, y]) => {
        const top_most = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
        return top_most && (seen.contains(top_most) || top_most.contains(seen));
      });
    });
    window.walked ??= new Map();
    if (!window.walked.has(element)) window.walked.set(element, window.walked.size);
    return { key: window.walked.get(element), name, shown, inWindow, skip: element.matches("a") && /^skip /i.test(text) };
  });
}

/** Marks, in the page, every control that the walk must reach. */
function controls(page) {
  return page.evaluate(() => {
    const candidates = document.querySelectorAll(
      "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]",
    );
    const radios = new Set();
    const wanted = [...candidates].filter((element) => {
      if (element.tabIndex < 0 || element.disabled || element.closest("[inert]")) return false;
      if (element.tagName === "SUMMARY" && element.parentElement?.querySelector("summary") !== element) return false;
      if (!element.checkVisibility({ checkVisibilityCSS: true, contentVisibilityAuto: false })) return false;
      // A group of radio buttons is one stop.
      if (element.type === "radio") {
        if (radios.has(element.name)) return false;
        radios.add(element.name);
      }
      return true;
    });
    window.wanted = wanted;
    return wanted.length;
  });
}

/** The faults of a walk from the top of the page back to its top. */
export async function walk(page, limits) {
  const faults = [];
  const count = await controls(page);
  const stops = [];
  let ended = false;
  for (let presses = 0; presses < count + 15; presses += 1) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (!now || now.key < stops.length - 1) {
      ended = true;
      break;
    }
    // A group of native parts may hold the focus for a few presses.
    if (stops.at(-1)?.key !== now.key) stops.push(now);
  }
  if (!ended) {
    faults.push({
      rule: "the keyboard cannot leave: presses of Tab",
      found: count + 15,
      limit: count,
      where: stops.at(-1)?.name,
    });
  }
  for (const { name, shown, inWindow } of stops) {
    if (!shown) faults.push({ rule: "the focus cannot be seen", where: name });
    if (!inWindow) faults.push({ rule: "what has the focus is hidden or covered", where: name });
  }
  const missed = await page.evaluate(() =>
    window.wanted
      .filter((element) => !window.walked?.has(element))
      .filter((element) => element.type !== "radio" || ![...(window.walked?.keys() ?? [])].some((each) => each.name === element.name))
      .map((element) => `<${element.tagName.toLowerCase()}> ${(element.ariaLabel || element.textContent).trim().slice(0, 40)}`),
  );
  for (const where of missed) faults.push({ rule: "the keyboard does not reach a control", where });
  return [...faults, ...(await skips(page, limits))];
}

/** The first press of Tab finds the skip link, and Return leads into the text. */
async function skips(page, limits) {
  await page.reload();
  let presses = 0;
  for (; presses <= limits["tab stops to the text"]; presses += 1) {
    const arrived = await page.evaluate(() => {
      const { activeElement: element } = document;
      return element?.closest("main") !== null || document.querySelector("main")?.contains(element) === true;
    });
    if (arrived) return [];
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (now?.skip) {
      const before = new URL(page.url()).pathname;
      await page.keyboard.press("Enter");
      await page.waitForTimeout(100);
      const after = new URL(page.url()).pathname;
      if (after !== before) return [{ rule: "the skip link leaves the page", found: after, limit: before }];
      await page.keyboard.press("Tab");
      // In the text, or behind it where the text has no control.
      const inText = await page.evaluate(() => {
        const [main, element] = [document.querySelector("main"), document.activeElement];
        return main?.contains(element) || main?.compareDocumentPosition(element) === Node.DOCUMENT_POSITION_FOLLOWING;
      });
      return inText
        ? over("tab stops to the text", presses + 1, limits["tab stops to the text"])
        : [{ rule: "the skip link does not lead into the text" }];
    }
  }
  return [{ rule: "tab stops to the text", found: `more than ${presses - 1}`, limit: limits["tab stops to the text"] }];
}
