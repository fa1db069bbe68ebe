// @ts-check
// What a person does to a document under review: by keys, by mouse, by typing. Each deed changes the model at once and
// goes to the outbox; the service's checks come back a moment later.
import { h, theirs } from "../dom.js";
import { lang, t } from "../i18n.js";
import { announce, ask, toast } from "../shell.js";
import { sendable } from "./form-model.js";
import { evidenceOf, placeOf } from "./places.js";
import { labelOfLeaf, noValue, sayPoint } from "./reasons.js";
import { check } from "./service.js";
import { parse } from "./typed.js";
import { isMisread } from "./misread.js";

/**
 * @typedef {import("./form-model.js").Change} Change
 * @typedef {import("./form-model.js").Field} Field
 */

/** Milliseconds: typing is checked once it pauses so long; Enter waits at most so long for what the checks say. */
const PAUSE = 120;
const PATIENCE = 400;

export class Acts {
  /** @param {import("./view.js").DocumentView} view */
  constructor(view) {
    this.view = view;
    this.checking = new AbortController();
    /** Enter waits for what the checks say. */
    this.waits = false;
    /** @type {Promise<void>} the last check, done or under way */
    this.checked = Promise.resolve();
    /** @type {import("./picks.js").Picks | null} */
    this.picks = null;
    /** @type {import("./rows.js").RowActs | null} */
    this.rows = null;
  }

  /** Loads what pages and rows are worked with: soon after the document is drawn, so that it is there without a
   * connection, too. @returns {Promise<{picks: import("./picks.js").Picks, rows: import("./rows.js").RowActs}>} */
  async hands() {
    const { Picks, RowActs } = await import("./hands.js");
    this.picks ??= new Picks(this.view, this);
    this.rows ??= new RowActs(this.view, this);
    return { picks: this.picks, rows: this.rows };
  }

  /** @param {(picks: import("./picks.js").Picks) => unknown} act */
  onPage(act) {
    void this.hands().then(({ picks }) => act(picks));
  }

  /** Something with the row that is looked at; false where it is none. @param {(rows: import("./rows.js").RowActs) =>
   * unknown} act */
  onRow(act) {
    if (!this.view.current?.row) return false;
    return void this.hands().then(({ rows }) => act(rows));
  }

  get review() {
    return this.view.review;
  }

  get model() {
    return this.review.model;
  }

  /** What the form tells of. @returns {import("./form.js").On} */
  on() {
    return {
      focus: field => this.view.current !== field && this.view.look(field, { focus: false }),
      type: (field, text) => this.type(field, text),
      leave: field => this.commit(field),
      paste: (field, event) => this.rows?.paste(field, event),
      hover: path => this.view.viewer.hover(path),
      pick: field => { this.view.look(field); this.onPage(picks => picks.value()); },
      take: place => this.onPage(picks => picks.place(place)),
      peek: place => this.picks?.peek(place),
      line: table => this.onPage(picks => picks.line(table)),
      shift: (table, column, by) => void this.hands().then(({ rows }) => rows.shift(table, column, by)),
    };
  }

  /** Takes up what an earlier visit left unsent on this device. */
  restore() {
    const { host, id } = this.view;
    host.outbox.undecide(id);
    const entry = host.outbox.of(id);
    if (!entry) return;
    for (const change of entry.changes) this.model.apply(change);
    this.review.changed();
    for (const [path, text] of Object.entries(entry.texts)) {
      const field = this.model.find(path);
      if (field) this.review.type(field, text);
    }
    this.view.form.build();
    announce(t("rv.restored"));
  }

  /**
   * Sends changes that were made, and asks what the checks say of them.
   * @param {Change[]} changes
   */
  send(changes) {
    const { view } = this;
    if (!changes.length) return;
    view.host.outbox.add(view.id, view.version, sendable(changes));
    if (changes.some(one => one.op || "value" in one)) this.check(0);
    view.findPlaces();
    view.draw();
  }

  /** @param {Field} field @param {string} text */
  type(field, text) {
    const { view } = this;
    view.form.asking = "";
    this.picks?.end();
    this.review.type(field, text);
    this.typed(field, text);
    this.check(PAUSE);
    view.draw();
  }

  /** Asks what the checks say, unless something else is done before. @param {number} wait */
  check(wait) {
    this.checking.abort();
    const { signal } = this.checking = new AbortController();
    this.checked = pause(wait, signal).then(() => check(this.view.id, this.model.envelope(), signal)).then(said => {
      if (signal.aborted) return;
      this.review.heard(said.points);
      this.view.draw();
    }).catch(() => {
      // without an answer the sums that are worked out here must do
    });
  }

  /**
   * Ends typing in a field; false where its text is no value.
   * @param {Field} field
   */
  commit(field) {
    if (field.text === null) return true;
    const { view } = this;
    const changes = this.review.commit(field, this.whereTyped(field));
    if (!changes) {
      view.draw();
      return false;
    }
    this.typed(field, null);
    this.send(changes);
    view.draw();
    return true;
  }

  /** Where a typed value stands: on the words that say it, else where it was misread; else nobody knows.
   * @param {Field} field */
  whereTyped(field) {
    const text = /** @type {string} */ (field.text);
    const value = parse(text, field.leaf, lang);
    if (value === undefined || value === null) return null;
    const place = placeOf(field, value, this.view.loaded.words, this.view.numbers);
    if (place) return evidenceOf(place.document, place.page, place.words);
    const before = field.evidence;
    return before?.boxes?.length && isMisread(before.quote, text) ? before : null;
  }

  /** Enter: what is looked at is right. */
  async confirm() {
    const { view } = this, field = view.current;
    if (!field) return view.walk();
    if (view.form.asking) return this.settle(field, true);
    if (!this.commit(field)) return this.refuse(field);
    // a second Enter before the answer is no answer to a question that nobody has seen
    if (this.waits) return undefined;
    if (this.model.corrected(field) && !field.confirmed) {
      this.waits = true;
      await Promise.race([this.checked, pause(PATIENCE)]);
      this.waits = false;
      if (view.current !== field) return undefined;
      const broken = this.review.breaks(field);
      if (broken) return this.askToKeep(this.aboutField(broken, field));
    }
    return this.settle(field, false);
  }

  /** @param {Field} field */
  refuse(field) {
    announce(noValue(field));
    this.view.look(field);
  }

  /** A point in words, with the name of its field where that is another one. @param {import("./state.js").Point} point
   * @param {Field} field */
  aboutField(point, field) {
    const said = sayPoint(point, this.review), other = this.model.find(point.path ?? "");
    return other && other !== field ? `${labelOfLeaf(other.leaf)}: ${said}` : said;
  }

  /** A correction that breaks a check is kept only when it is said once more. @param {string} why */
  askToKeep(why) {
    this.view.form.asking = t("rv.keep", { why });
    this.view.draw();
  }

  /** @param {Field} field @param {boolean} isKept although a check is against it */
  settle(field, isKept) {
    const { view } = this;
    view.form.asking = "";
    if (!field.row) {
      this.send(this.review.confirm(field));
      return view.walk();
    }
    if (isKept || this.model.corrected(field)) this.send(this.review.confirm(field));
    this.send(this.review.see(field.row));
    view.draw();
    const { rows } = field.row.table, next = rows[rows.indexOf(field.row) + 1];
    return next ? view.look(next.cells[0]) : view.walk();
  }

  /** The value as it was read; while picking or asked, only that ends. */
  asRead() {
    const { view } = this, field = view.current;
    if (this.picks?.what) return this.picks.end();
    if (view.form.asking) {
      view.form.asking = "";
      return view.draw();
    }
    if (!field) return undefined;
    this.typed(field, null);
    this.send(this.review.asRead(field));
    view.draw();
    return view.look(field);
  }

  /** It is not on the document. */
  absent() {
    const field = this.view.current;
    if (!field) return;
    const wasOpen = this.review.open.some(one => one.field === field);
    this.typed(field, null);
    this.send(this.review.none(field));
    if (wasOpen) this.view.walk();
    else this.view.look(field);
  }

  undo() {
    const { view } = this, field = view.current;
    if (field && field.text !== null) {
      this.review.drop(field);
      this.typed(field, null);
      this.check(0);
      return view.look(field);
    }
    const undone = this.review.undo();
    if (!undone) return toast(t("rv.undo.none"));
    this.send(undone.changes);
    for (const { path, op } of undone.changes) {
      const table = op && this.model.tableAt(path);
      if (table) view.form.rebuild(table);
    }
    view.form.asking = "";
    view.draw();
    return undone.focus ? view.look(undone.focus) : undefined;
  }

  /** What is typed is kept on this device until it is sent. @param {Field} field @param {string | null} text */
  typed(field, text) {
    this.view.host.outbox.typing(this.view.id, this.view.version, this.model.path(field), text);
  }

  /** The field below or above: in a table of the same column. @param {1 | -1} by */
  step(by) {
    const { view } = this, field = view.current;
    if (!field) return false;
    if (field.row) {
      const { rows } = field.row.table, row = rows[rows.indexOf(field.row) + by];
      if (row) return view.look(row.cells[field.row.cells.indexOf(field)]);
    }
    const inputs = [...view.form.node.querySelectorAll("input[data-id]")];
    const here = inputs.findIndex(one => /** @type {HTMLElement} */ (one).dataset.id === this.model.path(field));
    const next = inputs[here + by];
    if (next) view.lookAt(/** @type {HTMLElement} */ (next).dataset.id ?? "");
    return undefined;
  }

  /** Approves, or goes to the first thing that is still open. */
  approve() {
    const { view } = this, field = view.current;
    if (field && !this.commit(field)) return this.refuse(field);
    const [first] = this.review.open;
    if (first) {
      toast(t("points", { n: this.review.open.length }));
      const at = this.review.fieldOf(first);
      return at ? view.look(at) : view.walk();
    }
    if (this.review.about.length) this.send([{ path: "", confirmed: true }]);
    return view.host.decide("approved", "");
  }

  /** Rejects, with a reason. */
  async reject() {
    const { view } = this;
    const input = h("textarea", {
      class: "in", id: "reject-note", name: "note", rows: 3, required: true, maxlength: 2000, autofocus: true,
    });
    const given = await ask({
      title: t("rv.reject.title"), text: h("p", {}, theirs(view.name)), act: t("rv.reject"), danger: true,
      fields: h("p", { class: "row" }, h("label", { for: input.id }, t("rv.reject.why")), input),
    });
    const note = given?.get("note");
    if (typeof note === "string" && note.trim()) view.host.decide("rejected", note.trim());
    else if (view.current) view.look(view.current);
  }

  /** The field that was looked at is left. */
  left() {
    const field = this.view.current;
    if (this.picks?.what === "value") this.picks.end();
    if (field) this.commit(field);
  }

  end() {
    this.left();
    this.checking.abort();
  }
}

/** @param {number} wait @param {AbortSignal} [signal] @returns {Promise<void>} */
const pause = (wait, signal) => new Promise((done, failed) => {
  const timer = setTimeout(done, wait);
  signal?.addEventListener("abort", () => { clearTimeout(timer); failed(signal.reason); }, { once: true });
});
