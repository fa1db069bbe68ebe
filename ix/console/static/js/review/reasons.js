// @ts-check
// What is said under a field: why it needs eyes, how a typed value was understood, what a person did to it.
import { visible } from "../dom.js";
import { has, lang, say, t } from "../i18n.js";
import { labelOf } from "../values.js";
import { parse, readBack, shown } from "./typed.js";

/**
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./state.js").Review} Review
 * @typedef {import("./state.js").Point} Point
 * @typedef {{cls: string, text: string}} Reason
 */

/** @param {{name: string, title: string, titles: Record<string, string>}} leaf */
export const labelOfLeaf = ({ name, title, titles }) => labelOf(name, { title, "x-ix": { titles } });

/** A value as the reader's language writes it. @param {unknown} value @param {import("./shape.js").Leaf} leaf
 * @param {number} [most] letters */
export const shownValue = (value, leaf, most = 200) => visible(shown(value, leaf, lang), most);

/**
 * Points say fields by their names in the result; people read labels.
 * @param {Point} point @param {Review} review
 */
export function sayPoint(point, review) {
  const named = (/** @type {string} */ name) => {
    const field = review.model.scalars.find(one => one.leaf.path === name || one.leaf.name === name);
    return field ? labelOfLeaf(field.leaf) : labelOf(name.split(".").at(-1) ?? name);
  };
  const { params = {} } = point;
  const said = { ...params };
  for (const name of ["field", "total", "first"]) if (typeof said[name] === "string") said[name] = named(said[name]);
  if (typeof said.parts === "string") said.parts = said.parts.split(", ").map(named).join(" + ");
  return visible(say({ ...point, params: said }));
}

/**
 * @param {Field} field @param {Review} review @param {boolean} isCurrent
 * @returns {Reason[]}
 */
export function reasonsOf(field, review, isCurrent) {
  const typing = typingOf(field);
  if (typing) return [typing];
  const band = review.band(field);
  const point = review.pointOf(field);
  const corrected = review.model.corrected(field);
  /** @type {Reason[]} */
  const said = [];
  if (point && (band === "bad" || band === "warn")) said.push({ cls: band, text: sayPoint(point, review) });
  if (corrected) said.push({ cls: "human", text: t("rv.why.corrected", { was: wasOf(field) }) });
  else if (field.confirmed) said.push({ cls: "human", text: t("rv.why.confirmed") });
  else if (band === "ok" && review.derived.proven.has(field) && (field.evidence?.confidence ?? 1) < 0.6) {
    said.push({ cls: "ok", text: t("rv.why.proven") });
  }
  if (isCurrent && field.evidence?.page) {
    said.push({ cls: "quiet", text: t("viewer.page", { n: field.evidence.page }) });
  }
  return said;
}

/** While something is typed: that it is no value, or how it reads. @param {Field} field @returns {Reason | null} */
function typingOf(field) {
  if (field.text === null) return null;
  const value = parse(field.text, field.leaf, lang);
  if (value === undefined) return { cls: "bad", text: noValue(field) };
  const back = readBack(field.text, value, field.leaf, lang);
  return back ? { cls: "quiet", text: t("rv.reads", { value: back }) } : null;
}

/** @param {Field} field */
export function noValue({ leaf }) {
  if (leaf.choices.length) {
    const choices = leaf.choices.slice(0, 12).map(one => visible(one, 40));
    return t("rv.no.choice", { choices: choices.join(", ") });
  }
  if (leaf.type === "integer") return t("rv.no.integer");
  return has(`rv.no.${leaf.kind}`) ? t(`rv.no.${leaf.kind}`) : t("rv.no.value");
}

/** @param {Field} field */
const wasOf = ({ read, leaf }) =>
  read.value === null ? t("rv.nothing") : t("rv.quoted", { text: shownValue(read.value, leaf) });
