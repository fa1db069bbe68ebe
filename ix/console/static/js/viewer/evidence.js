// @ts-check
// What an envelope says stands where, as fields that a viewer shows.

/** @typedef {import("./marks.js").Field} Field */

/** Confidence below which a value is shown as doubtful. */
const DOUBT = 0.6;

/** The fields of a response that stand on a page, each by its path in the result.
 * @param {{evidence: any}} response @returns {Field[]} */
export const fieldsOf = ({ evidence }) => [...leaves(evidence, "")];

/** @param {any} node @param {string} path @returns {Generator<Field>} */
function* leaves(node, path) {
  if (node === null || typeof node !== "object") return;
  if (isEvidence(node)) {
    const { document, page, boxes, match, confidence } = node;
    const band = match === "fuzzy" || confidence < DOUBT ? "warn" : "ok";
    if (boxes?.length) yield { id: path, document, page, boxes, band };
    return;
  }
  for (const [name, one] of Object.entries(node)) yield* leaves(one, path ? `${path}.${name}` : name);
}

/** Whether it is the evidence of a value, not an object that has some. @param {any} node */
export const isEvidence = node => node !== null && typeof node === "object" && !Array.isArray(node)
  && typeof node.match === "string";
