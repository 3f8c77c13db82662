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
})();
