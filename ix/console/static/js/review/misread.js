// @ts-check
// Whether a typed value is what was printed and misread, or something else.

/** Of the longer text, how much may differ: "1OO,OO" is a misread "100,00", "net 300" is no misread "357". */
const MOST = 0.4;
/** Letters that are compared; longer texts are alike in their beginning. */
const LONGEST = 80;

const plain = (/** @type {string} */ text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "").slice(0, LONGEST);

/**
 * @param {string | null | undefined} quote as it was read from the page
 * @param {string} text as it was typed
 */
export function isMisread(quote, text) {
  const [a, b] = [plain(quote ?? ""), plain(text)];
  return a !== "" && b !== "" && distance(a, b) <= MOST * Math.max(a.length, b.length);
}

/** Insertions, deletions and changes from one text to the other (Levenshtein). @param {string} a @param {string} b */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (const [n, letter] of [...a].entries()) {
    let [before, left] = [row[0], n + 1];
    const next = [left];
    for (let m = 1; m <= b.length; m++) {
      left = Math.min(row[m] + 1, left + 1, before + (b[m - 1] === letter ? 0 : 1));
      before = row[m];
      next.push(left);
    }
    row = next;
  }
  return row[b.length];
}
