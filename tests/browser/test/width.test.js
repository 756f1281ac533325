import { after, before, describe, test } from "node:test";
import { BUDGET, none } from "../budget.js";
import { DARK, launch, open, settled, visit } from "../chromium.js";
import { fits } from "../checks/width.js";
import { openDetails, showStep } from "../markup.js";
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
});
