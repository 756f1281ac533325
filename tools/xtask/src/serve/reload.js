// Keeps a page up to date while the book is being written: reloads it when the
// server has a newer edition, and shows what is wrong when a build has failed.
// Everything is made through the DOM and styled by a file, so that the strictest
// content security policy lets it work.
(() => {
  "use strict";

  const STYLE = "/.live/notice.css";
  // The edition that the server had when it read this page.
  const shown = document.currentScript.dataset.edition;
  // The page itself says what failed (there is no book yet).
  const isNotice = document.querySelector(`link[href="${STYLE}"]`) !== null;

  let source = null;
  let banner = null;
  let dismissed = null;

  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) {
      element.setAttribute(attribute, value);
    }
    element.append(...children);
    return element;
  };

  const hide = () => {
    banner?.remove();
    banner = null;
  };

  const dismiss = () => {
    dismissed = banner.failure;
    hide();
  };

  const show = (text) => {
    hide();
    // A new element with this role is read out by a screen reader.
    banner = make("div", { id: "live-failure", role: "alert" });
    banner.failure = text;
    const says = make(
      "div",
      {},
      make("strong", {}, "The book could not be built"),
      make("span", {}, "This page shows the last good version."),
    );
    const close = make("button", { type: "button" }, "Close (Esc)");
    close.addEventListener("click", dismiss);
    banner.attachShadow({ mode: "open" }).append(
      make("link", { rel: "stylesheet", href: STYLE }),
      make("header", {}, says, close),
      // It scrolls, so it must be within reach of the keyboard.
      make("pre", { tabindex: 0, role: "region", "aria-label": "What failed" }, text),
    );
    document.body.append(banner);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && banner) {
      dismiss();
    }
  });

  const react = {
    building() {
      // The same failure after another build is news.
      dismissed = null;
      banner?.setAttribute("aria-busy", "true");
    },
    built: hide,
    failed(text) {
      if (!isNotice && text !== dismissed) {
        show(text);
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

  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  // A page that the browser kept aside may come back older than the book.
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", connect);
  connect();
})();
