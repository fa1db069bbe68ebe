// @ts-check
// An answer as a person looks at it: fields in the order of the schema, each with its evidence, how sure it is and why.
// Pure: it knows no nodes and no language.

/** @typedef {{code: string, message: string, path: string, params?: Record<string, any>}} Finding */
/** @typedef {Finding & {kind: string}} Point */
/** @typedef {{document: number, page: number, quote: string, boxes: import("./viewer/geometry.js").Box[],
 *   match: string, confidence: number, source?: string}} Evidence */
/** @typedef {"ok" | "warn" | "bad" | "none" | "human"} Band how sure a value is; `none`: there is none, and none is
 * missed; `human`: a person has settled it */
/** @typedef {{id: string, name: string, spec: any, kind: string, value: any, evidence: Evidence | null,
 *   findings: Finding[], point: Point | null, proven: boolean, bar: number,
 *   corrected: {was: any, by: string, at: string} | null, confirmed: boolean}} Field `id` is the path in the result */
/** @typedef {{kind: "fields", path: string, name: string, spec: any, fields: Field[]}} Group fields of an object */
/** @typedef {{name: string, spec: any, kind: string}} Column */
/** @typedef {{kind: "table", path: string, name: string, spec: any, columns: Column[], point: Point | null,
 *   rows: {id: string, cells: Field[]}[]}} Table */
/** @typedef {{total: string, parts: string[], terms: Field[], numbers: number[], is: number, sum: number,
 *   holds: boolean, field: Field}} Sum a declared sum that can be worked out */
/** @typedef {{path: string, band: Band, point: Point | null, field: Field | null}} Open what needs eyes */
/** @typedef {{schema: any, result: any, evidence: any, warnings?: Finding[], points?: Point[] | null,
 *   corrections?: any[], confirmed?: string[]}} Answer */

/** Confidence below which a value is doubtful, where the field has no bar of its own (`x-ix.bar`). */
const BAR = 0.6;
/** Chains of `$ref` and `anyOf` that are followed, as `ix.fields` does. */
const MOST_STEPS = 16;
/** Objects within objects that are followed. */
const MOST_DEEP = 6;

/** The schema with its `$ref` followed, and `anyOf [X, null]` as X.
 * @param {any} spec @param {any} root @returns {any} */
export function resolved(spec, root) {
  for (let step = 0; step < MOST_STEPS && spec; step++) {
    if (typeof spec.$ref === "string") spec = { ...target(spec.$ref, root), ...spec, $ref: undefined };
    else if (Array.isArray(spec.anyOf)) {
      const real = spec.anyOf.find(one => one?.type !== "null") ?? {};
      spec = { ...real, ...spec, anyOf: undefined };
    } else break;
  }
  return spec ?? {};
}

/** What a JSON pointer (RFC 6901) behind a `#` points at. @param {string} ref @param {any} root */
function target(ref, root) {
  const steps = ref.replace(/^#\/?/, "").split("/").filter(Boolean);
  return steps.reduce((node, step) => node?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], root);
}

/** The kind of a field: what `x-ix` says, else what its type does. @param {any} spec */
function kindOf(spec) {
  if (spec["x-ix"]?.kind) return spec["x-ix"].kind;
  if (spec.format === "date") return "date";
  const type = [spec.type].flat().find(one => one !== "null");
  return { number: "number", integer: "number", boolean: "boolean" }[type] ?? "text";
}

export class Model {
  /** @param {Answer} answer */
  constructor({ schema, result, evidence, warnings = [], points = null, corrections = [], confirmed = [] }) {
    this.root = schema ?? {};
    this.warnings = warnings;
    this.points = points;
    this.corrections = new Map(corrections.map(one => [one.path, one]));
    this.confirmed = new Set(confirmed);
    /** @type {(Group | Table)[]} in the order of the schema, the fields of the result itself first */
    this.parts = [];
    this._object("", "", this.root, result ?? {}, evidence, 0);
    /** @type {Map<string, Table>} */
    this.tables = new Map();
    for (const part of this.parts) if (part.kind === "table") this.tables.set(part.path, part);
    /** @type {Map<string, Field>} every field and cell by its id */
    this.fields = new Map(this.parts.flatMap(part => fieldsOf(part)).map(field => [field.id, field]));
    this.sums = this._sums();
    this._prove();
  }

  /** @param {string} path @param {string} name @param {any} raw @param {any} value @param {any} evidence
   * @param {number} deep */
  _object(path, name, raw, value, evidence, deep) {
    const spec = resolved(raw, this.root), names = Object.keys(spec.properties ?? {});
    // what the schema does not name is shown all the same, last
    const more = Object.keys(value ?? {}).filter(one => !names.includes(one));
    /** @type {Group} */
    const group = { kind: "fields", path, name, spec, fields: [] };
    this.parts.push(group);
    for (const one of [...names, ...more]) {
      const own = resolved(spec.properties?.[one] ?? {}, this.root), at = path ? `${path}.${one}` : one;
      this._member(group, at, one, own, value?.[one], evidence?.[one], deep);
    }
  }

  /** @param {Group} group @param {string} path @param {string} name @param {any} spec @param {any} value
   * @param {any} evidence @param {number} deep */
  _member(group, path, name, spec, value, evidence, deep) {
    if (isRows(spec, value)) this._table(path, name, spec, value ?? [], evidence);
    else if (isObject(spec, value) && deep < MOST_DEEP) {
      if (isThere(value)) this._object(path, name, spec, value, evidence, deep + 1);
    } else if (isThere(value) || !isElectronic(spec)) {
      group.fields.push(this._field(path, name, spec, value, evidence));
    }
  }

  /** @param {string} path @param {string} name @param {any} spec @param {any[]} values @param {any} evidence */
  _table(path, name, spec, values, evidence) {
    const row = resolved(spec.items ?? {}, this.root), named = Object.keys(row.properties ?? {});
    const more = values.flatMap(one => isPlain(one) ? Object.keys(one) : []).filter(one => !named.includes(one));
    const all = [...named, ...new Set(more)].map(column => {
      const own = resolved(row.properties?.[column] ?? {}, this.root);
      return { name: column, spec: own, kind: kindOf(own) };
    });
    // what electronic invoices alone fill is left out where none has
    const used = all.filter(one => !isElectronic(one.spec) || values.some(value => isFilled(value?.[one.name])));
    const columns = all.length ? used : [{ name: "", spec: row, kind: kindOf(row) }];
    const rows = values.map((one, at) => ({
      id: `${path}.${at}`,
      cells: columns.map(column => this._cell(`${path}.${at}`, column, one, evidence?.[at])),
    }));
    this.parts.push({ kind: "table", path, name, spec, columns, rows, point: this._point(path) });
  }

  /** @param {string} row @param {Column} column @param {any} value of the row @param {any} evidence */
  _cell(row, { name, spec }, value, evidence) {
    if (!name) return this._field(row, name, spec, value, evidence);
    return this._field(`${row}.${name}`, name, spec, value?.[name], evidence?.[name]);
  }

  /** @param {string} id @param {string} name @param {any} spec @param {any} value @param {any} evidence
   * @returns {Field} */
  _field(id, name, spec, value, evidence) {
    const found = this.corrections.get(id);
    return {
      id, name, spec, value: value ?? null, kind: kindOf(spec), bar: spec["x-ix"]?.bar ?? BAR, proven: false,
      evidence: typeof evidence?.match === "string" ? evidence : null, point: this._point(id),
      findings: this.warnings.filter(one => one.path === id), confirmed: this.confirmed.has(id),
      corrected: found ? { was: found.was, by: found.by, at: found.at } : null,
    };
  }

  /** @param {string} path */
  _point(path) {
    return this.points?.find(one => one.path === path) ?? null;
  }

  /** Findings about the document as a whole, and those of paths that there are not. @returns {Finding[]} */
  get loose() {
    const known = one => this.fields.has(one.path) || this.tables.has(one.path);
    return this.warnings.filter(one => !one.path || !known(one));
  }

  /** The sums that the schema declares and whose numbers are all there. @returns {Sum[]} */
  _sums() {
    const declared = resolved(this.root, this.root)["x-ix"]?.sums ?? [];
    return declared.flatMap(({ total, parts }) => this._sum(total, parts) ?? []);
  }

  /** @param {string} total @param {string[]} parts @returns {Sum | null} */
  _sum(total, parts) {
    const field = this.fields.get(total), terms = parts.flatMap(part => this._terms(part));
    if (typeof field?.value !== "number" || !terms.length) return null;
    if (terms.some(one => typeof one.field.value !== "number")) return null;
    const numbers = terms.map(({ field: term, sign }) => sign * term.value), sum = numbers.reduce((a, b) => a + b, 0);
    // as `ix.extraction.checks`: a cent, and half a cent for each number that was rounded
    const holds = Math.abs(sum - field.value) <= Math.max(0.01, 0.005 * (numbers.length + 1)) + 1e-9;
    return { total, parts, terms: terms.map(one => one.field), numbers, is: field.value, sum, holds, field };
  }

  /** The fields that a part of a sum names: one, or a column of a table. @param {string} part */
  _terms(part) {
    const sign = part.startsWith("-") ? -1 : 1, path = part.replace(/^-/, ""), single = this.fields.get(path);
    if (single) return [{ field: single, sign }];
    const at = path.lastIndexOf("."), table = this.tables.get(path.slice(0, at)), column = path.slice(at + 1);
    const cells = table?.rows.map(row => row.cells.find(cell => cell.name === column)) ?? [];
    return cells.flatMap(cell => cell ? [{ field: cell, sign }] : []);
  }

  /** A number in a sum of three or more that comes out right is proven, however badly it was read, if they stand at
   * three places or more: two wrong readings would have to agree. */
  _prove() {
    for (const sum of this.sums) {
      const all = [sum.field, ...sum.terms], places = new Set(all.map(placeOf).filter(Boolean));
      if (sum.holds && all.length >= 3 && places.size >= 3) all.forEach(field => { field.proven = true; });
    }
  }
}

/** @param {Field} field */
const placeOf = ({ evidence }) => evidence?.boxes?.length
  ? [evidence.document, evidence.page, ...evidence.boxes[0].map(one => one.toFixed(3))].join() : null;

/** The fields of a part, cell by cell. @param {Group | Table} part */
export const fieldsOf = part => part.kind === "table" ? part.rows.flatMap(row => row.cells) : part.fields;

const isFilled = value => isThere(value) && !(Array.isArray(value) && !value.length);
const isThere = value => value !== null && value !== undefined;
/** Whether only electronic invoices fill the field: no page is asked for it. @param {any} spec */
const isElectronic = spec => spec["x-ix"]?.source === "xml";
const isPlain = value => value !== null && typeof value === "object" && !Array.isArray(value);
const isRows = (spec, value) => Array.isArray(value) || (spec.type === "array" && (value ?? null) === null);
const isObject = (spec, value) => isPlain(value) || (Boolean(spec.properties) && (value ?? null) === null);

/** Kinds of points that say that something is wrong, not only doubtful. */
const WRONG = ["check", "not_on_page", "lines"];

/** Whether a person has put a value right or confirmed it. @param {Field} field */
export const isTouched = ({ confirmed, corrected, evidence }) =>
  confirmed || corrected !== null || evidence?.source === "person";

/** How sure a value is. Whoever stored points has judged already; of older answers it is judged here.
 * @param {Field} field @returns {Band} */
export function bandOf(field) {
  // a point that is open still, or again: people settle what there is, not what comes later
  if (field.point) return WRONG.includes(field.point.kind) ? "bad" : "warn";
  if (isTouched(field)) return "human";
  if (field.findings.length) return "bad";
  if (field.value === null || field.value === "") return "none";
  const { evidence } = field;
  if (!evidence || evidence.source === "xml" || field.kind === "boolean") return "ok";
  if (evidence.match === "none") return "bad";
  return !field.proven && (evidence.match === "fuzzy" || evidence.confidence < field.bar) ? "warn" : "ok";
}

/** Why a value is what its band says: a key of the messages with what it needs; null where there is nothing to say.
 * @param {Field} field @returns {{key: string, params?: Record<string, any>} | null} */
export function reasonOf(field) {
  const { evidence, corrected, confirmed, proven, bar, kind } = field;
  if (corrected) return { key: "why.corrected", params: corrected };
  if (confirmed) return { key: "why.confirmed" };
  if (evidence?.source === "person") return { key: "why.person" };
  if (!evidence || field.value === null) return null;
  const isUnsure = evidence.confidence < bar, { confidence } = evidence;
  // an electronic invoice's own values need no print, nor does a yes or no
  if (evidence.source === "xml" || kind === "boolean") return null;
  if (evidence.match === "none") return { key: "why.not_on_page" };
  if (proven && (isUnsure || evidence.match === "fuzzy")) return { key: "why.proven" };
  if (evidence.match === "fuzzy") return { key: "why.fuzzy" };
  return isUnsure ? { key: "why.unsure", params: { confidence } } : null;
}

/** What needs eyes: the points that were stored; of older answers, the values that are doubtful, a table once.
 * @param {Model} model @returns {Open[]} */
export function openPoints(model) {
  if (model.points) {
    return model.points.map(point => ({
      path: point.path, point, field: model.fields.get(point.path) ?? null,
      band: WRONG.includes(point.kind) ? "bad" : "warn",
    }));
  }
  return model.parts.flatMap(part => part.kind === "table" ? tablePoint(model, part) : part.fields.flatMap(field => {
    const band = bandOf(field);
    return band === "bad" || band === "warn" ? [{ path: field.id, band, point: null, field }] : [];
  }));
}

/** @param {Model} model @param {Table} table @returns {Open[]} */
function tablePoint(model, table) {
  const isWrong = model.sums.some(sum => !sum.holds && sum.parts.some(part => part.startsWith(`${table.path}.`)));
  const isBad = fieldsOf(table).some(cell => bandOf(cell) === "bad");
  return isBad || isWrong ? [{ path: table.path, band: "bad", point: null, field: null }] : [];
}

/** The boxes of a model, as the viewer shows them. @param {Model} model */
export const marksOf = model => [...model.fields.values()].flatMap(field => {
  const { id, evidence } = field;
  if (!evidence?.boxes?.length) return [];
  return [{ id, document: evidence.document, page: evidence.page, boxes: evidence.boxes, band: bandOf(field) }];
});
