// Rows that somebody opened or closed stay so when the list is sent anew.
(function () {
  let rows = new Map();
  document.addEventListener("htmx:sseBeforeMessage", () => {
    rows = new Map([...document.querySelectorAll("#health details[id]")].map((d) => [d.id, d.open]));
  });
  document.addEventListener("htmx:sseMessage", () => {
    for (const d of document.querySelectorAll("#health details[id]")) {
      if (rows.has(d.id)) d.open = rows.get(d.id);
    }
  });
})();
