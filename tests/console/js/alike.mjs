// Whether two scripts mean the same, of many pairs of them: their trees, written by one printer. What is left out of both
// are comments and the way of their lines; a text, a template and a regular expression stand as they are.
import { readFileSync } from "node:fs";
import ts from "typescript";

/** @param {string} source */
function tree(source) {
  /** @type {unknown[]} */
  const found = [];
  const file = ts.createSourceFile("a.js", source, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  /** @param {ts.Node} node */
  const visit = node => {
    found.push(node.kind);
    if ("rawText" in node) found.push(node.rawText);
    if ("text" in node && !ts.isSourceFile(node)) found.push(node.text);
    ts.forEachChild(node, visit);
    found.push("end");
  };
  visit(file);
  return JSON.stringify(found);
}

/** @type {Record<string, [string, string]>} */
const pairs = JSON.parse(readFileSync(process.argv[2], "utf8"));
const different = Object.entries(pairs).filter(([, [one, other]]) => tree(one) !== tree(other)).map(([name]) => name);
process.stdout.write(JSON.stringify({ compared: Object.keys(pairs).length, different }));
