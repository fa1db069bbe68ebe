// @ts-check
// The tab of the envelope itself: with colours up to 200 kB, plain above, to be saved only above 5 MB.
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { copyText } from "../shell.js";
import { save } from "./actions.js";
import { curlOf, pythonOf } from "./programs.js";

/** Characters up to which there are colours, and up to which it is shown at all. */
const COLOURED = 200_000, SHOWN = 5_000_000;
const PIECE = /("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*)/;

/** @param {any} job @param {any} me */
export function rawTab(job, me) {
  const text = JSON.stringify(job, null, 2);
  const button = (name, drawing, act) => h("button", { class: "b sm", type: "button", onclick: act }, icon(drawing, "s"), t(name));
  const bar = h("div", { class: "pane-bar" },
    button("copy", "copy", () => copyText(text)),
    button("job.download", "load", () => save(new Blob([text], { type: "application/json" }), `${job.ix_id}.json`)),
    button("job.curl", "copy", () => copyText(curlOf(job, me))),
    button("job.python", "copy", () => copyText(pythonOf(job, me))));
  if (text.length > SHOWN) return [bar, h("p", { class: "because second" }, t("job.too_long", { n: Math.round(text.length / 1e6) }))];
  return [bar, h("pre", { class: "json", tabindex: 0, role: "region", "aria-label": t("job.tab.raw") },
    text.length > COLOURED ? text : coloured(text))];
}

/** @param {string} text */
const coloured = text => text.split(PIECE).map((part, at) => at % 2 ? h("span", { class: classOf(part) }, part) : part);

/** @param {string} part */
function classOf(part) {
  if (!part.startsWith('"')) return "lit";
  return part.endsWith(":") ? "key" : "str";
}
