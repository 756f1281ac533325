// axe-core's rules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { BUDGET, over } from "../budget.js";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The faults that axe finds in a page as it stands, or in parts of it. */
export async function audit(page, parts) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  const violations = await page.evaluate(async (parts) => {
    const found = await window.axe.run(parts ? { include: parts } : document, {
      resultTypes: ["violations"],
      // Off by default, as it is of WCAG 2.2.
      rules: { "target-size": { enabled: true } },
    });
    return found.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map((node) => `${node.target.join(" ")}: ${node.any[0]?.message ?? node.failureSummary}`),
    }));
  }, parts);
  const nodes = violations.reduce((sum, violation) => sum + violation.nodes.length, 0);
  if (over("axe", nodes, BUDGET.axe["failing nodes"]).length === 0) return [];
  return violations.map(({ id, help, nodes }) => ({
    rule: `axe ${id} (${help}), failing nodes`,
    found: nodes.length,
    limit: BUDGET.axe["failing nodes"],
    where: nodes.slice(0, 4).join("\n    "),
  }));
}
