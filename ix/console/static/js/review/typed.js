// @ts-check
// What a person types, read in the language of the console, and values as a person would type them.
// Everything here is pure: no document, no request. The service has the last word on what it stores.

/**
 * What a field takes.
 * @typedef {{kind: string, type: string, choices?: unknown[]}} Want
 */

const NUMERIC = new Set(["money", "number", "percentage"]);
const SIGNS = { "€": "EUR", $: "USD", "£": "GBP", "¥": "JPY", "₹": "INR", RM: "MYR", KČ: "CZK", ZŁ: "PLN" };
const YES = new Set(["true", "yes", "y", "ja", "j", "x", "1"]);
const NO = new Set(["false", "no", "n", "nein", "0"]);
/** More digits than a double holds exactly would be stored as another number than was typed. */
const MOST_DIGITS = 15;

/** @param {string} kind */
export const isNumeric = kind => NUMERIC.has(kind);

/**
 * The value that a text says: null where it is empty, undefined where it is no value of this field.
 * @param {string} text
 * @param {Want} want
 * @param {string} language of the console, which says what a lone `1.234` is
 * @returns {unknown}
 */
export function parse(text, want, language) {
  const bare = text.trim();
  if (bare === "") return null;
  if (want.choices?.length) return chosen(bare, want.choices);
  if (want.type === "boolean" || want.kind === "boolean") return truth(bare);
  if (isNumeric(want.kind) || want.type === "number" || want.type === "integer") return number(bare, want, language);
  const coded = CODED[want.kind];
  return coded ? coded(bare, language) : bare.replace(/[^\S ]+/g, " ");
}

/** @type {Record<string, (text: string, language: string) => string | undefined>} */
const CODED = {
  date: day,
  iban: text => text.replace(/[\s.-]/g, "").toUpperCase(),
  vat_id: text => text.replace(/[\s.-]/g, "").toUpperCase(),
  currency: text => {
    const code = SIGNS[/** @type {keyof typeof SIGNS} */ (text.toUpperCase())] ?? text.toUpperCase();
    return /^[A-Z]{3}$/.test(code) ? code : undefined;
  },
};

/**
 * @param {string} text
 * @param {unknown[]} choices
 */
function chosen(text, choices) {
  const low = text.toLowerCase();
  const whole = choices.find(one => String(one).toLowerCase() === low);
  if (whole !== undefined) return whole;
  const begun = choices.filter(one => String(one).toLowerCase().startsWith(low));
  return begun.length === 1 ? begun[0] : undefined;
}

/** @param {string} text */
function truth(text) {
  const low = text.toLowerCase();
  return YES.has(low) ? true : NO.has(low) ? false : undefined;
}

/**
 * @param {string} text
 * @param {Want} want
 * @param {string} language
 */
function number(text, want, language) {
  const digits = amount(text, language);
  if (digits === undefined || digits.replace(/[-.]|^-?0+(?=\d)/g, "").length > MOST_DIGITS) return undefined;
  if (want.type === "integer" && !Number.isInteger(Number(digits))) return undefined;
  return want.type === "string" ? digits : Number(digits);
}

const UNIT = /(?:[A-Za-z]{2,3}\.?|[€$£¥₹%])?/.source;
const WRITTEN = new RegExp(`^(-)?\\s*${UNIT}\\s*(-)?\\s*([\\d.,' ]*\\d)(?:[.,]-{1,2})?(-)?(?: ?${UNIT})?$`);

/**
 * A number in plain digits ("-1234.5"), or undefined. Currency and percent signs beside it are left out; brackets and
 * a minus on either side are negative.
 * @param {string} text
 * @param {string} language
 */
export function amount(text, language) {
  let plain = text.replace(/[−–—‒]/g, "-").replace(/[’`´]/g, "'").replace(/\s/g, " ").trim();
  const bracketed = /^\((.*)\)$/.exec(plain);
  if (bracketed) plain = bracketed[1];
  const found = WRITTEN.exec(plain);
  if (!found) return undefined;
  const minuses = [bracketed, found[1], found[2], found[4]].filter(Boolean).length;
  const digits = minuses > 1 ? undefined : ungrouped(found[3].trim(), language);
  return digits === undefined ? undefined : (minuses ? "-" : "") + digits;
}

/**
 * Digits without what groups them, and a point before the decimals.
 * @param {string} written
 * @param {string} language
 */
function ungrouped(written, language) {
  const marks = written.replace(/\d/g, "");
  const last = Math.max(written.lastIndexOf("."), written.lastIndexOf(","));
  const groups = /^\d{1,3}(?:([.,' ])(?:\d{2}|\d{3})(?:\1\d{2,3})*)?$/;
  if (last < 0) return marks === "" || groups.test(written) ? written.replace(/[' ]/g, "") : undefined;
  const mark = written[last];
  const tail = written.slice(last + 1);
  const head = written.slice(0, last);
  if (/\D/.test(tail)) return undefined;
  const repeated = head.includes(mark);
  // one separator before three digits groups thousands, unless it is the decimal mark of the reader's language
  const lone = marks.length === 1 && tail.length === 3 && head !== "0" && head !== "";
  const isDecimal = !repeated && !(lone && mark !== decimalMark(language));
  if (isDecimal) return head === "" || groups.test(head) || /^\d+$/.test(head) ? decimal(head, tail) : undefined;
  return groups.test(written) && tail.length === 3 ? written.replace(/\D/g, "") : undefined;
}

/**
 * @param {string} head
 * @param {string} tail
 */
const decimal = (head, tail) => `${head.replace(/\D/g, "") || "0"}.${tail}`;

/** @type {Map<string, string>} */
const marks = new Map();
/** @param {string} language */
function decimalMark(language) {
  if (!marks.has(language)) {
    const parts = new Intl.NumberFormat(language).formatToParts(1.5);
    marks.set(language, parts.find(one => one.type === "decimal")?.value ?? ".");
  }
  return marks.get(language);
}

/**
 * A day as YYYY-MM-DD, or undefined where the calendar has none such. Numbers stand day first, but for American English
 * between slashes; a number over 12 decides for itself.
 * @param {string} text
 * @param {string} language
 */
export function day(text, language) {
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text);
  if (iso) return dated(+iso[1], +iso[2], +iso[3]);
  const plain = /^(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})$/.exec(text);
  if (plain) {
    const [first, second, year] = [+plain[1], +plain[3], fullYear(plain[4])];
    const monthFirst = plain[2] === "/" && (second > 12 || (language === "en-US" && first <= 12));
    return monthFirst ? dated(year, first, second) : dated(year, second, first);
  }
  const named = /^(\d{1,2})\.?\s*([\p{L}]{3,})\.?,?\s*(\d{4}|\d{2})$/u.exec(text);
  if (named) return dated(fullYear(named[3]), month(named[2], language), +named[1]);
  const american = /^([\p{L}]{3,})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s*(\d{4})$/u.exec(text);
  return american ? dated(+american[3], month(american[1], language), +american[2]) : undefined;
}

/** Two digits by POSIX's pivot, as the service reads them. @param {string} written */
function fullYear(written) {
  const year = +written;
  return written.length > 2 ? year : year + (year >= 69 ? 1900 : 2000);
}

/**
 * @param {number} year
 * @param {number} month
 * @param {number} date
 */
function dated(year, month, date) {
  const at = new Date(Date.UTC(year, month - 1, date));
  const exists = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === date;
  return exists ? at.toISOString().slice(0, 10) : undefined;
}

/** @param {string} text */
const folded = text => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

/** @type {Map<string, string[]>} */
const months = new Map();
/**
 * 1 to 12, by the reader's language or English; 0 where it is no month.
 * @param {string} name
 * @param {string} language
 */
function month(name, language) {
  for (const each of [language, "en"]) {
    if (!months.has(each)) {
      const long = new Intl.DateTimeFormat(each, { month: "long", timeZone: "UTC" });
      months.set(each, Array.from({ length: 12 }, (_, at) => folded(long.format(Date.UTC(2024, at, 1)))));
    }
    const at = /** @type {string[]} */ (months.get(each)).findIndex(one => one.startsWith(folded(name)));
    if (at >= 0) return at + 1;
  }
  return 0;
}

/**
 * A value as it stands in an input: what a person would type. Days stay ISO, since they are typed so most quickly.
 * @param {unknown} value
 * @param {Want} want
 * @param {string} language
 */
export function shown(value, want, language) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return written(value, want.kind === "money", language);
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

/**
 * @param {number} value
 * @param {boolean} isMoney
 * @param {string} language
 */
function written(value, isMoney, language) {
  const most = { maximumFractionDigits: 12, minimumFractionDigits: isMoney ? 2 : 0 };
  return new Intl.NumberFormat(language, most).format(value);
}

/**
 * How a typed value was understood, where that reads differently from what was typed; "" where it does not.
 * @param {string} text
 * @param {unknown} value
 * @param {Want} want
 * @param {string} language
 */
export function readBack(text, value, want, language) {
  if (value === null || value === undefined) return "";
  const spelt = want.kind === "date" ? longDay(String(value), language) : shown(value, want, language);
  const plain = (/** @type {string} */ one) => one.replace(/[\s\u00a0\u202f]/g, "");
  const same = want.kind === "date" ? text.trim() === value : plain(text) === plain(spelt) || isBare(text, value);
  return same ? "" : spelt;
}

/** Whether digits were typed without anything that could be misread. @param {string} text @param {unknown} value */
const isBare = (text, value) => typeof value === "number" && /^-?\d+$/.test(text.trim());

/**
 * @param {string} iso
 * @param {string} language
 */
function longDay(iso, language) {
  const at = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" }).format(at);
}
