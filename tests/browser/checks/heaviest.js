import { launch } from "../chromium.js";
import { BOOK, pagesOf } from "../site.js";
import { weigh } from "./weight.js";

/** The chapters that cost most to load, the heaviest first. */
export async function heaviest(site, count) {
  const browser = await launch();
  const costs = [];
  for (const path of await pagesOf(BOOK)) {
    // The whole book on a page is for paper.
    if (["print.html", "toc.html"].includes(path)) continue;
    costs.push({ path, kB: (await weigh(browser, site, path)).kB });
  }
  await browser.close();
  return costs
    .sort((one, other) => other.kB - one.kB)
    .slice(0, count)
    .map(({ path }) => path);
}
