// A check that cannot fail is none: each finds what is wrong with a page in
// broken/, and nothing in the one that is sound.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BUDGET, none } from "../budget.js";
import { launch, open, visit } from "../chromium.js";
import { audit } from "../checks/axe.js";
import { unseenCopies } from "../checks/copy.js";
import { walk } from "../checks/keyboard.js";
import { faults as ofLighthouse } from "../checks/lighthouse.js";
import { moves } from "../checks/motion.js";
import { answersOpen, blankSheets, contentsReachable, deadControls, errors, hiddenText, inlineScripts, outdented, sheets } from "../checks/plain.js";
import { faults as ofWeight, weigh } from "../checks/weight.js";
import { fits } from "../checks/width.js";
import { BROKEN, serve } from "../site.js";

describe("the checks themselves", { concurrency: 2 }, () => {
  let browser, site, context, scriptless;
  before(async () => {
    site = await serve(BROKEN);
    browser = await launch();
    context = await open(browser, { width: 360, height: 740 });
    scriptless = await open(browser, { javaScriptEnabled: false });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  const rules = (faults) => faults.map(({ rule }) => rule).join("; ");
  const onPaper = async (page) => {
    await page.emulateMedia({ media: "print" });
    return hiddenText(page, { paper: true });
  };
  const cases = [
    ["wide", fits, /the page scrolls sideways/],
    ["scroller", fits, /the keyboard cannot reach it/],
    ["cut", fits, /text is cut off/],
    ["trap", (page) => walk(page, BUDGET.keyboard), /the keyboard cannot leave.*does not reach/],
    ["unseen", (page) => walk(page, BUDGET.keyboard), /the focus cannot be seen/],
    ["covered", (page) => walk(page, BUDGET.keyboard), /hidden or covered/],
    ["leapt", (page) => walk(page, BUDGET.keyboard), /does not reach a control/],
    ["unskipped", (page) => walk(page, BUDGET.keyboard), /tab stops to the text/],
    ["astray", (page) => walk(page, BUDGET.keyboard), /the skip link leaves the page/],
    ["faint", (page) => audit(page), /axe color-contrast/],
    ["faint", (page) => audit(page, [["p"]]), /axe color-contrast/],
    ["unprinted", onPaper, /not printed/],
    ["blank", blankSheets, /a blank sheet/],
    ["outdented", outdented, /^a line goes on in column 0/],
    ["uncopied", unseenCopies, /nothing to copy it with; .* not seen; .* covers text/],
    ["restless", moves, /an animation.*smooth scrolling.*a transition|an animation.*a transition/s],
    ["failing", async (page) => [...(await inlineScripts(page)), ...errors(page, "failing.html")], /stands in the page; an error/],
  ];
  for (const [name, check, found] of cases) {
    test(`${name}: ${found.source}`, async () => {
      const page = await visit(context, site.url(`${name}.html`));
      assert.match(rules(await check(page)), found);
      await page.close();
    });
    test(`sound, not ${name}`, async () => {
      const page = await visit(context, site.url("sound.html"));
      assert.deepEqual(await check(page), []);
      await page.close();
    });
  }

  test("later: hidden without script, and a button that does nothing", async () => {
    const page = await scriptless.newPage();
    await page.goto(site.url("later.html"));
    assert.match(rules(await hiddenText(page)), /hidden without script/);
    assert.match(rules(await deadControls(page)), /does nothing without script/);
    await page.goto(site.url("sound.html"));
    assert.deepEqual([...(await hiddenText(page)), ...(await deadControls(page)), ...(await answersOpen(page))], []);
    await page.close();
  });

  test("a chapter without a link to it", async () => {
    const page = await scriptless.newPage();
    await page.goto(site.url("sound.html"));
    assert.match(rules(await contentsReachable(page, ["sound.html", "other.html"], "wide.html")), /cannot be reached/);
    assert.deepEqual(await contentsReachable(page, ["sound.html"], "wide.html"), []);
    await page.close();
  });

  test("weight, requests and strangers", async () => {
    const limits = { kB: 5, "script kB": 1, requests: 2, "third-party requests": 0 };
    const sound = await weigh(browser, site, "sound.html");
    assert.deepEqual(ofWeight(sound, limits), []);
    assert.ok(sound.kB > 0.2 && sound.requests === 1, JSON.stringify(sound));
    assert.equal(rules(ofWeight(sound, { ...limits, kB: 0.1, requests: 0 })), "kB, gzip; requests");
    const foreign = await weigh(browser, site, "foreign.html");
    assert.match(rules(ofWeight(foreign, limits)), /third-party requests/);
  });

  test("a PDF's sheets", async () => {
    const page = await visit(context, site.url("sound.html"));
    assert.equal(sheets(await page.pdf({ format: "A4" })), 1);
    await page.evaluate(() => (document.querySelector("h1").style.breakAfter = "page"));
    assert.equal(sheets(await page.pdf({ format: "A4" })), 2);
    await page.close();
  });

  test("Lighthouse's numbers", () => {
    const failing = { accessibility: ["a"], "best-practices": ["b"], seo: ["c"] };
    const good = { accessibility: 100, "best-practices": 100, seo: 100, cls: 0.001, failing };
    assert.deepEqual(ofLighthouse(good, BUDGET.lighthouse), []);
    assert.equal(
      rules(ofLighthouse({ accessibility: 99, "best-practices": 99, seo: 99, cls: 0.02, failing }, BUDGET.lighthouse)),
      "Lighthouse accessibility; Lighthouse best-practices; Lighthouse seo; Lighthouse cls",
    );
  });

  test("a failure names page, theme, rule and number", () => {
    assert.throws(() => none([{ rule: "requests", found: 17, limit: 15 }], "a/b.html", "dark"), /a\/b\.html, dark: requests: 17 \(limit: 15\)/);
    none([], "a/b.html", "dark");
  });
});
