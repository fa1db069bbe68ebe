// A review as a pure model: what is open, in which order, what is changed, and how it is taken back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf } from "../../../ix/console/static/js/review/shape.js";
import { sendable } from "../../../ix/console/static/js/review/form-model.js";
import { Review } from "../../../ix/console/static/js/review/state.js";
import { READ, SCHEMA, place, served } from "./schema.mjs";

const DOUBT = { path: "seller.name", kind: "doubt", code: "doubt", message: "" };
const MISSING = { path: "number", kind: "missing", code: "missing", message: "" };
const LINES = { path: "lines", kind: "lines", code: "rows_unsure", message: "" };
const SAMPLE = { path: null, kind: "document", code: "random_sample", message: "" };
const review = (more = {}, language = "de") => new Review(shapeOf(SCHEMA), READ, served(more), language);
const field = (one, path) => { const found = one.model.find(path); assert.ok(found, path); return found; };
const paths = one => one.open.map(target => target.point.path);

test("fields stand in the schema's order, members and columns too", () => {
  const shape = shapeOf(SCHEMA);
  assert.deepEqual(shape.leaves.map(one => one.path),
    ["number", "issued", "seller.name", "net_total", "tax_total", "grand_total", "profile"]);
  assert.deepEqual(shape.tables.map(one => [one.path, one.columns.map(column => column.name)]),
    [["lines", ["name", "quantity", "line_total"]], ["tags", [""]]]);
  assert.deepEqual(shape.leaves.map(one => one.kind),
    ["identifier", "date", "organisation", "money", "money", "money", "identifier"]);
  assert.equal(shape.leaves[0].expected, true);
  assert.equal(shape.leaves[6].electronic, true);
});

test("points are walked in the order of the form, there and back", () => {
  const one = review({ points: [LINES, DOUBT, MISSING, SAMPLE] });
  assert.deepEqual(paths(one), ["number", "seller.name", "lines"]);
  const second = one.next(field(one, "number"));
  assert.equal(second.point.path, "seller.name");
  assert.equal(one.next(second.field).point.path, "lines");
  assert.equal(one.next(field(one, "lines.0.name")).point.path, "number", "around the end");
  assert.equal(one.next(field(one, "seller.name"), -1).point.path, "number");
});

test("Enter on a right value settles it, and the progress says so", () => {
  const one = review({ points: [DOUBT, MISSING] });
  assert.deepEqual(one.progress, { settled: 0, of: 2 });
  assert.deepEqual(one.confirm(field(one, "seller.name")), [{ path: "seller.name", confirmed: true }]);
  assert.deepEqual(paths(one), ["number"]);
  assert.deepEqual(one.progress, { settled: 1, of: 2 });
  assert.equal(one.band(field(one, "seller.name")), "human");
  assert.deepEqual(one.confirm(field(one, "seller.name")), [], "once is enough");
});

test("what is typed shows at once in sums, and is one change when it is left", () => {
  const one = review();
  const total = field(one, "grand_total");
  assert.equal(one.derived.sums[0].holds, true);
  assert.equal(one.type(total, "35"), true);
  assert.equal(one.type(total, "3570"), true);
  assert.equal(one.derived.sums[0].holds, false);
  assert.deepEqual(paths(one), ["grand_total"], "a sum that does not come out is a point before the service says so");
  assert.deepEqual(one.commit(total, null), [{ path: "grand_total", value: 3570, evidence: null }]);
  assert.deepEqual(one.commit(total, null), []);
  const back = one.undo();
  assert.deepEqual(back.changes, [{ path: "grand_total", op: "reset" }]);
  assert.equal(back.focus, total);
  assert.equal(total.value, 357);
  assert.equal(one.undo(), null);
});

test("a text that is no value stays to be put right, and changes nothing", () => {
  const one = review();
  const total = field(one, "grand_total");
  assert.equal(one.type(total, "3"), true);
  assert.equal(one.type(total, "3 Stk x"), false);
  assert.equal(one.commit(total), null);
  assert.equal(total.value, 357);
  assert.equal(total.text, "3 Stk x");
});

test("a correction settles doubt, but not a check that it breaks", () => {
  const one = review({ points: [DOUBT] });
  const [seller, total] = [field(one, "seller.name"), field(one, "grand_total")];
  one.type(seller, "Nordlicht GmbH");
  one.commit(seller);
  assert.deepEqual(paths(one), []);
  one.type(total, "400");
  one.commit(total);
  assert.equal(one.breaks(total).code, "sum_mismatch");
  assert.deepEqual(paths(one), ["grand_total"]);
  assert.equal(one.band(total), "bad");
  one.confirm(total);
  assert.equal(one.breaks(total), null);
  assert.deepEqual(paths(one), []);
});

test("a sum that comes out again is no point, whatever was said before", () => {
  const wrong = { path: "grand_total", kind: "check", code: "sum_mismatch", message: "" };
  const one = review({ points: [wrong], result: { ...READ.result, grand_total: 358 } });
  assert.deepEqual(paths(one), ["grand_total"]);
  one.type(field(one, "grand_total"), "357");
  assert.deepEqual(paths(one), []);
});

test("sums prove numbers that stand at three places or more", () => {
  const { proven } = review().derived;
  assert.equal(proven.size, 5);
  const twice = structuredClone(READ);
  twice.evidence.tax_total = twice.evidence.grand_total = twice.evidence.net_total;
  twice.evidence.lines[1].line_total = twice.evidence.lines[0].line_total;
  const one = new Review(shapeOf(SCHEMA), twice, served(structuredClone(twice)), "en");
  assert.equal(one.derived.proven.size, 0);
});

test("a table whose sum comes out again is no point for its sum", () => {
  const sum = { path: "lines", kind: "lines", code: "rows_sum", message: "", params: { total: "net_total" } };
  const result = structuredClone(READ.result);
  result.lines[1].line_total = 20;
  const one = review({ points: [sum], result });
  assert.deepEqual(paths(one), ["lines"], "one point, though its total does not come out");
  one.type(field(one, "lines.1.line_total"), "200");
  assert.deepEqual(paths(one), []);
});

test("a correction and its confirmation are taken back at once", () => {
  const one = review({ points: [DOUBT] });
  const seller = field(one, "seller.name");
  one.type(seller, "X");
  one.commit(seller, null);
  one.confirm(seller);
  assert.deepEqual(one.undo().changes, [
    { path: "seller.name", confirmed: false },
    { path: "seller.name", op: "reset" },
  ]);
  assert.deepEqual(paths(one), ["seller.name"]);
});

test("Escape brings back what was read; not on the document empties and confirms", () => {
  const one = review();
  const issued = field(one, "issued");
  one.type(issued, "6.9.2024");
  one.commit(issued, null);
  assert.equal(issued.value, "2024-09-06");
  assert.deepEqual(one.asRead(issued), [{ path: "issued", op: "reset" }]);
  assert.deepEqual(one.asRead(issued), []);
  assert.deepEqual(one.none(issued), [{ path: "issued", value: null, evidence: null, confirmed: true }]);
  assert.equal(one.model.envelope().result.issued, null);
});

test("a table is one point: the last row that is seen settles it", () => {
  const cell = { path: "lines.1.line_total", kind: "check", code: "total_negative", message: "" };
  const one = review({ points: [LINES, cell] });
  assert.equal(one.open.length, 1);
  const [first, second] = one.model.tables[0].rows;
  assert.deepEqual(one.see(first), []);
  assert.equal(one.fieldOf(one.open[0]).row, second);
  assert.deepEqual(one.see(second), [{ path: "lines", confirmed: true }]);
  assert.deepEqual(paths(one), []);
});

test("a check that fails after a confirmation is a point again", () => {
  const one = review();
  const [total, tax] = [field(one, "grand_total"), field(one, "tax_total")];
  one.confirm(total);
  one.type(tax, "60");
  one.commit(tax, null);
  assert.deepEqual(paths(one), ["grand_total"]);
  assert.equal(one.band(total), "bad");
  assert.deepEqual(one.confirm(total), [{ path: "grand_total", confirmed: true }]);
  assert.deepEqual(paths(one), []);
});

test("what was confirmed before stays settled, but for what the service says is open", () => {
  const one = review({ points: [MISSING], confirmed: ["seller.name", "number"] });
  one.heard([DOUBT, MISSING]);
  assert.deepEqual(paths(one), ["number"], "the checks do not know what was confirmed, the review does");
});

test("rows are put in, taken out and moved, and every step is taken back", () => {
  const one = review();
  const [lines] = one.model.tables;
  const before = JSON.stringify(one.model.envelope());
  const last = lines.rows[1].cells[0];
  one.do([{ path: "lines", op: "move", at: 1, to: 0 }], last);
  assert.equal(one.model.path(last), "lines.0.name");
  one.do([{ path: "lines", op: "remove", at: 1 }], last);
  one.do([{ path: "lines", op: "insert", at: 1, value: { name: "Lampe", quantity: null, line_total: 50 }, evidence: {} }], last);
  assert.deepEqual(one.model.envelope().result.lines.map(line => line.name), ["Stuhl", "Lampe"]);
  assert.deepEqual(one.undo().changes, [{ path: "lines", op: "remove", at: 1 }]);
  const [again] = one.undo().changes;
  assert.equal(again.op, "insert");
  assert.deepEqual(again.value.details, { note: "n" }, "what is no cell comes back as well");
  assert.equal(one.model.corrected(lines.rows[1].cells[0]), false, "a row that comes back is the one that was read");
  one.undo();
  assert.equal(JSON.stringify(one.model.envelope()), before);
});

test("rows keep what was read of them when their corrections are read again", () => {
  const corrections = [{ path: "lines", op: "remove", at: 0 }, { path: "lines.0.quantity", value: 5, evidence: null }];
  const result = structuredClone(READ.result);
  result.lines = [{ ...result.lines[1], quantity: 5 }];
  const one = review({ corrections, result, version: 3 });
  assert.equal(one.model.corrected(field(one, "lines.0.name")), false);
  assert.equal(one.model.corrected(field(one, "lines.0.quantity")), true);
  const other = review({ corrections: [], result, version: 3 });
  assert.deepEqual(other.model.envelope().result.lines.length, 1, "what the service has wins");
});

test("a row is sent without its evidence, which its cells then have", () => {
  const where = place("50,00", 0.4);
  const insert = { path: "lines", op: "insert", at: 2, value: { name: null, line_total: 50 }, evidence: { name: null, line_total: where } };
  assert.deepEqual(sendable([insert, { path: "a", confirmed: true }]), [
    { path: "lines", op: "insert", at: 2, value: { name: null, line_total: 50 } },
    { path: "lines.2.line_total", value: 50, evidence: where },
    { path: "a", confirmed: true },
  ]);
});

test("another value takes back what was confirmed of it and of its table", () => {
  const one = review({ confirmed: ["lines", "lines.0.name"] });
  one.heard([LINES]);
  assert.deepEqual(paths(one), []);
  one.type(field(one, "lines.0.name"), "Lampe");
  one.commit(field(one, "lines.0.name"), null);
  assert.equal(field(one, "lines.0.name").confirmed, false);
  assert.deepEqual(paths(one), ["lines"]);
});

test("values that are rows of their own are cells too", () => {
  const one = review();
  one.type(field(one, "tags.1"), "c");
  one.commit(field(one, "tags.1"), null);
  assert.deepEqual(one.model.envelope().result.tags, ["a", "c"]);
});

test("names of Object's own members are names like others", () => {
  const schema = { type: "object", properties: { constructor: { type: "string" }, toString: { type: "string" } } };
  const one = new Review(shapeOf(schema), { result: {}, evidence: {} }, served({ result: {}, evidence: {} }), "en");
  assert.deepEqual(one.model.scalars.map(each => each.value), [null, null]);
});
