// What the other scripts use, and what every page has. A page says the same
// without them: here are ways to look closer and to move faster. They run one
// after the other, deferred, once choice.js has run and the page is there.
"use strict";

const page = document.documentElement;
const { dataset: data } = document.body;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// An element: tag, properties, children.
const make = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};
// The id that a link leads to. What is no encoded text is taken as it stands,
// as the browser does.
const led = ({ hash }) => {
  const name = hash.slice(1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};
const keep = (name, value) => {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // No storage: the choice holds for this page.
  }
};

// The one live region: what changed, for those who do not see it.
const region = make("p", { className: "visually-hidden", role: "status" });
document.body.append(region);
const say = (text) => {
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 30);
};

// How each dialog is made, by its name.
const makers = {};

{
  // The page of a 404 has a base, which would lead this link to another page.
  $(".skip").addEventListener("click", (event) => {
    if (!$("base")) return;
    event.preventDefault();
    $("main").focus();
  });

  // Colours
  const theme = page.dataset.theme || "system";
  for (const choice of $$('input[name="theme"]')) {
    choice.checked = choice.value === theme;
    choice.addEventListener("change", () => {
      const system = choice.value === "system";
      if (system) delete page.dataset.theme;
      else page.dataset.theme = choice.value;
      keep("theme", system ? null : choice.value);
    });
  }

  // Contents: a column on a wide screen, else a popover
  const contents = document.getElementById("page.contents");
  const button = $(".contents-button");
  const wide = matchMedia("(width >= 64rem)");
  const tellContents = () => {
    if (wide.matches) {
      if (contents.matches(":popover-open")) contents.hidePopover();
      button.setAttribute("aria-expanded", page.dataset.contents !== "hidden");
    } else button.removeAttribute("aria-expanded");
  };
  button.addEventListener("click", (event) => {
    if (!wide.matches) return;
    event.preventDefault();
    const hide = page.dataset.contents !== "hidden";
    if (hide) page.dataset.contents = "hidden";
    else delete page.dataset.contents;
    keep("contents", hide ? "hidden" : null);
    tellContents();
  });
  wide.addEventListener("change", tellContents);
  tellContents();
  const chapters = $(".chapters", contents);
  const here = $('[aria-current="page"]', contents);
  const showHere = () => {
    if (here) chapters.scrollTop = here.offsetTop - chapters.clientHeight / 3;
  };
  showHere();
  contents.addEventListener("toggle", showHere);
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && contents.matches(":popover-open")) contents.hidePopover();
  });

  // Which of the page's headings has been passed
  const links = $$(".headings a", contents);
  if (links.length > 0) {
    const targets = links.map((link) => document.getElementById(led(link)));
    let waiting = false;
    const follow = () => {
      waiting = false;
      const passed = targets.filter((target) => target && target.getBoundingClientRect().top < 140);
      links.forEach((link, index) => {
        const current = index === passed.length - 1;
        if (current) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      });
    };
    addEventListener("scroll", () => {
      if (!waiting) requestAnimationFrame(follow);
      waiting = true;
    }, { passive: true });
    follow();
  }

  // What scrolls sideways can be reached by Tab; what does not, need not.
  const sized = new ResizeObserver((parts) => {
    for (const { target: part } of parts) {
      const scrolls = part.scrollWidth > part.clientWidth + 1;
      if (scrolls && !part.hasAttribute("aria-label")) {
        part.setAttribute("role", "group");
        part.setAttribute("aria-label", part.matches("pre") ? "Code, scrolls sideways" : "Table, scrolls sideways");
      }
      if (scrolls) part.tabIndex = 0;
      else if (part.hasAttribute("tabindex")) part.tabIndex = -1;
    }
  });
  for (const part of $$("main :is(pre, .table-wrapper, .scroll)")) sized.observe(part);

  // While plain `mdbook serve` serves the book
  if (data.liveReload) {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/${data.liveReload}`);
    socket.addEventListener("message", (event) => {
      if (event.data === "reload") location.reload();
    });
  }
}
