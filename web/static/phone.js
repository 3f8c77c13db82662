// The little that the page needs beside htmx: Enter sends, the box is emptied,
// the chat shows the newest, and a lost connection is said.
(() => {
  "use strict";
  const body = document.body;
  const form = document.getElementById("write");
  const box = document.getElementById("text");
  const notice = document.getElementById("notice");
  const screen = document.querySelector(".screen");
  const log = document.querySelector(".log");

  const say = (text) => {
    notice.textContent = text;
    notice.hidden = text === "";
  };
  // Both lists grow upwards from their lower edge, so 0 is the newest.
  const toNewest = () => {
    screen.scrollTop = 0;
    log.scrollTop = 0;
  };

  box.addEventListener("keydown", (e) => {
    // Enter that ends the writing of a character (Japanese, Chinese …) is not "send".
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      form.requestSubmit();
    }
  });

  let kept = "";
  body.addEventListener("htmx:beforeRequest", (e) => {
    say("");
    toNewest();
    if (e.target === form) {
      kept = box.value;
      box.value = ""; // htmx has read it already
    }
  });
  body.addEventListener("htmx:afterRequest", (e) => {
    if (e.detail.successful) return;
    if (e.target === form && box.value === "") box.value = kept;
    const xhr = e.detail.xhr;
    say(xhr && xhr.status && xhr.responseText
      ? xhr.responseText.trim()
      : notice.dataset.silentText);
  });

  // A stream begins with the whole chat. A page that shows the same already
  // leaves it as it is, so that nothing is read aloud twice.
  body.addEventListener("htmx:sseBeforeMessage", (e) => {
    if (e.detail.type === "chat" && e.detail.lastEventId === body.dataset.state) e.preventDefault();
    body.dataset.state = e.detail.lastEventId;
  });
  let lost = false;
  body.addEventListener("htmx:sseError", () => {
    lost = true;
    say(notice.dataset.lostText);
  });
  body.addEventListener("htmx:sseOpen", () => {
    if (lost) say("");
    lost = false;
  });
})();
