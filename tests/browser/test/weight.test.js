import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BUDGET, none, over } from "../budget.js";
import { launch, open, visit } from "../chromium.js";
import { faults, meter, weigh } from "../checks/weight.js";
import { openSearch } from "../markup.js";
import { BOOK, isChapter, pagesOf, serve } from "../site.js";

const pages = await pagesOf(BOOK);
const chapters = pages.filter(isChapter).length;
/** The whole book on a page is for paper, and as long as the book. */
const budget = (path) => {
  const kB = BUDGET.print["kB a chapter"] * chapters;
  return path === "print.html" ? { ...BUDGET.page, kB, "interactive kB": kB } : BUDGET.page;
};

describe("what a page costs to load", { concurrency: 2 }, () => {
  let browser, site;
  before(async () => {
    site = await serve(BOOK);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  for (const path of pages) {
    test(path, async () => {
      const cost = await weigh(browser, site, path);
      none(faults(cost, budget(path)), path);
    });
  }

  test("the first search, and no other", async () => {
    const context = await open(browser);
    const page = await visit(context, site.url("index.html"));
    await page.waitForLoadState("networkidle");
    const texts = await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("texts")).length);
    const watched = meter(page, site.url(""));
    await openSearch(page, "page");
    const cost = await watched.cost();
    await page.keyboard.press("Escape");
    // What is hidden loses the focus with the next picture.
    await page.waitForFunction(() => document.activeElement === document.body);
    const again = meter(page, site.url(""));
    await openSearch(page, "memory");
    const second = await again.cost();
    await context.close();
    assert.equal(texts, 0, "the texts were loaded before the first search");
    assert.ok(cost.kB > 1, "the first search loads nothing");
    assert.equal(second.requests, 0, `the second search loads ${second.urls}`);
    none(
      [
        ...over("extra kB, gzip", Number(cost.kB.toFixed(1)), BUDGET.search["extra kB"]),
        ...over("third-party requests", cost.foreign.length, BUDGET.search["third-party requests"]),
      ],
      "search",
    );
  });
});
