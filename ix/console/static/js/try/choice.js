// @ts-check
// What is read from the documents: a use case, or the fields of a schema of one's own.
import { get } from "../api.js";
import { fill, h, store } from "../dom.js";
import { has, t } from "../i18n.js";
import { failed } from "../states.js";
import { SchemaForm } from "./schema.js";

/** Chosen at first, where there is it: it finds out what a document is. */
const FIRST = "auto";
/** What brings its own schema. */
const OWN = "custom";
/** Most documents are one of these: they stand before the others. */
const USUAL = [FIRST, "receipt", "invoice", "bank_statement"];
/** For tests of the service: no document comes in. */
const HIDDEN = new Set(["drill"]);

export class Choice {
  name = FIRST;

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.schema = new SchemaForm(changed);
    this.list = h("div", { class: "uses-list" });
    this.node = h("div", { class: "stack" },
      h("fieldset", { class: "uses" }, h("legend", {}, t("try.what")), this.list), this.schema.node);
  }

  /** Asks what there is; what was chosen last is chosen. */
  async load() {
    try {
      const { use_cases: found } = await get("/use-cases");
      this._offer(found.filter((/** @type {any} */ one) => !HIDDEN.has(one.name)));
    } catch (error) {
      fill(this.list, failed(error, { title: t("try.no_use_cases"), again: () => this.load() }));
    }
  }

  /** @param {any[]} found */
  _offer(found) {
    const names = found.map(one => one.name), others = names.filter(name => !USUAL.includes(name) && name !== OWN);
    const asked = new URLSearchParams(location.search).get("use_case") ?? store.get("try.use", FIRST);
    const shown = [...USUAL, ...others, OWN].filter(name => names.includes(name));
    fill(this.list, shown.map(name => this._option(name, found.find(one => one.name === name).description)));
    this._choose(shown.includes(asked) ? asked : shown[0] ?? "");
  }

  /** @param {string} name @param {string} description */
  _option(name, description) {
    const radio = h("input", { type: "radio", name: "use", value: name, onchange: () => this._choose(name) });
    return h("label", {}, radio, h("span", {}, has(`use.${name}`) ? t(`use.${name}`) : name.replaceAll("_", " ")),
      h("small", { class: "quiet" }, has(`use.${name}.text`) ? t(`use.${name}.text`) : description));
  }

  /** @param {string} name */
  _choose(name) {
    this.name = name;
    const radio = [...this.list.querySelectorAll("input")].find(one => one.value === name);
    if (radio) radio.checked = true;
    this.schema.node.hidden = name !== OWN;
    if (name) store.set("try.use", name);
    this.changed();
  }

  /** Shows what was saved. @param {{use_case: string, options: any}} configuration */
  take({ use_case: name, options }) {
    if (name === OWN && options.schema) this.schema.take(options.schema);
    this._choose(name);
  }

  /** The options of a submission. @returns {Record<string, any>} */
  options() { return this.name === OWN ? { schema: this.schema.value() } : {}; }

  /** Whether it can be sent; what is wrong is shown, and has the focus. */
  isValid() { return this.name !== OWN || this.schema.isValid(); }
}
