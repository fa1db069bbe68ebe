// @ts-check
// Is it well? The last hour, what waits, the engines, what is to check, and failures by cause. Each part loads by
// itself; one that the key may not see, or that this service has not, is left out.
import { ApiError, get } from "../api.js";
import { at, fill, h, theirs } from "../dom.js";
import { ago, capped, coded, number, t, took } from "../i18n.js";
import { may, reason } from "../shell.js";
import { filterOf, hrefOf } from "./filters.js";

const AGAIN_MS = 20_000;
const DAY_MS = 86_400_000;
const MOST_COUNTED = 10_000;
const MOST_CAUSES = 4;
const MOST_ENGINES = 3;
const TALL = 36, WIDE = 240;
const NARROW = matchMedia("(max-width: 1279px)");

const section = (/** @type {string} */ name) => h("section", { "aria-label": t(`pulse.${name}`), "data-pulse": name },
  h("h2", {}, h("span", {}, t(`pulse.${name}`)), h("span", { class: "num" })), h("div", { class: "stack" }));

export class Pulse {
  /** @param {any} me engines are for administrators only */
  constructor(me) {
    this.isAdmin = may(me, "administer");
    this.throughput = section("hour");
    this.queue = section("queue");
    this.engines = section("engines");
    this.engines.hidden = !this.isAdmin;
    this.review = section("review");
    this.failures = section("failures");
    this.node = h("div", { class: "pulse", role: "group", "aria-label": t("pulse") },
      this.throughput, this.queue, this.engines, this.review, this.failures);
    // where it is scrolled sideways, by keyboard too
    const reach = () => this.node.setAttribute("tabindex", NARROW.matches ? "0" : "-1");
    NARROW.addEventListener("change", reach);
    reach();
    this.running = 0;
    this.slots = 0;
  }

  /** Loads what it shows now and, while it can be seen, again and again. */
  start() {
    const load = () => {
      if (document.hidden || document.body.dataset.offline) return;
      void panel(this.throughput, () => this.#minutes(), this.queue);
      if (this.isAdmin) void panel(this.engines, () => this.#engines());
      void panel(this.failures, () => this.#day(), this.review);
    };
    load();
    setInterval(load, AGAIN_MS);
    document.addEventListener("visibilitychange", load);
  }

  async #minutes() {
    const found = await get("/metrics/minutes", { query: { last: 60 }, quiet: true });
    const { minutes, waiting, oldest_seconds: oldest } = found;
    const total = (/** @type {string} */ name) =>
      minutes.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one[name], 0);
    const done = total("done"), error = total("error");
    fill(this.throughput.querySelector("h2 .num"), t("pulse.rate", { n: Math.round((done + error) / 60 * 10) / 10 }));
    fill(this.throughput.lastChild, bars(minutes, t("pulse.hour.said", { done, error })), speed(minutes));
    fill(this.queue.lastChild, figure(capped(waiting, MOST_COUNTED), oldest == null ? "" : t("pulse.oldest", {
      for: took(oldest),
    })), this.load());
  }

  /** How many jobs run, of how many slots. */
  load() {
    const { running: n, slots: of } = this;
    return h("p", { class: "small second", "data-load": true },
      of ? t("pulse.running.of", { n, of }) : t("pulse.running", { n }));
  }

  async #engines() {
    const { engines } = await get("/engines", { quiet: true });
    const total = (/** @type {"slots" | "running"} */ name) =>
      engines.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one[name] ?? 0), 0);
    this.slots = total("slots");
    this.running = total("running");
    this.queue.querySelector("[data-load]")?.replaceWith(this.load());
    const sick = engines.filter((/** @type {any} */ one) => !isWell(one)).length;
    fill(this.engines.querySelector("h2 .num"), engines.length
      ? h("span", { class: sick ? "bad" : "ok" }, sick ? t("pulse.engines.sick", { n: sick }) : t("pulse.engines.well"))
      : null);
    const shown = engines.slice(0, MOST_ENGINES), rest = engines.length - shown.length;
    fill(this.engines.lastChild, shown.map(engineLine), rest > 0
      ? h("a", { class: "small", href: at("system") }, t("pulse.engines.more", { n: rest })) : null,
    engines.length ? null : h("p", { class: "small bad" }, t("pulse.engines.none")));
  }

  async #day() {
    const after = new Date(Math.floor((Date.now() - DAY_MS) / 60_000) * 60_000).toISOString();
    const counts = await get("/jobs/counts", { query: { created_after: after }, quiet: true });
    const causes = Object.entries(counts.errors ?? {}).sort(([, one], [, other]) => other - one);
    fill(this.failures.lastChild, causes.slice(0, MOST_CAUSES).map(([code, n]) => cause(code, n, counts.cap)),
      causes.length ? null : h("p", { class: "small quiet" }, t("pulse.failures.none")));
    this.#straight(counts);
  }

  /** What is to check, and the share that needed nobody, where it was counted to the end. @param {any} counts */
  #straight({ review = {}, cap }) {
    const total = Object.values(review).reduce((sum, n) => sum + n, 0);
    const rate = total && Math.round(100 * (review.straight ?? 0) / total);
    const isKnown = total && Object.values(review).every(n => n < cap);
    const needed = hrefOf(filterOf(""), { review: "needed" });
    fill(this.review.lastChild, figure(h("a", { href: needed }, capped(review.needed ?? 0, cap)), t("pulse.day")),
      isKnown ? h("p", { class: "small second" }, t("pulse.straight", { n: rate })) : null);
  }

  /** Counts that the stream brings. @param {any} counts */
  count({ status }) {
    this.running = status.running ?? 0;
    this.queue.querySelector("[data-load]")?.replaceWith(this.load());
  }
}

/**
 * Loads a part, and one that hangs on it; what there is not for this key goes.
 * @param {any} node @param {() => Promise<void>} load @param {any} [other]
 */
async function panel(node, load, other) {
  let isNone = false;
  try {
    await load();
  } catch (error) {
    isNone = error instanceof ApiError && [403, 404].includes(error.status);
    if (!isNone) fill(node.lastChild, h("p", { class: "small quiet" }, reason(error)));
  }
  for (const one of [node, other]) if (one) one.hidden = isNone;
}

/** @param {any} number_ @param {string} text */
const figure = (number_, text) => h("p", { class: "fig" }, number_, h("small", {}, text));

/**
 * Two bars a minute, one upon the other: what ended well, and what failed.
 * @param {any[]} minutes @param {string} said
 */
function bars(minutes, said) {
  const most = Math.max(1, ...minutes.map(one => one.done + one.error)), step = WIDE / Math.max(minutes.length, 1);
  return h("svg", { class: "spark", viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: "none", role: "img",
    "aria-label": said }, h("line", { x1: 0, x2: WIDE, y1: TALL - 0.5, y2: TALL - 0.5 }),
  minutes.map((one, at) => bar(one, at * step, step - 1, (TALL - 2) / most)));
}

/** @param {any} minute @param {number} x @param {number} width @param {number} unit height of one job */
function bar({ done, error, at: since }, x, width, unit) {
  const well = unit * done, failed = error ? Math.max(unit * error, 2) : 0, y = TALL - 1 - well;
  return h("g", {}, h("title", {}, `${ago(since)}: ${t("pulse.hour.said", { done, error })}`),
    done ? h("rect", { class: "d", x, width, y, height: well }) : null,
    error ? h("rect", { class: "e", x, width, y: y - failed - 0.5, height: failed }) : null);
}

/** How long jobs took lately: half of them, and nearly all. @param {any[]} minutes */
function speed(minutes) {
  const last = minutes.filter(one => one.p50 != null).at(-1);
  if (!last) return null;
  return h("p", { class: "small second num" }, t("pulse.speed", { p50: took(last.p50), p95: took(last.p95) }));
}

/** Whether an engine lives, and says of no part that it is not well. @param {any} engine */
export const isWell = ({ health, lives }) =>
  lives !== false
  && Object.values(health ?? {}).every(state => ["ok", "off"].includes(state) || typeof state === "object");

/** @param {any} engine */
function engineLine(engine) {
  const { name } = engine, slots = engine.slots ?? 0, running = engine.running ?? 0, shown = Math.min(slots, 16);
  return h("p", { class: "eng" }, h("span", { class: "mono clip" }, theirs(name, 40)),
    h("span", { class: "slots", role: "img", "aria-label": t("pulse.slots", { n: running, of: slots }) },
      Array.from({ length: shown }, (_, one) => h("i", { class: one < running * shown / slots ? "on" : "" }))),
    h("span", { class: "num quiet" }, `${number.format(running)}/${number.format(slots)}`));
}

/** @param {string} code @param {number} n @param {number} cap */
const cause = (code, n, cap) => h("p", { class: "cause" }, h("b", { class: "bad" }, capped(n, cap)),
  h("a", { class: "clip", title: code, href: hrefOf(filterOf(""), { status: ["error"], error: code }) },
    theirs(coded(code))));
