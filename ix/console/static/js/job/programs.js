// @ts-check
// What the page shows, as a program gets it: lines to paste.
import { place } from "../dom.js";

/** The service's own address, as this browser knows it. */
const service = () => `${location.origin}${place.root}`;

/** @param {{ix_id: string}} job @param {{open: boolean}} me */
export const curlOf = ({ ix_id }, { open }) =>
  `curl ${open ? "" : '-H "Authorization: Bearer $IX_KEY" '}'${service()}/jobs/${encodeURIComponent(ix_id)}'`;

/** @param {{ix_id: string, client_id: string}} job @param {{open: boolean}} me */
export const pythonOf = ({ ix_id, client_id }, { open }) => [
  ...(open ? [] : ["import os", ""]),
  "from ix.client import Client", "",
  // JSON strings are Python's, too
  `with Client(${JSON.stringify(service())}, ${open ? `client_id=${literal(client_id)}` : 'key=os.environ["IX_KEY"]'}) as ix:`,
  `    job = ix.get(${literal(ix_id)})`,
  "    print(job.response.result)", "",
].join("\n");

/** @param {string} text */
const literal = text => JSON.stringify(text);
