// @ts-check
// The first rows of the file, as they would stand in its table.
import { fill, h, theirs, visible } from "../dom.js";
import { capped, lang, number, t } from "../i18n.js";

const NUMBERS = new Set(["money", "number", "percentage"]);
const UNITS = /** @type {[string, number][]} */ ([["gigabyte", 1e9], ["megabyte", 1e6], ["kilobyte", 1e3]]);

/**
 * @typedef {{columns: {name: string, kind: string}[], rows: any[][], of: number, cap: number, bytes: number}} Preview
 */

/** The table. @param {Element} node @param {Preview} preview */
export function showRows(node, { columns, rows, of, cap }) {
  const said = t("exports.shown", { n: rows.length, of: capped(of, cap) });
  fill(node, h("div", { class: "headed" }, h("h2", {}, t("exports.preview")), h("p", { class: "small second" }, said)),
    h("div", { class: "tablewrap", tabindex: 0, role: "region", "aria-label": t("exports.preview") },
      h("table", { class: "grid" }, h("caption", { class: "sr" }, t("exports.preview")),
        h("thead", {}, h("tr", {}, columns.map(({ name, kind }) =>
          h("th", { scope: "col", class: NUMBERS.has(kind) ? "r" : "" }, theirs(name))))),
        h("tbody", {}, rows.map(row => h("tr", {}, row.map((cell, at) => shown(cell, columns[at].kind))))))));
}

/** @param {any} cell @param {string} kind */
function shown(cell, kind) {
  if (typeof cell === "number") return h("td", { class: "r" }, number.format(cell));
  return h("td", { class: NUMBERS.has(kind) ? "r" : "", title: visible(cell ?? "") || null },
    cell == null ? "" : theirs(cell));
}

/** How large the file will be, and of how many jobs. @param {Preview} preview */
export const sizeText = ({ of, cap, bytes }) =>
  t("exports.size", { n: of, jobs: capped(of, cap), size: `${of >= cap ? "> " : ""}${sized(bytes)}` });

/** @param {number} bytes */
function sized(bytes) {
  const [unit, size] = UNITS.find(([, one]) => bytes >= one) ?? ["byte", 1];
  const format = { style: "unit", unit, maximumFractionDigits: size === 1e6 || size === 1e9 ? 1 : 0 };
  return new Intl.NumberFormat(lang, /** @type {any} */ (format)).format(bytes / size);
}
