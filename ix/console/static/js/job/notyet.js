// @ts-check
// What stands in the place of fields where there is no answer: why it failed, what the job waits for,
// or that the answer's time is over.
import { h, icon, theirs } from "../dom.js";
import { coded, has, stamp, t } from "../i18n.js";
import { progressBar, progressText, when } from "../parts.js";
import { hasEnded, mayChange, retry } from "./actions.js";

/** Why it failed, and what to do. @param {any} job @param {any} me @param {() => void} changed */
export function problem(job, me, changed) {
  const { code, message } = job.response.error, given = job.request.documents.some(one => one.with_password);
  const hint = [given ? `hint.${code}.given` : "", `hint.${code}`, "hint.other"].find(has) ?? "hint.other";
  return h("section", { class: "todo bad" },
    h("h2", {}, icon("bad", "bad"), theirs(coded(code))),
    h("p", {}, theirs(message, 600)), h("p", { class: "small second" }, t(hint)),
    h("p", { class: "small quiet" }, h("code", {}, theirs(code))),
    mayChange(me) ? h("p", {}, h("button", { class: "b sm", type: "button", onclick: () => retry(job, changed) },
      icon("again", "s"), t("job.retry"))) : null);
}

/** That there is no result any more, and what is left. @param {any} job */
export const gone = job => h("section", { class: "todo plain" },
  h("h2", {}, icon("erase", "quiet"), t("job.result_erased")),
  h("p", { class: "second" }, t("job.result_erased.text", { at: stamp.format(new Date(job.results_erased)) })));

/** What it waits for, or does. @param {any} job */
export function waiting(job) {
  const { status, progress, run_at, created_at } = job;
  if (hasEnded(job)) {
    return h("section", { class: "todo plain" }, h("h2", {}, icon("cancel", "quiet"), t("job.was_cancelled")),
      h("p", { class: "second" }, t("job.was_cancelled.text")));
  }
  return h("section", { class: "todo plain" },
    h("h2", {}, icon(status === "running" ? "run" : "wait"), t(`job.is.${status}`)),
    progress ? [h("p", {}, progressText(progress)), progressBar(progress)] : null,
    h("p", { class: "second" }, run_at && status === "scheduled" ? [t("job.runs"), " ", when(run_at)]
      : [t("job.since"), " ", when(created_at)]));
}
