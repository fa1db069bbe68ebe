// @ts-check
// The desk of a reviewer: takes documents from the queue, fetches the next while one is read, sends what was done.
import { ApiError, isAborted } from "../api.js";
import { at, fill, h, icon, ready, theirs } from "../dom.js";
import { number, t } from "../i18n.js";
import { empty, failed, loading, may, reason, rename, toast } from "../shell.js";
import { claim, storeOf } from "./drafts.js";
import { Leases } from "./lease.js";
import { load, warm } from "./load.js";
import { Outbox } from "./outbox.js";
import { Returns } from "./returns.js";
import { countsOf, decideAtLast, nextOf, openAgain, service, straightOne, whereOf } from "./service.js";
import { DocumentView } from "./view.js";

/** @typedef {import("./load.js").Loaded} Loaded */

const WEEK = 7 * 24 * 3600 * 1000;
/** Documents that were skipped are not given again before the page is loaded anew; so many are told to the service. */
const MOST_SKIPPED = 200;

export class Desk {
  /** @param {HTMLElement} main @param {any} me who is signed in */
  constructor(main, me) {
    this.main = main;
    this.me = me;
    this.where = whereOf(location.search);
    /** @type {DocumentView | null} */
    this.view = null;
    /** @type {Promise<Loaded | null> | null} the next document */
    this.ahead = null;
    /** @type {Set<string>} */
    this.skipped = new Set();
    /** @type {Set<string>} approved or rejected here, and not sent for some seconds */
    this.decided = new Set();
    this.loading = new AbortController();
    this.back = new Returns(this);
    this.leases = new Leases((id, error) => this.back.leased(id, error));
    this.outbox = new Outbox({
      service, store: storeOf(me.drafts !== false), owner: String(me.key_id ?? ""), claim,
      hear: (what, entry, more) => this.back.heard(what, entry, more),
    });
    void this.outbox.restored.then(() => this.outbox.flush());
  }

  /** Opens the document of the address, or takes the next one. */
  start() {
    const id = location.pathname.split("/review/")[1];
    return id ? this.open(decodeURIComponent(id)) : this.next(true);
  }

  // Opening

  /**
   * @param {string} id
   * @param {{loaded?: Loaded | null, leased?: boolean, push?: boolean}} [how] `push` a step that goes back
   */
  async open(id, { loaded = null, leased = false, push = false } = {}) {
    this.leave();
    const { signal } = this.loading = new AbortController();
    const done = loading(this.main);
    if (push) history.pushState(null, "", this.address(id));
    try {
      const lease = leased ? this.leases.given(id) : this.leases.take(id);
      const [found] = await Promise.all([loaded ?? load(id, signal), lease, this.outbox.restored]);
      signal.throwIfAborted();
      done();
      this.show(found);
    } catch (error) {
      done();
      if (isAborted(error)) return;
      this.leases.release(id);
      this.lost(error, id);
    }
  }

  /** @param {Loaded} loaded */
  show(loaded) {
    const host = {
      outbox: this.outbox, back: at("jobs", { review: "needed", ...this.where }),
      decide: (/** @type {string} */ state, /** @type {string} */ note) => this.decide(state, note),
      skip: () => this.skip(), again: () => this.start(),
    };
    this.view = new DocumentView(this.main, loaded, host);
    rename(`${t("nav.review")}: ${this.view.name}`);
    void this.standing(loaded.served);
    this.back.notice();
    this.back.leased(this.view.id, this.leases.refused.get(this.view.id) ?? null);
    this.view.begin();
    ready();
    void this.view.prepare();
    void this.lookAhead();
    void this.count();
  }

  /** A document that is decided already says so; it can be decided anew. @param {import("./state.js").Served} served */
  async standing(served) {
    if (!["approved", "rejected"].includes(served.state) || !this.view) return;
    const { view } = this;
    const note = served.decided?.note ? theirs(served.decided.note) : null;
    const { lastOf } = await import("./conflict.js");
    if (this.view !== view) return;
    this.back.tell(lastOf(served), [note, " ", h("button", {
      class: "b sm", type: "button", onclick: () => void this.openAgain(view.id, served.version),
    }, t("rv.open"))]);
  }

  /** What was decided is to be decided anew. @param {string} id @param {number} version */
  async openAgain(id, version) {
    try {
      await openAgain(id, version);
    } catch (error) {
      toast(reason(error));
    }
    await this.open(id);
  }

  /** It cannot be opened: why, and what else there is to do. @param {any} error @param {string} id */
  lost(error, id) {
    const go = h("button", { class: "b primary", type: "button", onclick: () => this.next() }, t("rv.next"));
    const job = h("a", { class: "b", href: at(`jobs/${id}`) }, t("rv.job"));
    const isGone = error instanceof ApiError && error.status === 404;
    const isOther = error instanceof ApiError && error.status === 409;
    const title = isGone ? t("rv.gone") : isOther ? t("rv.not_done") : "";
    const text = isOther ? h("p", {}, reason(error)) : null;
    fill(this.main, h("h1", { class: "sr" }, t("nav.review")), title
      ? empty({ title, icon: "file", text, acts: isGone ? [go] : [job, go] })
      : failed(error, { title: t("rv.failed"), again: () => void this.open(id) }));
    ready();
  }

  /** @param {string} id */
  address(id) {
    return at(`review/${id}`, this.where);
  }

  // The queue

  /** Takes the next document. @param {boolean} [isFirst] of this page, whose address it takes */
  async next(isFirst = false) {
    const ahead = await this.ahead?.catch(() => null);
    this.ahead = null;
    this.aheadId = undefined;
    if (ahead) return this.open(ahead.job.ix_id, { loaded: ahead, leased: true, push: true });
    this.leave();
    const done = loading(this.main);
    try {
      const found = await nextOf(this.where, this.passed());
      done();
      if (!found) return this.nothing();
      if (isFirst) history.replaceState(null, "", this.address(found.ix_id));
      return this.open(found.ix_id, { leased: true, push: !isFirst });
    } catch (error) {
      done();
      fill(this.main, h("h1", { class: "sr" }, t("nav.review")),
        failed(error, { title: t("rv.failed.next"), again: () => void this.next() }));
      return ready();
    }
  }

  /** Documents that are not to be given again now. */
  passed() {
    const here = this.view ? [this.view.id] : [];
    return [...new Set([...here, ...this.decided, ...this.skipped])].slice(-MOST_SKIPPED);
  }

  /** Fetches the next document while this one is read. */
  async lookAhead() {
    if (this.ahead) return;
    this.ahead = (async () => {
      const found = await nextOf(this.where, this.passed());
      if (!found) return null;
      this.leases.given(found.ix_id);
      this.aheadId = found.ix_id;
      const loaded = await load(found.ix_id);
      warm(loaded);
      return loaded;
    })();
    // it is asked for again when it is wanted
    this.ahead.catch(() => { this.ahead = null; });
  }

  /** Nothing is left to check. */
  async nothing() {
    const skipped = this.skipped.size;
    const again = skipped > 0 && h("button", {
      class: "b primary", type: "button", onclick: () => { this.skipped.clear(); void this.next(); },
    }, t("rv.skipped.again", { n: skipped }));
    const lot = h("button", { class: "b", type: "button", onclick: () => void this.sample() }, icon("find", "s"),
      t("rv.sample"));
    const jobs = h("a", { class: "b", href: at("jobs") }, t("nav.jobs"));
    const exported = may(this.me, "export") && h("a", { class: "b", href: at("exports") }, t("nav.exports"));
    const rate = h("p", { class: "second" });
    rename(t("nav.review"));
    fill(this.main, h("h1", { class: "sr" }, t("nav.review")), empty({
      title: t("rv.empty"), icon: "ok", text: rate, acts: [again, lot, jobs, exported],
    }));
    ready();
    rate.textContent = await rateOfWeek().catch(() => "");
  }

  /** Opens one that went straight through: whether what nobody looks at is right. */
  async sample() {
    try {
      const id = await straightOne();
      if (id) await this.open(id, { push: true });
      else toast(t("rv.sample.none"));
    } catch (error) {
      toast(reason(error));
    }
  }

  async count() {
    const { view } = this;
    const counts = await countsOf({ ...this.where, review: "needed" }).catch(() => null);
    const n = counts?.review?.needed;
    if (!view || n === undefined) return;
    view.waiting.textContent = `· ${t("rv.waiting", { n: Math.min(n, counts.cap ?? n) })}`;
  }

  skip() {
    if (!this.view) return;
    this.skipped.add(this.view.id);
    void this.next();
  }

  // Deciding

  /** @param {string} state @param {string} note */
  decide(state, note) {
    const { view } = this;
    if (!view) return;
    const { id, name } = view;
    view.acts.left();
    this.decided.add(id);
    this.outbox.decide(id, view.version, state, note);
    toast(t(`rv.done.${state}`, { name }), { undo: () => this.takeBack(id) });
    void this.next();
  }

  /** @param {string} id */
  takeBack(id) {
    if (!this.outbox.undecide(id)) return toast(t("rv.sent"));
    this.decided.delete(id);
    return this.open(id, { push: true });
  }

  // Leaving

  /** Any key says that somebody is at work. */
  active() {
    this.leases.active([this.view?.id, this.aheadId].filter(id => id !== undefined));
  }

  /** Leaves the document that is open, which goes back to the queue unless it was decided. */
  leave() {
    this.loading.abort();
    const { view } = this;
    if (!view) return;
    view.end();
    this.view = null;
    const left = this.outbox.of(view.id);
    // what is on its way is sent by whoever holds it
    if (!left?.decision && !left?.changes.length) this.leases.release(view.id);
  }

  /** The page is left: decisions that wait are sent, documents given back. */
  bye() {
    for (const [id, entry] of this.outbox.entries) {
      if (!entry.decision || entry.changes.length || this.outbox.stopped.has(id)) continue;
      void decideAtLast(id, entry.version, entry.decision);
      this.outbox.forget(id);
      this.leases.done(id);
    }
    for (const id of [this.view?.id, this.aheadId]) if (id && !this.outbox.of(id)) this.leases.release(id);
  }
}

/** How many of the week's documents went straight through, as a sentence; "" where nobody counts. */
async function rateOfWeek() {
  const counts = await countsOf({ created_after: new Date(Date.now() - WEEK).toISOString() });
  const { straight = 0, ...others } = counts.review ?? {};
  const all = Object.values(others).reduce((sum, n) => sum + Number(n), straight);
  if (!straight || all <= straight) return "";
  return t("rv.rate", { n: straight, of: all, percent: number.format(Math.round(100 * straight / all)) });
}
