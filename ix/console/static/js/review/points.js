// @ts-check
// Points as they stand now: what the service said, with the sums that were worked out since. These need not wait for
// it.

/**
 * @typedef {import("./state.js").Point} Point
 * @typedef {import("./form-model.js").FormModel} FormModel
 * @typedef {import("./sums.js").WorkedSum} WorkedSum
 */

/** Codes of points that say that a sum does not come out: at its total, and at the table that it is made of. */
const OF_SUMS = new Set(["sum_mismatch", "rows_sum"]);

/**
 * @param {Point[]} points as the service said them
 * @param {WorkedSum[]} sums
 * @param {FormModel} model
 * @returns {Point[]}
 */
export function standing(points, sums, model) {
  const about = (/** @type {Point} */ point) => sums.filter(one => isAbout(point, model.path(one.total), one));
  const isStale = (/** @type {Point} */ point) =>
    OF_SUMS.has(point.code) && about(point).length > 0 && about(point).every(one => one.holds);
  const told = points.filter(point => !isStale(point));
  const wrong = sums.filter(one => !one.holds && !told.some(point => isAbout(point, model.path(one.total), one)));
  return [...told, ...wrong.map(one => mismatch(one, model))];
}

/** What the service's own check would say. @param {WorkedSum} sum @param {FormModel} model @returns {Point} */
export function mismatch({ total, names }, model) {
  const params = { field: total.leaf.name, parts: names.join(", ") };
  return { path: model.path(total), kind: "check", code: "sum_mismatch", message: "", params };
}

/**
 * Whether a point says already that a sum does not come out: at its total, or at the table that it is made of.
 * @param {Point} point
 * @param {string} total
 * @param {WorkedSum} sum
 */
function isAbout(point, total, sum) {
  if (point.path === total && point.code === "sum_mismatch") return true;
  return point.code === "rows_sum" && sum.parts.some(part => part.field.row?.table.shape.path === point.path);
}
