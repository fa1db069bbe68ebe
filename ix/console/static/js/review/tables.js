// @ts-check
// A table of lines: inputs in a plain `<table>`, so that screen readers keep their keys for tables. Above 200 rows
// only a hundred are there at once.
import { $, fill, h, icon } from "../dom.js";
import { lang, t } from "../i18n.js";
import { caps, shortcut } from "../keys.js";
import { isNumeric } from "../kinds.js";
import { bandMark } from "../parts.js";
import { labelOfLeaf, reasonsOf, sayPoint } from "./reasons.js";
import { about, cell, draw } from "./widgets.js";
import { shown } from "./typed.js";

/**
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./form-model.js").Row} Row
 * @typedef {import("./form-model.js").Table} Table
 * @typedef {import("./form.js").Form} Form
 */

/** Rows from which on they are shown in parts, and how many a part has. */
const MANY = 200;
const PART = 100;
const MONEY = { kind: "money", type: "number", choices: [] };

export class Lines {
  /** @type {HTMLElement} */
  body;
  /** @type {HTMLElement} */
  said;

  /** @param {Form} form @param {Table} table */
  constructor(form, table) {
    this.form = form;
    this.table = table;
    this.label = labelOfLeaf(table.shape);
    this.from = 0;
    /** @type {import("./widgets.js").Widget[]} */
    this.widgets = [];
    // columns that only electronic invoices fill are there where one did
    this.columns = table.shape.columns.flatMap((column, n) => {
      const isUsed = table.rows.some(row => row.cells[n].value !== null);
      return isUsed || !column.electronic ? [n] : [];
    });
    this.node = h("section", { class: "lines-part", "data-table": table.shape.path, "aria-label": this.label });
    this.build();
  }

  build() {
    const { table, form } = this;
    this.count = h("span", { class: "quiet num" }, String(table.rows.length));
    const take = h("button", {
      class: "b sm take", type: "button", "aria-keyshortcuts": shortcut("review", "line"),
      onclick: () => form.on.line(table),
    }, icon("plus", "s"), t("rv.line"), caps("review", "line"));
    this.said = h("p", { class: "why", role: "status" });
    this.body = h("tbody", {});
    this.foot = h("tfoot", {});
    this.pager = h("p", { class: "pager", hidden: true });
    this.detail = h("div", { class: "about cell-about" });
    fill(this.node, h("div", { class: "group" }, h("h2", {}, this.label, " ", this.count), take), this.said,
      h("div", { class: "lines-wrap", tabindex: -1 }, this.grid()), this.pager, this.detail);
    this.rows();
  }

  grid() {
    const { columns } = this.table.shape;
    const heads = this.columns.map(n => h("th", { scope: "col", class: isNumeric(columns[n].kind) ? "r" : "" },
      this.head(n)));
    return h("table", { class: "lines" }, h("caption", { class: "sr" }, this.label),
      h("colgroup", {}, h("col", { class: "band-col" }),
        this.columns.map(n => h("col", { class: isNumeric(columns[n].kind) ? "num-col" : "" }))),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "sr" }, t("rv.state"))), heads)),
      this.body, this.foot);
  }

  /** A column's name, which opens what can be done with the whole column. @param {number} n */
  head(n) {
    const { shape } = this.table;
    const label = labelOfLeaf(shape.columns[n]), id = `column-${shape.path}-${n}`;
    if (shape.plain || this.columns.length < 2) return label;
    const move = (/** @type {1 | -1} */ by) => this.columns.includes(n + by) && h("button", {
      class: "b plain sm", type: "button",
      onclick: () => { menu.hidePopover(); this.form.on.shift(this.table, n, by); },
    }, icon(by > 0 ? "next" : "back", "s"), t(by > 0 ? "rv.shift.right" : "rv.shift.left"));
    const menu = h("div", { id, popover: "auto", class: "column-menu" }, move(-1), move(1));
    const open = h("button", { class: "head-button", type: "button", popovertarget: id,
      title: t("rv.column", { column: label }), onclick: () => place(menu, open) }, label);
    return [open, menu];
  }

  /** Puts the rows that are in view into the table. */
  rows() {
    const { rows } = this.table;
    const isLong = rows.length > MANY;
    this.from = isLong ? Math.min(this.from, Math.floor((rows.length - 1) / PART) * PART) : 0;
    const shownRows = isLong ? rows.slice(this.from, this.from + PART) : rows;
    for (const { field } of this.widgets) this.form.widgets.delete(field);
    this.widgets = [];
    fill(this.body, shownRows.map((row, at) => this.row(row, this.from + at)));
    fill(this.count, String(rows.length));
    this.pager.hidden = !isLong;
    if (isLong) this.turn();
  }

  /** @param {Row} row @param {number} at */
  row(row, at) {
    const cells = this.columns.map(n => {
      const widget = cell(this.form, row.cells[n], this.label, at + 1);
      this.widgets.push(widget);
      this.form.widgets.set(row.cells[n], widget);
      return widget.node;
    });
    return h("tr", { "data-row": row.id }, h("td", { class: "rowband" }), cells);
  }

  turn() {
    const { length } = this.table.rows;
    const shownRows = { from: this.from + 1, to: Math.min(this.from + PART, length), of: length };
    const go = (/** @type {number} */ by) => () => { this.from += by; this.rows(); this.draw(); };
    fill(this.pager,
      h("button", { class: "b sm", type: "button", disabled: this.from === 0, onclick: go(-PART) }, icon("up", "s"),
        t("rv.rows.before")),
      h("span", { class: "num" }, t("rv.rows.shown", shownRows)),
      h("button", { class: "b sm", type: "button", disabled: this.from + PART >= length, onclick: go(PART) },
        icon("down", "s"), t("rv.rows.behind")));
  }

  /** Makes sure that a row is among those that are there. @param {Row} row */
  reveal(row) {
    const at = this.table.rows.indexOf(row);
    if (this.table.rows.length <= MANY || (at >= this.from && at < this.from + PART)) return;
    this.from = Math.floor(at / PART) * PART;
    this.rows();
    this.draw();
  }

  /** Draws what has changed. */
  draw() {
    const { review } = this.form;
    for (const widget of this.widgets) draw(this.form, widget);
    for (const node of this.body.children) this.band(node);
    const target = review.open.find(one => one.table === this.table);
    const said = target ? sayPoint(target.point, review) : "";
    if (this.said.textContent !== said) this.said.textContent = said;
    this.sum();
    this.about();
  }

  /** The worst of a row's cells, or that it was seen. @param {any} node */
  band(node) {
    const row = this.table.rows.find(one => one.id === node.dataset.row);
    if (!row) return;
    const bands = row.cells.map(field => this.form.review.band(field));
    const worst = ["bad", "human", "warn"].find(one => bands.includes(/** @type {any} */ (one)));
    const name = worst && (worst === "bad" || !row.seen) ? worst : row.seen ? "human" : "ok";
    if (node.dataset.band === name) return;
    node.dataset.band = name;
    fill($(".rowband", node), bandMark(/** @type {any} */ (name)));
  }

  /** Σ under the columns of declared sums. */
  sum() {
    const { sums } = this.form.review.derived;
    const cells = this.columns.map(n => this.sumOf(n, sums));
    const state = JSON.stringify(cells);
    if (this.summed === state) return;
    this.summed = state;
    if (cells.every(one => !one)) return fill(this.foot);
    fill(this.foot, h("tr", {}, h("th", { scope: "row" }, "Σ"), cells.map(one => one
      ? h("td", { class: `r ${one.holds ? "ok" : "bad"}` }, one.text, " ",
        icon(one.holds ? "ok" : "bad", "s", t(one.holds ? "rv.sum.right" : "rv.sum.wrong")),
        one.holds ? null : h("span", { class: "sr" }, one.other))
      : h("td", {}))));
    return undefined;
  }

  /** @param {number} n @param {import("./sums.js").WorkedSum[]} sums */
  sumOf(n, sums) {
    const cells = new Set(this.table.rows.map(row => row.cells[n]));
    const found = sums.find(one => one.parts.some(part => cells.has(part.field)));
    if (!found) return null;
    const other = `≠ ${labelOfLeaf(found.total.leaf)} ${shown(found.is, MONEY, lang)}`;
    return { holds: found.holds, text: shown(Math.round(found.sum * 1e6) / 1e6, MONEY, lang), other };
  }

  /** What is said of the cell that is looked at: under the table, so that no row moves. */
  about() {
    const { form } = this;
    const field = form.current?.row?.table === this.table ? form.current : null;
    const state = field ? JSON.stringify([form.review.model.path(field), field.value, field.text, field.evidence,
      form.review.band(field), form.asking, form.places.map(one => one.value)]) : "";
    if (state === this.detailed) return;
    this.detailed = state;
    if (!field) return fill(this.detail);
    const band = form.review.band(field);
    about(form, this.detail, field, {
      reasons: reasonsOf(field, form.review, true), open: band === "bad" || band === "warn",
    });
    return undefined;
  }
}

/** Puts a column's menu under its name. @param {any} menu @param {Element} under */
function place(menu, under) {
  const box = under.getBoundingClientRect();
  menu.style.setProperty("left", `${Math.min(box.left, innerWidth - 240)}px`);
  menu.style.setProperty("top", `${box.bottom + 2}px`);
}
