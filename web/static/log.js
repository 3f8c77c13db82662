// The log's stream: rows come in above, or wait and are counted while paused.
(function () {
  const most = 1000; // rows that a page keeps; older ones are under "older"
  let source = null;
  let open = ""; // the address that source reads
  let waiting = [];
  let paused = false;

  const list = () => document.getElementById("log-rows");
  const button = () => document.getElementById("log-pause");

  function say(on) {
    const live = document.getElementById("log-live");
    if (!live) return;
    const text = on ? live.dataset.on : live.dataset.off;
    if (live.textContent !== text) live.textContent = text;
    live.classList.toggle("lost", !on);
  }

  function label() {
    const b = button();
    if (!b) return;
    b.hidden = false;
    b.setAttribute("aria-pressed", String(paused));
    b.textContent = !paused ? b.dataset.pause : waiting.length ? b.dataset.waiting.replace("{0}", waiting.length) : b.dataset.resume;
  }

  function show() {
    const rows = list();
    if (!rows) return;
    for (const html of waiting.splice(0)) {
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const row = holder.content.firstElementChild;
      if (row && !document.getElementById(row.id)) rows.prepend(row);
    }
    while (rows.children.length > most) rows.lastElementChild.remove();
    const empty = document.querySelector("#log-end .empty-hint");
    if (empty && rows.children.length) empty.remove();
  }

  let frame = 0;
  function arrived(e) {
    waiting.push(e.data);
    if (waiting.length > most) waiting.shift();
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (!paused) show();
      label();
    });
  }

  function connect() {
    const log = document.getElementById("log");
    const address = log ? log.dataset.stream : "";
    if (address === open) return;
    if (source) source.close();
    source = null;
    open = address;
    waiting = [];
    paused = false;
    for (const b of document.querySelectorAll("[data-copy-address]")) {
      b.dataset.copy = location.origin + b.dataset.copy;
      b.removeAttribute("data-copy-address");
      b.hidden = false;
    }
    if (!address) return;
    source = new EventSource(address);
    source.addEventListener("row", arrived);
    source.onopen = () => say(true);
    source.onerror = () => say(false); // the browser comes back by itself
    label();
  }

  document.addEventListener("click", (e) => {
    if (!e.target.closest("#log-pause")) return;
    paused = !paused;
    if (!paused) show();
    label();
  });
  document.addEventListener("htmx:afterSettle", connect);
  connect();
})();
