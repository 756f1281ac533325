import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, open, visit } from "../chromium.js";
import { FIXTURE, serve } from "../site.js";

describe("predictions", () => {
  let browser, fixture;
  before(async () => {
    fixture = await serve(FIXTURE);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await fixture?.close();
  });

  /** A reader with a browser of her own, who looks at the page of bets. */
  const reader = async (options, prepare) => {
    const context = await open(browser, options);
    if (prepare) await context.addInitScript(prepare);
    const page = await visit(context, fixture.url("predictions.html"));
    return { context, page, ...bet(page) };
  };
  const choices = (page) => page.locator(".prediction");
  const bet = (page) => ({
    radios: page.locator(".prediction").first().getByRole("radio"),
    answer: page.locator("main details").first(),
    summary: page.locator("main summary").first(),
    verdict: page.locator(".verdict"),
    score: page.locator(".score"),
  });

  test("is chosen by click, compared, and remembered", async () => {
    const { context, page, radios, summary, verdict, score } = await reader();
    assert.equal(await radios.count(), 3);
    assert.equal(await summary.innerText(), "Answer");
    await choices(page).getByText("16384 kB").click();
    await choices(page).getByText("0 kB", { exact: true }).first().click();
    assert.equal(await summary.innerText(), "What the kernel said");
    await summary.click();
    await verdict.waitFor();
    assert.equal(await verdict.innerText(), "You said 0 kB. The kernel said one page.");
    assert.ok(await radios.first().isDisabled());
    assert.equal(await score.innerText(), "In this part you have made one prediction, and the kernel agreed with 0.");

    await page.reload();
    await summary.click();
    assert.equal(await verdict.innerText(), "You said 0 kB. The kernel said one page.");

    await choices(page).getByText("hands out addresses").first().click();
    await page.locator("main summary").last().click();
    assert.match(await verdict.last().innerText(), /^You said 0 kB: mmap hands out addresses, and so did the kernel\.$/);
    await page.goto(fixture.url("index.html"));
    assert.match(await score.innerText(), /^You have made 2 predictions, and the kernel agreed with 1\./);
    await page.getByRole("button", { name: "Forget them" }).click();
    await score.waitFor({ state: "detached" });
    await page.goto(fixture.url("predictions.html"));
    assert.equal(await summary.innerText(), "Answer");
    assert.equal(await score.count(), 0);
    assert.deepEqual(page.wrong, []);
    await context.close();
  });

  test("is chosen by key", async () => {
    const { context, page, radios, answer, verdict } = await reader();
    await radios.first().focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    assert.ok(await radios.nth(1).isChecked());
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await verdict.waitFor();
    assert.equal(await verdict.innerText(), "You said one page, and so did the kernel.");
    assert.ok(await answer.evaluate((details) => details.open));
    await context.close();
  });

  test("is chosen by tap on a phone", async () => {
    const { context, page, summary, verdict } = await reader({ width: 360, height: 740, hasTouch: true, isMobile: true });
    await choices(page).getByText("one page").first().tap();
    await summary.tap();
    await verdict.waitFor();
    assert.equal(await verdict.innerText(), "You said one page, and so did the kernel.");
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth);
    assert.equal(wide, 0);
    await context.close();
  });

  test("is not judged where only the answer can tell", async () => {
    const { context, page, verdict, score } = await reader();
    await choices(page).getByText("a low one").click();
    await page.locator("main summary").nth(1).click();
    await verdict.waitFor();
    assert.equal(await verdict.innerText(), "You said a low one.");
    assert.equal(await score.count(), 0);
    await context.close();
  });

  test("is no bet when the answer has been seen", async () => {
    const { context, page, radios, summary, verdict, score } = await reader();
    await summary.click();
    await page.locator(".prediction .right").first().waitFor();
    assert.ok(await radios.first().isDisabled());
    assert.equal(await verdict.count(), 0);
    assert.equal(await score.count(), 0);
    await context.close();
  });

  test("holds for the page where nothing can be stored", async () => {
    const { context, page, summary, verdict } = await reader({}, () => {
      Object.defineProperty(window, "localStorage", {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    });
    await choices(page).getByText("one page").first().click();
    await summary.click();
    await verdict.waitFor();
    await page.reload();
    assert.equal(await summary.innerText(), "Answer");
    assert.deepEqual(page.wrong, []);
    await context.close();
  });

  test("of another book is none", async () => {
    for (const stored of ["[", "null", "5", '{"predictions.html#predict-one-byte":{"said":"2 kB","right":true,"seen":true}}', '{"a":null}']) {
      const { context, page, summary, radios } = await reader();
      await page.evaluate((value) => localStorage.setItem("predictions", value), stored);
      await page.reload();
      assert.equal(await summary.innerText(), "Answer", stored);
      assert.ok(await radios.first().isEnabled(), stored);
      assert.deepEqual(page.wrong, [], stored);
      await context.close();
    }
  });
});
