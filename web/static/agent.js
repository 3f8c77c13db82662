// The agent's page: one text behind two tabs, checked while it is written, and
// a telephone beside it. The server does the work; this carries it back and forth.
(function () {
  const editor = document.getElementById("editor");
  if (!editor) return;
  const text = document.getElementById("yaml"), front = document.getElementById("from"), fields = document.getElementById("fields");
  const problems = document.getElementById("problems"), publish = document.getElementById("publish"), changes = document.getElementById("changes");
  const path = editor.dataset.path;
  let code = null, dirty = false, leaving = false, checks = 0, timer = 0;

  const send = (what, body) => fetch(path + what, { method: "POST", body: new URLSearchParams(body || new FormData(editor)), headers: { Accept: "application/json" } }).then((r) => {
    if (r.status === 401) location.href = "/login?to=" + encodeURIComponent(location.pathname + location.search);
    return r;
  });

  // What is wrong, below the text; what is no error does not keep it back.
  function show(list) {
    problems.textContent = "";
    const box = document.createElement(list.length ? "ul" : "p");
    if (!list.length) box.textContent = editor.dataset.well;
    for (const p of list) {
      const item = document.createElement("li"), line = document.createElement("button");
      item.className = "problem-" + p.severity;
      line.type = "button";
      line.className = "problem-line";
      line.textContent = editor.dataset.line + " " + p.line;
      line.addEventListener("click", () => open("yaml").then(() => goTo(p)));
      item.append(line, " " + p.text);
      box.append(item);
    }
    problems.append(box);
    if (publish) {
      publish.classList.toggle("blocked", list.some((p) => p.severity === "error"));
      publish.title = publish.classList.contains("blocked") ? editor.dataset.blocked : "";
    }
  }

  async function check() {
    const mine = ++checks;
    try {
      const answer = await send("/lint");
      const list = (await answer.json()).problems;
      if (mine === checks) show(list);
      return list;
    } catch {
      if (mine === checks) problems.textContent = editor.dataset.offline;
      return [];
    }
  }

  function goTo(problem) {
    if (code) return code.goTo(problem);
    const lines = text.value.split("\n").slice(0, problem.line - 1);
    const at = lines.reduce((n, l) => n + l.length + 1, 0) + problem.col - 1;
    text.focus();
    text.setSelectionRange(at, at);
  }

  function setText(yaml) {
    text.value = yaml;
    if (code) code.set(yaml);
  }

  // The form's fields go into the text before the text is shown, and the other way.
  async function open(tab) {
    if (tab === "yaml" && front.value === "form") {
      const answer = await send("/document"), got = await answer.json();
      mark(got.fields || {});
      if (got.problem) {
        problems.textContent = got.problem;
        return;
      }
      front.value = "yaml";
      setText(got.yaml);
    } else if (tab === "form" && front.value === "yaml") {
      const answer = await send("/fields");
      if (!answer.ok) return;
      fields.innerHTML = await answer.text();
      htmx.process(fields);
      front.value = "form";
    }
    for (const pane of document.querySelectorAll("[data-pane]")) pane.hidden = pane.dataset.pane !== tab;
    problems.hidden = tab === "versions";
    for (const link of document.querySelectorAll("[data-tab]")) {
      const on = link.dataset.tab === tab;
      link.classList.toggle("active", on);
      if (on) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    history.replaceState(null, "", path + "?tab=" + tab);
    if (tab === "yaml" && code) code.shown();
    if (tab !== "versions") check();
  }

  // A sentence beside each field that needs another look.
  function mark(wrong) {
    for (const old of fields.querySelectorAll(".invalid-feedback")) old.remove();
    for (const field of fields.querySelectorAll(".is-invalid")) field.classList.remove("is-invalid");
    for (const [name, words] of Object.entries(wrong)) {
      const field = document.getElementById(name), line = document.createElement("div");
      if (!field) continue;
      field.classList.add("is-invalid");
      line.className = "invalid-feedback d-block";
      line.id = name + "-error";
      line.textContent = words;
      field.setAttribute("aria-describedby", line.id);
      field.after(line);
    }
  }

  function changed() {
    dirty = true;
    if (document.getElementById("publish-now")) changes.textContent = ""; // they are not what would be published any more
    const note = document.querySelector(".agent-unsaved");
    if (note) note.hidden = false;
    if (!code || front.value === "form") {
      clearTimeout(timer);
      timer = setTimeout(check, 500);
    }
  }

  document.getElementById("tabs").addEventListener("click", (e) => {
    const link = e.target.closest("[data-tab]");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    open(link.dataset.tab);
  });
  fields.addEventListener("input", changed);
  text.addEventListener("input", changed);
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "s") {
      e.preventDefault();
      document.getElementById("save").click();
    }
  });
  addEventListener("beforeunload", (e) => { if (dirty && !leaving) e.preventDefault(); });
  document.addEventListener("submit", (e) => { if (e.target.hasAttribute("data-leaves")) leaving = true; });

  // Answers that say "not like this" are shown like any other.
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.xhr.status === 422 || e.detail.xhr.status === 409) {
      e.detail.shouldSwap = true;
      e.detail.isError = false;
    }
  });
  let sent = "";
  editor.addEventListener("htmx:beforeRequest", () => { sent = JSON.stringify([...new FormData(editor)].filter(([k]) => k !== "base" && k !== "stamp")); });
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.target === changes || changes.contains(e.target)) {
      leaving = false;
      const box = document.getElementById("changes-box");
      if (box) {
        box.scrollIntoView({ block: "nearest" });
        box.focus({ preventScroll: true });
      }
    }
    const line = document.getElementById("agent-status");
    if (e.detail.target && e.detail.target.id === "agent-status" && line && line.hasAttribute("data-saved")) {
      // What was written since the save began is not in it.
      dirty = sent !== JSON.stringify([...new FormData(editor)].filter(([k]) => k !== "base" && k !== "stamp"));
      line.querySelector(".agent-unsaved").hidden = !dirty;
      mark({});
    } else if (e.detail.xhr && e.detail.xhr.status === 422 && front.value === "form") {
      send("/document").then((r) => r.json()).then((got) => mark(got.fields || {}));
    }
  });
  changes.addEventListener("click", (e) => {
    if (!e.target.closest("[data-close-changes]")) return;
    changes.textContent = "";
    if (publish) publish.focus({ preventScroll: true });
  });
  document.addEventListener("htmx:beforeOnLoad", (e) => { if (e.detail.xhr.getResponseHeader("HX-Redirect")) leaving = true; });

  if (window.AgentYAML) {
    code = window.AgentYAML.attach(text, document.getElementById("yaml-editor"), {
      nonce: editor.dataset.nonce, label: editor.dataset.yamlLabel, changed, lint: () => (front.value === "yaml" ? check() : Promise.resolve([])),
      schema: () => fetch(editor.dataset.schema).then((r) => r.json()),
    });
  }
  check();

  // The telephone: one's own words at once, the answer when it comes.
  const phone = document.getElementById("try-form"), lines = document.getElementById("try-lines"), screen = document.getElementById("try-screen");
  const attached = document.getElementById("try-attached"), say = phone.elements.say, most = 5 << 20;
  const down = () => { screen.scrollTop = screen.scrollHeight; };
  const read = (file) => new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => done("");
    reader.readAsDataURL(file);
  });
  function note(words) {
    attached.textContent = words;
    attached.hidden = !words;
  }
  phone.addEventListener("change", (e) => {
    if (e.target.type !== "file") return;
    const file = e.target.files[0];
    if (file && file.size > most) {
      e.target.value = "";
      return note(phone.dataset.tooLarge);
    }
    note([...phone.querySelectorAll("input[type=file]")].flatMap((f) => [...f.files]).map((f) => f.name).join(", "));
  });
  say.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      phone.requestSubmit();
    }
  });
  phone.addEventListener("htmx:configRequest", (e) => { if (!say.value.trim() && ![...phone.querySelectorAll("input[type=file]")].some((f) => f.files.length)) e.preventDefault(); });
  phone.addEventListener("htmx:beforeRequest", async (e) => {
    if (e.target !== phone) return;
    for (const hint of lines.querySelectorAll(".try-note:only-child")) hint.remove();
    const mine = document.createElement("li"), said = document.createElement("span");
    mine.className = "try-line try-mine";
    said.className = "said";
    said.dir = "auto";
    said.textContent = say.value.trim();
    const picture = phone.elements.picture.files[0], voice = phone.elements.voice.files[0];
    phone.elements.picture.value = phone.elements.voice.value = say.value = "";
    note("");
    if (voice) {
      const chip = document.createElement("span");
      chip.className = "try-chip";
      chip.textContent = "♪ " + voice.name;
      mine.append(chip);
    }
    mine.append(said);
    lines.append(mine);
    down();
    if (picture) {
      const image = document.createElement("img");
      image.alt = picture.name;
      image.src = await read(picture);
      mine.prepend(image);
      down();
    }
  });
  phone.addEventListener("htmx:afterRequest", () => {
    down();
    say.focus({ preventScroll: true });
  });
  for (const failed of ["htmx:sendError", "htmx:responseError"]) {
    phone.addEventListener(failed, () => {
      const line = document.createElement("li");
      line.className = "try-note try-problem";
      line.textContent = editor.dataset.offline;
      lines.append(line);
      down();
    });
  }
})();
