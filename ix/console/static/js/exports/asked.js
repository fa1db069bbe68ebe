// @ts-check
// What is to be exported: it stands in the address, so that it survives a reload and can be sent to somebody.
import { address } from "../api.js";
import { at, place } from "../dom.js";

/**
 * @typedef {object} Asked
 * @property {string} what results, labelled or evidence
 * @property {string} format xlsx, csv or jsonl
 * @property {string} table lines, or nothing for a row a job
 * @property {string} use_case
 * @property {string} client_id
 * @property {string} review
 * @property {string} from a day
 * @property {string} to a day, itself included
 */
const DEFAULTS = { what: "results", format: "xlsx" };
const NAMES = ["what", "format", "table", "use_case", "client_id", "review", "from", "to"];
export const WHAT = ["results", "labelled", "evidence"];
export const FORMATS = ["xlsx", "csv", "jsonl"];
const DAY_MS = 86_400_000;

/** @returns {Asked} */
export function askedOf(search = location.search) {
  const given = new URLSearchParams(search);
  const found = Object.fromEntries(NAMES.map(name => [name, given.get(name)?.trim() || DEFAULTS[name] || ""]));
  if (!WHAT.includes(found.what)) found.what = DEFAULTS.what;
  if (!FORMATS.includes(found.format)) found.format = DEFAULTS.format;
  return /** @type {any} */ (found);
}

/** The address of the view; what is as it is anyway is left out. @param {Asked} asked */
export const hrefOf = asked =>
  at("exports", Object.fromEntries(NAMES.map(name => [name, asked[name] === DEFAULTS[name] ? "" : asked[name]])));

/** Whether anything but the form of the file was chosen. @param {Asked} asked */
export const isNarrow = asked => ["use_case", "client_id", "review", "from", "to"].some(name => asked[name]);

/** What the API is asked. @param {Asked} asked @returns {Record<string, string>} */
export function queryOf({ what, format, table, use_case, client_id, review, from, to }) {
  const query = {
    what, format, use_case, client_id, created_after: moment(from, 0), created_before: moment(to, DAY_MS),
    // of a form that has one table
    table: format === "csv" && what !== "evidence" ? table : "",
    // what is labelled is approved anyway
    review: what === "labelled" ? "" : review,
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value));
}

/** The file's address. @param {Asked} asked */
export const fileOf = asked => address("/exports", queryOf(asked));

/** The same as a command. @param {Asked} asked @param {boolean} open whether no key is needed */
export function curlOf(asked, open) {
  const url = `${location.origin}${place.root}/exports?${new URLSearchParams(queryOf(asked))}`;
  return `curl -OJ ${open ? "" : "-H \"Authorization: Bearer $IX_KEY\" "}'${url}'`;
}

/** A day of the reader's as a moment, so many milliseconds later. @param {string} day @param {number} later */
function moment(day, later) {
  if (!day) return "";
  const found = new Date(`${day}T00:00`).getTime();
  return Number.isNaN(found) ? day : new Date(found + later).toISOString();
}
