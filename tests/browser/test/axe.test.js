import { after, before, describe, test } from "node:test";
import { none } from "../budget.js";
import { LIGHT, THEMES, launch, open, visit } from "../chromium.js";
import { audit } from "../checks/axe.js";
import * as markup from "../markup.js";
import { BOOK, FIXTURE, pagesOf, serve } from "../site.js";

const sites = [
  { name: "book", folder: BOOK, pages: await pagesOf(BOOK) },
  { name: "fixture", folder: FIXTURE, pages: await pagesOf(FIXTURE) },
];

describe("axe", () => {
  let browser;
  before(async () => {
    browser = await launch();
    for (const site of sites) Object.assign(site, await serve(site.folder));
  });
  after(async () => {
    await browser?.close();
    for (const site of sites) await site.close?.();
  });

  for (const theme of THEMES) {
    describe(theme.name, { concurrency: 2 }, () => {
      let context;
      before(async () => (context = await open(browser, { theme })));
      after(() => context?.close());

      for (const site of sites) {
        for (const path of site.pages) {
          // What is in the closed page is in the open one, too.
          test(`${site.name}, ${path}, with each answer open and each step`, async () => {
            const page = await visit(context, site.url(path));
            await markup.openDetails(page);
            const faults = await audit(page);
            // print.html has the figures of the other pages.
            for (let step = 2; path !== "print.html"; step += 1) {
              const ids = await markup.showStep(page, step);
              if (ids.length === 0) break;
              const found = await audit(page, ids.map((id) => [`#${id}`]));
              faults.push(...found.map((fault) => ({ ...fault, rule: `step ${step}: ${fault.rule}` })));
            }
            await page.close();
            none(faults, path, theme.name);
          });
        }
      }

      const states = [
        ["with its answers closed", {}, async () => {}],
        ["search", {}, (page) => markup.openSearch(page)],
        ["search results", {}, (page) => markup.openSearch(page, "page")],
        ["keyboard help", {}, (page) => markup.openHelp(page)],
        ["contents at 360 px", { width: 360, height: 740 }, (page) => markup.openContents(page)],
        ["at 360 px", { width: 360, height: 740 }, (page) => markup.openDetails(page)],
        [
          "a field's meaning",
          {},
          async (page) => {
            await page.locator(markup.FIELD).first().focus();
            await page.locator(markup.MEANING).waitFor();
          },
        ],
      ];
      for (const [name, window, enter] of states) {
        test(`fixture, ${name}`, async () => {
          const context = await open(browser, { theme, ...window });
          const page = await visit(context, sites[1].url("captures.html"));
          await enter(page);
          const faults = await audit(page);
          await context.close();
          none(faults, `captures.html, ${name}`, theme.name);
        });
      }
    });
  }
});

describe("the theme that is tested", () => {
  test("is the one that is shown", async () => {
    const browser = await launch();
    const site = await serve(BOOK);
    const shades = [];
    for (const theme of THEMES) {
      const context = await open(browser, { theme });
      const page = await visit(context, site.url("index.html"));
      const shade = await page.evaluate(() => {
        const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
        return (r + g + b) / 3 > 128 ? "light" : "dark";
      });
      shades.push({ rule: `the page's colours are ${shade}`, theme: theme.name, wrong: (shade === "light") !== (theme === LIGHT) });
    }
    await browser.close();
    await site.close();
    for (const { rule, theme, wrong } of shades) none(wrong ? [{ rule }] : [], "index.html", theme);
  });
});
