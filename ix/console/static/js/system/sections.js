// @ts-check
// What the service is made of, as cards: each part loads by itself, and none keeps another from being seen.
import { get } from "../api.js";
import { fill, h, icon, theirs } from "../dom.js";
import { has, number, stamp, t, took } from "../i18n.js";
import { pause } from "../jobs/pauses.js";
import { isWell } from "../jobs/pulse.js";
import { when } from "../parts.js";
import { failed, may } from "../shell.js";

const STATES = { ok: ["ok", "ok"], degraded: ["warn", "warn"], off: ["none", "quiet"] };

/**
 * A card whose content is loaded, now and again.
 * @param {string} name
 * @param {() => Promise<import("../dom.js").Kid>} load
 */
export function card(name, load) {
  const body = h("div", { class: "stack" });
  const node = h("section", { class: "card", "aria-labelledby": `h-${name}`, "data-card": name },
    h("h2", { id: `h-${name}` }, t(`system.${name}`)), body);
  node.load = async () => {
    body.setAttribute("aria-busy", "true");
    try {
      fill(body, await load());
    } catch (error) {
      fill(body, failed(error, { title: t("system.failed"), again: () => void node.load() }));
    } finally {
      body.removeAttribute("aria-busy");
    }
  };
  return node;
}

/**
 * A table with a caption for screen readers, scrolled by keyboard where it is wide.
 * @param {string} label @param {string[]} heads @param {any[][]} rows
 */
export const grid = (label, heads, rows) => h("div", {
  class: "tablewrap", tabindex: 0, role: "group", "aria-label": label,
}, h("table", { class: "grid" }, h("caption", { class: "sr" }, label),
    h("thead", {}, h("tr", {}, heads.map(head => h("th", { scope: "col" }, head)))),
    h("tbody", {}, rows.map(row => h("tr", {}, row.map(cell => h("td", {}, cell)))))));

/** @param {string} state */
function health(state) {
  const [drawing, cls] = STATES[state] ?? ["bad", "bad"];
  const said = has(`system.health.${state}`) ? t(`system.health.${state}`) : state.replaceAll("_", " ");
  return h("span", { class: `st ${cls}` }, icon(drawing, "s"), said);
}

/** Each part that the service uses: well, or what is wrong. */
export async function parts() {
  // 503 tells of a part that is not well, and holds the same
  const answer = await get("/healthz").catch(error => {
    if (error.status === 503 && !error.problem?.detail) return error.problem;
    throw error;
  });
  return h("dl", { class: "pairs" },
    Object.entries(answer).map(([name, state]) => [h("dt", {}, name), h("dd", {}, health(state))]));
}

/** The engines that live. */
export async function engines() {
  const { engines: found } = await get("/engines");
  if (!found.length) return h("p", { class: "bad" }, t("pulse.engines.none"));
  const heads = ["name", "slots", "health", "heartbeat", "since"].map(one => t(`system.engine.${one}`));
  return grid(t("system.engines"), heads,
    found.map((/** @type {any} */ one) => [
      h("span", { class: "mono" }, theirs(one.name, 80)), t("pulse.slots", { n: one.running ?? 0, of: one.slots ?? 0 }),
      partsOf(one),
      one.heartbeat_at ? when(one.heartbeat_at) : "", one.started_at ? stamp.format(new Date(one.started_at)) : "",
    ]));
}

/** @param {any} engine */
function partsOf(engine) {
  if (engine.lives === false) return h("span", { class: "pill bad" }, icon("bad", "s"), t("system.engine.gone"));
  if (isWell(engine)) return health("ok");
  return Object.entries(engine.health).map(([part, said]) => h("p", {}, part, " ", health(String(said))));
}

/** Limits over all engines, and how many jobs use each. */
export async function limits() {
  const { limits: found, avg_seconds: took_ } = await get("/metrics");
  const rows = Object.entries(found).map(([name, one]) => [name, number.format(one.running), number.format(one.limit)]);
  const times = Object.entries(took_).map(([name, seconds]) => [name, took(seconds)]);
  return [
    rows.length ? grid(t("system.limits"), ["use_case", "running", "limit"].map(one => t(`system.limit.${one}`)), rows)
      : h("p", { class: "quiet" }, t("system.limits.none")),
    times.length ? grid(t("system.times"), [t("system.limit.use_case"), t("system.times")], times) : null,
  ];
}

/** What clients may have in a day, and had today. */
export async function caps() {
  const { default: others, clients, turns_at: turns, more } = await get("/caps");
  const most = (/** @type {number | null} */ own, /** @type {number} */ general) =>
    own ?? general ? number.format(own ?? general) : t("system.cap.none");
  const rows = clients.map((/** @type {any} */ one) => [
    theirs(one.client_id, 60), number.format(one.used_jobs), most(one.jobs, others.jobs), number.format(one.used_pages),
    most(one.pages, others.pages)]);
  const heads = ["client", "jobs", "of_jobs", "pages", "of_pages"].map(one => t(`system.cap.${one}`));
  return [
    rows.length ? grid(t("system.caps"), heads, rows) : null,
    h("p", { class: "small quiet" }, t("system.cap.others", {
      jobs: most(null, others.jobs), pages: most(null, others.pages), at: stamp.format(new Date(turns)),
    }), more ? ` ${t("system.cap.more")}` : ""),
  ];
}

/** How long things are kept, by use case. */
export async function retention() {
  const { terms, audit } = await get("/retention");
  const days = (/** @type {number | null} */ n) => (n ? t("system.term.days", { n }) : t("system.term.kept"));
  return [
    grid(t("system.retention"), ["use_case", "documents", "results", "jobs"].map(one => t(`system.term.${one}`)),
      terms.map((/** @type {any} */ one) => [one.use_case === "*" ? t("system.term.others") : one.use_case,
        days(one.documents), days(one.results), days(one.jobs)])),
    h("p", { class: "small quiet" }, t("system.term.audit", { days: days(audit) })),
  ];
}

/** What can be asked for, with a switch that lets it wait. @param {any} me @param {() => void} changed */
export async function uses(me, changed) {
  const { use_cases: found } = await get("/use-cases");
  const toggle = (/** @type {any} */ one) => h("button", {
    class: "b sm", type: "button", "data-pause": one.name,
    onclick: async () => { if (await pause(one.name, !one.paused)) changed(); },
  }, icon(one.paused ? "play" : "pause", "s"), t(one.paused ? "pause.resume" : "pause.pause"),
  h("span", { class: "sr" }, ` ${one.name}`));
  return grid(t("system.uses"), ["use_case", "state", "attempts", "timeout", "do"].map(one => t(`system.use.${one}`)),
    found.map((/** @type {any} */ one) => [one.name, state(one), number.format(one.max_attempts), took(one.timeout),
      may(me, "administer") && toggle(one)]));
}

/** @param {any} useCase */
const state = ({ paused }) => (paused
  ? h("span", { class: "pill warn" }, icon("pause", "s"), t("system.paused"))
  : h("span", { class: "pill" }, t("system.takes")));

/** Who is signed in, and what that allows. @param {any} me */
export const mine = async me => h("dl", { class: "pairs" },
  pair("name", me.open ? t("person.open") : theirs(me.name || "–")),
  pair("key", me.key_id && h("code", {}, me.key_id)),
  pair("client", me.client_id ? theirs(me.client_id) : t("system.everybody")),
  pair("may", me.may.map((/** @type {string} */ right) => t(`right.${right}`)).join(", ")),
  pair("ends", me.ends_at && stamp.format(new Date(me.ends_at))));

/** @param {string} name @param {any} value */
const pair = (name, value) => (value ? [h("dt", {}, t(`system.me.${name}`)), h("dd", {}, value)] : null);

/** Every key, by its name: whose it is, and what it may. */
export async function keys() {
  const { keys: found, more } = await get("/keys");
  if (!found.length) return h("p", { class: "quiet" }, t("system.keys.none"));
  return [grid(t("system.keys"), ["name", "client", "may", "used", "state"].map(one => t(`system.key.${one}`)),
    found.map((/** @type {any} */ one) => [
      h("span", {}, theirs(one.name || "–", 60), " ", h("code", { class: "quiet" }, one.key_id)),
      one.client_id ? theirs(one.client_id, 60) : t("system.everybody"),
      one.may.map((/** @type {string} */ right) => t(`right.${right}`)).join(", "),
      one.used_at ? when(one.used_at) : t("system.key.never"), keyState(one),
    ])), more ? h("p", { class: "small quiet" }, t("system.keys.more")) : null];
}

/** @param {any} key */
function keyState({ revoked_at: revoked, expires_at: expires }) {
  if (revoked) return h("span", { class: "pill bad" }, t("system.key.revoked"));
  if (!expires) return h("span", { class: "pill ok" }, t("system.key.valid"));
  const isOver = new Date(expires).getTime() < Date.now();
  return h("span", { class: `pill ${isOver ? "bad" : ""}` },
    t(isOver ? "system.key.expired" : "system.key.until", { at: stamp.format(new Date(expires)) }));
}

/** The settings in force; first those that somebody has set. */
export async function settings() {
  const { settings: found } = await get("/settings");
  const changed = found.filter((/** @type {any} */ one) => !one.is_default);
  const rows = (/** @type {any[]} */ some) => grid(t("system.settings"), [t("system.setting"), t("system.value")],
    some.map(one => [h("code", { title: one.description }, one.name), h("code", {}, theirs(shown(one.value), 200))]));
  return [changed.length ? rows(changed) : h("p", { class: "quiet" }, t("system.settings.none")),
    h("details", {}, h("summary", {}, t("system.settings.all", { n: found.length })), rows(found))];
}

/** @param {any} value */
const shown = value => (Array.isArray(value) ? value.join(", ") : String(value)) || "–";
