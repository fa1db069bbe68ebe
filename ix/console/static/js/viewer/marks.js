// @ts-check
// The boxes of fields on their pages.
import { h } from "../dom.js";
import { area, union } from "./geometry.js";
import { place } from "./sheet.js";

/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {{id: string, document: number, page: number, boxes: Box[], band: string}} Field
 * what is shown of a field: `band` is `ok`, `warn`, `bad` or `human` */
/** @typedef {{id: string, sheet: Sheet, box: Box, node: HTMLElement}} Mark */

/** More boxes than these are shown as looked at, not as chosen: a whole table. */
const MOST_CHOSEN = 6;

/** Whether an id is that one, or under it: `lines.0.amount` is under `lines`. @param {string} own @param {string} id */
export const under = (own, id) => own === id || own.startsWith(`${id}.`);

export class Marks {
  /** @param {Sheet[]} sheets @param {HTMLElement} stage */
  constructor(sheets, stage) {
    this.stage = stage;
    this.sheets = new Map(sheets.map(sheet => [`${sheet.page.document}/${sheet.page.page}`, sheet]));
    /** @type {Mark[]} */
    this.all = [];
    /** @type {string | null} */
    this.hovered = null;
    /** @type {string | null} */
    this.chosen = null;
  }

  /** @param {number} document @param {number} page */
  sheetOf(document, page) {
    return this.sheets.get(`${document}/${page}`);
  }

  /** Puts the boxes of all fields on their pages, in place of those before. @param {Field[]} fields */
  show(fields) {
    this.all.forEach(({ node }) => node.remove());
    this.all = fields.flatMap(field => this._marksOf(field));
    // the smallest come last and lie above: else a box around a table would take the pointer from its cells
    for (const mark of [...this.all].sort((a, b) => area(b.box) - area(a.box))) mark.sheet.layer.append(mark.node);
    this.hover(this.hovered);
    this.choose(this.chosen);
  }

  /** @param {Field} field @returns {Mark[]} */
  _marksOf({ id, document, page, boxes, band }) {
    const sheet = this.sheetOf(document, page);
    if (!sheet) return [];
    return boxes.map(box => ({ id, sheet, box, node: place(h("i", { class: `mark ${band}`, "data-id": id }), box) }));
  }

  /** @param {string | null} id @returns {Mark[]} */
  of(id) {
    return id === null ? [] : this.all.filter(mark => under(mark.id, id));
  }

  /** Lights the boxes of what the pointer is on, on either side. @param {string | null} id */
  hover(id) {
    this.hovered = id;
    const whole = this.of(this.chosen), mine = this.of(id);
    const lit = new Set(whole.length > MOST_CHOSEN ? [...whole, ...mine] : mine);
    this.all.forEach(mark => mark.node.classList.toggle("hot", lit.has(mark)));
  }

  /** Lights the boxes of what is chosen and dims the rest. @param {string | null} id @returns {Mark[]} those */
  choose(id) {
    this.chosen = id;
    const mine = this.of(id), single = new Set(mine.length > MOST_CHOSEN ? [] : mine);
    this.all.forEach(mark => mark.node.classList.toggle("on", single.has(mark)));
    this.stage.classList.toggle("dim", mine.length > 0);
    this.hover(this.hovered);
    return mine;
  }

  /** Where the chosen stands: its first page, and the box around what it has there.
   * @returns {{sheet: Sheet, box: Box, line: number} | null} `line` is a line's height, a fraction of the page */
  target() {
    const mine = this.of(this.chosen);
    if (!mine.length) return null;
    const { sheet, box } = mine[0], there = mine.filter(mark => mark.sheet === sheet);
    return { sheet, box: union(there.map(mark => mark.box)), line: box[3] - box[1] };
  }

  /** The first of the chosen boxes. */
  first() {
    return this.all.find(mark => mark.node.classList.contains("on"))?.node ?? null;
  }
}
