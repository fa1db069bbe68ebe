// @ts-check
// Values and names of fields as a person reads them, in the language of the page.
import { visible } from "./dom.js";
import { has, lang, t } from "./i18n.js";

// as many digits as there are: a unit price may have four
const money = new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 10 });
const plain = new Intl.NumberFormat(lang, { maximumFractionDigits: 10 });
const day = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeZone: "UTC" });
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Letters of a value that are shown; `y` copies all of it. */
const MOST = 2_000;

/** How a value reads: numbers and dates as the language writes them, "" for none.
 * @param {any} value @param {string} [kind] */
export function shownAs(value, kind = "text") {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "number") return (kind === "money" ? money : plain).format(value);
  if (typeof value === "boolean") return t(value ? "value.yes" : "value.no");
  if (typeof value === "object") return visible(JSON.stringify(value), MOST);
  if (kind === "date" && DAY.test(value)) return dayOf(value);
  if (kind === "iban") return visible(value.replace(/\s/g, "").replace(/(.{4})(?=.)/g, "$1 "), MOST);
  return visible(value, MOST);
}

/** @param {string} iso */
function dayOf(iso) {
  const moment = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(moment.getTime()) ? iso : day.format(moment);
}

/** How it reads in an input: what a person would type. @param {any} value @param {string} [kind] */
export function typedAs(value, kind = "text") {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? shownAs(value, kind) : String(value);
}

/** What a field is called: by the schema in this language (`x-ix.titles`), by its `title`, by the catalogue, else by
 * its own name.
 * @param {string} name @param {any} [spec] */
export function labelOf(name, spec = {}) {
  const said = spec["x-ix"]?.titles?.[lang] ?? ownTitle(name, spec.title);
  if (said) return visible(said);
  if (has(`field.${name}`)) return t(`field.${name}`);
  const words = visible(name).replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A title that says more than the name does, as those of schemas that programs wrote do not.
 * @param {string} name @param {unknown} title */
const ownTitle = (name, title) =>
  typeof title === "string" && folded(title) !== folded(name) ? title : null;

/** @param {any} text */
const folded = text => String(text).toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Whether a person would want to see how the page writes it. @param {import("./model.js").Field} field */
export function isPrintedOtherwise({ evidence, value, kind }) {
  if (!evidence?.quote || value === null) return false;
  const printed = folded(evidence.quote);
  return printed !== folded(value) && printed !== folded(shownAs(value, kind));
}
