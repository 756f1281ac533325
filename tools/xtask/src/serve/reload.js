// Keeps a page up to date while the book is being written: reloads it when the
// server has a newer edition, and shows what is wrong when a build has failed.
// It is styled by a file, and what failed is set as text, so that a strict content
// security policy lets it work.
(() => {
  "use strict";

  const STYLE = "/.live/notice.css";
  // The edition that the server had when it read this page.
  const shown = document.currentScript.dataset.edition;
  // The page itself says what failed (there is no book yet).
  const isNotice = document.querySelector(`link[href="${STYLE}"]`) !== null;

  let source = null;
  let banner = null;

  const hide = () => {
    banner?.remove();
    banner = null;
  };

  const show = (text) => {
    hide();
    banner = document.createElement("div");
    banner.id = "live-failure";
    // A new element with this role is read out by a screen reader.
    banner.setAttribute("role", "alert");
    const root = banner.attachShadow({ mode: "open" });
    // What failed scrolls, so it must be within reach of the keyboard.
    root.innerHTML = `
      <link rel="stylesheet" href="${STYLE}">
      <header>
        <div>
          <strong>The book could not be built</strong>
          <span>This page shows the last good version.</span>
        </div>
        <button type="button">Close (Esc)</button>
      </header>
      <pre tabindex="0" role="region" aria-label="What failed"></pre>`;
    root.querySelector("pre").textContent = text;
    root.querySelector("button").addEventListener("click", hide);
    document.body.append(banner);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      hide();
    }
  });

  const react = {
    building: () => banner?.setAttribute("aria-busy", "true"),
    built: hide,
    failed(text) {
      if (!isNotice) {
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
