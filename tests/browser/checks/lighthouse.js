// Lighthouse, as on a middling phone.
import { createServer } from "node:net";
import { launch } from "../chromium.js";
import { over, under } from "../budget.js";

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A browser for Lighthouse; `run(url)` gives the numbers of one cold load. */
export async function lighthouse() {
  const { default: audit } = await import("lighthouse");
  const port = await freePort();
  const browser = await launch({ port });
  return {
    async run(url) {
      const { lhr } = await audit(url, { port, output: "json", logLevel: "silent" });
      if (lhr.runtimeError) throw new Error(`Lighthouse: ${lhr.runtimeError.message}`);
      const score = (id) => Math.round((lhr.categories[id].score ?? 0) * 100);
      const value = (id) => lhr.audits[id].numericValue ?? NaN;
      const failing = (id) =>
        lhr.categories[id].auditRefs
          .filter(({ weight, id }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
          .map(({ id }) => lhr.audits[id].title);
      return {
        performance: score("performance"),
        accessibility: score("accessibility"),
        "best-practices": score("best-practices"),
        seo: score("seo"),
        cls: Number(value("cumulative-layout-shift").toFixed(4)),
        "lcp ms": Math.round(value("largest-contentful-paint")),
        "tbt ms": Math.round(value("total-blocking-time")),
        failing: Object.fromEntries(["accessibility", "best-practices", "seo"].map((id) => [id, failing(id)])),
      };
    },
    close: () => browser.close(),
  };
}

/** What does not depend on how busy the machine is. */
export function faults(numbers, limits) {
  const scores = ["accessibility", "best-practices", "seo"].flatMap((id) =>
    under(`Lighthouse ${id}`, numbers[id], limits[id]).map((fault) => ({ ...fault, where: numbers.failing[id].join("; ") })),
  );
  return [...scores, ...over("Lighthouse cls", numbers.cls, limits.cls)];
}
