// @ts-check
// What the kinds of fields (`x-ix.kind`) mean for whoever shows or picks values. Pure.

const NUMERIC = new Set(["money", "number", "percentage"]);
/** Whether values of this kind are numbers, which stand to the right. @param {string} kind */
export const isNumeric = kind => NUMERIC.has(kind);

const MONTH = /\p{L}{3,}\.?/u;
const SURE = {
  money: /^[^\p{L}\d]{0,3}(?:\p{L}{2,3}\s?)?\d[\d.,'’ ]*[.,]\d{2}\s?[^\d]{0,4}$/u,
};
const POSSIBLE = {
  money: /^(?:\p{L}{2,3}\s?)?[^\p{L}\d]{0,3}\d(?:[\d.,'’ ]*[.,]\d{2}-?\s?\D{0,4}|\d{0,2}(?:[.,'’ ]?\d{3})*)$/u,
  number: /^\W{0,2}\d[\d.,'’ ]*\W{0,2}$/u,
  percentage: /^\W{0,2}\d[\d.,]*\s?%?$/u,
  currency: /^[A-Z]{3}$|^RM$|[€$£¥]/u,
  iban: /^[A-Z]{2}\s?\d{2}[\dA-Z ]{8,}$/iu,
  vat_id: /^[A-Z]{2}[\s.-]?[\dA-Z][\dA-Z .-]{5,}$/iu,
  boolean: /\p{L}/u,
  date: /^\D{0,2}(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})\W?$/u,
};
/** Two letters or figures at least: no rule, no bullet. */
const WORD = /[\p{L}\p{N}]{2}/u;

/** Whether printed words may be a value of a kind, so that only such get a letter to pick them; `surely`, whether they
 * can hardly be anything else. The service has the last word.
 * @param {string} text @param {string} kind @param {boolean} [surely] */
export function mayBe(text, kind, surely = false) {
  if (surely) return SURE[kind]?.test(text) ?? false;
  if (kind === "date") return POSSIBLE.date.test(text) || isWrittenOut(text);
  return (POSSIBLE[kind] ?? WORD).test(text);
}

/** "5 March 2024", "März 5, 2024". @param {string} text */
function isWrittenOut(text) {
  const numbers = text.match(/\d+/g) ?? [];
  return MONTH.test(text) && numbers.length === 2 && numbers.some(one => one.length === 4 || one.length === 2);
}
