// A plain script that runs before the page is drawn, so that it is never drawn in another theme first.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem("ix.theme"));
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // a private window may refuse: the system's theme, then
  }
})();
