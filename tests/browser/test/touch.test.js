import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, open, visit } from "../chromium.js";
import * as markup from "../markup.js";
import { FIXTURE, serve } from "../site.js";

describe("touch", () => {
  let browser, fixture, page;
  before(async () => {
    fixture = await serve(FIXTURE);
    browser = await launch();
    const context = await open(browser, { width: 360, height: 740, hasTouch: true, isMobile: true });
    page = await visit(context, fixture.url("captures.html"));
    await page.locator(markup.FIELD).first().waitFor();
  });
  after(async () => {
    await browser?.close();
    await fixture?.close();
  });

  test("a tap on a field shows what it means, a tap beside it hides that, two follow the link", async () => {
    const before = page.url();
    const field = page.locator(markup.FIELD, { hasText: "Rss" }).first();
    const meaning = page.locator(markup.MEANING);
    await field.tap();
    await meaning.waitFor();
    assert.match(await meaning.innerText(), /^Rss: .{10}/);
    assert.equal(page.url(), before);
    await page.locator("h1").tap();
    await meaning.waitFor({ state: "hidden" });
    await field.tap();
    await meaning.waitFor();
    await Promise.all([page.waitForURL(/fields\.html#field-rss$/), field.tap()]);
    await page.goBack();
  });

  test("a tap on what the search has found leads there", async () => {
    await page.reload();
    await page.locator(markup.FIELD).first().waitFor();
    await page.locator(markup.SEARCH).tap();
    await page.locator(markup.SEARCH_INPUT).fill("rss");
    const found = page.locator(markup.SEARCH_RESULTS, { hasText: "as the fixture has it" });
    await Promise.all([page.waitForURL(/fields\.html#field-rss$/), found.tap()]);
    await page.goBack();
  });

  test("a tap on a button of a figure shows its next step", async () => {
    const [{ next, back, at: step }] = await markup.steppers(page);
    assert.equal(await step(), 1);
    await next.tap();
    assert.equal(await step(), 2);
    await back.tap();
    assert.equal(await step(), 1);
  });

  test("a tap opens and closes the contents", async () => {
    const contents = page.locator(markup.CONTENTS);
    await page.locator(markup.CONTENTS_BUTTON).tap();
    await contents.waitFor();
    await page.touchscreen.tap(350, 400);
    await contents.waitFor({ state: "hidden" });
  });
});
