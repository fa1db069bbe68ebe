// @ts-check
// Inputs of a review: one for a field of the header, one for a cell. Each draws only what has changed of it.
import { $, fill, h, icon } from "../dom.js";
import { lang, t } from "../i18n.js";
import { isNumeric } from "../kinds.js";
import { bandMark } from "../parts.js";
import { shortcut } from "../keys.js";
import { labelOfLeaf, noValue, reasonsOf, shownValue } from "./reasons.js";
import { parse } from "./typed.js";

/**
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./form.js").Form} Form
 * @typedef {{field: Field, node: HTMLElement, input: HTMLInputElement, drawn: string}} Widget
 */

/** Letters of a value that an input holds: more is no field of a form. */
const MOST = 10_000;

/** @param {Form} form @param {Field} field @param {Record<string, any>} more */
function inputOf(form, field, more) {
  const on = form.on;
  return h("input", {
    autocomplete: "off", spellcheck: "false", maxlength: MOST, value: valueOf(field),
    "data-id": form.review.model.path(field), readonly: String(field.value ?? "").length > MOST, dir: "auto",
    inputmode: isNumeric(field.leaf.kind) ? "decimal" : null, "aria-describedby": `why-${field.id}`,
    onfocus: () => on.focus(field), oninput: (/** @type {any} */ event) => on.type(field, event.target.value),
    onblur: () => on.leave(field), onpaste: (/** @type {ClipboardEvent} */ event) => on.paste(field, event), ...more,
  });
}

/** @param {Field} field */
const valueOf = field => field.text ?? shownValue(field.value, field.leaf, MOST);

/** Hovering a field lights its boxes. @param {Form} form @param {Field} field */
const hovering = (form, field) => ({
  onpointerenter: () => form.on.hover(form.review.model.path(field)), onpointerleave: () => form.on.hover(null),
});

/**
 * A field of the header: its band, its name, its input, and what is said of it.
 * @param {Form} form @param {Field} field @returns {Widget}
 */
export function scalar(form, field) {
  const label = labelOfLeaf(field.leaf);
  const list = field.leaf.choices.length ? choices(field) : null;
  const input = inputOf(form, field, { class: "in num", id: `in-${field.id}`, list: list?.id });
  const pick = h("button", {
    class: "b plain sm icon", type: "button", tabindex: -1, title: t("rv.pick"),
    "aria-label": `${t("rv.pick")}: ${label}`,
    "aria-keyshortcuts": shortcut("review", "pick"), onclick: () => form.on.pick(field),
  }, icon("pick", "s"));
  const node = h("div", { class: "rf", "data-id": form.review.model.path(field), ...hovering(form, field) },
    h("span", { class: "band" }), h("label", { for: input.id }, label), input, pick, list,
    h("div", { class: "about", id: `why-${field.id}` }));
  return { field, node, input, drawn: "" };
}

/** @param {Field} field */
const choices = field => h("datalist", { id: `list-${field.id}` },
  field.leaf.choices.slice(0, 200).map(one => h("option", { value: String(one) })));

/**
 * A cell of a table.
 * @param {Form} form @param {Field} field @param {string} table its label @param {number} row from 1
 * @returns {Widget}
 */
export function cell(form, field, table, row) {
  const label = t("rv.cell", { column: labelOfLeaf(field.leaf), table, n: row });
  const input = inputOf(form, field, { "aria-label": label, "aria-describedby": null });
  const node = h("td", {
    class: isNumeric(field.leaf.kind) ? "r" : "", "data-id": form.review.model.path(field), ...hovering(form, field),
  }, input);
  return { field, node, input, drawn: "" };
}

/**
 * Draws a field as it is now, if it is another than before.
 * @param {Form} form @param {Widget} widget
 */
export function draw(form, widget) {
  const { field, node, input } = widget;
  const isCurrent = field === form.current, band = form.review.band(field);
  const isNone = field.text !== null && parse(field.text, field.leaf, lang) === undefined;
  const path = form.review.model.path(field);
  const reasons = isCell(node) ? [] : reasonsOf(field, form.review, isCurrent);
  const asked = isCurrent ? form.asking : "";
  const state = JSON.stringify([band, isCurrent, isNone, path, reasons, asked, field.value, field.text, field.evidence,
    isCurrent && form.places.map(one => one.value)]);
  if (state === widget.drawn) return;
  widget.drawn = state;
  node.dataset.id = input.dataset.id = path;
  const text = valueOf(field);
  if (input.value !== text) input.value = text;
  mark(widget, band, isCurrent, isNone, form.review.model.corrected(field));
  if (!isCell(node)) about(form, $(".about", node), field, { reasons, open: band === "bad" || band === "warn" });
}

/** @param {Element} node */
const isCell = node => node.tagName === "TD";

/** @param {Widget} widget @param {string} band @param {boolean} isCurrent @param {boolean} isNone
 * @param {boolean} isCorrected */
function mark({ field, node, input }, band, isCurrent, isNone, isCorrected) {
  input.setAttribute("aria-invalid", String(isNone));
  node.classList.toggle("on", isCurrent);
  for (const one of ["bad", "warn", "human"]) node.classList.toggle(one, band === one);
  if (isCell(node)) {
    input.title = isNone ? noValue(field) : "";
    return;
  }
  input.classList.toggle("human", isCorrected);
  fill($(".band", node), bandMark(/** @type {any} */ (band)));
}

/**
 * What stands under a field, or under the table of a cell: the printed words, why it needs eyes, other places.
 * @param {Form} form @param {Element} node @param {Field} field
 * @param {{reasons: import("./reasons.js").Reason[], open: boolean}} what
 */
export function about(form, node, field, { reasons, open }) {
  const isCurrent = field === form.current;
  const room = Math.max(180, form.node.clientWidth - 220);
  const printed = (isCurrent || open) && field.evidence ? form.snippet(field.evidence, room) : null;
  const said = reasons.map(({ cls, text }) => h("span", { class: cls }, text));
  const asked = isCurrent && form.asking
    ? h("p", { class: "why ask", role: "alert" }, icon("warn", "s"), form.asking) : null;
  fill(node, printed, said.length ? h("p", { class: "why" }, said) : null, asked, isCurrent ? chips(form) : null);
}

/** Other places on the document, each with its key. @param {Form} form */
function chips(form) {
  if (!form.places.length) return null;
  return h("div", { class: "cand", role: "group", "aria-label": t("rv.places") }, form.places.map((place, n) =>
    h("button", {
      class: "chip num", type: "button", tabindex: -1, "aria-keyshortcuts": `Alt+${n + 1}`,
      onpointerenter: () => form.on.peek(place), onpointerleave: () => form.on.peek(null),
      onclick: () => form.on.take(place),
    }, h("kbd", { class: "keyed", "aria-hidden": "true" }, `Alt ${n + 1}`),
    shownValue(place.value, /** @type {Field} */ (form.current).leaf))));
}
