// @ts-check
// The tab of what happened: submitted, each attempt with its error, the steps' shares, the end, the review.
import { h, icon, theirs } from "../dom.js";
import { clock, coded, number, stamp, t, took } from "../i18n.js";
import { theirStep } from "../parts.js";
import { hasEnded } from "./actions.js";
import { seconds } from "./head.js";

/** Steps in the order in which they are done; others after them. */
const ORDER = ["waiting", "open", "read", "ask", "place", "check"];
/** A step's share of the bar under which its name has no room. */
const NAMED = 0.12;

/** @typedef {{n: number, engine?: string, started_at?: string, ended_at?: string, outcome?: string,
 *   cause?: string}} Attempt */

/** @param {any} job @param {{attempts: Attempt[], deliveries: any[], decided: any}} history */
export function timelineTab(job, { attempts, deliveries, decided }) {
  const known = attempts.length ? attempts : lastOf(job);
  return [h("ol", { class: "time" },
    entry(job.created_at, t("job.submitted"), t("job.by", {
      client: job.client_id, n: job.request.documents.length,
    }), job.run_at ? t("job.run_at", { at: stamp.format(new Date(job.run_at)) }) : ""),
    known.map((one, at) => attemptOf(one, at ? known[at - 1].ended_at : job.created_at)),
    steps(job.response?.timings ?? {}),
    hasEnded(job) ? ending(job) : waiting(job),
    deliveries.map(callbackOf),
    job.documents_erased ? row(job.documents_erased, t("job.documents_erased"), null) : null,
    job.results_erased ? row(job.results_erased, t("job.result_erased"), null) : null,
    decided ? row(decided.at, t(`review.${decided.state}`), h("p", { class: "small human" },
      theirs([decided.by, decided.note].filter(Boolean).join(": "), 600)), "human") : null)];
}

/** @param {any} delivery */
function callbackOf({ status, created_at, ended_at, attempts, outcome }) {
  const tries = [t("job.tries", { n: attempts }), outcome].filter(Boolean).join(": ");
  return row(ended_at ?? created_at, t("job.callback", { state: t(`delivery.${status}`) }),
    h("p", { class: "small quiet" }, theirs(tries, 300)), status === "failed" ? "bad" : "");
}

/** What the envelope itself knows of the last attempt. @param {any} job @returns {Attempt[]} */
const lastOf = ({ started_at, attempts }) => started_at ? [{ n: attempts || 1, started_at }] : [];

/** @param {Attempt} attempt @param {string | undefined} before when it could have begun at the earliest */
function attemptOf({ n, engine, started_at, ended_at, outcome, cause }, before) {
  const isLost = Boolean(cause);
  const facts = [
    before && started_at ? t("job.waited", { time: brief(seconds(before, started_at)) }) : "",
    engine ? t("job.on_engine", { engine }) : "",
    ended_at && started_at ? brief(seconds(started_at, ended_at)) : "",
  ];
  return row(started_at, t("job.attempt", { n }), [
    h("p", { class: "small quiet" }, theirs(facts.filter(Boolean).join(" · "))),
    isLost ? h("p", { class: "small bad" }, icon("bad", "s"), " ", theirs(`${outcome ?? ""} ${cause}`, 600)) : null,
  ], isLost ? "bad" : "");
}

/** Each step's share of the work, as a bar and in words. @param {Record<string, number>} timings */
function steps(timings) {
  const names = Object.keys(timings).sort((a, b) => rank(a) - rank(b));
  const whole = names.reduce((sum, name) => sum + timings[name], 0);
  if (!whole) return null;
  const share = name => timings[name] / whole;
  const bar = h("div", { class: "steps", "aria-hidden": "true" }, names.map(name => h("i", {
    style: { "flex-grow": Math.max(share(name), 0.02) },
  }, share(name) > NAMED ? stepName(name) : "")));
  const words = names.map(name => `${stepName(name)} ${brief(timings[name])}`).join(" · ");
  return row(brief(whole), t("job.steps"), [bar, h("p", { class: "small quiet num" }, theirs(words, 400))]);
}

/** @param {string} name */
const rank = name => ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length;
/** @type {Record<string, string>} timings name steps by what is done, progress by who does it */
const STEPS = { open: "opening", read: "reading", ask: "asking", place: "placing", check: "checking" };
/** @param {string} name */
const stepName = name => theirStep(STEPS[name] ?? name);

/** @param {any} job */
function ending(job) {
  const { error = null, usage = {} } = job.response ?? {};
  const pages = typeof usage.pages === "number" ? t("job.pages", { n: usage.pages }) : "";
  const more = error ? [coded(error.code), error.message] : [usage.model, pages];
  const text = h("p", { class: "small quiet" }, theirs(more.filter(Boolean).join(" · "), 600));
  return row(job.finished_at, t(`status.${job.status}`), text, `end ${job.status === "error" ? "bad" : ""}`);
}

/** @param {any} job */
const waiting = job => row("", t(`status.${job.status}`), h("p", { class: "small quiet" },
  job.last_error ? theirs(job.last_error) : t("job.going_on")), "now");

/** @param {string} at @param {string} what @param {...string} more */
const entry = (at, what, ...more) =>
  row(at, what, more.filter(Boolean).map(one => h("p", { class: "small quiet" }, theirs(one))));

/** How long it took; milliseconds where that says more than tenths of a second. @param {number} time seconds */
const brief = time => time < 1 ? `${number.format(Math.round(1000 * time))} ms` : took(time);

/** @param {string | undefined} at a moment, or what stands in its place
 * @param {string} what @param {import("../dom.js").Kid} more @param {string} [cls] */
function row(at, what, more, cls = "") {
  const moment = new Date(at ?? ""), isMoment = !Number.isNaN(moment.getTime());
  const shown = isMoment ? h("time", { datetime: at, title: stamp.format(moment) }, clock.format(moment)) : at;
  return h("li", { class: cls }, h("span", { class: "at" }, shown), h("span", { class: "node" }),
    h("div", {}, h("b", {}, what), more));
}
