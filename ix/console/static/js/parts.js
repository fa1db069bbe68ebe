// @ts-check
// Pieces that several views share: marks of status, review and bands, progress, ids to copy, moments.
import { h, icon, theirs } from "./dom.js";
import { ago, coded, number, stamp, t } from "./i18n.js";
import { copyText } from "./states.js";

const STATUS = {
  scheduled: ["later", "quiet"], pending: ["wait", "quiet"], running: ["run", ""], done: ["done", "ok"],
  error: ["fail", "bad"], cancelled: ["cancel", "quiet"],
};
/** Every status of a job, as the filter has them. */
export const STATUSES = Object.keys(STATUS);

/** Icon and word of a job's status. @param {string} name */
export function status(name) {
  const [drawing, cls] = STATUS[name] ?? ["none", "quiet"];
  return h("span", { class: `st ${cls}` }, icon(drawing, "s"), t(`status.${name}`));
}

const BANDS = {
  ok: ["ok", "ok"], warn: ["warn", "warn"], bad: ["bad", "bad"], none: ["none", "quiet"], human: ["human", "human"],
};
/** The mark of a value: how sure it is, or that a person has seen it. @param {keyof typeof BANDS} name */
export const bandMark = name => icon(BANDS[name][0], `s ${BANDS[name][1]}`, t(`band.${name}`));

const REVIEW = {
  straight: ["ok", "ok"], needed: ["warn", "warn"], leased: ["human", "accent"], approved: ["human", "human"],
  rejected: ["bad", "bad"],
};
/** What a job's review came to, with its open points; nothing where there is none. */
export function reviewPill(/** @type {string | null | undefined} */ state, /** @type {number} */ points = 0) {
  if (!state || !(state in REVIEW)) return null;
  const [drawing, cls] = REVIEW[state], open = ["needed", "leased"].includes(state) && points;
  return h("span", { class: `pill ${cls}` }, icon(drawing, "s"), t(`review.${state}`),
    open ? h("span", { class: "num", title: t("points", { n: points }) }, number.format(points)) : null);
}

/** A bar of a running job's step; of a step that counts nothing, one without an end. @param {any} progress */
export function progressBar({ step, done, of }) {
  const label = step ? theirStep(step) : t("status.running");
  if (!of) return h("div", { class: "bar unknown", role: "progressbar", "aria-label": label }, h("i"));
  return h("div", {
    class: "bar", role: "progressbar", "aria-label": label, "aria-valuenow": done ?? 0, "aria-valuemin": 0,
    "aria-valuemax": of,
  }, h("i", { style: { width: `${Math.min(100, 100 * (done ?? 0) / of)}%` } }));
}

const STEPS = new Set([
  "opening", "fetching", "reading", "recognising", "asking", "placing", "checking", "splitting", "waiting", "pausing",
]);
/** The name of a step; one of a use case that others wrote as it is. @param {string} step */
export const theirStep = step => (STEPS.has(step) ? t(`step.${step}`) : step.replaceAll("_", " "));

/** A step with how much of it is done: "reading 2 / 5". @param {any} progress */
export const progressText = ({ step, done, of }) =>
  [step ? theirStep(step) : t("status.running"), of ? `${number.format(done ?? 0)} / ${number.format(of)}` : ""]
    .filter(Boolean).join(" ");

/** The code of an error in words; the code itself to hover. @param {string} code */
export const errorName = code => h("span", { title: code }, theirs(coded(code)));

/** How long ago a moment was; the moment itself to hover. @param {string} iso @param {number} [now] */
export const when = (iso, now) =>
  h("time", { datetime: iso, title: stamp.format(new Date(iso)) }, ago(iso, now));

/** An id, with a button that copies it. @param {string} id @param {string} label what it is */
export const copyable = (id, label) => h("span", { class: "mono" }, theirs(id), " ",
  h("button", { class: "b plain sm icon", type: "button", "aria-label": t("copy.what", { what: label }),
    title: t("copy"), onclick: () => copyText(id) }, icon("copy", "s")));
