// @ts-check
// The form: what, of which jobs, in which form. Whatever is changed is told at once.
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { caps, shortcut } from "../keys.js";
import { FORMATS, WHAT } from "./asked.js";

const REVIEWS = ["", "approved", "straight", "needed", "rejected"];

export class Form {
  /**
   * @param {any} me
   * @param {import("./asked.js").Asked} asked
   * @param {(asked: import("./asked.js").Asked) => void} changed
   */
  constructor(me, asked, changed) {
    this.asked = asked;
    this.changed = changed;
    this.useCase = this.#select("use_case", [["", t("exports.use_case.all")]]);
    this.review = this.#select("review", REVIEWS.map(one => [one, t(`exports.review.${one || "any"}`)]));
    this.lines = h("label", { class: "check" },
      h("input", { type: "checkbox", name: "table", value: "lines", checked: asked.table === "lines" }),
      t("exports.lines"));
    this.size = h("p", { class: "small second", role: "status" });
    this.link = h("a", {
      class: "b primary", download: "", "data-act": "download", "aria-keyshortcuts": shortcut("exports", "download"),
      onclick: (/** @type {Event} */ event) => { if (this.link.ariaDisabled === "true") event.preventDefault(); },
    }, icon("load", "s"), t("exports.download"), caps("exports", "download"));
    this.node = h("form", { class: "card", "aria-label": t("nav.exports"), onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.link.click();
    } },
    this.#choice("what", WHAT), this.#row("use_case", this.useCase),
    me.client_id ? null : this.#row("client_id", this.#input("client_id", "text")),
    this.#row("review", this.review), this.#days(), this.#choice("format", FORMATS), this.lines, this.size, this.link,
    h("p", { class: "small quiet" }, t("exports.harmless")));
    this.node.addEventListener("change", () => this.#read());
    this.paint(asked);
  }

  /** Names of use cases that there are. @param {string[]} names */
  offer(names) {
    const { use_case: chosen } = this.asked;
    const more = chosen && !names.includes(chosen) ? [...names, chosen] : names;
    this.useCase.append(...more.map(name => h("option", { value: name, selected: name === chosen }, name)));
  }

  /** Shows what is asked. @param {import("./asked.js").Asked} asked */
  paint(asked) {
    this.asked = asked;
    for (const input of this.node.elements) {
      if (input.type === "radio") input.checked = asked[input.name] === input.value;
      else if (input.type === "checkbox") input.checked = asked[input.name] === input.value;
      else if (input.name) input.value = asked[input.name];
    }
    this.lines.hidden = asked.format !== "csv" || asked.what === "evidence";
    this.review.parentElement.hidden = asked.what === "labelled";
  }

  /** Where the file is, null while there is none to be had. @param {string | null} href */
  offerFile(href) {
    this.link.ariaDisabled = href ? "false" : "true";
    if (href) this.link.href = href;
    else this.link.removeAttribute("href");
  }

  #read() {
    const given = Object.fromEntries(new FormData(this.node));
    const asked = { ...this.asked, table: "", ...given };
    this.paint(/** @type {any} */ (asked));
    this.changed(this.asked);
  }

  /** @param {string} name @param {string[]} values */
  #choice(name, values) {
    return h("fieldset", { class: "checks" }, h("legend", { class: "lab" }, t(`exports.${name}`)),
      values.map(value => h("label", {}, h("input", { type: "radio", name, value }),
        h("span", {}, h("b", {}, t(`exports.${name}.${value}`)), " ",
          h("span", { class: "quiet" }, t(`exports.${name}.${value}.more`))))));
  }

  #days() {
    return h("div", { class: "row" }, h("span", { class: "lab", id: "exports-days" }, t("exports.days")),
      h("span", { class: "days" }, this.#input("from", "date"), "–", this.#input("to", "date")));
  }

  /** @param {string} name @param {any} input */
  #row(name, input) {
    return h("div", { class: "row" }, h("label", { for: input.id }, t(`exports.${name}`)), input);
  }

  /** @param {string} name @param {string} type */
  #input(name, type) {
    const label = type === "date" ? t(`exports.${name}`) : null;
    return h("input", { class: "in", id: `exports-${name}`, name, type, "aria-label": label, autocomplete: "off" });
  }

  /** @param {string} name @param {string[][]} options */
  #select(name, options) {
    return h("select", { class: "b", id: `exports-${name}`, name },
      options.map(([value, text]) => h("option", { value }, text)));
  }
}
