// @ts-check
// A schema of one's own: rows of a form, or JSON for whoever knows it; one is always the other.
import { fill, h, icon, store } from "../dom.js";
import { t } from "../i18n.js";

/** @typedef {{name: string, kind: string, about: string}} Row */

/** What a field may be, in the words of JSON Schema; those of money say so to ix. @type {Record<string, any>} */
const KINDS = {
  text: { type: "string" },
  money: { type: "number", "x-ix": { kind: "money" } },
  number: { type: "number" },
  date: { type: "string", format: "date" },
  yesno: { type: "boolean" },
  list: {
    type: "array",
    items: { type: "object", properties: { description: { type: "string" }, amount: { type: "number" } } },
  },
};
/** @type {Row[]} */
const FIRST = [
  { name: "date", kind: "date", about: "" }, { name: "total", kind: "money", about: "" },
];

export class SchemaForm {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Row[]} */
    this.rows = store.get("try.rows", FIRST);
    this.list = h("div", { class: "schema-rows" });
    this.said = h("p", { class: "small", id: "schema-said", role: "status" });
    this.text = h("textarea", {
      class: "in mono", id: "schema-json", rows: 10, spellcheck: "false", "aria-describedby": "schema-said",
      "aria-label": t("try.schema"), oninput: () => this._typed(),
    });
    this.node = h("div", { class: "stack", hidden: true }, h("h2", {}, t("try.fields")), this.list,
      h("div", { class: "flow" }, h("button", { class: "b sm", type: "button", onclick: () => this._add() },
        icon("plus", "s"), t("try.add_field"))),
      h("details", {}, h("summary", { class: "second" }, t("try.schema")), this.text), this.said);
    this._draw();
    this._write();
  }

  /** The schema that stands there; an empty object where it is none. */
  value() {
    try {
      return JSON.parse(this.text.value);
    } catch {
      return {};
    }
  }

  /** Shows another schema. @param {any} schema */
  take(schema) {
    this.text.value = JSON.stringify(schema, null, 2);
    this._typed();
  }

  /** Whether it can be sent; if not, it says why and takes the focus. */
  isValid() {
    const wrong = wrongOf(this.text.value);
    this._say(wrong);
    if (wrong) (this.list.querySelector("[aria-invalid=true]") ?? this.text).focus();
    return !wrong;
  }

  _draw() {
    fill(this.list, this.rows.map((row, at) => this._row(row, at)));
  }

  /** @param {Row} row @param {number} at */
  _row(row, at) {
    const set = (/** @type {keyof Row} */ key) => (/** @type {any} */ event) => {
      row[key] = event.target.value;
      this._rowsChanged();
    };
    return h("div", { class: "schema-row" },
      h("input", { class: "in", value: row.name, "aria-label": t("try.field_name", { n: at + 1 }),
        placeholder: t("try.name"), oninput: set("name") }),
      h("select", { class: "in", "aria-label": t("try.field_kind", { n: at + 1 }), onchange: set("kind") },
        Object.keys(KINDS).map(kind => h("option", { value: kind, selected: kind === row.kind }, t(`kind.${kind}`)))),
      h("input", { class: "in about", value: row.about, "aria-label": t("try.field_about", { n: at + 1 }),
        placeholder: t("try.about"), oninput: set("about") }),
      h("button", { class: "b plain icon", type: "button", "aria-label": t("try.field_remove", { n: at + 1 }),
        onclick: () => { this.rows.splice(at, 1); this._draw(); this._rowsChanged(); } }, icon("fail", "s")));
  }

  _add() {
    this.rows.push({ name: "", kind: "text", about: "" });
    this._draw();
    this.list.lastElementChild?.querySelector("input")?.focus();
    this._rowsChanged();
  }

  _rowsChanged() {
    store.set("try.rows", this.rows);
    this._write();
    this.changed();
  }

  /** Writes what the rows say. */
  _write() {
    this.text.value = JSON.stringify(schemaOf(this.rows), null, 2);
    this._say(wrongOf(this.text.value));
  }

  /** JSON was typed: the rows follow where rows can say it. */
  _typed() {
    const wrong = wrongOf(this.text.value);
    const rows = wrong ? null : rowsOf(JSON.parse(this.text.value));
    this.list.hidden = !wrong && !rows;
    if (rows) {
      this.rows = rows;
      store.set("try.rows", rows);
      this._draw();
    }
    this._say(wrong);
    this.changed();
  }

  /** @param {string} wrong */
  _say(wrong) {
    const names = wrong ? [] : Object.keys(JSON.parse(this.text.value).properties);
    this.said.className = `small ${wrong ? "bad" : "quiet"}`;
    this.said.textContent = wrong || t("try.n_fields", { n: names.length });
    this.text.setAttribute("aria-invalid", String(Boolean(wrong)));
  }
}

/** What the rows say, as JSON Schema; rows without a name say nothing. @param {Row[]} rows */
export function schemaOf(rows) {
  const named = rows.filter(row => row.name.trim());
  const property = (/** @type {Row} */ { kind, about }) =>
    ({ ...KINDS[kind], ...(about.trim() ? { description: about.trim() } : {}) });
  return { type: "object", properties: Object.fromEntries(named.map(row => [row.name.trim(), property(row)])) };
}

/** The rows that say the same; null where rows cannot. @param {any} schema @returns {Row[] | null} */
export function rowsOf(schema) {
  const rows = Object.entries(schema.properties).map(([name, spec]) => ({ name, ...kindOf(spec) }));
  const same = JSON.stringify(schemaOf(rows)) === JSON.stringify({ type: schema.type, properties: schema.properties });
  return same && Object.keys(schema).length === 2 ? rows : null;
}

/** @param {any} spec */
function kindOf({ description: about = "", ...rest }) {
  const kind = Object.keys(KINDS).find(name => JSON.stringify(KINDS[name]) === JSON.stringify(rest));
  return { kind: kind ?? "text", about };
}

/** Why a text is no schema of an object with fields; empty where it is one. @param {string} text */
function wrongOf(text) {
  try {
    const { type, properties } = JSON.parse(text);
    return type === "object" && Object.keys(properties ?? {}).length ? "" : t("try.no_fields");
  } catch (error) {
    return t("try.no_json", { why: String(/** @type {Error} */ (error).message) });
  }
}
