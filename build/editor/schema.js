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

// pathTo gives the keys that a word at a column of a line lies in, outermost
// first; "[]" is an element of a list. What is further left and above holds what
// follows, and the dashes of a list may stand right below its key.
function pathTo(doc, number, column) {
  const path = [];
  let col = column, dash = false;
  for (let n = number; n >= 1 && (col > 0 || dash); n--) {
    const text = doc.line(n).text;
    if (!text.trim() || text.trim().startsWith("#")) continue;
    for (const sign of signs(text)) {
      if (n === number && sign.name !== "[]") continue;
      if (sign.col < col || (sign.col === col && dash && sign.name !== "[]")) {
        path.unshift(sign.name);
        col = sign.col;
        dash = sign.name === "[]";
      }
    }
  }
  return path;
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

function at(path, root) {
  let here = alternatives(root, root);
  for (const step of path) {
    here = here.flatMap((s) => {
      if (step === "[]") return s.items ? alternatives(s.items, root) : [];
      if (s.properties && s.properties[step]) return alternatives(s.properties[step], root);
      return s.additionalProperties && typeof s.additionalProperties === "object" ? alternatives(s.additionalProperties, root) : [];
    });
  }
  return here;
}

// own is the description beside a key: it says more than that of its type.
function own(path, root) {
  const name = path[path.length - 1];
  for (const s of at(path.slice(0, -1), root)) {
    const property = s.properties && s.properties[name];
    if (property) return property.description || (follow(property, root) || {}).description || "";
  }
  return "";
}

function words(schemas) {
  const list = [];
  for (const s of schemas) {
    for (const value of s.enum || []) list.push(String(value));
    if (s.const !== undefined) list.push(String(s.const));
    if (s.type === "boolean") list.push("true", "false");
  }
  return [...new Set(list)];
}

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
  const line = context.state.doc.lineAt(context.pos), before = line.text.slice(0, context.pos - line.from);
  if (before.trimStart().startsWith("#") || inText(context.state.doc, line.number)) return null;
  const lead = /^\s*(?:- )*/.exec(before)[0], path = pathTo(context.state.doc, line.number, lead.length);
  const m = keyLine.exec(before + (/:$/.test(before) ? " " : ""));
  if (m) {
    const typed = /\S*$/.exec(before)[0], key = m[2] ?? m[3];
    if (before.endsWith(":")) return null;
    const options = words(at([...path, key], root)).map((label) => ({ label, type: "enum" }));
    return options.length ? { from: context.pos - typed.length, options, validFor: /^[\w-]*$/ } : null;
  }
  const typed = before.slice(lead.length);
  if (!/^[\w-]*$/.test(typed) || (!typed && !context.explicit)) return null;
  const options = words(at(path, root)).map((label) => ({ label, type: "enum" }));
  for (const s of at(path, root)) {
    for (const [name, property] of Object.entries(s.properties || {})) {
      const kind = follow(property, root) || {};
      const block = kind.type === "object" || kind.type === "array" || kind.properties;
      options.push({ label: name, type: "property", info: own([...path, name], root) || undefined, apply: block ? `${name}:\n${" ".repeat(lead.length + 2)}` : `${name}: ` });
    }
  }
  return options.length ? { from: context.pos - typed.length, options, validFor: /^[\w-]*$/ } : null;
}

export function explain(doc, pos, root) {
  const line = doc.lineAt(pos), m = keyLine.exec(line.text);
  if (!m || inText(doc, line.number)) return null;
  const key = m[2] ?? m[3], from = line.from + m[1].length, to = from + key.length;
  if (pos < from || pos > to) return null;
  const path = pathTo(doc, line.number, m[1].length);
  const text = own([...path, key], root), choices = words(at([...path, key], root));
  const all = [text, choices.length ? choices.join(" · ") : ""].filter(Boolean).join("\n");
  return all ? { from, to, text: all } : null;
}
