// @ts-check
// Lines of a table: a printed line that falls into columns, cells pasted from a spreadsheet, a column that is one too
// far. Everything here gives changes for the review to make; nothing is drawn.

import { evidenceOf } from "./places.js";
import { isNumeric, parse } from "./typed.js";

/**
 * @typedef {import("./form-model.js").Change} Change
 * @typedef {import("./form-model.js").FormModel} FormModel
 * @typedef {import("./form-model.js").Table} Table
 * @typedef {import("./form-model.js").Row} Row
 * @typedef {import("./places.js").Word} Word
 */

/** Fractions of the page's width: a word so near to another belongs to the same text; a number so near to its column
 * to that. */
const BESIDE = 0.02;
const ASIDE = 0.08;
/** Rows that a paste may add at once. */
export const MOST_PASTED = 200;

/**
 * The left and right edge of each column on the page, by the cells that were read there; null for a column without.
 * @param {Table} table
 * @returns {([number, number] | null)[]}
 */
export function spansOf(table) {
  return table.shape.columns.map((_, n) => {
    const boxes = table.rows.flatMap(row => row.cells[n].evidence?.boxes ?? []);
    if (!boxes.length) return null;
    return [Math.min(...boxes.map(box => box[0])), Math.max(...boxes.map(box => box[2]))];
  });
}

/**
 * Each word to the column that it overlaps, else to the nearest: a text goes on behind its last word, a number may
 * stand beside its column; what is in neither (a position, a unit) is left out. Without any column known, numbers
 * from the right and the rest to the first text.
 * @param {Table} table
 * @param {Word[]} words of one printed line, or of a few
 * @returns {Word[][]} by column
 */
export function columnsOf(table, words) {
  const spans = spansOf(table);
  /** @type {Word[][]} */
  const groups = table.shape.columns.map(() => []);
  if (spans.every(span => span === null)) return byKind(table, words, groups);
  for (const word of words) {
    const found = nearest(spans, word);
    const isNumber = isNumeric(table.shape.columns[found.at].kind);
    const last = groups[found.at].at(-1);
    const goesOn = last !== undefined && word[1] - last[3] < BESIDE;
    const belongs = isNumber ? /\d/.test(word[0]) && found.gap < ASIDE : goesOn || found.gap < BESIDE;
    if (found.gap <= 0 || belongs) groups[found.at].push(word);
  }
  return groups;
}

/** The column that a word overlaps most, or the nearest; `gap` as a fraction of the page, below 0 where it overlaps.
 * @param {([number, number] | null)[]} spans @param {Word} word */
function nearest(spans, word) {
  const gaps = spans.map(span => (span ? Math.max(span[0], word[1]) - Math.min(span[1], word[3]) : Infinity));
  const gap = Math.min(...gaps);
  return { at: gaps.indexOf(gap), gap };
}

/** @param {Table} table @param {Word[]} words @param {Word[][]} groups */
function byKind(table, words, groups) {
  const numeric = table.shape.columns.flatMap((column, n) => (isNumeric(column.kind) ? [n] : []));
  const text = Math.max(0, table.shape.columns.findIndex(column => !isNumeric(column.kind)));
  for (const word of words.toReversed()) {
    const isNumber = /^\W*\d[\d.,']*\W*$/.test(word[0]);
    const column = isNumber && numeric.length ? /** @type {number} */ (numeric.pop()) : text;
    groups[column].unshift(word);
  }
  return groups;
}

/**
 * A row taken from the page: words by column, read by the columns' kinds.
 * @param {Table} table
 * @param {number} place where it goes
 * @param {{document: number, page: number, words: Word[]}} picked
 * @param {string} language of the document's numbers
 * @returns {Change}
 */
export function rowFrom(table, place, { document, page, words }, language) {
  /** @type {Record<string, unknown>} */
  const value = {};
  /** @type {Record<string, unknown>} */
  const evidence = {};
  for (const [n, own] of columnsOf(table, words).entries()) {
    const column = table.shape.columns[n];
    const read = parse(own.map(word => word[0]).join(" "), column, language);
    value[column.name] = read ?? null;
    evidence[column.name] = own.length && read !== undefined ? evidenceOf(document, page, own) : null;
  }
  return insertion(table, place, value, evidence);
}

/** @param {Table} table @param {number} at @param {any} value @param {any} evidence @returns {Change} */
export function insertion(table, at, value, evidence) {
  const { path, plain } = table.shape;
  return plain
    ? { path, op: "insert", at, value: value[""] ?? null, evidence: evidence[""] ?? null }
    : { path, op: "insert", at, value, evidence };
}

/** Cells of a text as spreadsheets copy it: rows by line, cells by tab. @param {string} text */
export const cellsOf = text => text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map(row => row.split("\t"));

/**
 * Pasted cells over those that there are, from one cell on to the right and down; rows that are not there are put in.
 * What is no value of its column is left out, and counted.
 * @param {FormModel} model
 * @param {Row} row
 * @param {number} column
 * @param {string[][]} cells
 * @param {string} language
 * @returns {{changes: Change[], left: number}}
 */
export function pasted(model, row, column, cells, language) {
  const { table } = row;
  const first = table.rows.indexOf(row);
  /** @type {Change[]} */
  const changes = [];
  let left = 0;
  for (const [down, texts] of cells.slice(0, MOST_PASTED).entries()) {
    const there = table.rows[first + down];
    /** @type {Record<string, unknown>} */
    const value = Object.fromEntries(table.shape.columns.map(one => [one.name, null]));
    for (const [right, text] of texts.entries()) {
      const want = table.shape.columns[column + right];
      const read = want && parse(text, want, language);
      if (read === undefined) left++;
      else if (there) changes.push(over(model.path(there.cells[column + right]), read));
      else value[want.name] = read;
    }
    if (!there) changes.push(insertion(table, first + down, value, {}));
  }
  return { changes, left };
}

/** @param {string} path @param {unknown} value @returns {Change} */
const over = (path, value) => ({ path, value, evidence: null });

/**
 * Two neighbouring columns change places, values with their evidence: where each amount was read one column too far.
 * A cell that cannot be what its new column takes becomes empty.
 * @param {FormModel} model
 * @param {Table} table
 * @param {number} column
 * @param {1 | -1} by
 * @param {string} language of the document's numbers
 * @returns {Change[]}
 */
export function shifted(model, table, column, by, language) {
  const other = column + by;
  if (!table.shape.columns[other]) return [];
  return table.rows.flatMap(row => {
    const [a, b] = [row.cells[column], row.cells[other]];
    return [moved(model, a, b, language), moved(model, b, a, language)];
  });
}

/**
 * @param {FormModel} model
 * @param {import("./form-model.js").Field} from
 * @param {import("./form-model.js").Field} to
 * @param {string} language
 * @returns {Change}
 */
function moved(model, from, to, language) {
  const fits = from.leaf.kind === to.leaf.kind && from.leaf.type === to.leaf.type;
  const printed = from.evidence?.quote ?? (from.value === null ? "" : String(from.value));
  const value = fits ? from.value : parse(printed, to.leaf, language);
  const evidence = value === undefined || value === null ? null : from.evidence;
  return { path: model.path(to), value: value ?? null, evidence };
}
