// @ts-check
// A review as it stands in this window: what is open, in which order eyes walk it, what a person did, and how to undo
// it. Pure: what must be sent is given back as changes, and what the service says comes in through `heard`.

import { same } from "./form-model.js";
import { mismatch, standing } from "./points.js";
import { replayed } from "./replay.js";
import { provenBy, sumsOf, sumsWith } from "./sums.js";
import { parse } from "./typed.js";

/**
 * @typedef {import("./form-model.js").Change} Change
 * @typedef {import("./form-model.js").Evidence} Evidence
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./form-model.js").Row} Row
 * @typedef {import("./form-model.js").Table} Table
 * @typedef {import("./shape.js").Shape} Shape
 * @typedef {{path: string | null, kind: string, code: string, message: string, params?: Record<string, any>}} Point
 * @typedef {{ix_id: string, state: string, version: number, points: Point[], corrections: any[], confirmed: string[],
 *   result: any, evidence: any, warnings?: any[], lease: {by: string, until: string} | null,
 *   decided: {state: string, by: string, at: string, note: string | null} | null}} Served
 * @typedef {{key: string, point: Point, field: Field | null, table: Table | null}} Target a point and what it is about
 */

/** Kinds of points that say that a value is wrong, not that it may be. */
const BAD = new Set(["check", "not_on_page"]);
const keyOf = (/** @type {Point} */ point) => [point.kind, point.path ?? "", point.code].join(" ");

export class Review {
  /** @type {import("./form-model.js").FormModel} */
  model;
  /** @type {Point[]} as the service said them */
  points;
  /** @type {Set<string>} points that the service said are open, whatever was confirmed before */
  told = new Set();
  /** @type {{sums: import("./sums.js").WorkedSum[], points: Point[], byPath: Map<string, Point>,
   *   proven: Set<Field>} | null} */
  worked = null;
  /** @type {{field: Field, value: unknown, confirmed: boolean} | null} before something was typed */
  before = null;

  /**
   * @param {Shape} shape
   * @param {{result: any, evidence: any}} read what the engine said
   * @param {Served} served what `GET /jobs/{id}/review` says
   * @param {string} language of the console
   */
  constructor(shape, read, served, language) {
    this.shape = shape;
    this.read = read;
    this.language = language;
    /** @type {{back: Change[], focus: string}[]} */
    this.undone = [];
    /** @type {Map<string, Point>} every point that was seen, so that "3 of 5 settled" never counts down */
    this.known = new Map();
    this.adopt(served);
  }

  /** Takes what the service has as the truth; what is not sent yet is then applied again. @param {Served} served */
  adopt(served) {
    this.served = served;
    this.model = replayed(this.shape, this.read, served);
    this.undone.length = 0;
    this.heard(served.points, true);
  }

  /**
   * What the service finds in the values as they are now.
   * @param {Point[]} points
   * @param {boolean} [isOpen] they are those that are open: what was confirmed is left out already
   */
  heard(points, isOpen = false) {
    this.points = points;
    if (isOpen) this.told = new Set(points.map(keyOf));
    this.changed();
    for (const point of points) this.known.set(keyOf(point), point);
  }

  /** @returns {Target[]} points that still need eyes, in the order of the form */
  get open() {
    const order = new Map(this.model.all.map((field, n) => [field, n]));
    const place = (/** @type {Target} */ one) =>
      order.get(one.field ?? one.table?.rows[0]?.cells[0] ?? this.model.all[0]) ?? -1;
    const targets = this.derived.points.map(point => this.target(point)).filter(one => !this.settled(one));
    const once = new Map(targets.map(one => [one.field?.id ?? one.table?.shape.path ?? one.key, one]));
    return [...once.values()].sort((a, b) => place(a) - place(b));
  }

  /** What follows from the values as they are now, worked out once for each change. */
  get derived() {
    return (this.worked ??= this.work());
  }

  work() {
    const sums = sumsOf(this.model);
    const points = standing(this.points, sums, this.model);
    /** @type {Map<string, Point>} the worst point about each path */
    const byPath = new Map();
    for (const point of points) {
      const path = point.path ?? "";
      if (!byPath.has(path) || point.kind === "check") byPath.set(path, point);
    }
    return { sums, points, byPath, proven: provenBy(sums) };
  }

  /** Something was changed: what followed from the values before is forgotten. */
  changed() {
    this.worked = null;
  }

  /** @param {Point} point @returns {Target} */
  target(point) {
    const path = point.path ?? "";
    const field = this.model.find(path) ?? null;
    const table = this.model.tableAt(path) ?? field?.row?.table ?? null;
    // cells of one table are looked at together
    return { key: keyOf(point), point, field: table ? null : field, table };
  }

  /** @param {Target} target */
  settled({ point, field, table }) {
    if (table) return this.covers(table, point) || this.cellSettled(point);
    if (field) return this.fieldSettled(field, point);
    // what is about the whole document is settled by the decision; a person who looked at it may say so before
    return true;
  }

  /** A single cell's own finding, put right. @param {Point} point */
  cellSettled(point) {
    const cell = this.model.find(point.path ?? "");
    return Boolean(cell && this.fieldSettled(cell, point));
  }

  /** @param {Field} field @param {Point} point */
  fieldSettled(field, point) {
    return this.covers(field, point) || (point.kind !== "check" && this.model.corrected(field));
  }

  /** Whether a confirmation was made of this point: what fails later is a point again.
   * @param {Field | Table} one @param {Point} point */
  covers(one, point) {
    return one.confirmed && (one.codes ? one.codes.has(point.code) : !this.told.has(keyOf(point)));
  }

  /** Points about the document as a whole. */
  get about() {
    return this.points.filter(point => {
      const { field, table } = this.target(point);
      return !field && !table;
    });
  }

  /** How many of the points that there were are settled. */
  get progress() {
    const open = new Set(this.open.map(one => one.key));
    const of = [...this.known.values()].filter(point => !this.about.includes(point));
    const targets = new Map();
    for (const point of of) {
      const { field, table, key } = this.target(point);
      const id = field?.id ?? table?.shape.path ?? key;
      targets.set(id, (targets.get(id) ?? true) && !open.has(key));
    }
    for (const one of this.open) targets.set(one.field?.id ?? one.table?.shape.path ?? one.key, false);
    return { settled: [...targets.values()].filter(Boolean).length, of: targets.size };
  }

  /** The field to look at for a point: of a table, the first row that was not seen. @param {Target} target */
  fieldOf({ field, table, point }) {
    if (field || !table) return field;
    const cell = this.model.find(point.path ?? "");
    return cell ?? (table.rows.find(row => !row.seen) ?? table.rows[0])?.cells[0] ?? null;
  }

  /**
   * The next open point behind a field, or before it; around the end to the first one.
   * @param {Field | null} from
   * @param {1 | -1} by
   * @returns {Target | null}
   */
  next(from, by = 1) {
    const all = this.model.all;
    const here = from ? all.indexOf(from) : -1;
    const open = this.open.filter(one => this.fieldOf(one) !== from || this.open.length === 1);
    const place = (/** @type {Target} */ one) => all.indexOf(/** @type {Field} */ (this.fieldOf(one)));
    if (by > 0) return open.find(one => place(one) > here) ?? open[0] ?? null;
    return open.findLast(one => place(one) < here) ?? open.at(-1) ?? null;
  }

  /** The worst point about a field. @param {Field} field */
  pointOf(field) {
    return this.derived.byPath.get(this.model.path(field)) ?? null;
  }

  /**
   * How a field looks: `human` a person touched it, `bad` a check fails or it is not on the page, `warn` doubt,
   * `none` no value, `ok`.
   * @param {Field} field
   */
  band(field) {
    const point = this.pointOf(field);
    if (point && !this.fieldSettled(field, point)) return BAD.has(point.kind) ? "bad" : "warn";
    if (field.confirmed || this.model.corrected(field)) return "human";
    return field.value === null ? "none" : "ok";
  }

  /**
   * Typing. False where the text is no value of this field: its last value then stays.
   * @param {Field} field
   * @param {string} text
   */
  type(field, text) {
    if (field.text === null) this.before = { field, ...kept(field) };
    const value = parse(text, field.leaf, this.language);
    field.text = text;
    if (value !== undefined) field.value = value;
    this.changed();
    return value !== undefined;
  }

  /**
   * Ends typing in a field: the changes that say what was typed, none where it says what it said; null where the text
   * is no value, which then stays to be put right.
   * @param {Field} field
   * @param {Evidence | null} [evidence] where the value stands, if it was found
   * @returns {Change[] | null}
   */
  commit(field, evidence) {
    if (field.text === null) return [];
    const text = field.text;
    const before = this.before?.field === field ? this.before : null;
    if (before) [field.value, field.confirmed] = [before.value, before.confirmed];
    this.changed();
    const value = parse(text, field.leaf, this.language);
    if (value === undefined) return null;
    field.text = null;
    if (same(value, field.value)) return [];
    return this.set(field, value, evidence === undefined ? field.evidence : evidence, false);
  }

  /** Forgets what is being typed. @param {Field} field */
  drop(field) {
    if (this.before?.field === field) [field.value, field.confirmed] = [this.before.value, this.before.confirmed];
    this.before = null;
    field.text = null;
    this.changed();
  }

  /**
   * @param {Field} field
   * @param {unknown} value
   * @param {Evidence | null} evidence
   * @param {boolean} confirmed
   */
  set(field, value, evidence, confirmed) {
    const says = confirmed ? { confirmed } : {};
    return this.do([{ path: this.model.path(field), value, evidence, ...says }], field);
  }

  /** The value as the engine read it. @param {Field} field */
  asRead(field) {
    this.drop(field);
    const path = this.model.path(field);
    const isOther = this.model.corrected(field) || !same(field.evidence, field.read.evidence);
    if (isOther) return this.do([{ path, op: "reset" }], field);
    return field.confirmed ? this.do([{ path, confirmed: false }], field) : [];
  }

  /** It is not on the document. @param {Field} field */
  none(field) {
    this.drop(field);
    const changes = this.set(field, null, null, true);
    field.codes = { has: () => true };
    return changes;
  }

  /** What is looked at is right. @param {Field} field @returns {Change[]} */
  confirm(field) {
    const path = this.model.path(field), point = this.pointOf(field);
    if (field.confirmed && (!point || this.covers(field, point))) return [];
    const codes = this.codesAt(path);
    // undone with the value that was just put there: it is one thing that a person did
    const last = this.undone.at(-1);
    const join = last?.focus === path && last.back.length === 1 && isValue(last.back[0]);
    const changes = this.do([{ path, confirmed: true }], field, join);
    field.codes = codes;
    return changes;
  }

  /** Codes of the points about a path. @param {string} path */
  codesAt(path) {
    return new Set(this.derived.points.filter(point => point.path === path).map(point => point.code));
  }

  /**
   * A row was looked at; the last one settles its table, and what was doubtful in its cells.
   * @param {Row} row
   * @returns {Change[]}
   */
  see(row) {
    row.seen = true;
    const { table } = row;
    this.changed();
    const asked = this.open.some(one => one.table === table);
    if (!asked || table.rows.some(one => !one.seen)) return [];
    const codes = new Set(this.derived.points.filter(one => this.target(one).table === table).map(one => one.code));
    const changes = this.do([{ path: table.shape.path, confirmed: true }], row.cells[0]);
    table.codes = codes;
    return changes;
  }

  /**
   * Makes changes that belong together: undone at once.
   * @param {Change[]} changes
   * @param {Field} focus where a person was
   * @param {boolean} [join] with what was done before
   */
  do(changes, focus, join = false) {
    const place = this.model.path(focus);
    const back = changes.map(change => this.model.apply(change)).filter(one => one !== null).reverse();
    const last = this.undone.at(-1);
    if (join && last) last.back.unshift(...back);
    else this.undone.push({ back, focus: place });
    this.before = null;
    this.changed();
    return changes;
  }

  /** Takes the last thing back: what must be sent, and where to look. */
  undo() {
    const last = this.undone.pop();
    if (!last) return null;
    for (const change of last.back) this.model.apply(change);
    this.changed();
    return { changes: last.back, focus: this.model.find(last.focus) ?? null };
  }

  /** Whether a correction breaks a sum that would come out with the value as it was read. @param {Field} field */
  breaks(field) {
    if (!this.model.corrected(field) || field.confirmed) return null;
    const own = this.derived.points.find(point => point.kind === "check" && point.path === this.model.path(field));
    const sum = sumsWith(this.derived.sums, field).find(one => !one.holds);
    return own ?? (sum ? mismatch(sum, this.model) : null);
  }
}

/** @param {Field} field */
const kept = field => ({ value: field.value, confirmed: field.confirmed });

/** @param {Change} change */
const isValue = change => change.op === "reset" || "value" in change;
