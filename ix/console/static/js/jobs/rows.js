// @ts-check
// A row of the list: made once, and filled anew whenever its job changes.
import { at, fill, h, theirs } from "../dom.js";
import { number, t, took } from "../i18n.js";
import { tagsOf } from "../labels.js";
import { errorName, progressBar, progressText, reviewPill, status, when } from "../parts.js";

/** What a job is called: by its first document, else as its client calls it. @param {any} head */
export const nameOf = head => head.document || head.request_id;

/** Seconds that the last attempt took. @param {any} head */
const seconds = ({ started_at, finished_at }) =>
  (started_at && finished_at ? (new Date(finished_at).getTime() - new Date(started_at).getTime()) / 1000 : null);

/** Of a job, in its row; the job itself shows all. */
const MOST_TAGS = 3;
const COLUMNS = ["c0", "stt", "nm", "uc", "fact", "rev", "tk r num second", "cr r num second"];

/** @param {any} head @param {boolean} isChosen */
export function makeRow(head, isChosen) {
  const row = h("tr", { "data-id": head.ix_id }, COLUMNS.map(name => h("td", { class: name })));
  const label = t("jobs.select", { name: nameOf(head) });
  row.firstChild.append(h("input", { type: "checkbox", "aria-label": label, checked: isChosen }));
  row.children[2].append(
    h("div", {}, h("a", { class: "name", href: at(`jobs/${head.ix_id}`) }, theirs(nameOf(head), 120)), more(head)),
    h("div", { class: "small quiet" }, theirs(head.client_id, 60), " / ", theirs(head.request_id, 60),
      ...tagsOf(head).slice(0, MOST_TAGS)));
  row.children[3].append(head.use_case);
  fillRow(row, head);
  return row;
}

/** Shows what can change of a job. @param {any} row @param {any} head */
export function fillRow(row, head) {
  const [, state, , , fact, review, took_, created] = row.children;
  fill(state, status(head.status), head.status === "running" && head.progress && progressBar(head.progress));
  fill(fact, h("div", { class: head.status === "error" ? "bad" : "" }, said(head)),
    h("div", { class: "small quiet" }, pages(head)));
  fill(review, reviewPill(head.review, head.points));
  fill(took_, took(seconds(head)));
  if (!created.firstChild) created.append(when(head.created_at));
}

/** The result in one line, a running job's step, a failed one's cause. @param {any} head */
function said(head) {
  if (head.status === "error") return head.error_code ? errorName(head.error_code) : t("status.error");
  if (head.status === "running" && head.progress) return progressText(head.progress);
  return head.headline ? headline(head.headline) : "";
}

/** What matters of the result: where there is no room for all of it, the end, which is the sum, stays. */
function headline(/** @type {string} */ text) {
  const at = text.lastIndexOf(" · ");
  return at < 0 ? theirs(text) : h("div", { class: "twofold" }, h("span", {}, theirs(text.slice(0, at))),
    h("span", {}, " · ", theirs(text.slice(at + 3), 60)));
}

/** @param {any} head */
const pages = ({ pages: n }) => (n ? t("jobs.pages", { n }) : "");

/** @param {any} head */
const more = ({ documents }) => (documents > 1
  ? h("span", { class: "quiet small", title: t("jobs.documents", { n: documents }) },
    ` +${number.format(documents - 1)}`)
  : null);
