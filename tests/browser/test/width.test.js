import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BUDGET, none } from "../budget.js";
import { DARK, launch, open, settled, visit } from "../chromium.js";
import { fits } from "../checks/width.js";
import { openDetails, showStep, steppers } from "../markup.js";
import { BOOK, FIXTURE, pagesOf, serve } from "../site.js";

const sites = [
  { name: "book", folder: BOOK, pages: await pagesOf(BOOK) },
  { name: "fixture", folder: FIXTURE, pages: await pagesOf(FIXTURE) },
];

describe("a page fits its window", { concurrency: 2 }, () => {
  let browser, context;
  before(async () => {
    browser = await launch();
    context = await open(browser, { theme: DARK });
    for (const site of sites) Object.assign(site, await serve(site.folder));
  });
  after(async () => {
    await browser?.close();
    for (const site of sites) await site.close?.();
  });

  for (const site of sites) {
    for (const path of site.pages) {
      test(`${site.name}, ${path}`, async () => {
        const page = await visit(context, site.url(path));
        const faults = [];
        for (const width of BUDGET.widths) {
          await page.setViewportSize({ width, height: 800 });
          await openDetails(page);
          await settled(page);
          const look = async (step) => {
            const where = step > 1 ? `${width} px, step ${step}` : `${width} px`;
            faults.push(...(await fits(page)).map((fault) => ({ ...fault, rule: `${where}: ${fault.rule}` })));
          };
          await look(1);
          for (let step = 2; path !== "print.html" && (await showStep(page, step)).length > 0; step += 1) await look(step);
        }
        await page.close();
        none(faults, path, "dark");
      });
    }
  }

  test("also one of 320 px with letters twice as large", async () => {
    const large = await launch({ letters: 32 });
    const context = await open(large, { width: 320, height: 800 });
    const faults = [];
    for (const path of sites[1].pages.filter((path) => path !== "print.html")) {
      const page = await visit(context, sites[1].url(path));
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), "32px");
      await openDetails(page);
      await settled(page);
      faults.push(...(await fits(page)).map((fault) => ({ ...fault, rule: `${path}: ${fault.rule}` })));
      await page.close();
    }
    await large.close();
    none(faults, "fixture", "light");
  });

  test("a step's column is in sight where the table is wider than the window", async () => {
    const narrow = await open(browser, { width: 360, height: 740 });
    const page = await visit(narrow, sites[0].url("first-contact/fork.html"));
    await openDetails(page);
    let wide = 0;
    for (const { figure, next, count } of await steppers(page)) {
      for (let step = 1; step <= count; step += 1) {
        if (step > 1) await next.click();
        const [scrolls, left, right] = await figure.evaluate((element) => {
          const scroller = element.querySelector(".scroll").getBoundingClientRect();
          const names = element.querySelector("thead th").getBoundingClientRect();
          const column = element.querySelector("thead .shown").getBoundingClientRect();
          const { scrollWidth, clientWidth } = element.querySelector(".scroll");
          return [scrollWidth > clientWidth, column.left - names.right, scroller.right - column.right];
        });
        wide += scrolls;
        assert.ok(left >= -1 && right >= -1, `step ${step} of ${count}: ${left} px, ${right} px`);
      }
    }
    await narrow.close();
    assert.ok(wide > 0, "no table is wider than 360 px");
  });
});
