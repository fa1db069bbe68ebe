// @ts-check
// One document under review: its pages beside its form. What is looked at has the focus, so that typing corrects.
import { $, clamp, fill, h, icon, theirs, visible } from "../dom.js";
import { lang, t } from "../i18n.js";
import { KEYS, caps, keyCaps, shortcut } from "../keys.js";
import { mayBe } from "../kinds.js";
import { Viewer } from "../viewer/viewer.js";
import { Acts } from "./acts.js";
import { Form } from "./form.js";
import { allWords, wordsOf } from "./load.js";
import { elsewhere, mends, writtenIn } from "./places.js";
import { Review } from "./state.js";
import { sumsWith } from "./sums.js";

/**
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./load.js").Loaded} Loaded
 * @typedef {import("./outbox.js").Outbox} Outbox
 * @typedef {{outbox: Outbox, back: string, decide: (state: string, note: string) => void, skip: () => void,
 *   again: () => void}} Host
 */

/** Rows of the table of keys that stand in the bar at the foot. */
const FOOT = ["confirm", "pick", "place", "absent", "asRead", "undo", "pageOn", "approve", "skip"];

export class DocumentView {
  /** @type {Form} */
  form;
  /** @type {Viewer} */
  viewer;
  /** How the document writes its numbers, as a language. */
  numbers = lang;
  /** Whether the last word was clicked with Shift: more are to come. */
  shifted = false;
  /** @type {HTMLElement} a place for what is said over the document */
  note;
  /** @type {HTMLButtonElement} */
  approve;

  /**
   * @param {HTMLElement} main
   * @param {Loaded} loaded
   * @param {Host} host
   */
  constructor(main, loaded, host) {
    this.main = main;
    this.loaded = loaded;
    this.host = host;
    this.id = loaded.job.ix_id;
    this.name = visible(loaded.job.request?.documents?.[0]?.name ?? this.id);
    const { result, evidence } = loaded.job.response ?? {};
    this.review = new Review(loaded.shape, { result: result ?? {}, evidence: evidence ?? {} }, loaded.served, lang);
    this.acts = new Acts(this);
    /** @type {import("./form-model.js").Evidence | null} a place that is shown before it is taken */
    this.peeked = null;
    this.build();
    this.acts.restore();
    this.measure();
  }

  /** @returns {Field | null} */
  get current() {
    return this.form.current;
  }

  /** The version that this reviewer has seen. */
  get version() {
    return this.loaded.served.version;
  }

  build() {
    this.work = h("div", { class: "work" });
    fill(this.main, this.head(), this.note = h("div", { class: "note-place" }), this.work, this.foot());
    this.viewer = new Viewer(this.work, {
      ...this.loaded.source, pages: this.loaded.pages, frame: this.work, name: this.nameOf(), say: t, fits,
      keys: { boxes: "Alt B", fit: "Alt F" },
      onMark: id => this.lookAt(id), onHover: id => this.form.hover(id),
      onPick: picked => this.acts.picks?.picked(picked),
    });
    this.viewer.stage.addEventListener("pointerup", event => { this.shifted = event.shiftKey; }, true);
    this.form = new Form(this.review, this.acts.on(), (evidence, width) => this.viewer.snippet(evidence, { width }));
    this.form.node.addEventListener("scroll", () => this.viewer.draw(), { passive: true });
    fill(this.viewer.added, this.picking = h("span", { class: "small second", role: "status" }), this.pickButton());
    this.work.append(h("section", { class: "panel", "aria-label": t("rv.fields") }, this.form.node, this.bar()));
    this.draw();
  }

  /** @returns {(document: number) => string} */
  nameOf() {
    const documents = this.loaded.job.request?.documents ?? [];
    return document => visible(documents[document]?.name ?? "");
  }

  head() {
    const { job } = this.loaded;
    this.left = h("span", { class: "second small num wide", role: "status" });
    this.meter = h("span", { class: "meter wide", "aria-hidden": "true" });
    this.waiting = h("span", { class: "small quiet num wide" });
    return h("div", { class: "head" },
      h("a", { class: "b plain icon", href: this.host.back, "aria-label": t("nav.jobs"), title: t("nav.jobs") },
        icon("back")),
      h("div", { class: "who grow" }, h("h1", { class: "clip" }, theirs(this.name)),
        h("p", { class: "small quiet clip" }, visible(job.use_case), " · ", theirs(job.client_id), " / ",
          theirs(job.request_id), " ", this.waiting)),
      this.left, this.meter,
      h("button", {
        class: "b wide", type: "button", "aria-keyshortcuts": shortcut("review", "skip"), onclick: this.host.skip,
      }, t("rv.skip"), caps("review", "skip")));
  }

  pickButton() {
    return this.pickToggle = h("button", {
      class: "b sm", type: "button", "aria-pressed": "false", "aria-keyshortcuts": shortcut("review", "pick"),
      onclick: () => this.acts.onPage(picks => picks.value()),
    }, icon("pick", "s"), h("span", { class: "hush" }, t("rv.pick")), caps("review", "pick"));
  }

  bar() {
    this.kept = h("span", { class: "grow small quiet wide", role: "status" });
    this.approve = h("button", {
      class: "b primary", type: "button", "aria-keyshortcuts": shortcut("review", "approve"),
      onclick: () => this.acts.approve(),
    }, icon("ok"), t("rv.approve"), caps("review", "approve"));
    return h("div", { class: "act" },
      h("button", { class: "b", type: "button", "aria-keyshortcuts": shortcut("review", "reject"),
        onclick: () => this.acts.reject() }, t("rv.reject")),
      this.kept, this.approve);
  }

  foot() {
    const row = (/** @type {string} */ does) => /** @type {any} */ (KEYS.review.find(one => one.does === does));
    return h("footer", { class: "keys", "aria-hidden": "true" }, FOOT.map(does =>
      h("span", {}, keyCaps(row(does).keys[0]), " ", t(`keys.review.${does}`))));
  }

  /** Draws what has changed: fields, boxes, what is left. */
  draw() {
    this.form.draw();
    this.drawMarks();
    const { settled, of } = this.review.progress;
    const said = settled === of ? t("rv.settled") : t("rv.progress", { n: of, m: settled });
    if (this.left.textContent !== said) this.left.textContent = said;
    if (this.meter.childElementCount !== Math.min(of, 12)) {
      fill(this.meter, Array.from({ length: Math.min(of, 12) }, () => h("i", {})));
    }
    const full = of ? Math.round(settled / of * this.meter.childElementCount) : 0;
    for (const [n, one] of [...this.meter.children].entries()) one.classList.toggle("d", n < full);
    this.drawKept();
  }

  /** Whether all of it is sent, or waits. */
  drawKept() {
    const waits = this.host.outbox.of(this.id)?.changes.length ?? 0;
    const said = waits ? t(this.host.outbox.offline ? "rv.unsent" : "rv.sending", { n: waits }) : t("rv.kept");
    if (this.kept.textContent !== said) this.kept.textContent = said;
  }

  drawMarks() {
    const { model } = this.review;
    /** @type {import("../viewer/marks.js").Field[]} */
    const marks = model.all.flatMap(field => (field.evidence?.boxes?.length
      ? [{ id: model.path(field), ...boxesOf(field.evidence), band: markBand(this.review.band(field)) }] : []));
    if (this.peeked) marks.push({ id: "~", ...boxesOf(this.peeked), band: "human" });
    const state = JSON.stringify(marks);
    if (state === this.marked) return;
    this.marked = state;
    this.viewer.show(marks);
  }

  /**
   * Looks at a field: it has the focus, its boxes are lit and brought into view, other places are looked for.
   * @param {Field} field
   * @param {{focus?: boolean}} [how]
   */
  look(field, { focus = true } = {}) {
    const isOther = this.form.current !== field;
    if (isOther) {
      this.acts.left();
      this.form.current = field;
      this.form.asking = "";
      this.findPlaces();
      void this.wordsBeside(field);
    }
    const widget = this.form.widget(field);
    this.draw();
    if (!widget) return;
    if (focus && document.activeElement !== widget.input) widget.input.focus({ preventScroll: true });
    if (isOther || focus) widget.input.select();
    widget.node.scrollIntoView({ block: "nearest" });
    if (isOther) this.viewer.choose(this.review.model.path(field), { from: widget.node });
    if (isOther) this.address();
  }

  /** The words of the page that a field stands on, where they are not here yet. @param {Field} field */
  async wordsBeside({ evidence }) {
    if (!evidence?.page) return;
    const before = this.loaded.words.length;
    await wordsOf(this.loaded, evidence.document, evidence.page).catch(() => null);
    if (this.loaded.words.length !== before) this.measure();
  }

  /** A field or a table by its path; of a table its first row that was not seen. @param {string} path */
  lookAt(path) {
    const table = this.review.model.tableAt(path);
    const row = table?.rows.find(one => !one.seen) ?? table?.rows[0];
    const field = row?.cells[0] ?? this.review.model.find(path);
    if (field) this.look(field);
  }

  /** The field that is looked at stands in the address, without a step back for each. */
  address() {
    const query = new URLSearchParams(location.search);
    if (this.current) query.set("field", this.review.model.path(this.current));
    history.replaceState(history.state, "", `${location.pathname}?${query}`);
  }

  /** The next open point, or the one before; the button that approves once there is none. @param {1 | -1} [by] */
  walk(by = 1) {
    const target = this.review.next(this.current, by);
    const field = target && this.review.fieldOf(target);
    if (field) return this.look(field);
    // a table without a row: what can be done about it is to take one from the page
    const lines = target?.table && this.form.lines(target.table);
    if (lines) return $(".take", lines.node).focus();
    this.acts.left();
    return this.approve.focus();
  }

  /** Where the reader's eyes begin: the field of the address, else the first open point, else the uppermost field. */
  begin() {
    const asked = new URLSearchParams(location.search).get("field");
    const named = asked ? this.review.model.find(asked) : null;
    const first = this.review.open.map(one => this.review.fieldOf(one)).find(Boolean);
    /** @type {HTMLElement | null} */
    const top = this.form.node.querySelector("input[data-id]");
    const field = named ?? first ?? (top && this.review.model.find(top.dataset.id ?? ""));
    if (!field) return this.approve.focus();
    this.look(field);
    // nothing is open: one key approves
    if (!named && !this.review.open.length) this.approve.focus();
    return undefined;
  }

  /** Learns how the document writes its numbers, as soon as its words are here. */
  measure() {
    this.numbers = writtenIn(this.loaded.words, lang);
    if (!this.current) return;
    this.findPlaces();
    this.draw();
  }

  /** Asks for the words of all pages, so that other places are there when they are wanted, and for what they are picked
   * with. */
  async prepare() {
    // what is seen comes first
    await new Promise(done => setTimeout(done));
    await Promise.allSettled([this.acts.hands(), this.viewer.prepare()]);
    await allWords(this.loaded);
    this.measure();
  }

  findPlaces() {
    const field = this.current;
    if (!field) return;
    const sums = sumsWith(this.review.derived.sums, field);
    const fits = (/** @type {unknown} */ value) => mends(sums, field, value);
    this.form.places = elsewhere(field, this.loaded.words, this.numbers, fits);
  }

  /** @param {number} by */
  turn(by) {
    this.viewer.go(clamp(0, this.viewer.page + by, this.loaded.pages.length - 1));
  }

  end() {
    this.acts.end();
    this.viewer.end();
  }
}

/** @param {import("./form-model.js").Evidence} evidence */
const boxesOf = ({ document, page, boxes }) =>
  ({ document, page, boxes: /** @type {import("../viewer/geometry.js").Box[]} */ (boxes) });

/** Which words get a letter: for a row those that begin one, else those that may be of the kind.
 * @param {string} text @param {string} kind @param {boolean} surely */
const fits = (text, kind, surely) =>
  (kind === "line" ? !surely || /\p{L}{3}/u.test(text) : mayBe(text, kind, surely));

/** Marks know no band for what has no value. @param {string} band */
const markBand = band => (band === "none" ? "ok" : band);
