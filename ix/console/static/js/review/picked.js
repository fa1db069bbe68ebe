// @ts-check
// A printed line that was dragged over, clicked, or chosen by its letter, as changes that put it in as a row.
import { rowFrom } from "./lines.js";
import { wordsOf } from "./load.js";

/**
 * @typedef {import("./form-model.js").Table} Table
 * @typedef {import("./places.js").Word} Word
 */

/**
 * @param {import("./view.js").DocumentView} view
 * @param {Table} table
 * @param {import("../viewer/picking.js").Picked} picked
 * @param {boolean} byKey a letter stands on a part of the line, and means all of it
 */
export async function lineOf(view, table, picked, byKey) {
  const { document, page } = picked;
  const all = (await wordsOf(view.loaded, document, page)).words;
  const chosen = picked.picked.map(({ index }) => all[index]);
  const words = byKey || chosen.length === 1 ? whole(all, chosen[0]) : chosen;
  const at = placeFor(table, page, words[0]);
  return { changes: [rowFrom(table, at, { document, page, words }, view.numbers)], at };
}

/** All words that stand on a word's line. @param {Word[]} all @param {Word} one */
function whole(all, one) {
  const overlaps = (/** @type {Word} */ word) =>
    Math.min(word[4], one[4]) - Math.max(word[2], one[2]) > 0.5 * Math.min(word[4] - word[2], one[4] - one[2]);
  return all.filter(word => !word[6] && overlaps(word)).sort((a, b) => a[1] - b[1]);
}

/** Behind the rows that are printed above it. @param {Table} table @param {number} page @param {Word} first */
function placeFor(table, page, first) {
  const isAbove = table.rows.map(row => row.cells.some(({ evidence }) => {
    if (!evidence?.boxes?.length) return false;
    return evidence.page < page || (evidence.page === page && evidence.boxes[0][1] < first[2]);
  }));
  return isAbove.lastIndexOf(true) + 1;
}
