// @ts-check
// The desk of a reviewer: takes documents from the queue, fetches the next while one is read, sends what was done.
import { ApiError, isAborted } from "../api.js";
import { at, fill, h, icon, ready, theirs } from "../dom.js";
import { number, t } from "../i18n.js";
import { empty, failed, loading, reason, rename, toast } from "../shell.js";
import { choose, lastOf } from "./conflict.js";
import { claim, drafts } from "./drafts.js";
import { Leases } from "./lease.js";
import { load, warm } from "./load.js";
import { Outbox } from "./outbox.js";
import { countsOf, decideAtLast, nextOf, openAgain, reviewOf, service, straightOne, whereOf } from "./service.js";
import { DocumentView } from "./view.js";

/** @typedef {import("./load.js").Loaded} Loaded */

const WEEK = 7 * 24 * 3600 * 1000;
/** Documents that one has skipped are not given again before the page is loaded anew; so many are told to the service. */
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
    this.leases = new Leases((id, error) => this.leased(id, error));
    this.outbox = new Outbox({
      service, store: drafts, owner: String(me.key_id ?? ""), claim, hear: (what, entry, more) => this.heard(what, entry, more),
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
    this.standing(loaded.served);
    this.notice();
    this.leased(this.view.id, this.leases.refused.get(this.view.id) ?? null);
    this.view.begin();
    ready();
    void this.view.prepare();
    void this.lookAhead();
    void this.count();
  }

  /** A document that is decided already says so; it can be decided anew. @param {import("./state.js").Served} served */
  standing(served) {
    if (!["approved", "rejected"].includes(served.state) || !this.view) return;
    const { view } = this;
    const note = served.decided?.note ? theirs(served.decided.note) : null;
    this.tell(lastOf(served), [note, " ", h("button", {
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
    fill(this.main, h("h1", { class: "sr" }, t("nav.review")), title
      ? empty({ title, icon: "file", text: isOther ? h("p", {}, reason(error)) : null, acts: isGone ? [go] : [job, go] })
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
    const lot = h("button", { class: "b", type: "button", onclick: () => void this.sample() }, icon("find", "s"), t("rv.sample"));
    const rate = h("p", { class: "second" });
    rename(t("nav.review"));
    fill(this.main, h("h1", { class: "sr" }, t("nav.review")), empty({
      title: t("rv.empty"), icon: "ok", text: rate, acts: [again, lot, h("a", { class: "b", href: at("jobs") }, t("nav.jobs"))],
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
    if (view && n !== undefined) view.waiting.textContent = `· ${t("rv.waiting", { n: Math.min(n, counts.cap ?? n) })}`;
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

  // What comes back

  /** @param {import("./outbox.js").Happening} what @param {import("./outbox.js").Entry} entry @param {any} more */
  heard(what, entry, more) {
    const { view } = this, id = entry.ix_id;
    const isHere = view?.id === id;
    if (what === "decided") {
      this.leases.done(id);
      this.decided.delete(id);
    }
    if (what === "sent" && isHere) this.took(more);
    if (what === "conflict") void this.conflict(entry, more, isHere);
    if (what === "refused") this.refused(entry, more);
    if (what === "gone" && isHere) this.lost(new ApiError(404, more), id);
    view?.drawKept();
  }

  /** The service has what was done. @param {import("./state.js").Served} served */
  took(served) {
    const view = /** @type {DocumentView} */ (this.view);
    view.loaded.served = served;
    if (view.host.outbox.of(view.id)?.changes.length || view.current?.text !== null) return;
    view.review.heard(served.points);
    view.draw();
  }

  /** @param {import("./outbox.js").Entry} entry @param {{change?: any, problem: any}} more */
  refused(entry, { change, problem }) {
    const why = problem?.errors?.[0]?.message ?? problem?.detail ?? "";
    toast(t("rv.refused", { path: change?.path ?? entry.ix_id, why }));
    if (this.view?.id === entry.ix_id) void this.open(entry.ix_id);
  }

  /**
   * Somebody else has the document, or changed it.
   * @param {import("./outbox.js").Entry} entry @param {{status: number, problem: any}} answer @param {boolean} isHere
   */
  async conflict(entry, answer, isHere) {
    const id = entry.ix_id;
    this.outbox.undecide(id);
    this.decided.delete(id);
    if (!isHere || !this.view) return this.notice();
    try {
      const served = await reviewOf(id);
      // no word of a decision: somebody holds it
      if (answer.status === 409 && !served.decided) return this.leased(id, new ApiError(409, answer.problem));
      const whose = await choose(this.view.review, served);
      if (whose === "mine") return await this.insist(entry, served);
      if (whose === null) return this.undecided(entry, answer);
      this.outbox.forget(id);
      return await this.open(id);
    } catch (error) {
      return toast(reason(error));
    }
  }

  /** Whose is to count was left open: nothing is sent, and nothing lost.
   * @param {import("./outbox.js").Entry} entry @param {{status: number, problem: any}} answer */
  undecided(entry, answer) {
    const note = h("div", { class: "note" }, icon("warn"), h("p", {}, t("rv.conflict.open")), h("span", { class: "grow" }),
      h("button", { class: "b sm", type: "button", onclick: () => { note.remove(); void this.conflict(entry, answer, true); } },
        t("rv.conflict.decide")));
    this.view?.note.append(note);
  }

  /** What this reviewer has is to count. @param {import("./outbox.js").Entry} entry
   * @param {import("./state.js").Served} served */
  async insist(entry, served) {
    const now = served.decided ? await openAgain(entry.ix_id, served.version) : served;
    if (this.view?.id === entry.ix_id) this.view.loaded.served = now;
    this.outbox.resume(entry.ix_id, now.version, entry.changes);
  }

  /** The service told that somebody else changed the document that is open. @param {{version: number}} data */
  async newer({ version }) {
    const { view } = this;
    // it may be what this page has just sent
    await this.outbox.running;
    if (!view || this.view !== view || version <= view.version || this.outbox.of(view.id)) return;
    await this.open(view.id);
    toast(t("rv.newer"));
  }

  /** Documents whose changes were stopped while another was open wait for their reviewer. */
  notice() {
    const waiting = [...this.outbox.stopped].filter(id => id !== this.view?.id);
    if (!waiting.length || !this.view) return;
    this.tell(t("rv.stopped", { n: waiting.length }), waiting.slice(0, 5).map(id =>
      h("a", { href: this.address(id) }, id, " ")));
  }

  /** @param {string} id @param {ApiError | null} error */
  leased(id, error) {
    if (this.view?.id !== id) return;
    if (!error) return this.view.note.querySelector(".lease")?.remove();
    const again = h("button", { class: "b sm", type: "button", onclick: () => void this.retake(id) }, t("again"));
    const other = h("button", { class: "b sm", type: "button", onclick: () => void this.next() }, t("rv.next"));
    this.view.note.querySelector(".lease")?.remove();
    this.view.note.append(h("div", { class: "note lease", role: "alert" }, icon("person"),
      h("p", {}, theirs(error.message)), h("span", { class: "grow" }), again, other));
    return undefined;
  }

  /** @param {string} id */
  async retake(id) {
    if (!(await this.leases.take(id))) return;
    const entry = this.outbox.of(id);
    if (entry && this.view) this.outbox.resume(id, this.view.version, entry.changes);
  }

  /** A line over the document. @param {string} text @param {import("../dom.js").Kid} [more] */
  tell(text, more = null) {
    this.view?.note.append(h("div", { class: "note info" }, icon("person"), h("p", {}, text, " ", more)));
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
  return straight && all > straight ? t("rv.rate", { n: straight, of: all, percent: number.format(Math.round(100 * straight / all)) }) : "";
}
