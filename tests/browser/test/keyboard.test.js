import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BUDGET, none } from "../budget.js";
import { launch, open, visit } from "../chromium.js";
import { walk } from "../checks/keyboard.js";
import * as markup from "../markup.js";
import { BOOK, FIXTURE, pagesOf, serve } from "../site.js";

const pages = await pagesOf(BOOK);

describe("the keyboard", { concurrency: 2 }, () => {
  let browser, book, fixture, context, still;
  before(async () => {
    browser = await launch();
    [book, fixture] = [await serve(BOOK), await serve(FIXTURE)];
    context = await open(browser);
    // A page that scrolls smoothly is not there yet when it is looked at.
    still = await open(browser, { reducedMotion: "reduce" });
  });
  after(async () => {
    await browser?.close();
    await book?.close();
    await fixture?.close();
  });
  const at = (path) => visit(context, fixture.url(path));
  const key = (page, ...keys) => keys.reduce((done, each) => done.then(() => page.keyboard.press(each)), Promise.resolve());

  for (const path of pages.filter((path) => path !== "print.html")) {
    test(`walks through ${path}`, async () => {
      const page = await visit(still, book.url(path));
      const faults = await walk(page, BUDGET.keyboard);
      await page.close();
      none(faults, path, "light");
    });
  }
  for (const width of [360, 768]) {
    test(`walks through the fixture at ${width} px`, async () => {
      const narrow = await open(browser, { width, height: 740, reducedMotion: "reduce" });
      const page = await visit(narrow, fixture.url("captures.html"));
      const faults = await walk(page, BUDGET.keyboard);
      await narrow.close();
      none(faults, "captures.html", `${width} px`);
    });
  }

  test("arrows turn the page from the text", async () => {
    const page = await at("captures.html");
    const before = page.url();
    await Promise.all([page.waitForURL((url) => url.href !== before), key(page, "ArrowRight")]);
    await Promise.all([page.waitForURL(before), key(page, "ArrowLeft")]);
    await page.close();
  });

  test("arrows stay on the page where something else has the focus", async () => {
    const page = await at("captures.html");
    const before = page.url();
    const holders = ["main pre", "figure.steps button", 'figure.steps input[type="range"]', "main .table-wrapper", "figure.steps .scroll", markup.FIELD, 'input[name="theme"]:checked'];
    for (const holder of holders) {
      const element = page.locator(holder).first();
      await element.evaluate((each) => {
        // A region that does not scroll may be out of the Tab order.
        if (each.tabIndex < 0) each.tabIndex = 0;
        each.focus();
      });
      await key(page, "ArrowRight", "ArrowLeft", "ArrowLeft");
      await page.waitForTimeout(150);
      assert.equal(page.url().split("#")[0], before, `arrows turned the page from ${holder}`);
    }
    await page.close();
  });

  test("arrows scroll a wide capture", async () => {
    const narrow = await open(browser, { width: 360, height: 740 });
    const page = await visit(narrow, fixture.url("captures.html"));
    const wide = await page.evaluate(() => {
      const found = [...document.querySelectorAll("main pre")].find((pre) => pre.scrollWidth > pre.clientWidth + 40);
      found?.focus();
      return Boolean(found);
    });
    assert.ok(wide, "the fixture has no capture wider than 360 px");
    await key(page, "ArrowRight", "ArrowRight");
    await page.waitForFunction(() => document.activeElement.scrollLeft > 0);
    assert.ok(page.url().endsWith("captures.html"));
    await narrow.close();
  });

  test("a figure steps by buttons, slider and keys, and says what changed", async () => {
    const page = await at("captures.html");
    const [{ figure, slider, back, next, count, at: step }] = await markup.steppers(page);
    assert.ok(count >= 2);
    assert.equal(await step(), 1);
    await next.click();
    assert.equal(await step(), 2);
    await back.click();
    assert.equal(await step(), 1);
    await next.focus();
    await key(page, "End");
    assert.equal(await step(), count);
    await key(page, "Home");
    assert.equal(await step(), 1);
    await key(page, "ArrowRight");
    assert.equal(await step(), 2);
    const said = () => page.evaluate(() => [...document.querySelectorAll('[role="status"], [aria-live]')].map((each) => each.textContent).join());
    const saysRss = () => [...document.querySelectorAll('[role="status"], [aria-live]')].some((each) => each.textContent.includes("Rss"));
    await page.waitForFunction(saysRss).catch(async () => assert.fail(`what changed is not said; it says: ${await said()}`));
    await slider.focus();
    await key(page, "ArrowLeft");
    assert.equal(await step(), 1);
    // At an end it stays, and the focus, too.
    await back.focus();
    await key(page, "Enter");
    assert.equal(await step(), 1);
    assert.ok(await back.evaluate((element) => element === document.activeElement));
    assert.ok(await figure.isVisible());
    await page.close();
  });

  test("a link sets the step of a figure", async () => {
    const page = await at("captures.html");
    const [{ at: step }] = await markup.steppers(page);
    const link = page.locator('main p a[href*="-step-2"]').first();
    await link.focus();
    await key(page, "Enter");
    await page.waitForFunction(() => document.querySelector("figure.steps")?.dataset.at === "2");
    assert.equal(await step(), 2);
    await page.close();
  });

  for (const [name, opener, show] of [
    ["search", markup.SEARCH, (page) => markup.openSearch(page)],
    ["keyboard help", markup.HELP, (page) => markup.openHelp(page)],
  ]) {
    test(`${name} opens, keeps the focus, closes, and gives the focus back`, async () => {
      const page = await at("captures.html");
      await page.locator(opener).focus();
      await key(page, "Enter");
      await page.locator(markup.DIALOG).waitFor();
      for (let press = 0; press < 6; press += 1) {
        const inside = await page.evaluate(() => {
          const { activeElement } = document;
          return activeElement === document.body || activeElement.closest("dialog[open]") !== null;
        });
        assert.ok(inside, `the focus left the dialog after ${press} presses of Tab`);
        await key(page, "Tab");
      }
      await key(page, "Escape");
      await page.locator(markup.DIALOG).waitFor({ state: "detached" });
      assert.ok(await page.locator(opener).evaluate((element) => element === document.activeElement));
      await show(page);
      await key(page, "Escape");
      await page.locator(markup.DIALOG).waitFor({ state: "detached" });
      await page.close();
    });
  }

  test("search finds, and Return leads there", async () => {
    const page = await at("captures.html");
    await markup.openSearch(page, "wide");
    await Promise.all([page.waitForURL(/#/), key(page, "ArrowDown", "Enter")]);
    assert.match(page.url(), /captures\.html#/);
    await page.close();
  });

  test("the contents open at 360 px, and Escape closes them", async () => {
    const narrow = await open(browser, { width: 360, height: 740 });
    const page = await visit(narrow, fixture.url("captures.html"));
    const contents = page.locator(markup.CONTENTS);
    assert.ok(!(await contents.isVisible()));
    await page.locator(markup.CONTENTS_BUTTON).focus();
    await key(page, "Enter");
    await contents.waitFor();
    await key(page, "Tab");
    assert.ok(await page.evaluate(() => document.activeElement.closest("nav[popover]") !== null), "Tab does not lead into them");
    await key(page, "Escape");
    await contents.waitFor({ state: "hidden" });
    assert.ok(await page.locator(markup.CONTENTS_BUTTON).evaluate((element) => element === document.activeElement));
    await narrow.close();
  });

  test("a field's meaning is shown on focus, and Escape hides it", async () => {
    const page = await at("captures.html");
    const field = page.locator(markup.FIELD).first();
    await field.focus();
    const meaning = page.locator(markup.MEANING);
    await meaning.waitFor();
    // The page scrolls to the field: its meaning must outlast that.
    await page.waitForTimeout(700);
    assert.ok(await meaning.isVisible(), "the meaning goes while the field has the focus");
    assert.ok((await meaning.innerText()).trim().length > 10);
    await key(page, "Escape");
    await meaning.waitFor({ state: "hidden" });
    await page.close();
  });
});
