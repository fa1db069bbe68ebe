// Other places on the page, and lines of a table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf, columnsOf, pasted, rowFrom, shifted } from "../../../ix/console/static/js/review/lines.js";
import { elsewhere, evidenceOf, mends, placeOf, writtenIn } from "../../../ix/console/static/js/review/places.js";
import { shapeOf } from "../../../ix/console/static/js/review/shape.js";
import { Review } from "../../../ix/console/static/js/review/state.js";
import { sumsOf } from "../../../ix/console/static/js/review/sums.js";
import { READ, SCHEMA, served } from "./schema.mjs";

/** @param {[string, number, number][]} words text, x, y */
const page = (...words) => ({ document: 0, page: 1, words: words.map(([text, x, y]) => [text, x, y, x + 0.08, y + 0.01]) });
const PAGE = page(["Rechnung", 0.1, 0.1], ["05.09.2024", 0.7, 0.12], ["300,00", 0.7, 0.5], ["19", 0.6, 0.52], ["57,00", 0.7, 0.52],
  ["357,00", 0.7, 0.54], ["DE89", 0.1, 0.9], ["3704", 0.2, 0.9], ["0044", 0.3, 0.9], ["0532", 0.4, 0.9], ["0130", 0.5, 0.9],
  ["00", 0.6, 0.9], ["RE-7", 0.1, 0.3]);
const review = (result = {}) => new Review(shapeOf(SCHEMA), READ, served({ result: { ...READ.result, ...result } }), "de");

test("places are amounts that differ, those first that make a sum come out", () => {
  const one = review({ grand_total: 300 });
  const total = one.model.find("grand_total");
  const sums = sumsOf(one.model).filter(sum => sum.total === total);
  const found = elsewhere(total, [PAGE], "de", value => mends(sums, total, value));
  assert.deepEqual(found.map(each => each.value), [357, 57], "19 has no decimals, 300 is what it says");
  assert.deepEqual(found[0].at, [5]);
});

test("what makes a sum come out comes before what is near", () => {
  const one = review({ net_total: 1, lines: [] });
  const net = { ...one.model.find("net_total"), evidence: { ...READ.evidence.grand_total } };
  const sums = sumsOf(one.model).filter(sum => sum.parts.some(part => part.field.leaf === net.leaf));
  const own = sums[0].parts.find(part => part.field.leaf === net.leaf).field;
  const found = elsewhere(net, [PAGE], "de", value => mends(sums, own, value));
  assert.deepEqual(found.map(each => each.value), [300, 357, 57]);
});

test("without a sum the nearest to where it was read comes first", () => {
  const one = review();
  const tax = one.model.find("tax_total");
  assert.deepEqual(elsewhere(tax, [PAGE], "de").map(each => each.value), [357, 300]);
});

test("days, numbers of accounts, and no places for texts", () => {
  const one = review();
  const iban = { ...one.model.find("number"), leaf: { ...one.model.find("number").leaf, kind: "iban" } };
  assert.deepEqual(elsewhere(iban, [PAGE], "de").map(each => each.value), ["DE89370400440532013000"]);
  assert.deepEqual(elsewhere({ ...one.model.find("issued"), value: null }, [PAGE], "de").map(each => each.value), ["2024-09-05"]);
  assert.deepEqual(elsewhere(one.model.find("seller.name"), [PAGE], "de"), []);
  assert.deepEqual(elsewhere(one.model.find("number"), [PAGE], "de").map(each => each.value).includes("RE-7"), true);
});

test("hidden words are no place", () => {
  const hidden = structuredClone(PAGE);
  hidden.words.forEach(word => { word[5] = 1; word[6] = true; });
  assert.deepEqual(elsewhere(review().model.find("tax_total"), [hidden], "de"), []);
  assert.equal(placeOf(review().model.find("tax_total"), 57, [hidden], "de"), null);
});

test("a typed value is found where it stands", () => {
  const one = review();
  assert.deepEqual(placeOf(one.model.find("tax_total"), 300, [PAGE], "de").at, [2]);
  assert.deepEqual(placeOf(one.model.find("seller.name"), "Rechnung", [PAGE], "de").at, [0]);
  assert.equal(placeOf(one.model.find("tax_total"), 1, [PAGE], "de"), null);
});

test("evidence has one box a line", () => {
  const words = [["a", 0.1, 0.1, 0.2, 0.12], ["b", 0.3, 0.101, 0.4, 0.119], ["c", 0.1, 0.2, 0.2, 0.22]];
  assert.deepEqual(evidenceOf(0, 2, words).boxes, [[0.1, 0.1, 0.4, 0.12], [0.1, 0.2, 0.2, 0.22]]);
});

test("how a document writes its numbers", () => {
  assert.equal(writtenIn([PAGE], "en"), "de");
  assert.equal(writtenIn([page(["1,234.50", 0, 0], ["12.00", 0, 0])], "de"), "en");
  assert.equal(writtenIn([page(["Rechnung", 0, 0])], "de"), "de");
});

/** The table with columns at 0.1 to 0.4, 0.5 to 0.55 and 0.7 to 0.8. */
function lines() {
  const read = structuredClone(READ);
  for (const line of read.evidence.lines) {
    line.name.boxes = [[0.1, 0.3, 0.4, 0.31]];
    line.quantity.boxes = [[0.5, 0.3, 0.55, 0.31]];
  }
  return new Review(shapeOf(SCHEMA), read, served(structuredClone(read)), "de");
}
const LINE = [["Lampe", 0.1, 0.4, 0.2, 0.41], ["groß", 0.22, 0.4, 0.3, 0.41], ["2", 0.52, 0.4, 0.53, 0.41], ["1.050,00", 0.71, 0.4, 0.82, 0.41]];

test("a printed line falls into its columns", () => {
  const one = lines();
  const [table] = one.model.tables;
  const change = rowFrom(table, 2, { document: 0, page: 1, words: LINE }, "de");
  assert.deepEqual(change.value, { name: "Lampe groß", quantity: 2, line_total: 1050 });
  assert.deepEqual(change.evidence.line_total.boxes, [[0.71, 0.4, 0.82, 0.41]]);
  one.do([change], table.rows[0].cells[0]);
  assert.equal(table.rows.length, 3);
  assert.equal(one.model.corrected(table.rows[2].cells[0]), true);
});

test("positions and units are in no column", () => {
  const [table] = lines().model.tables;
  const words = [["3", 0.05, 0.4, 0.06, 0.41], ...LINE, ["psch", 0.56, 0.4, 0.6, 0.41], ["Länge", 0.405, 0.4, 0.45, 0.41]];
  const groups = columnsOf(table, words.sort((a, b) => a[1] - b[1])).map(group => group.map(word => word[0]));
  assert.deepEqual(groups, [["Lampe", "groß", "Länge"], ["2"], ["1.050,00"]]);
});

test("without a row to go by, numbers go right and the rest to the text", () => {
  const [table] = new Review(shapeOf(SCHEMA), READ, served({ result: { lines: [] }, evidence: { lines: [] } }), "de").model.tables;
  assert.deepEqual(columnsOf(table, LINE).map(group => group.map(word => word[0])), [["Lampe", "groß"], ["2"], ["1.050,00"]]);
});

test("pasted cells go over those there are, and make rows", () => {
  const one = lines();
  const [table] = one.model.tables;
  const { changes, left } = pasted(one.model, table.rows[1], 1, cellsOf("5\t1.000,50\r\n6\tviele\tzu viel\n"), "de");
  assert.equal(left, 2);
  one.do(changes, table.rows[1].cells[0]);
  assert.deepEqual(one.model.envelope().result.lines.map(line => [line.name, line.quantity, line.line_total]),
    [["Tisch", 1, 100], ["Stuhl", 5, 1000.5], [null, 6, null]]);
  one.undo();
  assert.deepEqual(one.model.envelope().result.lines.length, 2);
});

test("a column that is one too far is moved with its evidence", () => {
  const one = lines();
  const [table] = one.model.tables;
  one.do(shifted(one.model, table, 1, 1, "de"), table.rows[0].cells[0]);
  assert.deepEqual(table.rows[1].cells.slice(1).map(cell => [cell.value, cell.evidence.quote]), [[200, "200,00"], [4, "4"]]);
  assert.deepEqual(shifted(one.model, table, 2, 1, "de"), [], "there is none behind the last");
});
