// The YAML editor: CodeMirror over a textarea, which goes on holding the text.
// The page's own script says what is wrong with it, and where its schema is.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { forceLinting, lintGutter, linter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers, tooltips } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { complete, explain } from "./schema.js";

// Colours come from the page's style sheet, which knows light and dark.
const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], class: "yaml-key" },
  { tag: [tags.string, tags.special(tags.string)], class: "yaml-text" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], class: "yaml-word" },
  { tag: tags.comment, class: "yaml-comment" },
  { tag: [tags.meta, tags.labelName, tags.typeName, tags.punctuation, tags.separator], class: "yaml-sign" },
]);

// place turns the checks' line and column into an offset, and marks to the line's end.
function place(doc, problem) {
  const line = doc.line(Math.min(Math.max(problem.line, 1), doc.lines));
  const from = Math.min(line.from + Math.max(problem.col - 1, 0), line.to);
  return { from, to: Math.max(line.to, from) };
}

function attach(textarea, host, options) {
  let schema = null;
  options.schema().then((s) => { schema = s; }, () => {});
  const lint = linter(async (view) => {
    const problems = await options.lint();
    return problems.map((p) => ({ ...place(view.state.doc, p), severity: p.severity === "error" ? "error" : "warning", message: p.text }));
  }, { delay: 400 });
  const hover = hoverTooltip((view, pos) => {
    const found = schema && explain(view.state.doc, pos, schema);
    if (!found) return null;
    return { pos: found.from, end: found.to, above: true, create() {
      const dom = document.createElement("div");
      dom.className = "yaml-hover";
      dom.textContent = found.text;
      return { dom };
    } };
  });
  const view = new EditorView({
    parent: host,
    state: EditorState.create({ doc: textarea.value, extensions: [
      EditorView.cspNonce.of(options.nonce),
      lineNumbers(), highlightActiveLineGutter(), highlightActiveLine(), foldGutter(), history(), drawSelection(), indentOnInput(),
      bracketMatching(), closeBrackets(), highlightSelectionMatches(), yaml(), syntaxHighlighting(colours), lint, lintGutter(), hover,
      autocompletion({ override: [(context) => schema && complete(context, schema)] }),
      indentUnit.of("  "), EditorState.tabSize.of(2), EditorView.lineWrapping, tooltips({ position: "absolute" }),
      EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false" }),
      EditorView.updateListener.of((u) => { if (u.docChanged) { textarea.value = u.state.doc.toString(); options.changed(); } }),
      keymap.of([indentWithTab, ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap]),
    ] }),
  });
  textarea.hidden = true;
  return {
    // set replaces what differs, so that undo and the place in the text stay.
    set(text) {
      const now = view.state.doc.toString();
      if (text === now) return;
      let head = 0;
      while (head < Math.min(now.length, text.length) && now[head] === text[head]) head++;
      let tail = 0;
      while (tail < Math.min(now.length, text.length) - head && now[now.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
      view.dispatch({ changes: { from: head, to: now.length - tail, insert: text.slice(head, text.length - tail) }, annotations: isolateHistory.of("full") });
    },
    goTo(problem) {
      const { from } = place(view.state.doc, problem);
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
    check() { forceLinting(view); },
    shown() { view.requestMeasure(); },
  };
}

window.AgentYAML = { attach };
