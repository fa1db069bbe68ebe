// @ts-check
// Words, numbers and times in the reader's language. A message is looked up by its key; `{n}` is filled in, and a
// message with forms (`{"one": …, "other": …}`) is chosen by `n` as the language counts (Intl.PluralRules).
import { place, store } from "./dom.js";

export const LANGUAGES = { en: "English", de: "Deutsch" };

/** The language of the page: the one that was chosen, else the first of the browser's that there is, else English. */
export const lang = [store.get("lang"), ...navigator.languages.map(one => one.slice(0, 2))]
  .find(one => one in LANGUAGES) ?? "en";
document.documentElement.lang = lang;

/** @type {Record<string, string | Record<string, string>>} */
const MESSAGES = await (await fetch(`${place.assets}/i18n/${lang}.json`)).json();
const plurals = new Intl.PluralRules(lang);

/**
 * The message of a key. One that is missing is told to the console, which tests listen to.
 * @param {string} key
 * @param {Record<string, any>} [values]
 */
export function t(key, values = {}) {
  const found = MESSAGES[key];
  if (found == null) console.error(`no message for ${key}`);
  return filled(found ?? key, values);
}

/** Whether there is a message: for keys that are made of what the service says. @param {string} key */
export const has = key => key in MESSAGES;

/** @param {string | Record<string, string>} message @param {Record<string, any>} values */
function filled(message, values) {
  const text = typeof message === "string" ? message : message[plurals.select(Number(values.n))] ?? message.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** @param {any} value */
const shown = value => (typeof value === "number" ? number.format(value) : String(value ?? ""));

/**
 * What a finding or a point says: by its code and parameters in the reader's language, else as the service says it.
 * @param {{code: string, message?: string, params?: Record<string, any>}} finding
 */
export function say({ code, message = "", params = {} }) {
  const text = MESSAGES[`finding.${code}`];
  if (text == null) return message || coded(code);
  // parameters that the message asks for and that did not come: an older engine's, whose own words are better
  const names = [...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(found => found[1]);
  return names.every(name => name in params) || !message ? filled(text, params) : message;
}

/** What the code of an error means, in short; the code itself where nothing better is known. @param {string} code */
export const coded = code => (has(`error.${code}`) ? t(`error.${code}`) : String(code).replaceAll("_", " "));

export const number = new Intl.NumberFormat(lang);
export const money = new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const tenth = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto", style: "narrow" });
export const clock = new Intl.DateTimeFormat(lang, { timeStyle: "medium", hour12: false });
export const stamp = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "medium", hour12: false });

/** A count that stops at a cap: "10,000+". @param {number} n @param {number} [cap] */
export const capped = (n, cap = Infinity) => (n >= cap ? `${number.format(cap)}+` : number.format(n));

const UNITS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([["day", 86400], ["hour", 3600], ["minute", 60]]);

/** How long ago a moment was: "3 min. ago". @param {string} iso @param {number} [now] milliseconds */
export function ago(iso, now = Date.now()) {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const [unit, size] = UNITS.find(([, one]) => Math.abs(seconds) >= one) ?? ["second", 1];
  return relative.format(Math.round(seconds / size), unit);
}

/** How long something took. @param {number | null | undefined} seconds */
export function took(seconds) {
  if (seconds == null) return "";
  if (seconds < 10) return `${tenth.format(seconds)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.floor(seconds / 3600)} h` : t("time.days", { n: Math.floor(seconds / 86400) });
}
