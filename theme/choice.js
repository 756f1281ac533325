// Before anything is drawn, so that nothing flashes: the reader's own choices,
// and that scripts run. Everything else is in js/, and deferred.
(() => {
  const page = document.documentElement;
  page.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") page.dataset.theme = theme;
    if (localStorage.getItem("contents") === "hidden") page.dataset.contents = "hidden";
  } catch {
    // No storage: the system's colours.
  }
})();
