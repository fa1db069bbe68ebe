// @ts-check
// The tab of fields: what needs eyes first, then every value in the order of the schema, sums, tables.
import { at, h, icon, theirs } from "../dom.js";
import { number, t } from "../i18n.js";
import { bandOf, openPoints } from "../model.js";
import { bandMark, status } from "../parts.js";
import { isPrintedOtherwise, labelOf, shownAs } from "../values.js";
import { linesTable } from "./lines.js";
import { reasons, said } from "./said.js";

/** @typedef {import("../model.js").Model} Model */
/** @typedef {import("../model.js").Field} Field */

/** The tab of an answer. @param {any} job @param {Model} model @param {(id: string) => void} choose */
export function fieldsTab(job, model, choose) {
  const { parts = null, usage = {} } = job.response;
  const isEmpty = !model.fields.size && !parts;
  return [
    parts ? partsList(parts) : pointsList(model, choose),
    usage.because ? h("p", { class: "because small second" }, t("job.because", { use_case: usage.use_case }), " ",
      theirs([usage.because].flat().join("; "), 600)) : null,
    isEmpty ? h("p", { class: "because second" }, t("job.no_fields")) : null,
    h("div", { class: "fields" }, model.parts.map(part => part.kind === "table" ? linesTable(model, part) : group(part)),
      // beside their totals they would part the fields: they stand below all of them
      model.sums.map(sumLine)),
  ];
}

/** The fields of an object; the result's own have no heading. @param {import("../model.js").Group} part */
function group({ path, name, spec, fields }) {
  if (!fields.length) return null;
  const heading = path ? h("h2", { class: "group" }, labelOf(name, spec)) : null;
  return h("section", {}, heading, fields.map(fieldRow));
}

/** A field as a button that lights its place on the page. @param {Field} field */
function fieldRow(field) {
  const shown = shownAs(field.value, field.kind), { evidence } = field;
  return h("button", { class: "f", type: "button", "data-id": field.id },
    h("span", { class: "band" }, bandMark(bandOf(field))),
    h("span", { class: "k" }, labelOf(field.name, field.spec)),
    h("bdi", { class: `v num ${shown ? "" : "none"}` }, shown || "—"),
    h("span", { class: "m" }, evidence?.page ? t("viewer.page", { n: evidence.page }) : ""),
    reasons(field),
    isPrintedOtherwise(field) ? h("span", { class: "why quiet" }, t("viewer.printed", { quote: "" }).trim(), " ",
      theirs(evidence?.quote)) : null);
}

/** What needs eyes, each a way to it. @param {Model} model @param {(id: string) => void} choose */
function pointsList(model, choose) {
  const open = openPoints(model), isGood = !open.length;
  const heading = isGood ? t("job.nothing") : t("points", { n: open.length });
  return h("section", { class: `todo ${isGood ? "good" : ""}` },
    h("h2", {}, icon(isGood ? "ok" : "warn", isGood ? "ok" : "warn"), heading),
    isGood ? null : h("ul", {}, open.map(point => h("li", {}, bandMark(point.band), pointText(model, point, choose)))),
    model.loose.map(one => h("p", { class: "small second" }, theirs(said(one), 600))));
}

/** @param {Model} model @param {ReturnType<typeof openPoints>[number]} open @param {(id: string) => void} choose */
function pointText(model, { path, point, field }, choose) {
  const table = model.tables.get(path), named = field ?? table;
  const text = point ? said(point) : textOf(field) || t("job.table_point", { n: table?.rows.length ?? 0 });
  if (!named) return h("span", {}, theirs(text, 400));
  return h("button", { type: "button", onclick: () => choose(path) }, h("b", {}, labelOf(named.name, named.spec)), ": ",
    theirs(text, 400));
}

/** @param {Field | null} field */
const textOf = field => field ? reasons(field).map(one => one.textContent).join("; ") : "";

/** A declared sum, worked out before one's eyes. @param {import("../model.js").Sum} sum */
function sumLine({ numbers, sum, is, holds, field }) {
  const total = labelOf(field.name, field.spec), money = value => shownAs(value, "money");
  const left = numbers.length > 4 ? `Σ ${t("job.numbers", { n: numbers.length })}` : numbers.map(money).join(" + ");
  return h("p", { class: "sum" },
    icon(holds ? "ok" : "bad", `s ${holds ? "ok" : "bad"}`, t(holds ? "job.holds" : "job.not_holds")),
    h("span", {}, left), " = ", h("b", {}, money(sum)),
    h("span", { class: holds ? "quiet" : "bad" }, holds ? total : `≠ ${total} ${money(is)}`));
}

/** The parts of a job that was split, each a job of its own. @param {any[]} parts */
function partsList(parts) {
  return h("section", { class: "todo plain" },
    h("h2", {}, icon("file"), t("job.parts", { n: parts.length })),
    h("ul", {}, parts.map(part => h("li", {}, part.status ? status(part.status) : t("job.erased_part"),
      part.status ? h("a", { href: at(`jobs/${part.ix_id}`) }, theirs(part.request_id)) : theirs(part.request_id),
      h("span", { class: "small quiet" }, part.documents.map(pagesOf).join("; "))))));
}

/** @param {{document: number, pages: number[]}} part */
const pagesOf = ({ document, pages }) =>
  `${t("viewer.document", { n: document + 1 })}, ${t("viewer.page", { n: pages.map(one => number.format(one)).join(", ") })}`;
