// Before anything is drawn, so that nothing flashes: the reader's own choices,
// and that scripts run. Everything else is in js/, and deferred. The whole book
// on a page has the reader's colours, and no other script.
(() => {
  const page = document.documentElement;
  const alone = "alone" in document.currentScript.dataset;
  if (!alone) page.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") page.dataset.theme = theme;
    if (!alone && localStorage.getItem("contents") === "hidden") page.dataset.contents = "hidden";
  } catch {
    // No storage: the system's colours.
  }
})();
