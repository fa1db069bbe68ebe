// What an answer is to a person: order, bands, sums that prove, points.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Model, bandOf, marksOf, openPoints, reasonOf } from "../../../ix/console/static/js/model.js";

const money = { type: "number", "x-ix": { kind: "money" } };
const SCHEMA = {
  type: "object",
  "x-ix": { sums: [{ total: "total", parts: ["net", "tax"] }, { total: "net", parts: ["lines.amount"] }] },
  properties: {
    name: { anyOf: [{ type: "string" }, { type: "null" }] }, day: { type: "string", format: "date" },
    net: money, tax: money, total: money, gone: { type: "string", "x-ix": { source: "xml" } },
    seller: { $ref: "#/$defs/Party" }, lines: { type: "array", items: { $ref: "#/$defs/Line" } },
  },
  $defs: {
    Party: { type: "object", properties: { city: { type: "string" } } },
    Line: { type: "object", properties: { text: { type: "string" }, amount: money } },
  },
};
const place = (row, confidence = 0.9, more = {}) => ({
  match: "exact", document: 0, page: 1, quote: "x", boxes: [[0.1, row / 10, 0.2, row / 10 + 0.05]], confidence, ...more,
});
const answer = (result, evidence, more = {}) => new Model({ schema: SCHEMA, result, evidence, ...more });

test("fields stand in the order of the schema, whatever the order of the answer", () => {
  const model = answer({ lines: [{ amount: 1, text: "a" }], extra: 1, total: 2, name: "N", seller: { city: "C" } }, {});
  assert.deepEqual([...model.fields.keys()],
    ["name", "day", "net", "tax", "total", "extra", "seller.city", "lines.0.text", "lines.0.amount"]);
  assert.equal(model.fields.get("day").kind, "date");
  assert.deepEqual(model.tables.get("lines").columns.map(one => one.name), ["text", "amount"]);
});

test("an answer without a schema, or of lists of plain values, is shown as it is", () => {
  const model = new Model({ schema: {}, result: { a: { b: 1 }, tags: ["x", "y"], none: null }, evidence: null });
  assert.deepEqual([...model.fields.keys()], ["none", "a.b", "tags.0", "tags.1"]);
});

test("a schema that refers to itself ends", () => {
  const schema = { $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A", type: "object", properties: { a: { $ref: "#/$defs/A" } } } } };
  const deep = { a: { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } } };
  assert.ok(new Model({ schema, result: deep, evidence: {} }).fields.size >= 1);
});

test("a value is as sure as its place", () => {
  const evidence = {
    name: place(1, 0.3), day: place(2, 0.9, { match: "fuzzy" }), net: place(3, 0, { match: "none", boxes: [] }),
    tax: place(4), total: place(5, 0, { match: "none", source: "xml", boxes: [] }),
  };
  const model = answer({ name: "N", day: "2024-01-01", net: 9, tax: 1, total: 11 }, evidence);
  const bands = ["name", "day", "net", "tax", "total", "seller.city"].map(id => model.fields.get(id)).map(one => one && bandOf(one));
  assert.deepEqual(bands, ["warn", "warn", "bad", "ok", "ok", undefined]);
  assert.equal(reasonOf(model.fields.get("name")).key, "why.unsure");
  assert.equal(reasonOf(model.fields.get("net")).key, "why.not_on_page");
  assert.deepEqual(openPoints(model).map(one => [one.path, one.band]), [["name", "warn"], ["day", "warn"], ["net", "bad"]]);
  assert.deepEqual(marksOf(model).map(one => one.id), ["name", "day", "tax"]);
});

test("a sum that comes out proves its numbers, three of them at three places", () => {
  const result = { net: 10, tax: 2, total: 12 };
  const proven = answer(result, { net: place(1, 0.2), tax: place(2, 0.2), total: place(3, 0.2) });
  assert.ok(["net", "tax", "total"].every(id => bandOf(proven.fields.get(id)) === "ok"));
  assert.equal(reasonOf(proven.fields.get("tax")).key, "why.proven");
  const twice = answer(result, { net: place(1, 0.2), tax: place(2, 0.2), total: place(1, 0.2) });
  assert.equal(bandOf(twice.fields.get("tax")), "warn");
  const wrong = answer({ ...result, total: 13 }, { net: place(1, 0.2), tax: place(2, 0.2), total: place(3, 0.2) });
  assert.equal(bandOf(wrong.fields.get("tax")), "warn");
  assert.equal(wrong.sums[0].holds, false);
});

test("the sum of a column is that of its rows, and a table is one point", () => {
  const lines = [{ text: "a", amount: 4 }, { text: "b", amount: 5 }];
  const model = answer({ net: 10, lines }, { lines: lines.map((_, at) => ({ amount: place(at + 1) })) });
  assert.deepEqual(model.sums.map(one => [one.sum, one.is, one.holds]), [[9, 10, false]]);
  assert.deepEqual(openPoints(model).map(one => one.path), ["lines"]);
});

test("what the service says of points counts, and what people said of them", () => {
  const points = [{ path: "name", kind: "doubt", code: "value_unsure", message: "" }, { path: "", kind: "document", code: "sampled", message: "" }];
  const model = answer({ name: "N", net: 5 }, { name: place(1), net: place(2, 0.1) }, { points });
  assert.deepEqual(openPoints(model).map(one => one.path), ["name", ""]);
  const again = answer({ name: "N" }, { name: place(1) }, { points, confirmed: ["name"] });
  assert.equal(bandOf(again.fields.get("name")), "warn");
  const settled = answer({ name: "N" }, { name: place(1) }, { points: points.slice(1), confirmed: ["name"] });
  assert.equal(bandOf(settled.fields.get("name")), "human");
  const given = answer({ name: "N" }, { name: place(1, 1, { match: "none", source: "person", boxes: [] }) });
  assert.equal(bandOf(given.fields.get("name")), "human");
  const corrections = [{ path: "name", value: "N", was: "M", by: "Anna", at: "2026-01-01T00:00:00Z" }];
  assert.equal(reasonOf(answer({ name: "N" }, {}, { corrections }).fields.get("name")).params.was, "M");
});

test("findings stand at their field, others with the document", () => {
  const warnings = [{ code: "iban_invalid", message: "", path: "name" }, { code: "page_warning", message: "", path: "" },
    { code: "shape", message: "", path: "no.such" }];
  const model = answer({ name: "N" }, { name: place(1) }, { warnings });
  assert.equal(bandOf(model.fields.get("name")), "bad");
  assert.deepEqual(model.loose.map(one => one.code), ["page_warning", "shape"]);
});
