// @ts-check
// What is done to jobs: to one, to those that are chosen, to all that match. Each is asked about first, by its count
// and what follows; what is done to many is done by the service, which tells how far it is.
import { ApiError, get, send } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { capped, number, t } from "../i18n.js";
import { ask, may, reason, toast } from "../shell.js";
import { told } from "./table.js";

const ICONS = { retry: "again", cancel: "cancel", erase: "erase" };
const KINDS = /** @type {Kind[]} */ (Object.keys(ICONS));
const LOOK_MS = 1_000;
const UNDER_WAY = new Set(["pending", "running"]);

/** @typedef {"retry" | "cancel" | "erase"} Kind */
/** @typedef {{heads: any[]}} Few */
/** @typedef {{where: Record<string, any>, n: number, cap: number}} All */

/** The bar of what is chosen. */
export class Actions {
  /** Whether all that match are meant, not those of the page. */
  isAll = false;

  /**
   * @param {any} me
   * @param {object} on
   * @param {() => any[]} on.chosen
   * @param {() => All} on.all that match the filter
   * @param {() => number} on.shown how many there are on the page
   * @param {() => void} on.none takes the choice back
   * @param {() => void} on.done
   */
  constructor(me, on) {
    this.me = me;
    this.on = on;
    this.bar = h("div", { class: "bulk", hidden: true, role: "group", "aria-label": t("bulk") });
    this.note = h("div", { class: "note info", hidden: true, role: "status" });
  }

  /** Shows how many are chosen. */
  paint() {
    const n = this.on.chosen().length, { n: matching, cap } = this.on.all();
    this.bar.hidden = !n || !may(this.me, "submit");
    if (!n) this.isAll = false;
    if (this.bar.hidden) return;
    const all = n === this.on.shown() && matching > n && !this.isAll
      && h("button", { class: "b sm", type: "button", onclick: () => { this.isAll = true; this.paint(); } },
        t("bulk.all", { n: capped(matching, cap) }));
    fill(this.bar, h("b", { class: "num" }, this.isAll ? t("bulk.matching", { n: capped(matching, cap) })
      : t("bulk.chosen", { n })), all, h("span", { class: "grow" }),
    KINDS.map(kind => h("button", {
      class: "b sm", type: "button", "data-act": kind, onclick: () => this.#chosen(kind),
    }, icon(ICONS[kind], "s"), t(`act.${kind}`))),
    h("button", { class: "b plain sm icon", type: "button", "aria-label": t("bulk.none"), title: t("bulk.none"),
      onclick: () => this.on.none() }, icon("fail", "s")));
  }

  /** @param {Kind} kind */
  #chosen(kind) {
    return this.act(kind, this.isAll ? this.on.all() : { heads: this.on.chosen() });
  }

  /** Asks, and does it. @param {Kind} kind @param {Few | All} target */
  async act(kind, target) {
    if (document.body.dataset.offline || !may(this.me, "submit")) return;
    const answer = await this.#asked(kind, target);
    if (!answer) return;
    const discard = answer.get("discard") === "yes";
    try {
      if ("heads" in target && target.heads.length === 1) await this.#one(kind, target.heads[0], discard);
      else await this.#many(kind, target, discard);
    } catch (error) {
      toast(reason(error));
    }
  }

  /** @param {Kind} kind @param {Few | All} target */
  #asked(kind, target) {
    const n = "heads" in target ? target.heads.length : target.n;
    const what = "heads" in target ? told(target.heads) : t("jobs.matching", { n: capped(target.n, target.cap) });
    const isReviewed = !("heads" in target) || target.heads.some(one => ["approved", "rejected"].includes(one.review));
    const discard = kind === "retry" && isReviewed && h("p", { class: "checks" },
      h("label", {}, h("input", { type: "checkbox", name: "discard", value: "yes" }), t("act.retry.discard")));
    return ask({
      title: t(`act.${kind}.title`, { what }), text: t(`act.${kind}.text`), act: t(`act.${kind}`),
      danger: kind === "erase", type: kind === "erase" && n > 1 ? String(n) : "", fields: discard || null,
    });
  }

  /** One job: the answer comes at once. @param {Kind} kind @param {any} head @param {boolean} discard */
  async #one(kind, { ix_id: id }, discard) {
    if (kind === "retry") {
      await send("POST", `/jobs/${id}/retry`, undefined, { query: { discard_review: discard || null } });
    } else await send("DELETE", `/jobs/${id}`, undefined, { query: { erase: kind === "erase" || null } });
    toast(t(`act.${kind}.done`, { n: 1 }));
    this.on.done();
  }

  /** Many jobs: the service does it, and says how far it is. */
  async #many(/** @type {Kind} */ kind, /** @type {Few | All} */ target, /** @type {boolean} */ discard) {
    const about = "heads" in target ? { ids: target.heads.map(one => one.ix_id), expect: target.heads.length }
      : { where: target.where, expect: target.n };
    let action = await send("POST", "/jobs/actions", { action: kind, ...about, discard_review: discard });
    this.on.none();
    while (action && UNDER_WAY.has(action.state)) {
      this.#progress(kind, action);
      await new Promise(done => setTimeout(done, LOOK_MS));
      action = await get(`/actions/${action.id}`, { quiet: true }).catch(error => this.#patient(error, action));
    }
    this.note.hidden = true;
    toast([t(`act.${kind}.done`, { n: action.done }), action.failed ? t("act.failed", { n: action.failed }) : ""]
      .filter(Boolean).join(" "));
    this.on.done();
  }

  /** Goes on asking where the service does not answer for a while. @param {any} error @param {any} action */
  #patient(error, action) {
    if (error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429)) return action;
    throw error;
  }

  /** @param {Kind} kind @param {any} action */
  #progress(kind, { done, failed, of }) {
    this.note.hidden = false;
    const share = of ? Math.min(100, 100 * (done + failed) / of) : 0;
    fill(this.note, icon(ICONS[kind]), h("p", { class: "grow" },
      t(`act.${kind}.going`, { done: number.format(done), of: number.format(of) }), " ",
      failed ? t("act.failed", { n: failed }) : null,
      h("span", { class: "bar", role: "progressbar", "aria-label": t(`act.${kind}`), "aria-valuenow": done + failed,
        "aria-valuemin": 0, "aria-valuemax": of }, h("i", { style: { width: `${share}%` } }))));
  }
}
