// @ts-check
// The form of a review: the open points on top, then the fields in the order of the schema, sums, lines.
import { fill, h, icon } from "../dom.js";
import { lang, t } from "../i18n.js";
import { labelOfLeaf, sayPoint } from "./reasons.js";
import { Lines } from "./tables.js";
import { shown } from "./typed.js";
import { draw, scalar } from "./widgets.js";

/**
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./form-model.js").Table} Table
 * @typedef {import("./places.js").Place} Place
 * @typedef {import("./state.js").Review} Review
 * @typedef {{focus: (field: Field) => void, type: (field: Field, text: string) => void, leave: (field: Field) => void,
 *   paste: (field: Field, event: ClipboardEvent) => void, hover: (path: string | null) => void,
 *   pick: (field: Field) => void, take: (place: Place) => void, peek: (place: Place | null) => void,
 *   line: (table: Table) => void, shift: (table: Table, column: number, by: 1 | -1) => void}} On what a person does
 */

/** Empty fields that stand among the others; where there are more, they are folded away. */
const MOST_EMPTY = 6;
const MONEY = { kind: "money", type: "number", choices: [] };

export class Form {
  /** @type {Lines[]} */
  tables = [];
  /** @type {HTMLDetailsElement | null} fields that are folded away */
  rest = null;

  /**
   * @param {Review} review
   * @param {On} on
   * @param {(evidence: any, width: number) => Element | null} snippet the printed words
   */
  constructor(review, on, snippet) {
    this.review = review;
    this.on = on;
    this.snippet = snippet;
    /** @type {Map<Field, import("./widgets.js").Widget>} */
    this.widgets = new Map();
    /** @type {Field | null} the field that is looked at */
    this.current = null;
    /** What is asked of it before it is kept; empty for nothing. */
    this.asking = "";
    /** @type {Place[]} where else its value may stand */
    this.places = [];
    this.node = h("div", { class: "scroll", tabindex: -1 });
    this.build();
  }

  build() {
    const { model } = this.review;
    this.widgets.clear();
    // fixed while it is open: a field that was settled does not jump away
    const flagged = new Set(this.review.open.map(one => one.field).filter(field => field !== null));
    const isEmpty = (/** @type {Field} */ field) => field.value === null && !flagged.has(field) && !field.leaf.expected;
    const isMany = model.scalars.filter(field => isEmpty(field) && !field.leaf.electronic).length > MOST_EMPTY;
    const isUsual = (/** @type {Field} */ field) => !isEmpty(field) || (!isMany && !field.leaf.electronic);
    const usual = model.scalars.filter(isUsual);
    const todo = usual.filter(field => flagged.has(field)), rest = usual.filter(field => !flagged.has(field));
    this.tables = model.tables.filter(table => table.rows.length || !table.shape.electronic)
      .map(table => new Lines(this, table));
    this.notes = h("div", { class: "notes" });
    this.sums = h("div", { class: "sums" });
    fill(this.node, this.notes, h("div", { class: "rv" },
      todo.length ? h("h2", { class: "part" }, t("rv.todo")) : null, todo.map(field => this.field(field)),
      rest.length ? h("h2", { class: "part" }, t("rv.fields")) : null, rest.map(field => this.field(field))),
    this.sums, this.tables.map(one => one.node), this.more(model.scalars.filter(field => !isUsual(field))));
    this.draw();
  }

  /** @param {Field} field */
  field(field) {
    const widget = scalar(this, field);
    this.widgets.set(field, widget);
    return widget.node;
  }

  /** Fields without a value, where they are many: made when they are asked for. @param {Field[]} fields */
  more(fields) {
    if (!fields.length) return null;
    const place = h("div", { class: "rv" });
    this.rest = h("details", { class: "more", ontoggle: () => this.openMore(fields, place) },
      h("summary", {}, t("rv.more", { n: fields.length })), place);
    return this.rest;
  }

  /** @param {Field[]} fields @param {Element} place */
  openMore(fields, place) {
    if (place.childElementCount || !this.rest?.open) return;
    fill(place, fields.map(field => this.field(field)));
    this.draw();
  }

  /** The input of a field, made if it was not there. @param {Field} field */
  widget(field) {
    if (!this.widgets.has(field) && field.row) this.lines(field.row.table)?.reveal(field.row);
    if (!this.widgets.has(field) && this.rest && !field.row) {
      this.rest.open = true;
      this.rest.dispatchEvent(new Event("toggle"));
    }
    return this.widgets.get(field);
  }

  /** @param {Table} table */
  lines(table) {
    return this.tables.find(one => one.table === table);
  }

  /** Rows came, went or moved. @param {Table} table */
  rebuild(table) {
    this.lines(table)?.rows();
  }

  /** Draws what has changed since it was last drawn. */
  draw() {
    for (const widget of this.widgets.values()) if (!widget.field.row) draw(this, widget);
    for (const one of this.tables) one.draw();
    this.drawSums();
    this.drawNotes();
  }

  drawSums() {
    const { sums } = this.review.derived;
    const lines = sums.map(one => ({
      holds: one.holds, total: `${labelOfLeaf(one.total.leaf)} ${shown(one.is, MONEY, lang)}`,
      parts: termsOf(one), sum: shown(Math.round(one.sum * 1e6) / 1e6, MONEY, lang),
    }));
    const state = JSON.stringify(lines);
    if (state === this.summed) return;
    this.summed = state;
    fill(this.sums, lines.map(one => h("p", { class: "sum" },
      icon(one.holds ? "ok" : "bad", `s ${one.holds ? "ok" : "bad"}`, t(one.holds ? "rv.sum.right" : "rv.sum.wrong")),
      h("span", {}, one.parts), h("b", {}, one.holds ? "=" : "≠"),
      h("span", { class: one.holds ? "" : "bad" }, one.total),
      one.holds ? null : h("span", { class: "quiet" }, `(${one.sum})`))));
  }

  /** What is said of the whole document. */
  drawNotes() {
    const said = this.review.about.map(point => sayPoint(point, this.review));
    if (said.join() === this.noted) return;
    this.noted = said.join();
    fill(this.notes, said.map(text => h("div", { class: "note" }, icon("warn"), h("p", {}, text))));
  }

  /** Lights the field of the box under the pointer. @param {string | null} path */
  hover(path) {
    for (const node of this.node.querySelectorAll(".hot")) node.classList.remove("hot");
    if (path === null) return;
    const field = this.review.model.find(path);
    if (field) this.widgets.get(field)?.node.classList.add("hot");
  }
}

/** The parts of a sum in words, a column as one. @param {import("./sums.js").WorkedSum} one */
function termsOf(one) {
  const labels = one.names.map(name => {
    const bare = name.replace(/^-/, "");
    const part = one.parts.find(({ field }) => field.leaf.path === bare || bare.endsWith(`.${field.leaf.name}`));
    const label = part ? labelOfLeaf(part.field.leaf) : bare;
    return part?.field.row ? `Σ ${labelOfLeaf(part.field.row.table.shape)}: ${label}` : label;
  });
  return labels.map((label, n) => (n === 0 ? "" : one.names[n].startsWith("-") ? " − " : " + ") + label).join("");
}
