// @ts-check
// What the form sends, as a program sends it: lines to paste.
import { place } from "../dom.js";

const service = () => `${location.origin}${place.root}`;

/** @typedef {{use: string, names: string[], options: any, configuration: string, open: boolean}} Asked */

/** @param {Asked} asked */
export function curlOf({ use, names, options, configuration, open }) {
  const document = `@${names[0] ?? "FILE"}`;
  const fields = [["client_id", "me"], ["request_id", "r-1"],
    configuration ? ["configuration", configuration] : ["use_case", use], ["documents", document]];
  if (Object.keys(options).length) fields.push(["options", JSON.stringify(options)]);
  return ["curl", ...(open ? [] : ['-H "Authorization: Bearer $IX_KEY"']),
    ...fields.map(([name, value]) => `-F ${quoted(`${name}=${value}`)}`), "-H 'Prefer: wait=30'", `${service()}/jobs`]
    .join(" \\\n  ");
}

/** @param {Asked} asked */
export function pythonOf({ use, names, options, configuration, open }) {
  const given = Object.keys(options).length ? `, options=${literal(options)}` : "";
  return [...(open ? [] : ["import os", ""]), "from ix.client import Client", "",
    `with Client("${service()}", ${open ? 'client_id="me"' : 'key=os.environ["IX_KEY"]'}) as ix:`,
    `    job = ix.submit([${JSON.stringify(names[0] ?? "FILE")}], ${configuration
      ? `configuration=${JSON.stringify(configuration)}` : JSON.stringify(use)}${given})`,
    "    print(ix.wait(job).response.result)"].join("\n");
}

/** A word of a shell (POSIX, 2.2.2): nothing in single quotes means anything. @param {string} text */
const quoted = text => /^[\w@./=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** JSON as Python writes it. @param {any} value @returns {string} */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${literal(one)}`).join(", ")}}`;
}
