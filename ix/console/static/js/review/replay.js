// @ts-check
// From the engine's answer to the reviewed one, so that each row is known to be the one that was read, wherever it
// went.
import { FormModel, same } from "./form-model.js";

/**
 * The engine's answer with the corrections made again; where that is not what the service has, what the service has.
 * @param {import("./shape.js").Shape} shape
 * @param {{result: any, evidence: any}} read
 * @param {import("./state.js").Served} served
 */
export function replayed(shape, read, served) {
  const model = new FormModel(shape, read, { ...read, confirmed: [] });
  for (const one of served.corrections) model.apply(asChange(one));
  for (const path of served.confirmed) model.apply({ path, confirmed: true });
  const is = new FormModel(shape, read, served);
  return same(sorted(model.envelope().result), sorted(is.envelope().result)) ? model : is;
}

/** A correction as it was sent: there `at` is the row, here the moment. @param {any} correction
 * @returns {import("./form-model.js").Change} */
function asChange({ path, op, value, evidence, row, to }) {
  if (op === "set") return { path, value, evidence };
  return { path, op, value, evidence, at: row ?? undefined, to: to ?? undefined };
}

/** Members in one order, since what comes from a database has another. @param {any} node @returns {any} */
function sorted(node) {
  if (Array.isArray(node)) return node.map(sorted);
  if (node === null || typeof node !== "object") return node;
  const keys = Object.keys(node).filter(key => node[key] !== null).sort();
  return Object.fromEntries(keys.map(key => [key, sorted(node[key])]));
}
