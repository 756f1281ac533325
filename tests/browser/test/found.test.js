// How the book is found, and what others show of it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { launch, open, settled, visit } from "../chromium.js";
import { DIALOG, FIELD, MEANING, SEARCH_RESULTS, openSearch } from "../markup.js";
import { BOOK, FIXTURE, isChapter, pagesOf, serve } from "../site.js";

const pages = await pagesOf(BOOK);
const chapters = pages.filter(isChapter);

describe("how the book is found", () => {
  let browser, context, book, fixture;
  before(async () => {
    [book, fixture] = [await serve(BOOK), await serve(FIXTURE)];
    browser = await launch();
    context = await open(browser);
  });
  after(async () => {
    await browser?.close();
    await book?.close();
    await fixture?.close();
  });

  /** What the head of a page says of it. */
  const head = async (path) => {
    const page = await visit(context, book.url(path));
    const said = await page.evaluate(() => {
      const content = (selector) => document.querySelector(selector)?.content;
      return {
        title: document.title,
        description: content('meta[name="description"]'),
        robots: content('meta[name="robots"]'),
        card: Object.fromEntries(
          ["og:title", "og:description", "og:type", "og:site_name"].map((name) => [name, content(`meta[property="${name}"]`)]),
        ),
        twitter: content('meta[name="twitter:card"]'),
        descriptions: document.querySelectorAll('meta[name="description"]').length,
      };
    });
    await page.close();
    return said;
  };

  test("each chapter has a description and a card of its own", async () => {
    const seen = { title: new Map(), description: new Map() };
    for (const path of chapters) {
      const said = await head(path);
      for (const name of ["title", "description"]) {
        assert.ok(said[name]?.length > 10, `${path}: the ${name} is ${said[name]}`);
        // The front page is the first chapter, under another name.
        const other = path === "index.html" ? undefined : seen[name].get(said[name]);
        assert.equal(other, undefined, `${path} has the ${name} of ${other}: ${said[name]}`);
        if (path !== "index.html") seen[name].set(said[name], path);
      }
      assert.equal(said.descriptions, 1, path);
      assert.equal(said.card["og:title"], said.title, path);
      assert.equal(said.card["og:description"], said.description, path);
      assert.ok(said.card["og:type"] && said.card["og:site_name"] && said.twitter, path);
      assert.equal(said.robots, undefined, path);
    }
  });

  test("the whole book on a page is left out by search engines", async () => {
    assert.match((await head("print.html")).robots, /noindex/);
  });

  test("a missing address has a page that leads back", async () => {
    const page = await context.newPage();
    for (const address of ["missing.html", "no/such/folder/page.html"]) {
      const answer = await page.goto(book.url(address));
      assert.equal(answer.status(), 404);
      assert.ok(await page.locator("main h1").isVisible());
      const styled = await page.evaluate(() => getComputedStyle(document.querySelector(".bar")).position);
      assert.equal(styled, "sticky", `${address}: the page has no styles`);
      await Promise.all([page.waitForURL(book.url("index.html")), page.locator(".book-title").click()]);
    }
    await page.close();
  });

  test("the old address of a page leads to where it is now", async () => {
    const page = await context.newPage();
    await page.goto(book.url("first-contact/smaps-line-by-line.html"));
    await page.waitForURL(book.url("files/smaps-line-by-line.html"));
    await page.close();
  });

  test("each page has an icon", async () => {
    for (const path of pages) {
      const page = await visit(context, book.url(path));
      const icons = await page.evaluate(() =>
        Promise.all(
          [...document.querySelectorAll('link[rel~="icon"]')].map(async ({ href }) => {
            const image = new Image();
            image.src = href;
            await image.decode();
            return image.naturalWidth;
          }),
        ),
      );
      await page.close();
      assert.ok(icons.length > 0 && icons.every((width) => width > 0), `${path}: ${icons}`);
    }
  });

  test("search marks a word of two letters where words begin, and nowhere else", async () => {
    const page = await visit(context, fixture.url("captures.html"));
    await openSearch(page, "on");
    const before = await page.evaluate(() =>
      [...document.querySelectorAll("dialog mark")].map((mark) => mark.previousSibling?.textContent.at(-1) ?? ""),
    );
    await page.close();
    assert.ok(before.length > 0);
    assert.deepEqual(before.filter((letter) => /[\p{L}\p{N}]/u.test(letter)), []);
  });

  test("search says how many sections it has found, and how many of them it lists", async () => {
    const page = await visit(context, book.url("index.html"));
    const said = [];
    for (const words of ["memory", "zero page overcommit"]) {
      await openSearch(page, words);
      const status = await page.locator('dialog [role="status"]').innerText();
      const [, first, all] = /^(?:The first (\d+) of )?(\d+) sections?$/.exec(status) ?? [];
      const listed = await page.locator(SEARCH_RESULTS).count();
      assert.equal(listed, Number(first ?? all), status);
      assert.ok(Number(all) >= listed, status);
      said.push(first !== undefined);
      await page.keyboard.press("Escape");
      await page.locator(DIALOG).waitFor({ state: "detached" });
    }
    await page.close();
    assert.deepEqual(said, [true, false]);
  });

  test("search shows the values in a sentence, and no meaning covers a result", async () => {
    const page = await visit(context, fixture.url("captures.html"));
    await page.locator(FIELD).first().waitFor();
    await openSearch(page, "rss");
    const sentence = page.locator(SEARCH_RESULTS, { hasText: /Rss is \d+ kB\./ });
    assert.equal(await sentence.count(), 1);
    await page.locator(SEARCH_RESULTS, { hasText: "as the fixture has it" }).hover();
    // Longer than the pointer must rest on a field.
    await page.waitForTimeout(400);
    assert.ok(!(await page.locator(MEANING).isVisible()));
    await page.close();
  });

  test("an address may end in anything", async () => {
    for (const end of ["#x-%ZZ", "#%", "#fixture-steps-step-2", "#"]) {
      const page = await visit(context, fixture.url(`captures.html${end}`));
      await page.locator(FIELD).first().waitFor();
      await page.evaluate(() => (location.hash = "#y-%ZZ"));
      await settled(page);
      assert.deepEqual(page.wrong, [], end);
      await page.close();
    }
  });

  test("pages and listings lead to the repository, where book.toml names it", async () => {
    const links = async (url) => {
      const page = await visit(context, url);
      const found = await page.evaluate(() => {
        const address = (link) => link?.getAttribute("href");
        const named = [...document.querySelectorAll("figure.listing .actions a")].find(({ textContent }) => /^Repository/.test(textContent));
        const contents = [...document.querySelectorAll("nav[popover] .whole a")].find(({ textContent }) => /repository/.test(textContent));
        return [address(named), address(contents)];
      });
      await page.close();
      return found;
    };
    const listing = "listings/anonymous-memory/mmap-anon-interactive/src/main.rs";
    assert.deepEqual(await links(fixture.url("captures.html")), [
      `https://example.org/book/blob/HEAD/${listing}`,
      "https://example.org/book",
    ]);
    const config = await readFile(new URL("../../../book.toml", import.meta.url), "utf8");
    const named = /^git-repository-url *= *"(.*)"/m.exec(config)?.[1];
    const found = await links(book.url("first-contact/anonymous-memory.html"));
    if (named) assert.ok(found[0].startsWith(named) && found[1] === named, found.join());
    else assert.deepEqual(found, [undefined, undefined]);
  });
});
