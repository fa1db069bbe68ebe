// @ts-check
// A file on its way: submitted, followed till its end, kept or erased.
import { get, send } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { subscribe } from "../stream.js";

/** Seconds after which a trial is erased that nobody wants to keep. */
export const ERASE_AFTER = 3600;
/** Seconds that an answer is waited for at a time: proxies end what is quiet for longer. */
const WAIT = 20;
const ENDED = new Set(["done", "error", "cancelled"]);

/**
 * Submits a file as a job, which is erased after an hour.
 * @param {{file: File, use: string, options: any, configuration: string, client: string, pages: string,
 *   password: string}} asked with a saved `configuration`, that says the use case and the options
 * @returns {Promise<any>} the job
 */
export function submit({ file, use, options, configuration, client, pages, password }) {
  const form = new FormData();
  const given = { client_id: client, request_id: `try-${crypto.getRandomValues(new BigUint64Array(1))[0].toString(16)}`,
    ...(configuration ? { configuration } : { use_case: use }) };
  for (const [name, value] of Object.entries(given)) form.append(name, value);
  form.append("documents", file, file.name);
  if (Object.keys(options).length) form.append("options", JSON.stringify(options));
  if (pages) form.append("pages", pages);
  if (password) form.append("password", password);
  return send("POST", "/jobs", form, { query: { erase_after: ERASE_AFTER } });
}

/** A job that is followed: `onChange` hears of each step, and of its end. */
export class Run {
  /** @param {File} file @param {any} job */
  constructor(file, job) {
    this.file = file;
    this.job = job;
    /** @type {any} */
    this.progress = null;
    /** @type {any} */
    this.error = null;
    /** @type {() => void} */
    this.onChange = () => {};
    this.mark = h("span", { class: "try-mark" });
    this.eraseAt = Date.now() + ERASE_AFTER * 1000;
    this.isKept = false;
    this.over = new AbortController();
    this.unsubscribe = subscribe({ state() {}, event: (name, data) => this._heard(name, data) });
    this._changed();
    this._follow();
  }

  get isEnded() { return ENDED.has(this.job.status); }

  /** Follows it no more. */
  end() {
    this.over.abort();
    this.unsubscribe?.();
  }

  /** @param {string} name @param {any} data */
  _heard(name, data) {
    if (name !== "progress" || data.ix_id !== this.job.ix_id) return;
    this.progress = data;
    this._changed();
  }

  /** Waits for the end, which no stream is needed for. */
  async _follow() {
    const { signal } = this.over;
    try {
      while (!this.isEnded) {
        this.job = await get(`/jobs/${this.job.ix_id}`, { query: { wait: WAIT }, signal });
        this._changed();
      }
    } catch (error) {
      if (signal.aborted) return;
      this.error = error;
      this._changed();
    }
    this.unsubscribe?.();
  }

  /** Goes on after an error. */
  again() {
    this.error = null;
    this._changed();
    this._follow();
  }

  _changed() {
    const drawing = { done: "ok", error: "fail", cancelled: "cancel" }[this.job.status] ?? "run";
    const cls = { done: "ok", error: "bad" }[this.job.status] ?? "quiet";
    const [mark, colour] = this.error ? ["warn", "warn"] : [drawing, cls];
    fill(this.mark, icon(mark, `s ${colour}`, t(`status.${this.job.status}`)));
    this.onChange();
  }

  /** Lets the job stay. */
  async keep() {
    await send("DELETE", `/jobs/${this.job.ix_id}/expiry`);
    this.isKept = true;
    this.onChange();
  }

  /** Erases it at once. */
  async erase() {
    await send("DELETE", `/jobs/${this.job.ix_id}`, undefined, { query: { erase: true } });
    this.end();
  }
}
