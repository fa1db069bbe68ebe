// @ts-check
// Where else on a document a value may stand: words that say a value of a field's kind. No request is made for them;
// what is taken is read by the service again.

import { numberOf } from "./sums.js";
import { isNumeric, parse } from "./typed.js";

/**
 * @typedef {[string, number, number, number, number, number?, boolean?, string?]} Word text, x0, y0, x1, y1 in
 *   fractions of the page, confidence, hidden, a code's kind
 * @typedef {{document: number, page: number, words: Word[]}} Page
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./form-model.js").Evidence} Evidence
 * @typedef {{document: number, page: number, at: number[], words: Word[], text: string, value: unknown}} Place `at`:
 *   indexes of the words on their page
 */

/** Places that have a key of their own: Alt 1 to 5. */
export const MOST_PLACES = 5;
/** Words that one value may be made of, such as an IBAN in groups of four. */
const LONGEST = { date: 3, iban: 9, vat_id: 4 };
const CODES = new Set(["iban", "vat_id", "identifier"]);
const SHAPES = {
  iban: /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/,
  vat_id: /^[A-Z]{2}[A-Z0-9+*]{7,12}$/,
  identifier: /^(?=.*\d)[\p{L}\d][\p{L}\d./_-]{2,}$/u,
};
/** Fields of these kinds are words among words: every line of the page would be a place. */
const NOWHERE = new Set(["text", "organisation", "person", "address", "boolean"]);

/**
 * Places whose value differs from the field's, best first: those that make a sum come out, then those near to where it
 * was read, then from the end of the document, where totals stand.
 * @param {Field} field
 * @param {Page[]} pages
 * @param {string} language of the document's numbers
 * @param {(value: unknown) => boolean} [fits] whether a value would make a sum come out
 * @returns {Place[]}
 */
export function elsewhere(field, pages, language, fits = () => false) {
  if (NOWHERE.has(field.leaf.kind) || field.leaf.choices.length) return [];
  const found = pages.flatMap(page => placesOn(page, field, language)).filter(one => one.value !== field.value);
  const rank = new Map(found.map((one, n) => [one, [fits(one.value) ? 0 : 1, distance(field, one), -n]]));
  const better = (/** @type {Place} */ a, /** @type {Place} */ b) => compare(rank.get(a) ?? [], rank.get(b) ?? []);
  const once = new Map(found.sort(better).reverse().map(one => [one.value, one]));
  return [...once.values()].sort(better).slice(0, MOST_PLACES);
}

/**
 * The place on the document that says just this value, the nearest to where the field was read; null where none does.
 * @param {Field} field
 * @param {unknown} value
 * @param {Page[]} pages
 * @param {string} language
 * @returns {Place | null}
 */
export function placeOf(field, value, pages, language) {
  if (value === null) return null;
  const isText = NOWHERE.has(field.leaf.kind);
  const named = pages.flatMap(page => (isText ? textsOn(page, String(value)) : placesOn(page, field, language)));
  const equal = named.filter(one => one.value === value || one.text === value);
  return equal.sort((a, b) => distance(field, a) - distance(field, b))[0] ?? null;
}

/** @param {number[]} a @param {number[]} b */
function compare(a, b) {
  const n = a.findIndex((one, at) => one !== b[at]);
  return n < 0 ? 0 : a[n] - b[n];
}

/** How far a place is from where the field was read: pages, then lines. @param {Field} field @param {Place} place */
function distance({ evidence }, place) {
  if (!evidence?.boxes?.length || evidence.document !== place.document) return 1000;
  const [, top, , bottom] = evidence.boxes[0];
  const [, , y0, , y1] = place.words[0];
  return Math.round(100 * (Math.abs(evidence.page - place.page) * 2 + Math.abs((top + bottom - y0 - y1) / 2))) / 100;
}

/**
 * @param {Page} page
 * @param {Field} field
 * @param {string} language
 * @returns {Place[]}
 */
function placesOn(page, field, language) {
  const longest = LONGEST[/** @type {keyof typeof LONGEST} */ (field.leaf.kind)] ?? 1;
  const found = [];
  for (let first = 0; first < page.words.length; first++) {
    const place = longestFrom(page, first, longest, field, language);
    if (!place) continue;
    found.push(place);
    first += place.words.length - 1;
  }
  return found;
}

/**
 * The value that begins at a word and takes most words with it.
 * @param {Page} page
 * @param {number} first
 * @param {number} most
 * @param {Field} field
 * @param {string} language
 * @returns {Place | null}
 */
function longestFrom(page, first, most, field, language) {
  for (let count = Math.min(most, page.words.length - first); count > 0; count--) {
    const words = page.words.slice(first, first + count);
    if (words.some(word => word[6]) || (count > 1 && !isOneLine(words))) continue;
    const text = words.map(word => word[0]).join(" ");
    const value = valueOf(text, field, language);
    if (value === undefined) continue;
    return { document: page.document, page: page.page, at: words.map((_, n) => first + n), words, text, value };
  }
  return null;
}

/** @param {string} text @param {Field} field @param {string} language */
function valueOf(text, { leaf }, language) {
  const bare = text.replace(/^[\s:;*=]+|[\s:;*]+$/g, "");
  const value = parse(bare, leaf, language);
  if (value === undefined || value === null) return undefined;
  if (leaf.kind === "money") return /\d[.,]\s?\d{2}\b/.test(bare) || /[.,]-/.test(bare) ? value : undefined;
  if (isNumeric(leaf.kind)) return /^[^\p{L}]*$/u.test(bare) ? value : undefined;
  const shape = SHAPES[/** @type {keyof typeof SHAPES} */ (leaf.kind)];
  return !CODES.has(leaf.kind) || shape.test(String(value)) ? value : undefined;
}

/** Words that say a text, letter by letter. @param {Page} page @param {string} text @returns {Place[]} */
function textsOn(page, text) {
  const parts = text.split(/\s+/);
  const found = [];
  for (let first = 0; first + parts.length <= page.words.length; first++) {
    const words = page.words.slice(first, first + parts.length);
    if (!words.every((word, n) => word[0] === parts[n] && !word[6])) continue;
    const at = words.map((_, n) => first + n);
    found.push({ document: page.document, page: page.page, at, words, text, value: text });
  }
  return found;
}

/** @param {Word[]} words */
const isOneLine = words =>
  words.every(word => Math.min(word[4], words[0][4]) - Math.max(word[2], words[0][2]) > 0.5 * (word[4] - word[2]));

/**
 * Where words stand, as evidence of a person's choice: one box a line.
 * @param {number} document
 * @param {number} page
 * @param {Word[]} words
 * @returns {Evidence}
 */
export function evidenceOf(document, page, words) {
  /** @type {Word[][]} */
  const lines = [];
  for (const word of words) {
    const line = lines.find(one => isOneLine([one[0], word]));
    if (line) line.push(word);
    else lines.push([word]);
  }
  const boxes = lines.map(line => [
    Math.min(...line.map(word => word[1])), Math.min(...line.map(word => word[2])),
    Math.max(...line.map(word => word[3])), Math.max(...line.map(word => word[4])),
  ]);
  const quote = words.map(word => word[0]).join(" ");
  return { document, page, quote, boxes, match: "exact", confidence: 1, method: "extract" };
}

/**
 * Which decimal mark a document writes, by the language whose console would read it so: by its numbers that can be read
 * in one way only, else the reader's.
 * @param {Page[]} pages
 * @param {string} language
 */
export function writtenIn(pages, language) {
  let [comma, point] = [0, 0];
  for (const { words } of pages) {
    for (const [text] of words) {
      if (/(^|\D)\d+,\d{2}$|\.\d{3},\d/.test(text)) comma++;
      else if (/(^|\D)\d+\.\d{2}$|,\d{3}\.\d/.test(text)) point++;
    }
  }
  return comma === point ? language : comma > point ? "de" : "en";
}

/**
 * Whether a value would make one of a field's sums come out.
 * @param {import("./sums.js").WorkedSum[]} sums that the field has part in
 * @param {Field} field
 * @param {unknown} value
 */
export function mends(sums, field, value) {
  const number = numberOf({ ...field, value });
  if (number === null) return false;
  return sums.some(one => {
    if (one.holds) return false;
    const part = one.parts.find(each => each.field === field);
    const sum = part ? one.sum + part.sign * (number - Number(numberOf(field) ?? 0)) : one.sum;
    const total = one.total === field ? number : one.is;
    return Math.abs(sum - total) <= Math.max(0.01, 0.005 * (one.parts.length + 1)) + 1e-6;
  });
}
