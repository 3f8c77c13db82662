// The conversations' keys, and the little that htmx does not do.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const scroller = () => document.querySelector(".chat-scroll");
  const atEnd = () => {
    const s = scroller();
    return !s || s.scrollHeight - s.scrollTop - s.clientHeight < 120;
  };
  const toEnd = () => {
    const s = scroller();
    if (s) s.scrollTop = s.scrollHeight;
  };
  const chat = () => byId("chat") && byId("chat").dataset.chat;
  const typing = (el) => el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));

  // Looked at means in front: a page in another tab marks nothing as seen.
  const newest = () => document.querySelector("#lines > .line:last-of-type");
  let told = newest() ? Number(newest().id.slice("line-".length)) : 0; // the page itself has marked these
  const tellSeen = () => {
    const last = newest();
    if (!chat() || !last || document.hidden) return;
    const line = Number(last.id.slice("line-".length));
    if (!(line > told)) return;
    told = line;
    fetch("/conversations/" + chat() + "/seen", { method: "POST", body: new URLSearchParams({ line }) }).catch(() => { told = 0; });
  };
  document.addEventListener("visibilitychange", tellSeen);

  // A connection that was lost may bring lines that are here already.
  const noTwice = () => {
    const have = new Set();
    for (const li of document.querySelectorAll("#lines > .line")) {
      if (have.has(li.id)) li.remove();
      else have.add(li.id);
    }
  };
  let stay = true;
  document.addEventListener("htmx:sseBeforeMessage", () => { stay = atEnd(); });
  document.addEventListener("htmx:sseMessage", (e) => {
    if (e.detail.type !== "chat") return;
    noTwice();
    if (stay) toEnd();
    tellSeen();
  });
  // Older lines come above: what is being read stays where it is.
  let height = 0;
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.target && e.detail.target.id === "lines" && scroller()) height = scroller().scrollHeight - scroller().scrollTop;
  });
  document.addEventListener("htmx:afterSettle", (e) => {
    if (e.target.id === "lines" && height) {
      scroller().scrollTop = scroller().scrollHeight - height;
      height = 0;
    }
    if (e.target.id === "drawer") byId("drawer").focus();
    // Where it was asked for here, and not where the stream has drawn it: then somebody
    // may be writing elsewhere.
    if (e.target.id === "foot" && e.detail.xhr && byId("text")) byId("text").focus();
  });

  // The box below may be drawn anew while somebody writes in it, or elsewhere: the
  // words and the cursor stay, and it does not take the focus by itself.
  let words = null;
  document.addEventListener("htmx:oobBeforeSwap", (e) => {
    if (e.detail.target.id !== "foot") return;
    for (const el of e.detail.fragment.querySelectorAll("[autofocus]")) el.removeAttribute("autofocus");
    const box = byId("text");
    if (box) words = { text: box.value, from: box.selectionStart, to: box.selectionEnd, focus: document.activeElement === box };
  });
  document.addEventListener("htmx:oobAfterSwap", (e) => {
    const box = byId("text");
    if (e.detail.target.id !== "foot" || !box || !words) return;
    box.value = words.text;
    if (words.focus) box.focus();
    box.setSelectionRange(words.from, words.to);
    words = null;
  });

  // How long the customer may be written to, counted down.
  const countDown = () => {
    const w = byId("window");
    if (!w || !w.dataset.until) return;
    const minutes = Math.floor((Date.parse(w.dataset.until) - Date.now()) / 60000);
    w.textContent = minutes < 0 ? w.dataset.closed : w.dataset.left.replace("{0}", Math.floor(minutes / 60)).replace("{1}", minutes % 60);
  };
  setInterval(countDown, 30000);

  // What was opened from somewhere leads back there.
  let opener = null;
  document.addEventListener("htmx:beforeRequest", (e) => {
    if (e.detail.target && e.detail.target.id === "drawer") opener = e.detail.elt;
  });
  const closeDrawer = () => {
    const d = byId("drawer");
    if (!d || !d.firstChild) return false;
    d.replaceChildren();
    if (opener && opener.isConnected) opener.focus();
    return true;
  };
  document.addEventListener("click", (e) => {
    if (e.target.closest("[data-close=drawer]") && closeDrawer()) e.preventDefault();
  });

  const move = (step) => {
    const rows = [...document.querySelectorAll(".chat-row")];
    if (!rows.length) return;
    let at = rows.indexOf(document.activeElement);
    if (at < 0) at = rows.findIndex((r) => r.classList.contains("active"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (byId("keys").open) return; // Esc closes it without our help; the rest would happen unseen behind it
    if (e.key === "Escape") {
      if (!closeDrawer() && typing(document.activeElement)) document.activeElement.blur();
      return;
    }
    // Enter that ends the writing of a character (Japanese, Chinese …) is not "send".
    if (e.key === "Enter" && !e.shiftKey && e.target.id === "text" && !matchMedia("(pointer: coarse)").matches) {
      e.preventDefault();
      e.target.form.requestSubmit();
      return;
    }
    if (typing(e.target)) return;
    const keys = {
      "?": () => byId("keys").showModal(),
      j: () => move(1),
      k: () => move(-1),
      t: () => (byId("take") ? byId("take").requestSubmit() : byId("text") && byId("text").focus()),
    };
    if (!keys[e.key]) return;
    e.preventDefault();
    keys[e.key]();
  });

  toEnd();
})();
