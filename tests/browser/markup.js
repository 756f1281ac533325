// What the theme's pages call their parts, and how a reader puts them to use.
import assert from "node:assert/strict";

export const CONTENTS_BUTTON = ".contents-button";
export const CONTENTS = "nav[popover]";
export const SEARCH = '[data-open="search"]';
export const SEARCH_INPUT = 'dialog[open] input[type="search"]';
export const SEARCH_RESULTS = "dialog[open] ol a";
export const HELP = '[data-open="help"]';
export const DIALOG = "dialog[open]";
export const STEPS = "figure.steps:has(.stepper)";
export const TERMINAL = "figure.terminal";
export const COPY = "button.copy";
export const FIELD = "a.field";
export const MEANING = '[role="tooltip"]';

/** Opens all answers. */
export function openDetails(page) {
  return page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}

/** The figures with steps, each with its number of steps. */
export async function steppers(page) {
  const figures = await page.locator(STEPS).all();
  return Promise.all(
    figures.map(async (figure) => ({
      id: await figure.getAttribute("id"),
      figure,
      slider: figure.locator('input[type="range"]'),
      back: figure.locator(".stepper button").first(),
      next: figure.locator(".stepper button").last(),
      count: await figure.locator('input[type="range"]').evaluate((slider) => Number(slider.max)),
      at: () => figure.evaluate((element) => Number(element.dataset.at)),
    })),
  );
}

/** Shows a step in each figure that has so many, and gives the ids of these. */
export async function showStep(page, step) {
  const shown = [];
  for (const { id, slider, count } of await steppers(page)) {
    if (count < step) continue;
    await slider.evaluate((element, value) => {
      element.value = value;
      element.dispatchEvent(new Event("input", { bubbles: true }));
    }, step);
    shown.push(id);
  }
  return shown;
}

export async function openSearch(page, words) {
  await page.keyboard.press("/");
  await page.locator(SEARCH_INPUT).waitFor();
  if (!words) return;
  await page.keyboard.type(words);
  await page.locator(SEARCH_RESULTS).first().waitFor();
}

export async function openHelp(page) {
  await page.keyboard.press("?");
  await page.locator(DIALOG).waitFor();
}

export async function openContents(page) {
  await page.locator(CONTENTS_BUTTON).click();
  await page.locator(CONTENTS).waitFor();
  assert.ok(await page.locator(`${CONTENTS} a`).first().isVisible(), "the contents are not shown");
}
