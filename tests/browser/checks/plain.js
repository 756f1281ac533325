// A page without script, and on paper: everything is there. And with script:
// none stands in the page, where a content security policy would forbid it.

/** Text of the page that nobody can see. What `details` hold can be opened,
 * unless this is paper. */
export function hiddenText(page, { paper = false } = {}) {
  return page.evaluate((paper) => {
    const faults = [];
    // A control is of no use without script, or on paper, which has no links.
    const controls = "button, .stepper, .js:not(html)";
    const links = ".listing .actions, .to-step";
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.data.trim();
      const element = node.parentElement;
      if (!text || element.closest("script, style, template, title, desc")) continue;
      if (element.closest(paper ? `${controls}, ${links}` : controls)) continue;
      const closed = element.closest("details:not([open])");
      if (closed && !paper && !element.closest("summary")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = range.getClientRects().length > 0;
      const seen = element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
      if (!seen || !boxes) faults.push({ rule: paper ? "not printed" : "hidden without script", where: text.slice(0, 60) });
    }
    return faults;
  }, paper);
}

/** Controls that are shown, and do nothing without script. */
export function deadControls(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, input, select, textarea, [role='button'], [role='slider']")]
      .filter((control) => control.checkVisibility({ checkVisibilityCSS: true }))
      .filter((control) => !control.hasAttribute("popovertarget") && !control.closest("form[action]"))
      .map((control) => ({
        rule: "a control that does nothing without script",
        where: (control.ariaLabel || control.textContent || control.name).trim().slice(0, 60),
      })),
  );
}

/** What has an answer in `details` opens without script. */
export async function answersOpen(page) {
  const faults = [];
  for (const summary of await page.locator("main details > summary").all()) {
    if (!(await summary.isVisible())) continue;
    const opened = () => summary.evaluate((element) => element.parentElement.open);
    const before = await opened();
    await summary.click();
    if ((await opened()) === before) {
      faults.push({ rule: "details that do not open without script", where: await summary.innerText() });
    }
  }
  return faults;
}

/** Every chapter of the book can be reached from a page without script: by
 * links that are seen, or that a button of the browser's own shows. */
export async function contentsReachable(page, pages, path) {
  const opener = page.locator("button[popovertarget]").first();
  if ((await opener.count()) > 0 && (await opener.isVisible())) await opener.click();
  const links = await page.evaluate(() =>
    [...document.querySelectorAll("a[href]")]
      .filter((link) => link.checkVisibility({ checkVisibilityCSS: true }))
      .map((link) => link.pathname),
  );
  const reached = new Set(links.map((link) => link.replace(/^\//, "") || "index.html"));
  return pages
    .filter((each) => each !== path && !reached.has(each))
    .map((where) => ({ rule: "a chapter that cannot be reached without script", where }));
}

/** Lines of code and captures that go on below their own beginning. */
export function outdented(page) {
  return page.evaluate(() => {
    const faults = [];
    for (const pre of document.querySelectorAll("main pre")) {
      const { left } = pre.getBoundingClientRect();
      const edge = left + parseFloat(getComputedStyle(pre).paddingLeft);
      // Boxes of a line, from the top: the first may begin at the edge.
      let tops = [];
      const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        let at = 0;
        for (const [number, part] of node.data.split("\n").entries()) {
          if (number > 0) tops = [];
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + part.length);
          at += part.length + 1;
          for (const box of range.getClientRects()) {
            if (box.width === 0 || tops.some((top) => Math.abs(top - box.top) < 4)) continue;
            tops.push(box.top);
            if (tops.length > 1 && box.left < edge + 4) {
              faults.push({ rule: "a line goes on in column 0", where: part.trim().slice(0, 60) });
            }
          }
        }
      }
    }
    return faults;
  });
}

/** How many pages a PDF has. */
export function sheets(pdf) {
  return pdf.toString("latin1").match(/\/Type\s*\/Page(?![a-z])/gi)?.length ?? 0;
}

/** Scripts that stand in the page. */
export async function inlineScripts(page) {
  const found = await page.evaluate(() =>
    [...document.scripts]
      .filter((script) => !script.src && !/^application\/(ld\+)?json$/.test(script.type))
      .map((script) => script.textContent.trim().slice(0, 60)),
  );
  return found.map((where) => ({ rule: "a script that stands in the page", where }));
}

/** What went wrong while the page was loaded. That the page for missing
 * addresses is missing is no error. */
export function errors(page, path) {
  return page.wrong
    .filter((text) => path !== "404.html" || !text.includes("404"))
    .map((where) => ({ rule: "an error", where }));
}

/** Nothing but a break on a sheet of paper: two breaks, one after the other. */
export function blankSheets(page) {
  return page.evaluate(() => {
    const breaks = (element) => element && getComputedStyle(element).breakBefore === "page";
    return [...document.querySelectorAll("main > *")]
      .filter((element) => breaks(element) && element.offsetHeight === 0 && breaks(element.nextElementSibling))
      .map((element) => ({ rule: "a blank sheet", where: element.nextElementSibling.textContent.trim().slice(0, 60) }));
  });
}
