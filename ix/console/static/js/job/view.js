// @ts-check
// A job: its pages beside its fields, what happened to it, its callbacks, its envelope. It follows what the stream says.
import { ApiError, Loads, isAborted } from "../api.js";
import { at, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { marksOf } from "../model.js";
import { bones, empty, failed, reason, rename, toast } from "../shell.js";
import { mayChange } from "./actions.js";
import { callbacksTab } from "./callbacks.js";
import { fieldsTab } from "./fields.js";
import { head, nameOf, state } from "./head.js";
import { Linked, replace } from "./linked.js";
import { loadAttempts, loadDeliveries, loadJob, loadModel, loadPages } from "./load.js";
import { problem, waiting } from "./notyet.js";
import { Pages } from "./pages.js";
import { rawTab } from "./raw.js";
import { Tabs } from "./tabs.js";
import { timelineTab } from "./timeline.js";

const TABS = ["fields", "timeline", "callbacks", "raw"];

export class JobView {
  /** @param {HTMLElement} main @param {any} me @param {string} id */
  constructor(main, me, id) {
    Object.assign(this, { main, me, id });
    this.loads = new Loads();
    this.tabLoads = new Loads();
    /** @type {any} */
    this.job = null;
    /** @type {import("../model.js").Model | null} */
    this.model = null;
    this.tabs = new Tabs(t("job.about"), TABS.map(key => [key, t(`job.tab.${key}`)]), key => this._opened(key));
    this.linked = new Linked(this.tabs.pane);
    this.work = h("div", { class: "work" });
    this.pages = new Pages(this.work, {
      onMark: id => this.choose(id), onHover: id => this.linked.hover(id), onPage: at => this.linked.turned(at),
    });
    this.work.append(this.pages.node, this.tabs.node);
  }

  /** Shows the job as it is now; what the address asks for is looked at. */
  async open() {
    const asked = new URLSearchParams(location.search);
    this.tabs.open(asked.get("tab") ?? "fields");
    await this.load();
    const field = asked.get("field"), page = Number(asked.get("page"));
    if (!this.job) return;
    if (field && this.model?.fields.has(field) || field && this.model?.tables.has(field)) this.linked.choose(field);
    else if (page > 1) this.pages.viewer?.go(page - 1);
  }

  /** Reads the job anew, and what belongs to it. */
  async load() {
    if (!this.job) fill(this.main, bones(4));
    try {
      await this.loads.run(async signal => {
        const job = await loadJob(this.id, signal);
        const model = job.response && !job.response.error ? await loadModel(job, signal) : null;
        signal.throwIfAborted();
        this._show(job, model);
        await this._loadPages(job, signal);
      });
    } catch (error) {
      this._failed(error);
    }
  }

  /** @param {any} job @param {import("../model.js").Model | null} model */
  _show(job, model) {
    // progress is a hint of the stream, and lasts as long as the attempt
    const progress = job.status === "running" ? job.progress ?? this.job?.progress ?? null : null;
    Object.assign(this, { job: { ...job, progress }, model });
    rename(nameOf(job));
    const told = { changed: () => this.load(), erased: () => this.erased() };
    this.head = head(this.job, this.me, told);
    fill(this.main, this.head, this.work);
    this._fillTab();
    this._marks();
  }

  /** @param {any} job @param {AbortSignal} signal */
  async _loadPages(job, signal) {
    try {
      const pages = await loadPages(job.ix_id, signal);
      signal.throwIfAborted();
      this.pages.show(job, pages);
      this.linked.viewer = this.pages.viewer;
      this._marks();
      if (this.linked.chosen) this.linked.choose(this.linked.chosen);
    } catch (error) {
      if (isAborted(error)) throw error;
      this.pages.fail(failed(error, { title: t("job.pages.failed"), again: () => this.load() }));
    }
  }

  _marks() {
    this.pages.viewer?.show(this.model ? marksOf(this.model) : []);
  }

  /** @param {any} error */
  _failed(error) {
    if (isAborted(error)) return;
    if (error instanceof ApiError && error.status === 404) this.job ? this.erased() : this._unknown();
    // what was there stays: it is old, not wrong
    else if (this.job) toast(reason(error));
    else fill(this.main, failed(error, { title: t("job.failed"), again: () => this.load() }));
  }

  _unknown() {
    fill(this.main, empty({
      title: t("job.unknown"), icon: "find", text: h("p", {}, t("job.unknown.text")), acts: toList(),
    }));
  }

  /** The job is no more: nothing of it stays on the page. */
  erased() {
    this.pages.end();
    Object.assign(this, { job: null, model: null, gone: true });
    rename(t("job.erased"));
    fill(this.main, empty({
      title: t("job.erased"), icon: "erase", text: h("p", {}, t("job.erased.text")), acts: toList(),
    }));
  }

  /** What the stream says. @param {string} name @param {any} data */
  heard(name, data) {
    if (data.ix_id !== this.id || !this.job || this.gone) return;
    if (name === "erased") this.erased();
    else if (name === "progress") this._progress(data);
    else if (name === "review" || (name === "status" && hasChanged(this.job, data))) this.load();
  }

  /** @param {any} progress */
  _progress(progress) {
    if (this.job.status !== "running") return;
    this.job.progress = progress;
    fill(this.head.querySelector(".state"), state(this.job));
    if (this.tabs.key === "fields" && !this.model) this._fillTab();
  }

  /** @param {string} id @param {{focus?: boolean}} [how] */
  choose(id, how = {}) {
    if (this.tabs.key !== "fields") {
      this.tabs.open("fields");
      this._opened("fields");
    }
    this.linked.choose(id, how);
  }

  /** @param {number} by */
  step(by) {
    if (this.tabs.key !== "fields") this.choose(this.linked.chosen ?? "");
    this.linked.step(by);
  }

  /** @param {string} key */
  _opened(key) {
    replace("tab", key === "fields" ? null : key);
    this._fillTab();
  }

  /** Fills the open tab; what it needs of its own is read each time. */
  async _fillTab() {
    const { tabs, job } = this, { key } = tabs;
    if (!job) return;
    if (key === "fields") return tabs.fill(this._fields());
    if (key === "raw") return tabs.fill(rawTab(job, this.me));
    if (key === "callbacks" && !job.callback_url) return tabs.fill(callbacksTab(job, [], false, () => {}));
    try {
      await this.tabLoads.run(signal => this._fillLoaded(key, job, signal));
    } catch (error) {
      if (!isAborted(error)) tabs.fill(failed(error, { title: t("job.tab.failed"), again: () => this._fillTab() }));
    }
  }

  /** @param {string} key @param {any} job @param {AbortSignal} signal */
  async _fillLoaded(key, job, signal) {
    if (key === "timeline") {
      const attempts = await loadAttempts(job.ix_id, signal);
      if (this.tabs.key === key) this.tabs.fill(timelineTab(job, attempts));
      return;
    }
    const deliveries = await loadDeliveries(job.ix_id, signal), mayResend = mayChange(this.me);
    if (this.tabs.key === key) this.tabs.fill(callbacksTab(job, deliveries, mayResend, () => this._fillTab()));
  }

  _fields() {
    const { job, model } = this;
    if (model) return fieldsTab(job, model, id => this.linked.choose(id, { focus: true }));
    if (job.response?.error) return problem(job, this.me, () => this.load());
    return waiting(job);
  }
}

/** Whether a head says more than is shown. @param {any} job @param {any} head */
const hasChanged = (job, head) =>
  ["status", "attempts", "callback_status", "review", "points"].some(name => name in head && head[name] !== job[name]);

const toList = () => h("a", { class: "b primary", href: at("jobs") }, t("job.to_list"));
