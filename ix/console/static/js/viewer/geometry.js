// @ts-check
// Arithmetic of pages: words, lines, boxes, widths. Pure; knows no nodes.
//
// Boxes are fractions of the upright page, as the API gives them. Words are never nodes, since hundreds of nodes a page
// make browsers crawl: the word under the pointer is found here.

/** @typedef {[number, number, number, number]} Box left, top, right, bottom: fractions of the upright page */
/** @typedef {{index: number, text: string, box: Box, confidence: number, hidden: boolean, code: string}} Word
 * a word of a page; `index` is its place in the API's list, `code` the kind of a QR or bar code, "" for print */
/** @typedef {{document: number, page: number, width: number, height: number}} Page what the API says of a page */

/** How tall a line of print stands at 100 %, CSS pixels. */
export const READABLE = 17;
/** Widths of pictures that the API gives, pixels. */
export const WIDTHS = [480, 1240, 2400];
/** Height of a word on a page of which no words are known, as a fraction of the page: 10 points on A4. */
const USUAL_PRINT = 0.016;
/** Around a word, as a fraction of the page, within which the pointer still means it. */
const NEAR = 0.003;

/** @param {number} low @param {number} value @param {number} high */
export const clamp = (low, value, high) => Math.min(Math.max(value, low), high);

/** The words of a page from what the API answers: `[text, x0, y0, x1, y1, confidence, hidden, code]`, the last three
 * left out where they say nothing.
 * @param {any[][]} rows @returns {Word[]} */
export function wordsOf(rows) {
  return rows.map(([text, x0, y0, x1, y1, confidence = 1, hidden = false, code = ""], index) => ({
    index, text, box: [x0, y0, x1, y1], confidence, hidden, code,
  }));
}

/** The height of a page's median word, as a fraction of the page. @param {Word[]} words */
export function printHeight(words) {
  const heights = words.filter(word => !word.hidden && !word.code).map(({ box }) => box[3] - box[1]);
  return heights.sort((a, b) => a - b)[heights.length >> 1] || USUAL_PRINT;
}

/** How wide a page stands at 100 %, CSS pixels: as wide as makes its print readable, but no wider than there is room
 * and no narrower than the whole page in view.
 * @param {number} aspect width by height @param {number} print its words' height, a fraction of the page
 * @param {{width: number, height: number}} room CSS pixels @param {"width"|"page"} fit */
export function baseWidth(aspect, print, room, fit) {
  const whole = Math.min(room.width, room.height * aspect);
  return fit === "page" ? whole : clamp(whole, (READABLE / print) * aspect, room.width);
}

/** The picture that is sharp enough for a page so wide on the screen. @param {number} pixels device pixels */
export const pictureWidth = pixels => WIDTHS.find(width => width >= pixels * 0.9) ?? WIDTHS[WIDTHS.length - 1];

/** The smallest box around all of them. @param {Box[]} boxes @returns {Box} */
export function union(boxes) {
  return [
    Math.min(...boxes.map(box => box[0])), Math.min(...boxes.map(box => box[1])),
    Math.max(...boxes.map(box => box[2])), Math.max(...boxes.map(box => box[3])),
  ];
}

/** The word at a point, the smallest where several are; none that a person cannot see.
 * @param {Word[]} words @param {number} x @param {number} y @returns {Word | null} */
export function wordAt(words, x, y) {
  const under = words.filter(({ box, hidden }) => !hidden
    && x >= box[0] - NEAR && x <= box[2] + NEAR && y >= box[1] - NEAR && y <= box[3] + NEAR);
  return under.sort((a, b) => area(a.box) - area(b.box))[0] ?? null;
}

/** @param {Box} box */
export const area = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);

/** The words that a rectangle touches; none that a person cannot see. Corners in any order.
 * @param {Word[]} words @param {{x: number, y: number}} a @param {{x: number, y: number}} b */
export function wordsBetween(words, a, b) {
  const x0 = Math.min(a.x, b.x), x1 = Math.max(a.x, b.x), y0 = Math.min(a.y, b.y), y1 = Math.max(a.y, b.y);
  return words.filter(({ box, hidden }) => !hidden && box[0] < x1 && box[2] > x0 && box[1] < y1 && box[3] > y0);
}

/** Words as lines, top to bottom, each left to right. A code is a line of its own: it is no print.
 * @param {Word[]} words @returns {Word[][]} */
export function linesOf(words) {
  /** @type {Word[][]} */
  const lines = [];
  for (const word of [...words].sort((a, b) => a.box[1] + a.box[3] - b.box[1] - b.box[3])) {
    // only the lowest lines can be this word's: the words come from top to bottom
    const last = word.code ? [] : lines.slice(-4);
    const line = last.find(one => !one[0].code && overlaps(one[one.length - 1], word));
    if (line) line.push(word);
    else lines.push([word]);
  }
  lines.forEach(line => line.sort((a, b) => a.box[0] - b.box[0]));
  return lines;
}

/** @param {Word} a @param {Word} b */
function overlaps({ box: a }, { box: b }) {
  return Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > 0.5 * Math.min(a[3] - a[1], b[3] - b[1]);
}

/** Lines cut where a gap is wider than 1.2 times their height: cells of a table, the two sides of a letter's head.
 * @param {Word[]} words @param {number} aspect of the page, width by height @returns {Word[][]} */
export function segmentsOf(words, aspect) {
  return linesOf(words).flatMap(line => {
    const parts = [[line[0]]];
    for (const word of line.slice(1)) {
      const last = parts[parts.length - 1], { box } = last[last.length - 1];
      if ((word.box[0] - box[2]) * aspect > 1.2 * (box[3] - box[1])) parts.push([word]);
      else last.push(word);
    }
    return parts;
  });
}

/** One box a line, as evidence has them. @param {Word[]} words */
export const boxesOf = words => linesOf(words).map(line => union(line.map(word => word.box)));

/** What they say, lines below each other. @param {Word[]} words */
export const textOf = words => linesOf(words).map(line => line.map(word => word.text).join(" ")).join("\n");

/** Runs of words that may be a value of a kind: for texts whole segments, else the longest runs that fit, since dates
 * and numbers are printed with spaces in them.
 * @param {Word[]} words @param {number} aspect @param {number} most words that a value has
 * @param {(text: string) => boolean} fits */
export function runsOf(words, aspect, most, fits) {
  const segments = segmentsOf(words.filter(word => !word.hidden), aspect);
  if (most === Infinity) return segments.filter(segment => fits(textOf(segment)));
  return segments.flatMap(segment => {
    const found = [];
    for (let from = 0; from < segment.length; from++) {
      let length = Math.min(most, segment.length - from);
      while (length && !fits(segment.slice(from, from + length).map(word => word.text).join(" "))) length--;
      if (length) found.push(segment.slice(from, from + length));
      from += Math.max(length - 1, 0);
    }
    return found;
  });
}

/** Names for `count` things: single letters from the home row, two each where there are more than letters.
 * @param {number} count @returns {string[]} */
export function lettersFor(count) {
  const letters = [..."asdfghjklqwertyuiopzxcvbnm"];
  if (count <= letters.length) return letters.slice(0, count);
  return letters.flatMap(first => letters.map(second => first + second)).slice(0, count);
}
