// @ts-check
// Taking values from the page: words by mouse or by letters, other places by their number, printed lines as rows.
import { ApiError } from "../api.js";
import { lang, t } from "../i18n.js";
import { reason, toast } from "../shell.js";
import { lineOf } from "./picked.js";
import { evidenceOf } from "./places.js";
import { noValue } from "./reasons.js";
import { valueOf } from "./service.js";
import { parse } from "./typed.js";

/**
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./form-model.js").Table} Table
 * @typedef {import("./places.js").Place} Place
 * @typedef {import("../viewer/picking.js").Picked} Picked
 */

export class Picks {
  /** @param {import("./view.js").DocumentView} view @param {import("./acts.js").Acts} acts */
  constructor(view, acts) {
    this.view = view;
    this.acts = acts;
    /** @type {"" | "value" | Table} what is picked now: a field's value, or a row of a table */
    this.what = "";
    this.byKey = false;
  }

  /** Letters on the page, or none again. */
  value() {
    const field = this.view.current;
    if (this.what) return this.end();
    if (!field) return undefined;
    this.what = "value";
    this.say(t("rv.picking"));
    this.view.form.widget(field)?.input.focus({ preventScroll: true });
    return this.view.viewer.pick(field.leaf.kind);
  }

  /** @param {Table} table */
  line(table) {
    if (this.what === table) return this.end();
    this.end();
    this.what = table;
    this.say(t("rv.picking.line"));
    return this.view.viewer.pick("line");
  }

  end() {
    if (!this.what) return;
    this.what = "";
    this.say("");
    void this.view.viewer.pick(null);
  }

  /** @param {string} text */
  say(text) {
    this.view.picking.textContent = text;
    this.view.pickToggle.setAttribute("aria-pressed", String(this.what === "value"));
  }

  /**
   * A key while words are picked; true where it belonged to a letter on the page.
   * @param {KeyboardEvent} event
   */
  letter(event) {
    if (!this.what || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "Backspace") return this.view.viewer.unletter();
    if (event.key.length !== 1) return false;
    this.byKey = true;
    const took = this.view.viewer.letter(event.key);
    this.byKey = false;
    return took;
  }

  /** Words were taken. @param {Picked} picked */
  picked(picked) {
    if (typeof this.what === "object") return this.takeLine(this.what, picked);
    const field = this.view.current;
    if (!field) return undefined;
    if (this.byKey) this.end();
    // the click that comes behind the pointer's release belongs to this word, and looks at no other field
    else if (!this.view.shifted) setTimeout(() => this.end());
    const { document, page, words, text, boxes } = picked;
    const evidence = { document, page, boxes, quote: text, match: "exact", confidence: 1, method: "extract" };
    return this.take(field, words, text, evidence);
  }

  /** Another place on the document, by its number or its button. @param {Place | undefined} place */
  place(place) {
    const field = this.view.current;
    if (!field || !place) return undefined;
    this.peek(null);
    const words = place.at.map(at => [place.document, place.page, at]);
    return this.take(field, words, place.text, evidenceOf(place.document, place.page, place.words));
  }

  /**
   * The service says what words are worth; without a connection they are read here.
   * @param {Field} field @param {number[][]} words @param {string} text @param {any} evidence
   */
  async take(field, words, text, evidence) {
    const path = this.view.review.model.path(field);
    const read = await this.worth(path, words, text, field).catch(error => error);
    if (read instanceof Error) return toast(t("rv.pick.none", { text: text.slice(0, 60), why: reason(read) }));
    if (read.value === undefined) return toast(t("rv.pick.none", { text: text.slice(0, 60), why: noValue(field) }));
    this.view.review.drop(field);
    this.view.form.asking = "";
    this.acts.typed(field, null);
    this.acts.send(this.view.review.set(field, read.value, read.evidence ?? evidence, false));
    // whoever went on meanwhile is not brought back
    return this.view.current === field ? this.view.look(field) : this.view.draw();
  }

  /** @param {string} path @param {number[][]} words @param {string} text @param {Field} field */
  async worth(path, words, text, field) {
    try {
      return await valueOf(this.view.id, path, words, lang);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status && error.status < 500)) throw error;
      return { value: parse(text, field.leaf, this.view.numbers) };
    }
  }

  /** A printed line falls into its columns. @param {Table} table @param {Picked} picked */
  async takeLine(table, picked) {
    const { changes, at } = await lineOf(this.view, table, picked, this.byKey);
    this.end();
    if (!changes.length) return;
    const anchor = table.rows[at]?.cells[0] ?? table.rows.at(-1)?.cells[0] ?? this.view.review.model.scalars[0];
    this.acts.send(this.view.review.do(changes, anchor));
    this.view.form.rebuild(table);
    this.view.form.current = null;
    this.view.look(table.rows[at].cells[0]);
  }

  /** Shows where another place is before it is taken. @param {Place | null} place */
  peek(place) {
    const { view } = this;
    view.peeked = place && evidenceOf(place.document, place.page, place.words);
    view.drawMarks();
    view.viewer.hover(place ? "~" : null);
  }
}
