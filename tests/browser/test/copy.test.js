import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BUDGET, none } from "../budget.js";
import { launch, open, settled, visit } from "../chromium.js";
import { unseenCopies } from "../checks/copy.js";
import { FIXTURE, serve } from "../site.js";

describe("copy", () => {
  let browser, fixture, context;
  before(async () => {
    fixture = await serve(FIXTURE);
    browser = await launch();
    context = await open(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  });
  after(async () => {
    await browser?.close();
    await fixture?.close();
  });

  for (const path of ["captures.html", "code.html"]) {
    test(`is seen in ${path} without the pointer, and covers nothing`, async () => {
      const page = await visit(context, fixture.url(path));
      const faults = [];
      for (const width of BUDGET.widths) {
        await page.setViewportSize({ width, height: 800 });
        await settled(page);
        faults.push(...(await unseenCopies(page)).map((fault) => ({ ...fault, rule: `${width} px: ${fault.rule}` })));
      }
      await page.close();
      none(faults, path, "light");
    });
  }

  test("gives the commands of a terminal, without prompt and output", async () => {
    const page = await visit(context, fixture.url("captures.html"));
    const terminals = page.locator("figure.terminal:has(kbd:not(.return))");
    assert.ok((await terminals.count()) > 0, "the fixture has no terminal with a command");
    for (const terminal of await terminals.all()) {
      const typed = await terminal.locator("kbd:not(.return)").allTextContents();
      await terminal.locator("button.copy").click();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), typed.join("\n"));
      assert.doesNotMatch(typed.join("\n"), /^\$ /m);
    }
    await page.close();
  });

  test("gives a listing as its file has it, but for the callouts", async () => {
    const page = await visit(context, fixture.url("captures.html"));
    const listing = page.locator("figure.listing").first();
    await listing.locator("button.copy").click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const source = await page.request.get(await listing.locator("a[download]").evaluate((link) => link.href));
    // A chapter may show a part of it.
    const kept = (text) => text.split("\n").filter((line) => !/^\s*\/\/ (\(\d+\)|ANCHOR)/.test(line)).join("\n").trim();
    assert.ok(copied.trim().split("\n").length > 20, copied);
    assert.doesNotMatch(copied, /\/\/ \(\d+\)/);
    assert.ok(kept(await source.text()).includes(kept(copied)), copied);
    await page.close();
  });

  test("leaves the prompt out of what is selected by hand", async () => {
    const page = await visit(context, fixture.url("captures.html"));
    await page.evaluate(() => {
      const code = document.querySelector("figure.terminal:has(.prompt) code");
      getSelection().selectAllChildren(code);
    });
    await page.keyboard.press("Control+c");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(copied.length > 0);
    assert.doesNotMatch(copied, /^\$ /m);
    await page.close();
  });
});
