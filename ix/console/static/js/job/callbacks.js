// @ts-check
// The tab of callbacks: where to, what each try came to, and once more.
import { h, icon, theirs } from "../dom.js";
import { t } from "../i18n.js";
import { when } from "../parts.js";
import { empty } from "../shell.js";
import { hasEnded, resend } from "./actions.js";

const MARKS = { pending: ["wait", "quiet"], delivered: ["done", "ok"], failed: ["fail", "bad"] };

/** @param {any} job @param {any[]} deliveries @param {boolean} mayResend @param {() => void} changed */
export function callbacksTab(job, deliveries, mayResend, changed) {
  if (!job.callback_url) return [empty({ title: t("job.no_callback"), icon: "out", text: h("p", {}, t("job.no_callback.text")) })];
  const button = mayResend && hasEnded(job) ? h("button", {
    class: "b sm", type: "button", onclick: () => resend(job, changed),
  }, icon("out", "s"), t("job.resend")) : null;
  return [
    h("div", { class: "pane-bar" }, h("span", { class: "grow mono wrap" }, theirs(job.callback_url, 400)), button),
    deliveries.length ? h("ol", { class: "deliveries" }, deliveries.map(deliveryOf))
      : h("p", { class: "because second" }, t("job.no_delivery")),
  ];
}

/** @param {any} delivery */
function deliveryOf({ delivery_id, status, attempts, outcome, created_at, due_at, ended_at }) {
  const [drawing, cls] = MARKS[status] ?? ["none", "quiet"];
  const next = status === "pending" ? [" · ", t("job.next_try"), " ", when(due_at)] : null;
  return h("li", {},
    h("p", {}, h("span", { class: `st ${cls}` }, icon(drawing, "s"), t(`delivery.${status}`)), " ",
      h("span", { class: "small quiet" }, when(ended_at ?? created_at), next)),
    h("p", { class: "small second" }, t("job.tries", { n: attempts }), outcome ? [": ", theirs(outcome, 300)] : null),
    h("p", { class: "small quiet mono" }, theirs(delivery_id)));
}
