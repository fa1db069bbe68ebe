// @ts-check
// A job: its pages beside its fields, what happened to it, its callbacks, its envelope. It follows what the stream
// says.
import { ApiError, Loads, isAborted } from "../api.js";
import { at, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { marksOf } from "../model.js";
import { bones, empty, failed, reason, rename, toast } from "../shell.js";
import { mayChange } from "./actions.js";
import { fieldsTab } from "./fields.js";
import { head, nameOf, state } from "./head.js";
import { Linked, replace } from "./linked.js";
import { loadDeliveries, loadHistory, loadJob, loadModel, loadPages } from "./load.js";
import { gone, problem, waiting } from "./notyet.js";
import { Pages } from "./pages.js";
import { Tabs } from "./tabs.js";

const TABS = ["fields", "timeline", "callbacks", "raw"];

export class JobView {
  /** @param {HTMLElement} main @param {any} me @param {string} id */
  constructor(main, me, id) {
    this.main = main;
    this.me = me;
    this.id = id;
    /** whether it was erased while it was looked at */
    this.isGone = false;
    /** told of each state of the job that is shown */
    this.shown = () => {};
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
        const model = job.response && !job.response.error && !job.results_erased ? await loadModel(job, signal) : null;
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
    this.job = { ...job, progress };
    this.model = model;
    rename(nameOf(job));
    const told = { changed: () => this.load(), erased: () => this.erased() };
    this.head = head(this.job, this.me, told);
    fill(this.main, this.head, this.work);
    this._fillTab();
    this._marks();
    this.shown();
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
    else this._instead(t("job.title"), failed(error, { title: t("job.failed"), again: () => this.load() }));
  }

  _unknown() {
    const text = h("p", {}, t("job.unknown.text"));
    this._instead(t("job.title"), empty({ title: t("job.unknown"), icon: "find", text, acts: toList() }));
  }

  /** The job is no more: nothing of it stays on the page. */
  erased() {
    this.pages.end();
    this.job = this.model = null;
    this.isGone = true;
    rename(t("job.erased"));
    const text = h("p", {}, t("job.erased.text"));
    this._instead(t("job.title"), empty({ title: t("job.erased"), icon: "erase", text, acts: toList() }));
  }

  /** @param {string} title @param {import("../dom.js").Kid} content what stands in place of the job */
  _instead(title, content) {
    fill(this.main, h("h1", { class: "sr" }, title), content);
  }

  /** What the stream says. @param {string} name @param {any} data */
  heard(name, data) {
    if (data.ix_id !== this.id || !this.job || this.isGone) return;
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
    // nothing is left beside the pages that it could lead to
    this.pages.viewer?.draw();
  }

  /** Fills the open tab; what it needs of its own is read each time. */
  async _fillTab() {
    const { tabs, job } = this, { key } = tabs;
    if (!job) return;
    if (key === "fields") return tabs.fill(this._fields());
    try {
      const content = await this.tabLoads.run(signal => this._loaded(key, job, signal));
      if (tabs.key === key) tabs.fill(content);
    } catch (error) {
      if (!isAborted(error)) tabs.fill(failed(error, { title: t("job.tab.failed"), again: () => this._fillTab() }));
    }
  }

  /** A tab that is seldom opened, and its code with it. @param {string} key @param {any} job
   * @param {AbortSignal} signal */
  async _loaded(key, job, signal) {
    if (key === "raw") return (await import("./raw.js")).rawTab(job, this.me);
    if (key === "timeline") {
      const history = await loadHistory(job, signal);
      return (await import("./timeline.js")).timelineTab(job, history);
    }
    const deliveries = job.callback_url ? await loadDeliveries(job.ix_id, signal) : [];
    return (await import("./callbacks.js")).callbacksTab(job, deliveries, mayChange(this.me), () => this._fillTab());
  }

  _fields() {
    const { job, model } = this;
    if (model) return fieldsTab(job, model, id => this.linked.choose(id, { focus: true }));
    if (job.results_erased && !job.response?.error) return gone(job);
    if (job.response?.error) return problem(job, this.me, () => this.load());
    return waiting(job);
  }
}

/** Whether a head says more than is shown. @param {any} job @param {any} head */
const hasChanged = (job, head) =>
  ["status", "attempts", "callback_status", "review", "points"].some(name => name in head && head[name] !== job[name]);

const toList = () => h("a", { class: "b primary", href: at("jobs") }, t("job.to_list"));
