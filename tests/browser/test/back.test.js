import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, open } from "../chromium.js";
import { FIXTURE, BROKEN, serve } from "../site.js";

describe("the way back", () => {
  let browser, fixture, broken;
  before(async () => {
    [fixture, broken] = [await serve(FIXTURE), await serve(BROKEN)];
    browser = await launch({ backCache: true });
  });
  after(async () => {
    await browser?.close();
    await fixture?.close();
    await broken?.close();
  });

  /** Whether a page is found as it was left. */
  const kept = async (url, next) => {
    const context = await open(browser);
    const page = await context.newPage();
    await page.goto(url, { waitUntil: "networkidle" });
    await page.evaluate(() => (window.left = true));
    await page.goto(next);
    // The driver does not know of pages that come back.
    await page.evaluate(() => setTimeout(() => history.back()));
    await page.waitForFunction((url) => location.href === url, url);
    const left = await page.evaluate(() => window.left === true);
    await context.close();
    return left;
  };

  test("finds a page as it was left", async () => {
    assert.ok(await kept(fixture.url("captures.html"), fixture.url("code.html")));
  });

  test("does not, where a script waits for the page's end", async () => {
    assert.ok(!(await kept(broken.url("unloading.html"), broken.url("sound.html"))));
  });
});
