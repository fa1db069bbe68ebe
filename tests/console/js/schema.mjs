// A use case's schema as pydantic writes it, an answer to it, and what the service says of the answer.
const optional = (type, extra, more = {}) =>
  ({ anyOf: [{ type, ...more }, { type: "null" }], default: null, "x-ix": extra });

export const SCHEMA = {
  $defs: {
    Line: {
      type: "object",
      properties: {
        name: optional("string", { kind: "text" }),
        quantity: optional("number", { kind: "number" }),
        line_total: optional("number", { kind: "money" }),
        details: { anyOf: [{ $ref: "#/$defs/Details" }, { type: "null" }] },
      },
    },
    Details: { type: "object", properties: { note: { type: "string" } } },
    Party: { type: "object", properties: { name: optional("string", { kind: "organisation" }) } },
  },
  type: "object",
  "x-ix": { sums: [
    { total: "grand_total", parts: ["net_total", "tax_total"] },
    { total: "net_total", parts: ["lines.line_total"] },
  ] },
  properties: {
    number: optional("string", { kind: "identifier", expected: true }),
    issued: optional("string", { kind: "date" }, { format: "date" }),
    seller: { anyOf: [{ $ref: "#/$defs/Party" }, { type: "null" }] },
    net_total: optional("number", { kind: "money" }),
    tax_total: optional("number", { kind: "money" }),
    grand_total: optional("number", { kind: "money" }),
    profile: optional("string", { kind: "identifier", source: "xml" }),
    lines: { type: "array", items: { $ref: "#/$defs/Line" } },
    tags: { type: "array", items: { type: "string" } },
  },
};

/** @param {string} quote @param {number} y @param {number} confidence */
export const place = (quote, y, confidence = 0.9) =>
  ({ document: 0, page: 1, quote, boxes: [[0.7, y, 0.8, y + 0.01]], match: "exact", confidence, method: "extract" });

export const READ = {
  result: {
    number: "R-1", issued: "2024-09-05", seller: { name: "Nordlicht" }, net_total: 300, tax_total: 57, grand_total: 357,
    profile: null, tags: ["a", "b"],
    lines: [
      { name: "Tisch", quantity: 1, line_total: 100, details: { note: "n" } },
      { name: "Stuhl", quantity: 4, line_total: 200, details: null },
    ],
  },
  evidence: {
    number: place("R-1", 0.1), issued: place("05.09.2024", 0.12), seller: { name: place("Nordlicht", 0.05, 0.5) },
    net_total: place("300,00", 0.5), tax_total: place("57,00", 0.52), grand_total: place("357,00", 0.54),
    profile: null, tags: [null, null],
    lines: [
      { name: place("Tisch", 0.3), quantity: place("1", 0.3), line_total: place("100,00", 0.3) },
      { name: place("Stuhl", 0.33), quantity: place("4", 0.33), line_total: place("200,00", 0.33) },
    ],
  },
};

/** @param {Partial<import("../../../ix/console/static/js/review/state.js").Served>} [more] */
export const served = (more = {}) => ({
  ix_id: "0".repeat(16), state: "needed", version: 1, points: [], corrections: [], confirmed: [], lease: null, decided: null,
  ...structuredClone(READ), ...more,
});
