// Bundles the editor into web/static/editor:  npm ci --ignore-scripts && npm run build
// The same sources and lock file give the same bytes; .ci/run compares them.
import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const out = "../../web/static/editor";
await build({
  entryPoints: ["editor.js"], outfile: `${out}/editor.js`,
  bundle: true, minify: true, format: "iife", target: "es2020", charset: "utf8", legalComments: "none", logLevel: "info",
});

// The licences of all that is inside, once each.
const seen = new Map();
for (const scope of ["@codemirror", "@lezer", "@marijn", ""]) {
  const names = scope ? readdirSync(`node_modules/${scope}`).sort().map((n) => `${scope}/${n}`) : ["crelt", "style-mod", "w3c-keyname"];
  for (const name of names) {
    const text = readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim();
    seen.set(text, [...(seen.get(text) || []), name]);
  }
}
writeFileSync(`${out}/LICENSE`, [...seen].map(([text, names]) => `${names.join(", ")}\n\n${text}\n`).join("\n----\n\n"));
