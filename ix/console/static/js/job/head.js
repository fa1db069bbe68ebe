// @ts-check
// The head of a job: what it is, where it stands, what can be done with it.
import { at, h, icon, theirs } from "../dom.js";
import { t, took } from "../i18n.js";
import { listOf, tagsOf } from "../labels.js";
import { shortcut } from "../keys.js";
import { copyable, progressBar, progressText, reviewPill, status, when } from "../parts.js";
import { may } from "../shell.js";
import { back, hasEnded, itemsOf, mayChange, retry } from "./actions.js";

/** What a job is called: its first document, else its request. @param {any} job */
export const nameOf = job => job.request.documents[0]?.name || job.request_id;

/** @param {any} job @param {any} me @param {{changed: () => void, erased: () => void}} told */
export function head(job, me, told) {
  return h("div", { class: "head" },
    h("a", { class: "b plain icon", href: at("jobs"), "aria-label": t("job.back"), onclick: back }, icon("back")),
    h("div", { class: "who grow" },
      h("h1", { class: "clip" }, theirs(nameOf(job))),
      h("p", { class: "small quiet meta" }, facts(job))),
    h("span", { class: "state", "aria-live": "polite" }, state(job)),
    buttons(job, me, told));
}

/** @param {any} job */
const facts = job => [
  h("span", {}, theirs(job.use_case)),
  h("span", {}, theirs(job.client_id), " / ", copyable(job.request_id, t("job.request_id"))),
  h("span", { class: "wide" }, copyable(job.ix_id, t("job.id"))),
  job.configuration ? h("span", { title: t("job.configuration") },
    theirs(`${job.configuration.name}@${job.configuration.version}`)) : null,
  ...alike(job, "duplicate_of", t("job.duplicate")), ...alike(job, "same_invoice", t("job.same_invoice")),
  job.parent ? h("a", { href: at(`jobs/${job.parent}`) }, t("job.parent")) : null,
  job.batch_id ? h("a", { href: listOf(job.client_id, "batch_id", job.batch_id) },
    t("job.batch", { name: job.batch_id })) : null,
  ...tagsOf(job),
  hasEnded(job) && job.started_at ? h("span", { class: "num" }, took(seconds(job.started_at, job.finished_at)))
    : h("span", {}, when(job.created_at)),
];

/** The ways to jobs that findings of this code name. @param {any} job @param {string} code @param {string} words */
const alike = (job, code, words) => (job.response?.warnings ?? [])
  .filter((/** @type {any} */ one) => one.code === code && one.params?.ix_id)
  .map((/** @type {any} */ one) => h("a", { class: "bad", href: at(`jobs/${one.params.ix_id}`) }, words));

/** @param {string} from @param {string} to */
export const seconds = (from, to) => Math.max(0, new Date(to).getTime() - new Date(from).getTime()) / 1000;

/** Status, and how far a running job is. @param {any} job */
export function state(job) {
  const isRunning = job.status === "running" && job.progress;
  return [
    status(job.status),
    isRunning ? h("span", { class: "progress small" }, h("span", { class: "wide" }, progressText(job.progress)),
      progressBar(job.progress)) : null,
    job.status === "done" ? reviewPill(job.review, job.points) : null,
  ];
}

/** @param {any} job @param {any} me @param {{changed: () => void, erased: () => void}} told */
function buttons(job, me, told) {
  const mayRetry = hasEnded(job) && mayChange(me), again = () => retry(job, told.changed);
  return h("span", { class: "buttons" },
    mayRetry ? h("button", { class: "b wide", type: "button", onclick: again }, icon("again"), t("job.retry")) : null,
    menu(itemsOf(job, me, told), mayRetry ? { label: t("job.retry"), icon: "again", act: again } : null),
    job.status === "done" && job.review && may(me, "review") ? h("a", {
      class: "b primary", href: at(`review/${job.ix_id}`), "aria-keyshortcuts": shortcut("job", "review"),
    }, icon("human"),
    h("span", { class: "wide" }, t("job.review_long")), h("span", { class: "narrow" }, t("job.review")),
    h("kbd", { class: "wide keyed", "aria-hidden": "true" }, "e")) : null);
}

/** @typedef {import("./actions.js").Item} Item */

/** @param {Item[]} items @param {Item | null} first only on narrow screens, where it has no button of its own */
function menu(items, first) {
  const list = h("div", { id: "more", popover: "auto", class: "more" });
  const button = (/** @type {Item} */ { label, icon: drawing, act, danger }, cls = "") => h("button", {
    class: `b plain ${danger ? "bad" : ""} ${cls}`, type: "button",
    onclick: () => { list.hidePopover(); act(); },
  }, icon(drawing, "s"), label);
  list.append(...(first ? [button(first, "narrow")] : []), ...items.map(one => button(one)));
  return h("span", { class: "menu" },
    h("button", {
      class: "b icon", type: "button", popovertarget: "more", "aria-label": t("job.more"), title: t("job.more"),
    }, icon("more")), list);
}
