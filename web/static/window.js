// In the program's own window: a link to elsewhere opens in the system's browser,
// since a web view opens no second window; a download is an ordinary page, which
// says where the file went.
document.addEventListener("click", (e) => {
  const link = e.target.closest && e.target.closest("a[href]");
  if (!link) return;
  const to = new URL(link.href, location.href);
  if (to.origin === location.origin) {
    link.removeAttribute("target");
    link.removeAttribute("download");
    return;
  }
  if (to.protocol !== "https:" && to.protocol !== "http:") return;
  e.preventDefault();
  fetch("/window/browse", { method: "POST", body: new URLSearchParams({ url: to.href }) })
    .then(async (answer) => {
      if (!answer.ok) alert(await answer.text());
    });
}, true);
