// @ts-check
// Somebody else was there first: who, when, what they say, and what this reviewer had said. A person chooses.
import { h, theirs } from "../dom.js";
import { stamp, t } from "../i18n.js";
import { ask } from "../shell.js";
import { labelOfLeaf, shownValue } from "./reasons.js";
import { Review } from "./state.js";

/**
 * @typedef {import("./form-model.js").Change} Change
 * @typedef {import("./state.js").Served} Served
 */

/**
 * Who did what last, in a sentence.
 * @param {Served} served
 */
export function lastOf({ decided, corrections }) {
  if (decided && decided.state !== "needed") {
    return t(`rv.by.${decided.state}`, { who: decided.by, at: stamp.format(new Date(decided.at)) });
  }
  const last = corrections.filter(one => one.by).at(-1);
  const at = last?.made_at ?? (typeof last?.at === "string" ? last.at : null);
  if (!last) return t("rv.by.somebody");
  if (!at) return t("rv.by.changed.once", { who: last.by });
  return t("rv.by.changed", { who: last.by, at: stamp.format(new Date(at)) });
}

/**
 * What differs between what they left and what this reviewer had.
 * @param {Review} review of this reviewer, with all that is not sent
 * @param {Served} served
 */
export function differences(review, served) {
  const other = new Review(review.shape, review.read, served, review.language);
  const paths = new Set([...review.model.all.map(field => review.model.path(field)),
    ...other.model.all.map(field => other.model.path(field))]);
  return [...paths].flatMap(path => {
    const [mine, their] = [review.model.find(path), other.model.find(path)];
    if (mine && their && JSON.stringify(mine.value) === JSON.stringify(their.value)) return [];
    const leaf = (mine ?? their)?.leaf;
    if (!leaf) return [];
    const said = (/** @type {typeof mine} */ field) => (field ? shownValue(field.value, leaf) : "");
    return [{ path, label: labelOfLeaf(leaf), mine: said(mine), theirs: said(their) }];
  });
}

/** Rows of a difference that are shown. */
const MOST = 20;

/** @param {ReturnType<typeof differences>} found */
const tableOf = found => h("div", { class: "tablewrap" }, h("table", { class: "grid" },
  h("caption", { class: "sr" }, t("rv.conflict.diff")),
  h("thead", {}, h("tr", {}, ["field", "theirs", "mine"].map(name =>
    h("th", { scope: "col" }, t(`rv.conflict.${name}`))))),
  h("tbody", {}, found.slice(0, MOST).map(one => h("tr", {}, h("th", { scope: "row" }, theirs(one.label)),
    h("td", {}, theirs(one.theirs)), h("td", {}, theirs(one.mine)))))));

/** @param {"mine" | "theirs"} whose */
const choice = whose => h("label", {},
  h("input", { type: "radio", name: "whose", value: whose, checked: whose === "mine" }),
  ` ${t(`rv.conflict.keep.${whose}`)}`);

/**
 * Asks whose is to count; null where that is left open.
 * @param {Review} review @param {Served} served
 * @returns {Promise<"mine" | "theirs" | null>}
 */
export async function choose(review, served) {
  const found = differences(review, served);
  const given = await ask({
    title: t("rv.conflict.title"), text: h("p", {}, lastOf(served)), act: t("rv.conflict.go"),
    fields: [found.length ? tableOf(found) : h("p", {}, t("rv.conflict.same")),
      h("div", { class: "checks", role: "radiogroup", "aria-label": t("rv.conflict.whose") },
        choice("mine"), choice("theirs"))],
  });
  const whose = given?.get("whose");
  return whose === "mine" || whose === "theirs" ? whose : null;
}
