// `npm run measure`: what pages cost and how fast they are, beside the limits.
// Times depend on the machine and on what else it does: no test fails on them.
import { BUDGET } from "./budget.js";
import { launch, open, visit } from "./chromium.js";
import { heaviest } from "./checks/heaviest.js";
import { lighthouse } from "./checks/lighthouse.js";
import { meter, weigh } from "./checks/weight.js";
import { openSearch } from "./markup.js";
import { BOOK, pagesOf, serve } from "./site.js";

const RUNS = 3;
const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
const line = (name, ...cells) => console.log(name.padEnd(44), ...cells.map((cell) => String(cell).padStart(10)));

const site = await serve(BOOK);
const browser = await launch();

line("page", "kB", "requests", "script kB", "strangers");
for (const path of await pagesOf(BOOK)) {
  const { kB, requests, scriptkB, foreign, interactive } = await weigh(browser, site, path);
  line(`${path}${interactive ? " *" : ""}`, kB.toFixed(1), requests, scriptkB.toFixed(1), foreign.length);
}
const { page: limits } = BUDGET;
line("limit (* interactive)", `${limits.kB}/${limits["interactive kB"]}`, limits.requests, limits["script kB"], limits["third-party requests"]);

const context = await open(browser);
const page = await visit(context, site.url("index.html"));
await page.waitForLoadState("networkidle");
const watched = meter(page, site.url(""));
await openSearch(page, "page");
line("\nfirst search, extra kB", (await watched.cost()).kB.toFixed(1), `limit ${BUDGET.search["extra kB"]}`);

await page.goto(site.url("print.html"));
const start = performance.now();
await page.pdf({ format: "A4" });
const times = BUDGET["measured, never failed"];
line("the whole book to PDF, ms", Math.round(performance.now() - start), `limit ${times["print ms"]}`);
await browser.close();

const NAMES = ["performance", "accessibility", "best-practices", "seo", "lcp ms", "cls", "tbt ms"];
console.log(`\nLighthouse, mobile, medians of ${RUNS} runs`);
line("page", ...NAMES.map((name) => name.slice(0, 9)));
const runner = await lighthouse();
for (const path of await heaviest(site, BUDGET.lighthouse.pages)) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await runner.run(site.url(path)));
  line(path, ...NAMES.map((name) => median(runs.map((numbers) => numbers[name]))));
}
line("limit", ...NAMES.map((name) => times[name] ?? BUDGET.lighthouse[name]));
await runner.close();
await site.close();
