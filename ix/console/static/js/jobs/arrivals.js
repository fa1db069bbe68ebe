// @ts-check
// What the stream brings to the list. Rows that are read never move: new jobs go in at the top only while nobody looks
// closer, else they wait behind a button; a job that the filter no longer matches stays, dimmed.
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { announce } from "../shell.js";
import { Batch } from "../stream.js";
import { matches } from "./filters.js";

const MOST_A_SECOND = 20;
const MOST_WAITING = 200;

/**
 * A job after what has happened to it. Its progress comes by events of its own, and lasts as long as it runs.
 * @param {any} known @param {any} change
 */
function joined(known, { head, progress, review }) {
  const changed = { ...known, ...head, ...(review && { review: review.review, points: review.points }) };
  changed.progress = changed.status === "running" ? progress ?? head?.progress ?? known.progress : null;
  return changed;
}

export class Arrivals {
  isHeld = false;
  /** Ids of jobs that wait, newest last; beyond the most they are only counted. @type {Map<string, any>} */
  waiting = new Map();
  #count = 0;
  #second = 0;
  #lately = 0;

  /**
   * @param {import("./table.js").JobTable} table
   * @param {object} on
   * @param {() => import("./filters.js").Filter} on.filter
   * @param {() => boolean} on.isCalm whether rows may move: nobody scrolled, chose, walked, or points at them
   * @param {() => string} on.next cursor of the page after; empty where the list ends here
   * @param {(head: any) => void} on.changed
   * @param {() => void} on.came some were put at the top: there may have been none before
   * @param {() => void} on.reload
   */
  constructor(table, on) {
    this.table = table;
    this.on = on;
    this.batch = new Batch(changed => this.#draw(changed), () => this.#tell());
    this.button = h("button", { class: "b sm primary", type: "button", hidden: true, onclick: () => this.release() });
    this.node = h("div", { class: "fresh" }, this.button);
  }

  /** An event of the stream. @param {string} name @param {any} data */
  heard(name, data) {
    if (name === "status") this.batch.add(data.ix_id, { head: data });
    else if (name === "progress") this.batch.add(data.ix_id, { progress: data });
    else if (name === "review") this.batch.add(data.ix_id, { review: data });
    else if (name === "erased") this.batch.add(data.ix_id, { erased: true });
  }

  /** Forgets what waits: the list was read anew. */
  clear() {
    this.waiting.clear();
    this.#count = 0;
    this.#show();
  }

  /** Shows what waits, at the top of the list. */
  release() {
    const jobs = [...this.waiting.values()].reverse(), isWhole = jobs.length === this.#count;
    this.clear();
    if (isWhole && !this.on.filter().before) this.#put(jobs);
    else this.on.reload();
  }

  /** @param {any[]} jobs newest first */
  #put(jobs) {
    this.table.prepend(jobs);
    this.on.came();
  }

  /** @param {Map<string, any>} changed */
  #draw(changed) {
    const fresh = [], ids = [...this.table.heads.keys()].sort(), next = this.on.next();
    // a job below the last row belongs to a page after this one
    const last = next ? ids[0] ?? "" : "";
    for (const [id, one] of changed) {
      const known = this.table.heads.get(id);
      if (one.erased) this.#erased(id);
      else if (known) this.#update(known, one);
      else if (one.head && this.#isNew(one.head, last)) fresh.push(joined({}, one));
    }
    if (fresh.length) this.#arrived(fresh.sort((one, other) => (one.ix_id < other.ix_id ? -1 : 1)));
  }

  /** @param {any} known @param {any} change */
  #update(known, change) {
    const changed = joined(known, change);
    this.table.update(changed, matches(changed, this.on.filter()));
    this.on.changed(changed);
  }

  /** @param {string} id */
  #erased(id) {
    this.table.remove(id);
    if (this.waiting.delete(id)) this.#count -= 1;
    this.#show();
  }

  /** Whether a job that is not in the list belongs there: above it, or between its rows. */
  #isNew(/** @type {any} */ head, /** @type {string} */ last) {
    if (this.waiting.has(head.ix_id)) {
      this.waiting.set(head.ix_id, head);
      return false;
    }
    const { before } = this.on.filter();
    return head.ix_id > last && (!before || head.ix_id < before) && matches(head, this.on.filter());
  }

  /** @param {any[]} fresh oldest first */
  #arrived(fresh) {
    const second = Math.floor(performance.now() / 1000);
    this.#lately = second === this.#second ? this.#lately + fresh.length : fresh.length;
    this.#second = second;
    const top = [...this.table.heads.keys()].reduce((most, id) => (id > most ? id : most), "");
    const isAbove = fresh[0].ix_id > top, isQuiet = this.#lately <= MOST_A_SECOND && !this.#count;
    if (isAbove && isQuiet && !this.isHeld && !this.on.filter().before && this.on.isCalm()) {
      this.#put(fresh.reverse());
      return;
    }
    this.#count += fresh.length;
    // those between the rows are found by reading the list anew
    if (isAbove && this.waiting.size + fresh.length <= MOST_WAITING) {
      for (const head of fresh) this.waiting.set(head.ix_id, head);
    }
    this.#show();
    announce(t("jobs.new", { n: this.#count }));
  }

  /** More has happened than could be told one by one. */
  #tell() {
    this.#count = Math.max(this.#count, MOST_WAITING) + 1;
    this.#show();
  }

  #show() {
    this.button.hidden = !this.#count;
    this.button.textContent = t("jobs.new", { n: this.#count });
  }
}
