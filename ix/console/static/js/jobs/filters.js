// @ts-check
// What of the jobs is shown: it stands in the address, so that it survives a reload and can be sent to somebody.
import { $, $$, at, fill, h, icon } from "../dom.js";
import { capped, coded, t } from "../i18n.js";
import { finder } from "../shell.js";

/**
 * @typedef {object} Filter
 * @property {string[]} status
 * @property {string} use_case
 * @property {string} client_id
 * @property {string} error code
 * @property {string} review
 * @property {string} q
 * @property {string} batch_id
 * @property {string} tag `key:value`
 * @property {string} from a moment, or an age such as `24h`
 * @property {string} to
 * @property {string} before cursor: the last id of the page before
 */
const NAMES = ["use_case", "client_id", "error", "review", "q", "batch_id", "tag", "from", "to", "before"];
const AGES = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 };
const HOUR_MS = 3_600_000;

/** @returns {Filter} */
export function filterOf(search = location.search) {
  const asked = new URLSearchParams(search);
  const given = NAMES.map(name => [name, asked.get(name)?.trim() ?? ""]);
  return /** @type {any} */ ({ status: asked.getAll("status"), ...Object.fromEntries(given) });
}

/** The address of the list under another filter; a cursor means something under its own only. */
export function hrefOf(/** @type {Filter} */ filter, /** @type {Partial<Filter>} */ changed = {}) {
  const { status, ...rest } = { ...filter, before: "", ...changed };
  const asked = new URLSearchParams(status.map(one => ["status", one]));
  for (const name of NAMES) if (rest[name]) asked.set(name, rest[name]);
  return at("jobs") + (asked.size ? `?${asked}` : "");
}

/** The filter as the API takes it, without the page. @param {Filter} filter @returns {Record<string, any>} */
export function whereOf({ status, use_case, client_id, error, review, q, batch_id, tag, from, to }) {
  const asked = {
    status, use_case, client_id, error_code: error, review, q, batch_id, tag,
    created_after: moment(from), created_before: moment(to),
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value?.length));
}

/** The same for counts, which are by status themselves. @param {Filter} filter */
export function countsOf(filter) {
  const { status: _, ...rest } = whereOf(filter);
  return rest;
}

/** @param {string} given */
function moment(given) {
  if (!given) return "";
  const hours = AGES[given];
  // to the minute, so that answers that are cached are found again
  if (hours) return new Date(Math.floor((Date.now() - hours * HOUR_MS) / 60_000) * 60_000).toISOString();
  const found = new Date(given);
  return Number.isNaN(found.getTime()) ? given : found.toISOString();
}

/** Whether anything narrows the list. @param {Filter} filter */
export const isNarrow = filter => filter.status.length > 0 || NAMES.some(name => filter[name]);

/** Whether a job belongs into the list, as the service would say. @param {any} head @param {Filter} filter */
export function matches(head, filter) {
  const { status, created_after: after, created_before: before, q, tag, ...plain } = whereOf(filter);
  const at = new Date(head.created_at).getTime();
  return (!status || status.includes(head.status))
    && Object.entries(plain).every(([name, value]) => head[name] === value)
    && (!after || at >= new Date(after).getTime()) && (!before || at < new Date(before).getTime())
    && (!q || isFound(head, q.toLowerCase())) && (!tag || hasTag(head, tag));
}

/** @param {any} head @param {string} tag */
const hasTag = ({ tags }, tag) => Object.entries(tags ?? {}).some(([key, value]) => `${key}:${value}` === tag);

/** @param {any} head @param {string} q */
const isFound = ({ ix_id, request_id, document }, q) =>
  ix_id.startsWith(q) || request_id.toLowerCase().startsWith(q)
  || (document ?? "").toLowerCase().split(/[^\p{L}\p{N}]+/u).some((/** @type {string} */ word) => word.startsWith(q));

const CHIPS = [["all", []], ["pending", ["pending", "scheduled"]], ["running", ["running"]], ["done", ["done"]],
  ["error", ["error"]], ["cancelled", ["cancelled"]]];

/** The bar of filters; `go` is called with the address of another one. */
export class FilterBar {
  /** @param {any} me @param {(href: string) => void} go */
  constructor(me, go) {
    this.go = go;
    this.filter = filterOf();
    this.chips = h("nav", { class: "seg", "aria-label": t("jobs.status") }, CHIPS.map(([name]) => h("a", {
      "data-chip": name,
    }, t(`jobs.chip.${name}`), h("span", {}))));
    this.useCase = select("use_case", t("jobs.use_case"), [["", t("jobs.use_case.all")]]);
    this.time = select("from", t("jobs.time"), [["", t("jobs.time.all")], ...Object.keys(AGES)
      .map(age => [age, t(`jobs.time.${age}`)]), ["between", t("jobs.time.between")]]);
    this.client = me.client_id ? null : input("client_id", t("jobs.client"), "text");
    this.between = h("span", { class: "flow between", hidden: true },
      input("from", t("jobs.from"), "datetime-local"), "–", input("to", t("jobs.to"), "datetime-local"));
    this.review = h("a", { class: "b", role: "button", "data-review": true }, icon("warn", "s"), t("jobs.review"));
    this.further = h("span", { class: "flow" });
    this.node = h("div", { class: "filters", role: "search", "aria-label": t("jobs.filters") },
      h("span", { class: "narrow" }, finder("narrow")), this.chips, this.useCase, this.client, this.time, this.between,
      this.review, this.further);
    this.#listen();
  }

  #listen() {
    this.node.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      const link = /** @type {Element} */ (event.target).closest("a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.go(link.href);
    });
    this.node.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (event.key === " " && target.dataset.review) {
        event.preventDefault();
        target.click();
      }
    });
    this.node.addEventListener("change", (/** @type {any} */ { target }) => this.#change(target));
    for (const one of [...$$("form", this.node), $(".top .find")]) {
      one.addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        this.go(hrefOf(this.filter, { q: $("input", one).value.trim() }));
      });
    }
  }

  /** @param {any} target */
  #change(target) {
    if (target === $("select", this.time) && target.value === "between") {
      this.between.hidden = false;
      $("input", this.between).focus();
    } else if (target.name !== "q") this.go(hrefOf(this.filter, { [target.name]: target.value }));
  }

  /** Shows which filter is on. @param {Filter} filter */
  paint(filter) {
    this.filter = filter;
    for (const [name, status] of CHIPS) {
      const chip = $(`[data-chip="${name}"]`, this.chips);
      chip.href = hrefOf(filter, { status: /** @type {string[]} */ (status), error: "" });
      set(chip, "aria-current", String(status) === String(filter.status) ? "true" : null);
    }
    this.review.href = hrefOf(filter, { review: filter.review ? "" : "needed" });
    this.review.setAttribute("aria-pressed", String(filter.review === "needed"));
    $("select", this.useCase).value = filter.use_case;
    const isAge = !filter.from || filter.from in AGES;
    $("select", this.time).value = isAge && !filter.to ? filter.from : "between";
    this.between.hidden = isAge && !filter.to;
    for (const one of $$("input", this.between)) one.value = isAge && one.name === "from" ? "" : filter[one.name];
    if (this.client) this.client.value = filter.client_id;
    for (const one of document.querySelectorAll("[data-find]")) /** @type {any} */ (one).value = filter.q;
    fill(this.further, filter.error && away(filter, "error", coded(filter.error)),
      filter.batch_id && away(filter, "batch_id", t("jobs.batch", { name: filter.batch_id })),
      filter.tag && away(filter, "tag", filter.tag),
      filter.review && filter.review !== "needed" && away(filter, "review", t(`review.${filter.review}`)));
  }

  /** Shows how many there are of each status. @param {any} counts */
  count(counts) {
    for (const [name, status] of CHIPS) {
      const kinds = /** @type {string[]} */ (name === "all" ? Object.keys(counts.status) : status);
      const n = kinds.reduce((sum, one) => sum + (counts.status[one] ?? 0), 0);
      const isCapped = kinds.some(one => (counts.status[one] ?? 0) >= counts.cap);
      fill($(`[data-chip="${name}"] span`, this.chips), isCapped ? capped(counts.cap, counts.cap) : capped(n));
    }
  }

  /** The use cases that can be chosen. @param {string[]} names */
  offer(names) {
    const { use_case: asked } = this.filter, list = $("select", this.useCase);
    const known = !asked || names.includes(asked) ? names : [...names, asked];
    fill(list, option("", t("jobs.use_case.all")), known.map(one => option(one, one)));
    list.value = asked;
  }
}

/** A filter that is on and has no control: taken away by a click. */
const away = (/** @type {Filter} */ filter, /** @type {string} */ name, /** @type {string} */ text) =>
  h("a", { class: "b sm", href: hrefOf(filter, { [name]: "" }), title: t("jobs.filter.away") }, text,
    icon("fail", "s"));

/** @param {Element} node @param {string} name @param {string | null} value */
const set = (node, name, value) => (value == null ? node.removeAttribute(name) : node.setAttribute(name, value));
/** @param {string} value @param {string} text */
const option = (value, text) => h("option", { value }, text);
/** @param {string} name @param {string} label @param {string[][]} options */
const select = (name, label, options) => h("label", {}, h("span", { class: "sr" }, label),
  h("select", { class: "b", name }, options.map(([value, text]) => option(value, text))));
/** @param {string} name @param {string} label @param {string} type */
const input = (name, label, type) =>
  h("input", { class: "in", name, type, "aria-label": label, placeholder: label, maxlength: 200, autocomplete: "off" });
