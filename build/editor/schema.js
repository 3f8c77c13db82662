// What fits at a place of the YAML, and what a key means, from a JSON Schema.

const keyLine = /^(\s*(?:- )*)(?:"([^"]*)"|([A-Za-z0-9_.-]+))\s*:(?:\s|$)/;

// signs are the dashes of a line and its key, from right to left, with their columns.
function signs(text) {
  const m = keyLine.exec(text), lead = m ? m[1] : /^\s*(?:- )*(?:-$)?/.exec(text)[0];
  const list = [];
  for (let col = 0; col < lead.length; col++) if (lead[col] === "-") list.unshift({ col, name: "[]" });
  if (m) list.unshift({ col: m[1].length, name: m[2] ?? m[3] });
  return list;
}

// lead is the column of what comes first on a line, or -1 where nothing counts.
function leadOf(text) {
  const bare = text.trim();
  return !bare || bare.startsWith("#") ? -1 : text.search(/\S/);
}

// pathTo gives the steps that a word at a column of a line lies in, outermost
// first; "[]" is an element of a list. What is further left and above holds what
// follows, and the dashes of a list may stand right below its key.
function pathTo(doc, number, column) {
  const path = [];
  let col = column, dash = false;
  for (let n = number; n >= 1 && (col > 0 || dash); n--) {
    const text = doc.line(n).text;
    if (leadOf(text) < 0) continue;
    for (const sign of signs(text)) {
      if (n === number && sign.name !== "[]") continue;
      if (sign.col < col || (sign.col === col && dash && sign.name !== "[]")) {
        path.unshift({ name: sign.name, line: n, col: sign.col });
        col = sign.col;
        dash = sign.name === "[]";
      }
    }
  }
  return path;
}

// single is the value of a line's key where it is one word or text on that line.
function single(text) {
  const m = keyLine.exec(text), v = m && /^\s*(?:"([^"]*)"|'([^']*)'|([^#\s"'|>{[][^#]*?))\s*(?:#.*)?$/.exec(text.slice(m[0].length));
  return v ? (v[1] ?? v[2] ?? v[3]).trim() : undefined;
}

// beside gives the single values of the mapping whose keys stand in this column
// around a line: what a condition of the schema asks for.
function beside(doc, number, col) {
  const found = {};
  const collect = (n, first) => {
    const text = doc.line(n).text, lead = leadOf(text);
    if (lead < 0) return true;
    const here = signs(text), key = here.find((s) => s.name !== "[]" && s.col === col), value = single(text);
    if (!first && lead < col && !key) return false; // further out
    const begins = here.some((s) => s.name === "[]" && s.col < col);
    if (begins && first === undefined) return false; // the next element of a list
    if (key && value !== undefined) found[key.name] = value;
    return !begins;
  };
  for (let n = number; n >= 1; n--) if (!collect(n, n === number)) break;
  for (let n = number + 1; n <= doc.lines; n++) if (!collect(n)) break;
  return found;
}

function follow(schema, root) {
  for (let i = 0; schema && schema.$ref && i < 20; i++) schema = root.$defs[schema.$ref.split("/").pop()];
  return schema;
}

// alternatives are the schemas that a place may follow.
function alternatives(schema, root) {
  schema = follow(schema, root);
  if (!schema) return [];
  return [schema, ...[...(schema.oneOf || []), ...(schema.anyOf || [])].flatMap((s) => alternatives(s, root))];
}

// narrowed adds what holds because of the values beside: "if" and "then".
function narrowed(schemas, values, root) {
  const holds = (c) => Object.entries(c.properties || {}).every(([name, s]) => s.const === values[name]);
  return schemas.flatMap((s) => [s, ...(s.allOf || []).filter((c) => c.if && c.then && holds(c.if)).flatMap((c) => alternatives(c.then, root))]);
}

function at(doc, path, root) {
  let here = alternatives(root, root);
  for (const step of path) {
    if (step.name !== "[]") here = narrowed(here, beside(doc, step.line, step.col), root);
    here = here.flatMap((s) => {
      if (step.name === "[]") return s.items ? alternatives(s.items, root) : [];
      if (s.properties && step.name in s.properties) return alternatives(s.properties[step.name], root);
      return s.additionalProperties && typeof s.additionalProperties === "object" ? alternatives(s.additionalProperties, root) : [];
    });
  }
  return here;
}

// own is the description beside a key: it says more than that of its type.
function own(schemas, name, root) {
  for (const s of schemas) {
    const property = s.properties && s.properties[name];
    const text = property && (property.description || (follow(property, root) || {}).description);
    if (text) return text;
  }
  return "";
}

// words are those that every schema of a place allows, each with what it means.
function words(schemas) {
  const means = {};
  let list = null;
  for (const s of schemas) {
    const own = s.enum || (s.const !== undefined ? [s.const] : s.type === "boolean" ? ["true", "false"] : null);
    if (!own) continue;
    own.forEach((word, i) => { if (s.enumDescriptions) means[word] = s.enumDescriptions[i]; });
    list = list ? list.filter((word) => own.includes(word)) : own;
  }
  return [...new Set((list || []).map(String))].map((word) => ({ word, means: means[word] || "" }));
}

const choice = ({ word, means }) => ({ label: word, type: "enum", info: means || undefined });

// inText says whether a line is inside a text of several lines ("key: |").
function inText(doc, number) {
  const lead = /^\s*/.exec(doc.line(number).text)[0].length;
  for (let n = number - 1; n >= 1; n--) {
    const text = doc.line(n).text;
    if (!text.trim()) continue;
    if (/^\s*/.exec(text)[0].length < lead) return /[|>][+-]?\d?\s*(#.*)?$/.test(text);
  }
  return false;
}

export function complete(context, root) {
  const doc = context.state.doc, line = doc.lineAt(context.pos), before = line.text.slice(0, context.pos - line.from);
  if (before.trimStart().startsWith("#") || inText(doc, line.number)) return null;
  const lead = /^\s*(?:- )*/.exec(before)[0], path = pathTo(doc, line.number, lead.length);
  const m = keyLine.exec(before + (/:$/.test(before) ? " " : ""));
  if (m) {
    const typed = /\S*$/.exec(before)[0], key = m[2] ?? m[3];
    if (before.endsWith(":")) return null;
    const options = words(at(doc, [...path, { name: key, line: line.number, col: lead.length }], root)).map(choice);
    return options.length ? { from: context.pos - typed.length, options, validFor: /^[\w-]*$/ } : null;
  }
  const typed = before.slice(lead.length);
  if (!/^[\w-]*$/.test(typed) || (!typed && !context.explicit)) return null;
  const here = narrowed(at(doc, path, root), beside(doc, line.number, lead.length), root), offered = new Set();
  const options = words(here).map(choice), never = (name) => here.some((s) => s.properties && s.properties[name] === false);
  for (const s of here) {
    for (const [name, property] of Object.entries(s.properties || {})) {
      if (offered.has(name) || never(name)) continue;
      offered.add(name);
      const kind = follow(property, root) || {};
      const block = kind.type === "object" || kind.type === "array" || kind.properties;
      options.push({ label: name, type: "property", info: own(here, name, root) || undefined, apply: block ? `${name}:\n${" ".repeat(lead.length + 2)}` : `${name}: ` });
    }
  }
  return options.length ? { from: context.pos - typed.length, options, validFor: /^[\w-]*$/ } : null;
}

// explain says what the key under the pointer means, or the word behind it.
export function explain(doc, pos, root) {
  const line = doc.lineAt(pos), m = keyLine.exec(line.text);
  if (!m || inText(doc, line.number)) return null;
  const key = m[2] ?? m[3], from = line.from + m[1].length, to = from + key.length;
  const path = pathTo(doc, line.number, m[1].length), step = { name: key, line: line.number, col: m[1].length };
  const choices = words(at(doc, [...path, step], root));
  if (pos > to) {
    const typed = single(line.text), found = choices.find((c) => c.word === typed);
    const start = typed ? line.from + line.text.indexOf(typed, m[1].length + key.length) : 0;
    return found && found.means && pos >= start && pos <= start + typed.length ? { from: start, to: start + typed.length, text: found.means } : null;
  }
  if (pos < from) return null;
  const text = own(narrowed(at(doc, path, root), beside(doc, line.number, m[1].length), root), key, root);
  const told = choices.some((c) => c.means) ? choices.map((c) => (c.means ? `${c.word}: ${c.means}` : c.word)).join("\n") : choices.map((c) => c.word).join(" · ");
  const all = [text, told].filter(Boolean).join("\n");
  return all ? { from, to, text: all } : null;
}
