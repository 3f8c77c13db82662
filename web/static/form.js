// Buttons that show and hide a password, and those that need this script to work
// at all: without it they are not shown.
(function () {
  for (const button of document.querySelectorAll("[data-reveal]")) button.classList.add("ready");
  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-reveal]");
    if (!button) return;
    const field = document.getElementById(button.dataset.reveal);
    const show = field.type === "password";
    const other = button.dataset.hide;
    button.dataset.hide = button.textContent;
    button.textContent = other;
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
  });
  // What was refused comes into view, and can be typed over.
  const wrong = document.querySelector("input.is-invalid:enabled, textarea.is-invalid:enabled, select.is-invalid:enabled");
  if (wrong) wrong.focus();
  // A long text that was not saved is not lost by a link.
  for (const form of document.querySelectorAll("form[data-unsaved]")) {
    let changed = Boolean(form.querySelector(".is-invalid"));
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    addEventListener("beforeunload", (e) => { if (changed) e.preventDefault(); });
  }
  // What takes long is begun once, and says that it goes on. A page that is come
  // back to is as it was.
  document.addEventListener("submit", (e) => {
    const button = e.target.dataset.busy && e.target.querySelector("button[type=submit]");
    if (!button) return;
    const ready = button.textContent;
    button.textContent = e.target.dataset.busy;
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
    addEventListener("pageshow", () => {
      button.textContent = ready;
      button.removeAttribute("aria-busy");
      button.disabled = false;
    }, { once: true });
  });
})();
