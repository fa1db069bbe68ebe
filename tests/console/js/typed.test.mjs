// Values typed in the reader's language.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, readBack, shown } from "../../../ix/console/static/js/review/typed.js";

const MONEY = { kind: "money", type: "number" };
const DATE = { kind: "date", type: "string" };

/** @param {string} language @param {Record<string, unknown>} table @param {object} want */
const says = (language, table, want) => {
  for (const [text, value] of Object.entries(table)) assert.equal(parse(text, want, language), value, `${language}: ${text}`);
};

test("a lone separator before three digits is what the language makes of it", () => {
  says("de", { "1.234": 1234, "1,234": 1.234, "0.123": 0.123 }, MONEY);
  says("en", { "1.234": 1.234, "1,234": 1234, "0,123": 0.123 }, MONEY);
});

test("what can be read in one way only is read so in both languages", () => {
  const plain = {
    "1.234,56": 1234.56, "1,234.56": 1234.56, "12.5": 12.5, "12,5": 12.5, "1 234,50": 1234.5, "1'234.50": 1234.5,
    "1.234.567": 1234567, "1,234,567.8": 1234567.8, "12,39,000.00": 1239000, "1234": 1234, ",50": 0.5,
    "€ 12,00": 12, "12.00 EUR": 12, "19 %": 19, "5,-": 5, "0": 0, "007": 7,
    "-3,50": -3.5, "3,50-": -3.5, "−8.79": -8.79, "(45,00)": -45,
  };
  says("de", plain, MONEY);
  says("en", plain, MONEY);
});

test("what is no amount is none", () => {
  for (const text of ["Stk", "1.2.3", "12,34,56", "1,234.567,8", "12 34 5", "--5", "(-5)", "4711-A", "1e5", "١", "1..2"]) {
    assert.equal(parse(text, MONEY, "de"), undefined, text);
  }
  assert.equal(parse("1234567890123456", MONEY, "en"), undefined, "more digits than a double holds");
});

test("nothing typed is no value", () => {
  for (const want of [MONEY, DATE, { kind: "text", type: "string" }]) assert.equal(parse("  ", want, "de"), null);
});

test("types of the schema are kept", () => {
  assert.equal(parse("2,5", { kind: "number", type: "integer" }, "de"), undefined);
  assert.equal(parse("1.000", { kind: "number", type: "integer" }, "de"), 1000);
  assert.equal(parse("1.234,50", { kind: "money", type: "string" }, "de"), "1234.50");
  assert.equal(parse("ja", { kind: "boolean", type: "boolean" }, "de"), true);
  assert.equal(parse("vielleicht", { kind: "boolean", type: "boolean" }, "de"), undefined);
  const choice = { kind: "text", type: "string", choices: ["paid", "pending", "open"] };
  assert.equal(parse("PAID", choice, "en"), "paid");
  assert.equal(parse("op", choice, "en"), "open");
  assert.equal(parse("p", choice, "en"), undefined, "two begin so");
});

test("days are in the calendar", () => {
  says("de", {
    "2024-09-05": "2024-09-05", "5.9.24": "2024-09-05", "05.09.2024": "2024-09-05", "5. März 2024": "2024-03-05",
    "5. Mai 2024": "2024-05-05", "31.02.2024": undefined, "2024-13-01": undefined, "3 Tage": undefined, "1.1.69": "1969-01-01",
  }, DATE);
  says("en", { "03/04/2024": "2024-04-03", "March 5th, 2024": "2024-03-05", "5 Mar 2024": "2024-03-05" }, DATE);
  says("en-US", { "03/04/2024": "2024-03-04", "25/04/2024": "2024-04-25", "3.4.2024": "2024-04-03" }, DATE);
});

test("codes lose what only groups them", () => {
  assert.equal(parse("de89 3704 0044", { kind: "iban", type: "string" }, "en"), "DE8937040044");
  assert.equal(parse("€", { kind: "currency", type: "string" }, "en"), "EUR");
  assert.equal(parse("euros", { kind: "currency", type: "string" }, "en"), undefined);
});

test("a value is typed again as it is shown, in each language", () => {
  for (const language of ["en", "de"]) {
    for (const value of [0, 7, -8.79, 1234.5, 1234567.89, 0.125, 1234]) {
      for (const kind of ["money", "number"]) {
        const text = shown(value, { kind, type: "number" }, language);
        assert.equal(parse(text, { kind, type: "number" }, language), value, `${language} ${kind} ${text}`);
      }
    }
    assert.equal(parse(shown("2024-09-05", DATE, language), DATE, language), "2024-09-05");
  }
});

test("what was understood is shown where it reads differently", () => {
  assert.equal(readBack("1.234", 1234, MONEY, "de"), "1.234,00");
  assert.equal(readBack("1234", 1234, MONEY, "de"), "");
  assert.equal(readBack("1.234,50", 1234.5, MONEY, "de"), "");
  assert.equal(readBack("1.234,5", 1234.5, MONEY, "en"), "1,234.50");
  assert.equal(readBack("5.9.24", "2024-09-05", DATE, "en"), "September 5, 2024");
  assert.equal(readBack("2024-09-05", "2024-09-05", DATE, "en"), "");
});
