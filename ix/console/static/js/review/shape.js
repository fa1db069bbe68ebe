// @ts-check
// What a use case's JSON Schema says of its result, as far as a form needs it: fields in the schema's order, tables
// with their columns, sums. `ix.fields` says the same to the engine; kinds that a schema does not name are those of
// its types.

/**
 * @typedef {{path: string, name: string, title: string, titles: Record<string, string>, kind: string, type: string,
 *   choices: unknown[], expected: boolean, electronic: boolean}} Leaf
 * @typedef {{path: string, name: string, title: string, titles: Record<string, string>, columns: Leaf[],
 *   plain: boolean, electronic: boolean}} Rows `plain` rows are values, not objects
 * @typedef {{total: string, parts: string[]}} Sum paths from the root, a part with a minus is subtracted
 * @typedef {{leaves: Leaf[], tables: Rows[], sums: Sum[]}} Shape
 * @typedef {Record<string, any>} Schema
 */

/** Longest chain of `$ref` and `anyOf` that is followed, and deepest object that is flattened. */
const MOST_STEPS = 16;
const DEEPEST = 4;

/** Kinds by the words in a property's name where its schema names none; the first that matches decides. */
const HINTS = /** @type {[RegExp, string][]} */ ([
  [/iban/, "iban"],
  [/(^|_)(vat|ust|tva|tax)_?(id|no|number|nr)/, "vat_id"],
  [/currency|waehrung|devise/, "currency"],
  [/(^|_)date($|_)|_on$|_at$|datum/, "date"],
  [/address|adresse|anschrift/, "address"],
  [/company|seller|buyer|supplier|vendor|merchant|bank$|shop|store/, "organisation"],
  [/percent|rate$/, "percentage"],
  [/holder|person|first_name|last_name|customer_name/, "person"],
  [/number$|_no$|_nr$|_id$|reference|account/, "identifier"],
]);
const MONEY = /total|amount|price|balance|tax|net|gross|sum|due|paid|cost|fee|vat/;
const KINDS = new Set([...HINTS.map(([, kind]) => kind), "text", "money", "number", "boolean"]);

/**
 * @param {Schema} schema of a result
 * @returns {Shape}
 */
export function shapeOf(schema) {
  /** @type {Shape} */
  const shape = { leaves: [], tables: [], sums: [] };
  object(schema, "", schema, shape, false, 0);
  return shape;
}

/**
 * @param {Schema} spec
 * @param {string} path
 * @param {Schema} root
 * @param {Shape} shape
 * @param {boolean} electronic
 * @param {number} depth
 */
function object(spec, path, root, shape, electronic, depth) {
  const own = resolved(spec, root);
  shape.sums.push(...sumsOf(own, path));
  for (const [name, raw] of Object.entries(own.properties ?? {})) {
    const inner = resolved(raw, root);
    const at = path ? `${path}.${name}` : name;
    const xml = electronic || inner["x-ix"]?.source === "xml";
    if (inner.type === "array") shape.tables.push(table(inner, name, at, root, xml));
    else if (inner.properties) depth < DEEPEST && object(inner, at, root, shape, xml, depth + 1);
    else if (inner.type !== "object") shape.leaves.push(leaf(inner, name, at, xml));
  }
}

/**
 * @param {Schema} spec
 * @param {string} path
 * @returns {Sum[]}
 */
function sumsOf(spec, path) {
  const under = (/** @type {string} */ one) => (path ? `${path}.${one}` : one);
  const signed = (/** @type {string} */ one) => (one.startsWith("-") ? `-${under(one.slice(1))}` : under(one));
  const declared = /** @type {Sum[]} */ (spec["x-ix"]?.sums ?? []);
  return declared.map(({ total, parts }) => ({ total: under(total), parts: parts.map(signed) }));
}

/**
 * @param {Schema} spec
 * @param {string} name
 * @param {string} path
 * @param {Schema} root
 * @param {boolean} electronic
 * @returns {Rows}
 */
function table(spec, name, path, root, electronic) {
  const row = resolved(spec.items ?? {}, root);
  const base = { path, name, title: spec.title ?? "", titles: spec["x-ix"]?.titles ?? {}, electronic };
  if (!row.properties) return { ...base, plain: true, columns: [leaf(row, "", "", electronic)] };
  const columns = [];
  for (const [column, raw] of Object.entries(row.properties)) {
    const inner = resolved(raw, root);
    // what lies deeper within a row stays as it is: it is no cell
    if (inner.type === "array" || inner.properties || inner.type === "object") continue;
    columns.push(leaf(inner, column, column, electronic || inner["x-ix"]?.source === "xml"));
  }
  return { ...base, plain: false, columns };
}

/**
 * @param {Schema} spec
 * @param {string} name
 * @param {string} path
 * @param {boolean} electronic
 * @returns {Leaf}
 */
function leaf(spec, name, path, electronic) {
  const extra = spec["x-ix"] ?? {};
  const declared = Array.isArray(spec.type) ? spec.type.find(one => one !== "null") : spec.type;
  const type = declared ?? "string";
  const kind = KINDS.has(extra.kind) ? extra.kind : guessed(name, type, spec.format ?? "");
  const choices = (spec.enum ?? []).filter((/** @type {unknown} */ one) => one !== null);
  const expected = Boolean(extra.expected);
  const titles = extra.titles ?? {};
  return { path, name, title: spec.title ?? "", titles, kind, type, choices, expected, electronic };
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} format
 */
function guessed(name, type, format) {
  // grossAmount and gross-amount are read as gross_amount
  const words = name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase().replaceAll("-", "_");
  if (type === "boolean") return "boolean";
  if (type === "number" || type === "integer") return type === "number" && MONEY.test(words) ? "money" : "number";
  if (format === "date" || format === "date-time") return "date";
  return HINTS.find(([pattern]) => pattern.test(words))?.[1] ?? "text";
}

/**
 * The schema with its local `$ref` followed and `anyOf [X, null]` reduced to X; keywords beside them win.
 * @param {Schema} spec
 * @param {Schema} root
 * @returns {Schema}
 */
export function resolved(spec, root) {
  for (let step = 0; step < MOST_STEPS; step++) {
    if (typeof spec.$ref === "string") {
      const { $ref, ...beside } = spec;
      spec = { ...target($ref, root), ...beside };
    } else if (spec.anyOf?.some((/** @type {Schema} */ one) => one.type !== "null")) {
      const { anyOf, ...beside } = spec;
      spec = { ...anyOf.find((/** @type {Schema} */ one) => one.type !== "null"), ...beside };
    } else break;
  }
  return spec;
}

/**
 * @param {string} ref
 * @param {Schema} root
 */
function target(ref, root) {
  const parts = ref.replace(/^#\//, "").split("/");
  const names = parts.map(part => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce((/** @type {any} */ node, name) => node?.[name], root) ?? {};
}
