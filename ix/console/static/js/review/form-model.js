// @ts-check
// A document's fields and lines as a person puts them right: plain values with their evidence, no document of a
// browser. Each change is a small object as `PATCH /jobs/{id}/review` takes it (`ix.extraction.review.changes`), but
// that a row is put in with its evidence (`sendable`); applying one gives the one that takes it back.

/**
 * @typedef {import("./shape.js").Leaf} Leaf
 * @typedef {import("./shape.js").Rows} Rows
 * @typedef {import("./shape.js").Shape} Shape
 * @typedef {{document: number, page: number, quote: string, boxes: number[][], match: string, confidence: number,
 *   method?: string}} Evidence
 * @typedef {{id: string, leaf: Leaf, row: Row | null, value: unknown, evidence: Evidence | null,
 *   read: {value: unknown, evidence: Evidence | null}, confirmed: boolean, codes: Codes, text: string | null}} Field
 *   `read` is what the engine said, `text` what is being typed
 * @typedef {{has: (code: string) => boolean} | null} Codes of the points that a confirmation settled; null where it was
 *   made before: the service then knows which are open
 * @typedef {{id: string, table: Table, cells: Field[], rest: any, restEvidence: any, seen: boolean}} Row
 *   `rest` are members that are no cells
 * @typedef {{shape: Rows, rows: Row[], confirmed: boolean, codes: Codes}} Table
 * @typedef {{path: string, value?: unknown, evidence?: unknown, confirmed?: boolean,
 *   op?: "reset" | "insert" | "remove" | "move", at?: number, to?: number}} Change
 */

/** A member of its own: a schema may name a field `constructor`. @param {any} node @param {string} key */
const own = (node, key) => (node !== null && typeof node === "object" && Object.hasOwn(node, key) ? node[key] : null);

/** @param {any} node @param {string} path */
export const at = (node, path) => path.split(".").reduce(own, node) ?? null;

/** @param {any} node @param {string} path @param {unknown} value */
function put(node, path, value) {
  const keys = path.split(".");
  const last = /** @type {string} */ (keys.pop());
  for (const key of keys) node = own(node, key) ?? define(node, key, {});
  define(node, last, value);
}

/** Not by assignment, which for `__proto__` does something else. @param {any} node @param {string} key
 * @param {any} value */
function define(node, key, value) {
  Object.defineProperty(node, key, { value, writable: true, enumerable: true, configurable: true });
  return value;
}

/** @param {unknown} a @param {unknown} b */
export const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/**
 * The change that brings a field back to what it was.
 * @param {string} path
 * @param {{value: unknown, evidence: Evidence | null, confirmed: boolean}} was
 * @param {{value: unknown, evidence: Evidence | null}} read
 * @returns {Change}
 */
function backTo(path, { value, evidence, confirmed }, read) {
  const says = confirmed ? { confirmed } : {};
  if (same(value, read.value) && same(evidence, read.evidence)) return { path, op: "reset", ...says };
  return { path, value, evidence, ...says };
}

/**
 * Changes as the service takes them: a row is put in without evidence, its cells then say where they stand.
 * @param {Change[]} changes
 * @returns {Change[]}
 */
export const sendable = changes => changes.flatMap(change => {
  if (change.op !== "insert") return [change];
  const { evidence, ...insert } = change;
  const path = `${change.path}.${change.at}`;
  if (isPlace(evidence)) return [insert, { path, value: change.value, evidence }];
  const cells = Object.entries(evidence ?? {}).filter(([, where]) => isPlace(where));
  const placed = (/** @type {string} */ name) => ({ path: `${path}.${name}`, value: at(change.value, name) });
  return [insert, ...cells.map(([name, where]) => ({ ...placed(name), evidence: where }))];
});

/** Whether it is the evidence of one value, with a place. @param {any} node */
const isPlace = node => Array.isArray(node?.boxes) && node.boxes.length > 0;

const OF_ROWS = new Set(["insert", "remove", "move"]);

export class FormModel {
  /**
   * @param {Shape} shape
   * @param {{result: any, evidence: any}} read what the engine said
   * @param {{result: any, evidence: any, confirmed: string[]}} now what it says with the corrections there are
   */
  constructor(shape, read, now) {
    this.shape = shape;
    this.read = read;
    this.made = 0;
    /** @type {WeakMap<Change, Row>} rows by the change that brings them back as they were */
    this.gone = new WeakMap();
    this.now = structuredClone({ result: now.result ?? {}, evidence: now.evidence ?? {} });
    const confirmed = new Set(now.confirmed);
    this.scalars = shape.leaves.map(leaf => this.field(leaf, leaf.path, null, this.now, confirmed));
    this.tables = shape.tables.map(rows => this.table(rows, confirmed));
  }

  /**
   * @param {Leaf} leaf
   * @param {string} path
   * @param {Row | null} row
   * @param {{result: any, evidence: any}} now
   * @param {Set<string>} confirmed
   * @returns {Field}
   */
  field(leaf, path, row, now, confirmed) {
    const read = { value: at(this.read.result, path), evidence: at(this.read.evidence, path) };
    const [value, evidence] = [at(now.result, path), at(now.evidence, path)];
    const isConfirmed = confirmed.has(path);
    return { id: `f${this.made++}`, leaf, row, value, evidence, read, confirmed: isConfirmed, codes: null, text: null };
  }

  /** @param {Rows} shape @param {Set<string>} confirmed */
  table(shape, confirmed) {
    /** @type {Table} */
    const table = { shape, rows: [], confirmed: confirmed.has(shape.path), codes: null };
    const values = at(this.now.result, shape.path) ?? [];
    const evidence = at(this.now.evidence, shape.path) ?? [];
    for (const [n, value] of values.entries()) table.rows.push(this.row(table, n, value, evidence[n], confirmed));
    return table;
  }

  /**
   * @param {Table} table
   * @param {number} n its place
   * @param {any} value
   * @param {any} evidence
   * @param {Set<string>} confirmed
   * @returns {Row}
   */
  row(table, n, value, evidence, confirmed) {
    /** @type {Row} */
    const row = { id: `r${this.made++}`, table, cells: [], rest: value, restEvidence: evidence, seen: table.confirmed };
    const path = `${table.shape.path}.${n}`;
    row.cells = table.shape.columns.map(leaf => {
      const field = this.field(leaf, table.shape.plain ? path : `${path}.${leaf.name}`, row, this.now, confirmed);
      field.value = (table.shape.plain ? value : value?.[leaf.name]) ?? null;
      field.evidence = (table.shape.plain ? evidence : evidence?.[leaf.name]) ?? null;
      return field;
    });
    return row;
  }

  /** All fields in the order of the form: those of the header, then each table's cells. */
  get all() {
    return [...this.scalars, ...this.tables.flatMap(table => table.rows.flatMap(row => row.cells))];
  }

  /** Where a field stands in the result now: rows move. @param {Field} field */
  path(field) {
    if (!field.row) return field.leaf.path;
    const row = this.rowPath(field.row);
    return field.row.table.shape.plain ? row : `${row}.${field.leaf.name}`;
  }

  /** @param {Row} row */
  rowPath(row) {
    return `${row.table.shape.path}.${row.table.rows.indexOf(row)}`;
  }

  /** @param {string} path @returns {Field | undefined} */
  find(path) {
    const table = this.tables.find(one => path.startsWith(`${one.shape.path}.`));
    if (!table) return this.scalars.find(field => field.leaf.path === path);
    const [index, ...names] = path.slice(table.shape.path.length + 1).split(".");
    const cells = table.rows[+index]?.cells;
    return table.shape.plain ? cells?.[0] : cells?.find(cell => cell.leaf.name === names.join("."));
  }

  /** @param {string} path */
  tableAt(path) {
    return this.tables.find(table => table.shape.path === path);
  }

  /** Whether a person says something else than the engine did. @param {Field} field */
  corrected(field) {
    return !same(field.value, field.read.value);
  }

  /**
   * Makes a change, and gives the one that takes it back; null where it names nothing that is there.
   * @param {Change} change
   * @returns {Change | null}
   */
  apply(change) {
    const table = this.tableAt(change.path);
    if (table && OF_ROWS.has(change.op ?? "")) return this.moveRows(table, change);
    if (table) return this.confirmTable(table, change);
    const field = this.find(change.path);
    if (!field) return null;
    const was = { value: field.value, evidence: field.evidence, confirmed: field.confirmed };
    const says = change.op === "reset" ? field.read : change;
    const isValue = "value" in says;
    if (isValue) field.value = says.value ?? null;
    if ("evidence" in says) field.evidence = /** @type {Evidence | null} */ (says.evidence) ?? null;
    // what was confirmed was confirmed of the value before, and of the table as it was
    if (isValue && field.row) field.row.table.confirmed = false;
    field.confirmed = change.confirmed ?? (isValue ? false : was.confirmed);
    field.text = null;
    return isValue ? backTo(change.path, was, field.read) : { path: change.path, confirmed: was.confirmed };
  }

  /** @param {Table} table @param {Change} change @returns {Change} */
  confirmTable(table, change) {
    const was = table.confirmed;
    table.confirmed = change.confirmed ?? was;
    for (const row of table.rows) row.seen = table.confirmed || row.seen;
    return { path: change.path, confirmed: was };
  }

  /** @param {Table} table @param {Change} change @returns {Change | null} */
  moveRows(table, change) {
    const { path, op, at: place = 0, to = 0 } = change;
    table.confirmed = false;
    if (op === "insert") {
      const row = this.gone.get(change) ?? this.row(table, -1, change.value ?? {}, change.evidence ?? {}, new Set());
      table.rows.splice(place, 0, row);
      return { path, op: "remove", at: place };
    }
    if (!table.rows[place]) return null;
    const [row] = table.rows.splice(place, 1);
    if (op === "remove") {
      /** @type {Change} */
      const back = { path, op: "insert", at: place, value: this.rowValue(row), evidence: this.rowEvidence(row) };
      this.gone.set(back, row);
      return back;
    }
    table.rows.splice(to, 0, row);
    return { path, op: "move", at: to, to: place };
  }

  /** @param {Row} row */
  rowValue(row) {
    if (row.table.shape.plain) return row.cells[0].value;
    return { ...row.rest, ...Object.fromEntries(row.cells.map(cell => [cell.leaf.name, cell.value])) };
  }

  /** @param {Row} row */
  rowEvidence(row) {
    if (row.table.shape.plain) return row.cells[0].evidence;
    return { ...row.restEvidence, ...Object.fromEntries(row.cells.map(cell => [cell.leaf.name, cell.evidence])) };
  }

  /** The result and its evidence as they stand now, as `POST /jobs/{id}/check` takes them. */
  envelope() {
    const made = structuredClone(this.now);
    for (const field of this.scalars) {
      if (field.value === null && at(made.result, field.leaf.path) === null) continue;
      put(made.result, field.leaf.path, field.value);
      put(made.evidence, field.leaf.path, field.evidence);
    }
    for (const table of this.tables) {
      if (!table.rows.length && at(made.result, table.shape.path) === null) continue;
      put(made.result, table.shape.path, table.rows.map(row => this.rowValue(row)));
      put(made.evidence, table.shape.path, table.rows.map(row => this.rowEvidence(row)));
    }
    return made;
  }
}
