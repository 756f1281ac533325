// Keeps a page up to date while the book is being written: reloads it when the
// server has a newer edition, and shows what is wrong when a build has failed.
// Everything is made through the DOM and a constructed style sheet, so that the
// strictest content security policy lets it work.
(() => {
  "use strict";

  const script = document.currentScript;
  // The edition that the server had when it read this page.
  const shown = script.dataset.edition;
  // The page itself says what failed (there is no book yet).
  const isNotice = "notice" in script.dataset;

  let source = null;
  let banner = null;
  let dismissed = null;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host {
      all: initial;
      color-scheme: light dark;
      position: fixed;
      inset: auto 0 0 0;
      z-index: 2147483647;
      display: flex;
      flex-direction: column;
      box-sizing: border-box;
      max-height: 60vh;
      padding: .75em 1em 1em;
      border-top: .3em solid #c62828;
      background: #fff4f3;
      color: #1f1514;
      box-shadow: 0 0 1.5em rgb(0 0 0 / .35);
      font: medium/1.45 system-ui, sans-serif;
    }
    header { display: flex; gap: 1em; align-items: start; margin-bottom: .5em; }
    strong, span { display: block; }
    header div { flex: 1; }
    :host([aria-busy="true"]) strong::after { content: " (building again\\2026)"; font-weight: normal; }
    button {
      flex: none;
      min-height: 2.2em;
      padding: 0 .9em;
      border: 1px solid;
      border-radius: .3em;
      background: none;
      color: inherit;
      font: inherit;
      cursor: pointer;
    }
    button:focus-visible, pre:focus-visible { outline: .2em solid #1565c0; outline-offset: .1em; }
    pre {
      flex: 1;
      min-height: 3em;
      margin: 0;
      overflow: auto;
      font: .875em/1.45 ui-monospace, monospace;
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    @media (prefers-color-scheme: dark) {
      :host { background: #2b1715; color: #f7e7e5; }
      button:focus-visible, pre:focus-visible { outline-color: #90caf9; }
    }
    @media print { :host { display: none; } }
  `);

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const removeBanner = () => {
    banner?.remove();
    banner = null;
  };

  const dismiss = (text) => {
    dismissed = text;
    removeBanner();
  };

  const showBanner = (text) => {
    removeBanner();
    banner = make("div", { id: "live-failure" });
    // A new element with this role is read out by a screen reader.
    banner.setAttribute("role", "alert");
    const root = banner.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const close = make("button", {
      type: "button",
      textContent: "Close (Esc)",
      onclick: () => dismiss(text),
    });
    // It scrolls, so it must be within reach of the keyboard.
    const pre = make("pre", { tabIndex: 0, textContent: text });
    pre.setAttribute("role", "region");
    pre.setAttribute("aria-label", "What failed");
    const says = make(
      "div",
      {},
      make("strong", { textContent: "The book could not be built" }),
      make("span", { textContent: "This page shows the last good version." }),
    );
    root.append(make("header", {}, says, close), pre);
    banner.failure = text;
    document.body.append(banner);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && banner) {
      dismiss(banner.failure);
    }
  });

  const react = {
    building() {
      // The same failure after another build is news.
      dismissed = null;
      banner?.setAttribute("aria-busy", "true");
    },
    built() {
      removeBanner();
    },
    failed(text) {
      if (!isNotice && text !== dismissed) {
        showBanner(text);
      }
    },
  };

  const disconnect = () => {
    source?.close();
    source = null;
  };

  // A hidden page lets go of its connection. A browser opens only six to one
  // server, so the seventh tab of the book would otherwise never load.
  const connect = () => {
    if (source || document.hidden) {
      return;
    }
    source = new EventSource("/.live/events");
    for (const [name, reaction] of Object.entries(react)) {
      source.addEventListener(name, (event) => {
        if (event.lastEventId !== shown) {
          disconnect();
          location.reload();
        } else {
          reaction(event.data);
        }
      });
    }
    source.addEventListener("error", () => {
      // An EventSource comes back by itself, but some give up when nobody
      // listens on the port, as between two runs of the server.
      if (source?.readyState === EventSource.CLOSED) {
        disconnect();
        setTimeout(connect, 2000);
      }
    });
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      disconnect();
    } else {
      connect();
    }
  });
  // A page that the browser kept aside may come back older than the book.
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", connect);
  connect();
})();
