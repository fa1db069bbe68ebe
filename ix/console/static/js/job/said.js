// @ts-check
// What findings, points and reasons say beside the field that they are about.
import { h, theirs } from "../dom.js";
import { number, say, stamp, t } from "../i18n.js";
import { isTouched, reasonOf } from "../model.js";
import { labelOf, shownAs } from "../values.js";

/** @typedef {import("../model.js").Field} Field */

/** A finding or a point in a sentence. @param {any} finding */
export function said(finding) {
  const { params = {}, path = "" } = finding;
  const named = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, ofParam(name, value)]));
  return say({ ...finding, params: "field" in params ? named : { ...named, field: labelOf(lastOf(path)) } });
}

/** @param {string} name @param {any} value */
function ofParam(name, value) {
  if (name === "field" || name === "total") return labelOf(lastOf(String(value)));
  // people count documents from 1, as they do pages
  if (name === "document") return Number(value) + 1;
  return name === "confidence" ? decimals(Number(value)) : value;
}

/** @param {string} path */
const lastOf = path => path.split(".").filter(step => !/^\d+$/.test(step)).at(-1) ?? "";

/** @param {number} value */
export const decimals = value => number.format(Math.round(100 * value) / 100);

/** Why a value needs eyes, or why it does not although it was read with doubt: lines below it. @param {Field} field */
export function reasons(field) {
  // what a person has settled is told of, and is no fault any more
  const isSettled = isTouched(field) && !field.point;
  const found = field.findings.map(one => line(isSettled ? "quiet" : "bad", said(one)));
  if (!found.length && field.point) found.push(line(field.point.kind === "check" ? "bad" : "", said(field.point)));
  const own = found.length && !isSettled ? null : reasonOf(field);
  if (own) found.push(line(CLASSES[own.key] ?? "", t(own.key, shown(own.params ?? {}, field.kind))));
  return found;
}

/** @type {Record<string, string>} */
const CLASSES = {
  "why.not_on_page": "bad", "why.proven": "quiet", "why.corrected": "human", "why.confirmed": "human",
  "why.person": "human",
};

/** @param {Record<string, any>} params @param {string} kind */
function shown({ was, at, confidence, ...rest }, kind) {
  return {
    ...rest, was: shownAs(was, kind) || t("value.none"), at: at ? stamp.format(new Date(at)) : "",
    confidence: confidence === undefined ? "" : decimals(confidence),
  };
}

/** @param {string} cls @param {string} text */
const line = (cls, text) => h("span", { class: `why ${cls}` }, theirs(text, 400));
