// @ts-check
// Declared sums worked out while a person types, with the tolerance of the service's own check
// (`ix.extraction.checks`).

/**
 * @typedef {import("./form-model.js").FormModel} FormModel
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {{total: Field, parts: {field: Field, sign: 1 | -1}[], names: string[], sum: number, is: number,
 *   holds: boolean}} WorkedSum
 */

const CENT = 0.01;
const HALF_CENT = 0.005;
/** What doubles lose in adding a page of amounts; far below a tenth of a cent. */
const SLACK = 1e-6;
/** Places that must agree before a sum proves its numbers: the same word twice proves nothing. */
const LEAST_PLACES = 3;

/**
 * The sums whose total and parts are all known.
 * @param {FormModel} model
 * @returns {WorkedSum[]}
 */
export function sumsOf(model) {
  return model.shape.sums.flatMap(declared => {
    const total = model.find(declared.total);
    const parts = declared.parts.flatMap(part => partsOf(model, part));
    const is = total ? numberOf(total) : null;
    const numbers = parts.map(one => numberOf(one.field));
    if (!total || is === null || !parts.length || numbers.includes(null)) return [];
    const sum = parts.reduce((all, one, n) => all + one.sign * /** @type {number} */ (numbers[n]), 0);
    const holds = Math.abs(sum - is) <= Math.max(CENT, HALF_CENT * (parts.length + 1)) + SLACK;
    return [{ total, parts, names: declared.parts, sum, is, holds }];
  });
}

/**
 * @param {FormModel} model
 * @param {string} part
 * @returns {{field: Field, sign: 1 | -1}[]}
 */
function partsOf(model, part) {
  const sign = part.startsWith("-") ? -1 : 1;
  const path = part.replace(/^-/, "");
  const table = model.tables.find(one => path.startsWith(`${one.shape.path}.`));
  const column = table && path.slice(table.shape.path.length + 1);
  const fields = table
    ? table.rows.flatMap(row => row.cells.filter(cell => cell.leaf.name === column))
    : [model.find(path)].filter(field => field !== undefined);
  return fields.map(field => ({ field, sign }));
}

/** @param {Field} field */
export function numberOf(field) {
  if (typeof field.value === "number") return field.value;
  return typeof field.value === "string" && /^-?\d+(\.\d+)?$/.test(field.value) ? Number(field.value) : null;
}

/**
 * Fields that a sum proves: it comes out, of at least three numbers that stand at as many places.
 * @param {WorkedSum[]} sums
 * @returns {Set<Field>}
 */
export function provenBy(sums) {
  const proven = sums.filter(one => {
    const fields = [one.total, ...one.parts.map(part => part.field)];
    const places = new Set(fields.map(field => placeOf(field)).filter(Boolean));
    return one.holds && places.size >= LEAST_PLACES;
  });
  return new Set(proven.flatMap(one => [one.total, ...one.parts.map(part => part.field)]));
}

/** @param {Field} field */
const placeOf = ({ evidence }) =>
  evidence?.boxes?.length ? `${evidence.document}/${evidence.page}/${evidence.boxes[0].join()}` : "";

/**
 * Sums that a field has part in.
 * @param {WorkedSum[]} sums
 * @param {Field} field
 */
export const sumsWith = (sums, field) =>
  sums.filter(one => one.total === field || one.parts.some(part => part.field === field));
