// Light or dark: as the system has it, until someone chooses. Runs before anything is painted.
((textmusic) => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem("textmusic-theme");
    } catch {
      return null; // some browsers keep nothing for pages on disk
    }
  };
  const show = () => {
    root.dataset.theme = kept() ?? root.dataset.chosen ?? (system.matches ? "dark" : "light");
    textmusic.themed?.(root.dataset.theme);
  };
  textmusic.toggleTheme = () => {
    const chosen = root.dataset.theme === "dark" ? "light" : "dark";
    root.dataset.chosen = chosen;
    try {
      localStorage.setItem("textmusic-theme", chosen);
    } catch {
      // it holds until the page is closed
    }
    show();
  };
  system.addEventListener("change", show);
  show();
})((window.textmusic ??= {}));
