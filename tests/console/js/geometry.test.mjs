// Arithmetic of pages.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  baseWidth, boxesOf, lettersFor, linesOf, pictureWidth, printHeight, runsOf, segmentsOf, textOf, wordAt, wordsBetween, wordsOf,
} from "../../../ix/console/static/js/viewer/geometry.js";
import { mayBe } from "../../../ix/console/static/js/kinds.js";

const words = wordsOf([
  ["Total", 0.1, 0.2, 0.2, 0.22], ["12.50", 0.7, 0.201, 0.78, 0.221], ["unseen", 0.3, 0.2, 0.4, 0.22, 1, true],
  ["Blue", 0.1, 0.1, 0.15, 0.12, 0.8], ["Kettle", 0.16, 0.1, 0.25, 0.12], ["bank:1", 0.1, 0.5, 0.3, 0.65, 1, false, "QRCODE"],
]);

test("a page is as large as its print is readable, and no larger than there is room", () => {
  const room = { width: 800, height: 600 };
  assert.equal(baseWidth(0.75, 0.02, room, "page"), 450);
  assert.equal(baseWidth(0.75, 0.02, room, "width"), 637.5);
  assert.equal(baseWidth(0.75, 0.002, room, "width"), 800);
  assert.equal(baseWidth(0.75, 0.2, room, "width"), 450);
  assert.ok(Math.abs(printHeight(words) - 0.02) < 1e-9);
  assert.equal(printHeight([]), 0.016);
});

test("the picture is sharp enough, and none is wider than there are", () => {
  assert.deepEqual([100, 500, 600, 1300, 1400, 9000].map(pictureWidth), [480, 480, 1240, 1240, 2400, 2400]);
});

test("words are found by arithmetic; those that nobody sees are not there", () => {
  assert.equal(wordAt(words, 0.12, 0.11).text, "Blue");
  assert.equal(wordAt(words, 0.35, 0.21), null);
  assert.equal(wordAt(words, 0.9, 0.9), null);
  assert.deepEqual(wordsBetween(words, { x: 0.9, y: 0.3 }, { x: 0, y: 0.15 }).map(one => one.text), ["Total", "12.50"]);
});

test("words make lines, lines make segments, a code is no print", () => {
  const seen = words.filter(one => !one.hidden);
  assert.equal(textOf(seen), "Blue Kettle\nTotal 12.50\nbank:1");
  assert.equal(linesOf(seen).length, 3);
  assert.deepEqual(segmentsOf(seen, 0.75).map(textOf), ["Blue Kettle", "Total", "12.50", "bank:1"]);
  assert.deepEqual(boxesOf(seen.slice(2, 4)), [[0.1, 0.1, 0.25, 0.12]]);
});

test("runs are the longest that fit, and leave out what is hidden", () => {
  const fits = kind => text => mayBe(text, kind);
  assert.deepEqual(runsOf(words, 0.75, 3, fits("money")).map(textOf), ["12.50"]);
  assert.deepEqual(runsOf(words, 0.75, Infinity, fits("text")).map(textOf), ["Blue Kettle", "Total", "12.50", "bank:1"]);
});

test("letters are one each, or two where there are many, and all different", () => {
  assert.deepEqual(lettersFor(3), ["a", "s", "d"]);
  assert.equal(new Set(lettersFor(300)).size, 300);
  assert.ok(lettersFor(26).every(one => one.length === 1) && lettersFor(27).every(one => one.length === 2));
});

test("kinds tell which words may be meant", () => {
  const money = ["12.50", "1.234,50", "€ 12,50", "1 234,56", "-8.79", "1234"], none = ["Total", "12.5.2024", "A-17"];
  assert.deepEqual(money.filter(one => !mayBe(one, "money")), []);
  assert.deepEqual(none.filter(one => mayBe(one, "money")), []);
  assert.deepEqual(["05.09.2024", "2024-09-05", "5 March 2024", "March 5, 2024"].filter(one => !mayBe(one, "date")), []);
  assert.equal(mayBe("12.50", "date"), false);
  assert.equal(mayBe("12.50", "money", true), true);
  assert.equal(mayBe("1234", "money", true), false);
});
