// The system's own Chromium; none is ever downloaded.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function path() {
  const found = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "chromium")).find(existsSync);
  if (!found) throw new Error("no chromium on the PATH; on Debian: apt-get install chromium");
  return found;
}

/** A browser with a profile of its own; `port` is where Lighthouse finds it.
 * With `backCache` it keeps pages for the way back, as it does for readers.
 * `letters` is the size in px that its reader has chosen for them. */
export function launch({ port, backCache = false, letters = 16 } = {}) {
  const args = [...ARGS, `--blink-settings=defaultFontSize=${letters}`];
  if (port) args.push(`--remote-debugging-port=${port}`);
  const ignoreDefaultArgs = backCache ? ["--disable-back-forward-cache"] : [];
  return chromium.launch({ executablePath: path(), args, ignoreDefaultArgs });
}

/** What a reader may choose: the media feature, and what the page remembers. */
export const THEMES = [
  { name: "light", colorScheme: "dark", stored: "light" },
  { name: "dark", colorScheme: "light", stored: "dark" },
  { name: "system-dark", colorScheme: "dark", stored: null },
];
export const [LIGHT, DARK, SYSTEM_DARK] = THEMES;

/** A new window in a theme, without anything in its cache. */
export async function open(browser, { theme = LIGHT, width = 1280, height = 900, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme.colorScheme,
    serviceWorkers: "block",
    ...options,
  });
  // What is not there by then is not there, however busy the machine.
  context.setDefaultTimeout(60_000);
  if (theme.stored) {
    await context.addInitScript((value) => {
      try {
        localStorage.setItem("theme", value);
      } catch {
        // A page without storage, such as about:blank.
      }
    }, theme.stored);
  }
  return context;
}

/** Opens a page and waits until it has settled. */
export async function visit(context, url) {
  const page = await context.newPage();
  page.wrong = [];
  page.on("pageerror", (error) => page.wrong.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") page.wrong.push(`console: ${message.text()}`);
  });
  await page.goto(url, { waitUntil: "load" });
  await settled(page);
  return page;
}

/** Waits for two pictures: what the page does on a change is done by then. */
export function settled(page) {
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
