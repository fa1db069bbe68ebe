// @ts-check
// What was done and is not sent yet: kept on this device, sent in order, document by document, one request at a time.
// A lost connection only delays it; somebody else's change stops that document until a person has seen it.

/**
 * @typedef {import("./form-model.js").Change} Change
 * @typedef {import("./state.js").Served} Served
 * @typedef {{state: string, note: string, due: number}} Decision `due`: milliseconds since 1970, sent no sooner
 * @typedef {{ix_id: string, saved: number, version: number, changes: Change[], texts: Record<string, string>,
 *   decision: Decision | null, owner: string, oneByOne?: boolean}} Entry of whoever was signed in; `oneByOne`: one of
 *   the changes is refused
 * @typedef {{ok: true, served: Served} | {ok: false, status: number, problem: any, wait?: number}} Answer status 0 is
 *   a connection that was not made
 * @typedef {{patch: (ix_id: string, version: number, changes: Change[]) => Promise<Answer>,
 *   decide: (ix_id: string, version: number, decision: Decision) => Promise<Answer>}} Service
 * @typedef {{get: (key: string) => any, set: (key: string, value: any) => void, drop: (key: string) => void,
 *   keys: () => string[]}} Store
 * @typedef {"sent" | "decided" | "refused" | "conflict" | "gone" | "offline" | "online"} Happening
 */

const PREFIX = "review.";
/** Drafts hold values of documents: none stays longer than this, milliseconds. */
export const KEEP_FOR = 7 * 24 * 3600 * 1000;
/** How long an approval can be taken back before it is sent, milliseconds. */
export const UNDO_FOR = 6000;
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 30_000;
/** Changes in one request; the service reads no more at once. */
const MOST_CHANGES = 100;
const STOPPING = new Set([409, 412]);

export class Outbox {
  /**
   * @param {{service: Service, store: Store, owner?: string, claim?: (ix_id: string) => Promise<boolean>,
   *   now?: () => number, later?: (act: () => void, wait: number) => unknown,
   *   hear?: (what: Happening, entry: Entry, more?: any) => void}} by `owner` is who is signed in; `claim` says whether
   *   no other tab has this document's entry
   */
  constructor({ service, store, owner = "", claim = async () => true, now = Date.now,
    later = (act, wait) => setTimeout(act, wait), hear = () => {} }) {
    this.owner = owner;
    this.claim = claim;
    this.service = service;
    this.store = store;
    this.now = now;
    this.later = later;
    this.hear = hear;
    /** @type {Map<string, Entry>} */
    this.entries = new Map();
    /** @type {Set<string>} documents that wait for a person */
    this.stopped = new Set();
    this.offline = false;
    this.waiting = false;
    this.wait = FIRST_WAIT;
    /** @type {Promise<void> | null} */
    this.running = null;
    /** Settled once all of an earlier visit is taken up. */
    this.restored = this.restore();
  }

  /** Takes up what an earlier visit left, and forgets what is too old, or somebody else's. */
  async restore() {
    const keys = this.store.keys().filter(one => one.startsWith(PREFIX));
    await Promise.all(keys.map(async key => {
      const entry = this.store.get(key);
      const isFresh = entry && this.now() - entry.saved < KEEP_FOR && (entry.owner ?? "") === this.owner;
      if (!isFresh) this.store.drop(key);
      else if (await this.claim(entry.ix_id)) this.entries.set(entry.ix_id, entry);
    }));
  }

  /** What is not sent of a document. @param {string} ix_id */
  of(ix_id) {
    return this.entries.get(ix_id) ?? null;
  }

  /** @param {string} ix_id @param {number} version @returns {Entry} */
  entry(ix_id, version) {
    const there = this.entries.get(ix_id);
    if (there) return there;
    /** @type {Entry} */
    const made = { ix_id, saved: this.now(), version, changes: [], texts: {}, decision: null, owner: this.owner };
    this.entries.set(ix_id, made);
    void this.claim(ix_id);
    return made;
  }

  /** @param {string} ix_id @param {number} version that the reviewer has seen @param {Change[]} changes */
  add(ix_id, version, changes) {
    if (!changes.length) return;
    const entry = this.entry(ix_id, version);
    entry.changes.push(...changes);
    this.keep(entry);
    this.flush();
  }

  /** What is being typed, so that a reload does not lose it. @param {string} ix_id @param {number} version
   * @param {string} path @param {string | null} text */
  typing(ix_id, version, path, text) {
    const entry = this.entry(ix_id, version);
    if (text === null) delete entry.texts[path];
    else entry.texts[path] = text;
    this.keep(entry);
  }

  /** @param {string} ix_id @param {number} version @param {string} state @param {string} note @param {number} [wait] */
  decide(ix_id, version, state, note, wait = UNDO_FOR) {
    const entry = this.entry(ix_id, version);
    entry.texts = {};
    entry.decision = { state, note, due: this.now() + wait };
    this.keep(entry);
    this.flush();
    this.later(() => this.flush(), wait);
  }

  /** Takes a decision back; false where it is sent already. @param {string} ix_id */
  undecide(ix_id) {
    const entry = this.entries.get(ix_id);
    if (!entry?.decision) return false;
    entry.decision = null;
    this.keep(entry);
    return true;
  }

  /** A person has seen what the service has: what is left to send is sent over it. @param {string} ix_id
   * @param {number} version @param {Change[]} changes */
  resume(ix_id, version, changes) {
    const entry = this.entry(ix_id, version);
    Object.assign(entry, { version, changes });
    this.stopped.delete(ix_id);
    this.keep(entry);
    this.flush();
  }

  /** @param {string} ix_id */
  forget(ix_id) {
    this.entries.delete(ix_id);
    this.stopped.delete(ix_id);
    this.store.drop(PREFIX + ix_id);
  }

  /** @param {Entry} entry */
  keep(entry) {
    entry.saved = this.now();
    const isEmpty = !entry.changes.length && !entry.decision && !Object.keys(entry.texts).length;
    if (isEmpty) this.forget(entry.ix_id);
    else this.store.set(PREFIX + entry.ix_id, entry);
  }

  /** Sends what is due, unless it is being sent. */
  flush() {
    this.running ??= this.sendAll().finally(() => {
      this.running = null;
      // what came while the last answer was under way
      if (!this.offline && this.due().length) this.flush();
    });
    return this.running;
  }

  /** Entries with something to send now. */
  due() {
    const isDue = (/** @type {Entry} */ one) => one.changes.length || (one.decision && one.decision.due <= this.now());
    return [...this.entries.values()].filter(one => isDue(one) && !this.stopped.has(one.ix_id));
  }

  async sendAll() {
    for (const entry of this.due()) {
      while (entry.changes.length && !this.stopped.has(entry.ix_id)) if (!(await this.sendChanges(entry))) return;
      if (this.stopped.has(entry.ix_id) || !this.entries.has(entry.ix_id)) continue;
      if (entry.decision && entry.decision.due <= this.now() && !(await this.sendDecision(entry))) return;
    }
  }

  /** Sends some of a document's changes; false where there is no connection. @param {Entry} entry */
  async sendChanges(entry) {
    const batch = entry.changes.slice(0, entry.oneByOne ? 1 : MOST_CHANGES);
    const answer = await this.service.patch(entry.ix_id, entry.version, batch);
    if (answer.ok) {
      entry.changes.splice(0, batch.length);
      return this.went(entry, answer.served, "sent");
    }
    // one change is wrong: which is seen when they are sent one by one
    if (answer.status === 422 && batch.length > 1) return (entry.oneByOne = true);
    if (answer.status === 422) {
      entry.changes.shift();
      this.keep(entry);
      this.hear("refused", entry, { change: batch[0], problem: answer.problem });
      return true;
    }
    return this.failed(entry, answer);
  }

  /** @param {Entry} entry */
  async sendDecision(entry) {
    const decision = /** @type {Decision} */ (entry.decision);
    const answer = await this.service.decide(entry.ix_id, entry.version, decision);
    if (!answer.ok) return this.failed(entry, answer);
    entry.decision = null;
    return this.went(entry, answer.served, "decided");
  }

  /** @param {Entry} entry @param {Served} served @param {Happening} what */
  went(entry, served, what) {
    entry.version = served.version;
    this.wait = FIRST_WAIT;
    if (this.offline) this.hear("online", entry);
    this.offline = false;
    this.keep(entry);
    this.hear(what, entry, served);
    return true;
  }

  /**
   * @param {Entry} entry
   * @param {{status: number, problem: any, wait?: number}} answer
   * @returns {boolean} whether others' turn is worth trying
   */
  failed(entry, answer) {
    if (answer.status === 404) {
      this.forget(entry.ix_id);
      entry.changes.length = 0;
      this.hear("gone", entry, answer.problem);
      return true;
    }
    if (answer.status >= 400 && answer.status < 500 && ![401, 408, 429].includes(answer.status)) {
      this.stopped.add(entry.ix_id);
      this.hear(STOPPING.has(answer.status) ? "conflict" : "refused", entry, answer);
      return true;
    }
    this.offline = true;
    this.hear("offline", entry, answer);
    if (!this.waiting) this.later(() => this.retry(), answer.wait ?? this.wait);
    this.waiting = true;
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    return false;
  }

  retry() {
    this.waiting = false;
    return this.flush();
  }
}
