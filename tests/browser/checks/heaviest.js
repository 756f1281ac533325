import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BOOK, isChapter, pagesOf } from "../site.js";

/** The chapters that cost most to load, the heaviest first. They differ by their
 * own text: all load the same styles and scripts. */
export async function heaviest(count) {
  const sizes = [];
  for (const path of await pagesOf(BOOK)) {
    // The whole book on a page is for paper.
    if (!isChapter(path)) continue;
    sizes.push({ path, size: gzipSync(await readFile(join(BOOK, path))).length });
  }
  return sizes
    .sort((one, other) => other.size - one.size)
    .slice(0, count)
    .map(({ path }) => path);
}
