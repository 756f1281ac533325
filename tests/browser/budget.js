// The limits, and what a page over one of them says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export const BUDGET = JSON.parse(readFileSync(new URL("budget.json", import.meta.url), "utf8"));

/**
 * One thing that is wrong: the rule, what was found (a number, where there is
 * one), its limit, and where on the page.
 * @typedef {{ rule: string, found?: number|string, limit?: number|string, where?: string }} Fault
 */

/** A fault, if a number is over its limit. */
export function over(rule, found, limit) {
  return found > limit ? [{ rule, found, limit }] : [];
}

/** A fault, if a number is under what is wanted. */
export function under(rule, found, wanted) {
  return found < wanted ? [{ rule, found, limit: `at least ${wanted}` }] : [];
}

/** Fails with page, theme, rule and number of each fault. */
export function none(faults, page, theme) {
  if (faults.length === 0) return;
  const lines = faults.map(({ rule, found, limit, where }) => {
    const place = [page, theme].filter(Boolean).join(", ");
    const number = found === undefined ? "" : `: ${found}`;
    const allowed = limit === undefined ? "" : ` (limit: ${limit})`;
    return `${place}: ${rule}${number}${allowed}${where ? `\n    ${where}` : ""}`;
  });
  assert.fail(`${faults.length} over the budget\n  ${lines.join("\n  ")}`);
}
