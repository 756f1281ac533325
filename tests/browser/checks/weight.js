// What a page costs to load, as it goes over the wire.
import { over } from "../budget.js";
import { open } from "../chromium.js";

/** Watches a window from now on; `cost()` is what was loaded since. */
export function meter(page, origin) {
  const requests = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) requests.push(request);
  });
  return {
    async cost() {
      let bytes = 0;
      let script = 0;
      for (const request of requests) {
        const answered = await request.response().catch(() => null);
        if (!answered) continue;
        await answered.finished();
        const { responseBodySize, responseHeadersSize } = await request.sizes();
        bytes += responseBodySize + responseHeadersSize;
        if (request.resourceType() === "script") script += responseBodySize;
      }
      const foreign = requests.filter((request) => !request.url().startsWith(origin));
      return {
        kB: bytes / 1000,
        scriptkB: script / 1000,
        requests: requests.length,
        urls: requests.map((request) => request.url().replace(origin, "")),
        foreign: foreign.map((request) => request.url()),
      };
    },
  };
}

/** Cold: in a window of its own, without anything in its cache. Its icon counts,
 * which a browser without a screen does not load. */
export async function weigh(browser, site, path) {
  const context = await open(browser);
  const page = await context.newPage();
  const origin = site.url("");
  const watched = meter(page, origin);
  await page.goto(site.url(path), { waitUntil: "networkidle" });
  const cost = await watched.cost();
  const icon = await page.evaluate(() => document.querySelector('link[rel~="icon"]')?.href);
  if (icon && !icon.startsWith("data:") && !cost.urls.includes(icon.replace(origin, ""))) {
    const answer = await page.request.get(icon, { headers: { "accept-encoding": "gzip" } });
    cost.kB += Number(answer.headers()["content-length"] ?? 0) / 1000;
    cost.requests += 1;
  }
  cost.interactive = (await page.locator("[data-stepper], .stepper").count()) > 0;
  await context.close();
  return cost;
}

/** What of it is over the limits. */
export function faults(cost, limits) {
  const kB = cost.interactive ? (limits["interactive kB"] ?? limits.kB) : limits.kB;
  return [
    ...over("kB, gzip", Number(cost.kB.toFixed(1)), kB),
    ...over("kB of script, gzip", Number(cost.scriptkB.toFixed(1)), limits["script kB"]),
    ...over("requests", cost.requests, limits.requests),
    ...over("third-party requests", cost.foreign.length, limits["third-party requests"]).map((fault) => ({
      ...fault,
      where: cost.foreign.join(" "),
    })),
  ];
}
