// The chosen or the system's colours, before the first picture is drawn.
(function () {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const theme = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.setAttribute("data-bs-theme", theme);
  };
  apply();
  dark.addEventListener("change", apply);
})();
