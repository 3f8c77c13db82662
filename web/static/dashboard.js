// What every page of the dashboard needs beyond htmx.
(function () {
  // A session that has ended answers a fragment with 401: go and sign in.
  document.addEventListener("htmx:responseError", (e) => {
    if (e.detail.xhr.status === 401) location.href = "/login?to=" + encodeURIComponent(location.pathname + location.search);
  });
  // A destructive act asks once and says what will be gone.
  document.addEventListener("submit", (e) => {
    const question = e.target.dataset && e.target.dataset.confirm;
    if (question && !confirm(question)) {
      e.preventDefault();
      e.stopImmediatePropagation();
    }
  }, true);
  // "/" goes to the page's search, where there is one, and Esc comes back.
  document.addEventListener("keydown", (e) => {
    const field = document.querySelector("[role=search] input[type=search]");
    if (!field || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.key === "Escape" && e.target === field) field.blur();
    if (e.key !== "/" || e.target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    e.preventDefault();
    field.focus();
  });
  // Copy buttons: data-copy holds the text, or the id of a field.
  document.addEventListener("click", (e) => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    const text = field ? field.value || field.textContent : button.dataset.copy;
    navigator.clipboard.writeText(text).then(() => {
      button.classList.add("copied");
      setTimeout(() => button.classList.remove("copied"), 1500);
    });
  });
})();
