import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { none, under } from "../budget.js";
import { launch, open, visit } from "../chromium.js";
import { answersOpen, blankSheets, contentsReachable, deadControls, errors, hiddenText, inlineScripts, outdented, sheets } from "../checks/plain.js";
import { moves } from "../checks/motion.js";
import { STEPS } from "../markup.js";
import { BOOK, FIXTURE, PICTURES, isChapter, pagesOf, serve } from "../site.js";

const sites = [
  { name: "book", folder: BOOK, pages: await pagesOf(BOOK) },
  { name: "fixture", folder: FIXTURE, pages: await pagesOf(FIXTURE) },
];
let browser;
before(async () => {
  browser = await launch();
  for (const site of sites) Object.assign(site, await serve(site.folder));
  await mkdir(PICTURES, { recursive: true });
});
after(async () => {
  await browser?.close();
  for (const site of sites) await site.close?.();
});

describe("without script", { concurrency: 2 }, () => {
  let context;
  before(async () => (context = await open(browser, { javaScriptEnabled: false })));
  after(() => context?.close());
  for (const site of sites) {
    for (const path of site.pages) {
      test(`${site.name}, ${path}`, async () => {
        const page = await context.newPage();
        await page.goto(site.url(path));
        const faults = [...(await hiddenText(page)), ...(await deadControls(page)), ...(await answersOpen(page))];
        const chapters = site.pages.filter(isChapter);
        if (path !== "toc.html") faults.push(...(await contentsReachable(page, chapters, path)));
        await page.close();
        none(faults, path, "no script");
      });
    }
  }
});

describe("on paper", { concurrency: 2 }, () => {
  let context;
  before(async () => (context = await open(browser, { width: 794, height: 1123 })));
  after(() => context?.close());
  for (const site of sites) {
    for (const path of site.pages.filter((each) => each !== "404.html" && each !== "toc.html")) {
      test(`${site.name}, ${path}`, async () => {
        const page = await visit(context, site.url(path));
        await page.emulateMedia({ media: "print" });
        const faults = [...(await hiddenText(page, { paper: true })), ...(await outdented(page)), ...(await blankSheets(page))];
        const pdf = await page.pdf({ format: "A4" });
        faults.push(...under("sheets of paper", sheets(pdf), 1));
        if (site.name === "fixture") {
          const name = join(PICTURES, `paper-${path.replaceAll("/", "-").replace(".html", "")}`);
          await writeFile(`${name}.pdf`, pdf);
          await page.screenshot({ path: `${name}.png`, fullPage: true });
        }
        await page.close();
        none(faults, path, "paper");
      });
    }
  }
});

describe("with less motion", () => {
  test("nothing moves, and all steps of a figure are there", async () => {
    const context = await open(browser, { reducedMotion: "reduce" });
    const page = await visit(context, sites[1].url("captures.html"));
    const faults = [...(await moves(page)), ...(await hiddenText(page))];
    assert.ok((await page.locator(STEPS).count()) > 0, "the fixture has no figure with steps");
    await context.close();
    none(faults, "captures.html", "reduced motion");
  });
});

describe("every page", () => {
  test("holds no script of its own, and none fails", async () => {
    const context = await open(browser);
    for (const site of sites) {
      for (const path of site.pages) {
        const page = await visit(context, site.url(path));
        const faults = [...(await inlineScripts(page)), ...errors(page, path)];
        await page.close();
        none(faults, path);
      }
    }
    await context.close();
  });
});
