// @ts-check
// A table of rows, each cell tied to its place on the page.
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { isNumeric } from "../kinds.js";
import { bandOf, fieldsOf } from "../model.js";
import { bandMark } from "../parts.js";
import { labelOf, shownAs } from "../values.js";

/** @typedef {import("../model.js").Table} Table */
/** @typedef {import("../model.js").Model} Model */

/** Rows that are shown at first, and with each further step: more are slow to lay out. */
const WINDOW = 200;

/** @param {Model} model @param {Table} table */
export function linesTable(model, table) {
  const { rows, name, spec, path } = table;
  if (!rows.length) return null;
  const label = labelOf(name, spec), sum = model.sums.find(one => one.parts.some(part => part.startsWith(`${path}.`)));
  const body = h("tbody", {}, rows.slice(0, WINDOW).map(rowOf));
  return h("section", { class: "table", "data-table": path },
    h("h2", { class: "group", "data-id": path }, label, " ", h("span", { class: "quiet num" }, rows.length)),
    doubt(table, sum),
    h("div", { class: "lines-wrap" }, h("table", { class: "lines" },
      h("caption", { class: "sr" }, label), head(table), body, sum ? foot(table, sum) : null)),
    rows.length > WINDOW ? more(table, body) : null);
}

/** @param {Table} table */
const head = ({ columns, name, spec }) => h("thead", {}, h("tr", {}, columns.map(column => h("th", {
  scope: "col", class: isNumeric(column.kind) ? "r" : "",
}, column.name ? labelOf(column.name, column.spec) : labelOf(name, spec)))));

/** @param {Table["rows"][number]} row */
const rowOf = row => h("tr", {}, row.cells.map(cell => {
  const band = bandOf(cell), kinds = [isNumeric(cell.kind) ? "r" : "", band === "bad" || band === "human" ? band : ""];
  return h("td", { class: kinds.join(" "), "data-id": cell.id },
    h("button", { type: "button", tabindex: -1, dir: "auto" }, shownAs(cell.value, cell.kind) || "—"));
}));

/** The sum of a column, under it. @param {Table} table @param {import("../model.js").Sum} sum */
function foot({ columns, path }, { parts, sum, holds }) {
  const column = parts.find(part => part.startsWith(`${path}.`))?.slice(path.length + 1);
  return h("tfoot", {}, h("tr", {}, columns.map(({ name }, at) => {
    if (name === column) return h("td", { class: `r ${holds ? "ok" : "bad"}` }, `${holds ? "✓" : "≠"} ${shownAs(sum, "money")}`);
    return h("td", {}, at ? "" : "Σ");
  })));
}

/** What is said of all rows at once. @param {Table} table @param {import("../model.js").Sum | undefined} sum */
function doubt(table, sum) {
  if (!fieldsOf(table).some(cell => bandOf(cell) === "warn")) return null;
  return h("p", { class: "doubt small warn" }, bandMark("warn"), t(sum?.holds ? "job.rows_proven" : "job.rows_unproven"));
}

/** Shows the next rows. @param {Table} table @param {HTMLElement} body */
function more({ rows }, body) {
  const button = h("button", { class: "b sm more-rows", type: "button", onclick: () => next() });
  const next = () => {
    body.append(...rows.slice(body.rows.length, body.rows.length + WINDOW).map(rowOf));
    name();
  };
  const name = () => {
    button.hidden = body.rows.length >= rows.length;
    fill(button, t("job.more_rows", { n: Math.min(WINDOW, rows.length - body.rows.length), m: rows.length }));
  };
  name();
  return button;
}
