// @ts-check
// What became of a document: its steps while it is read, then its pages beside the values.
import { ApiError, isAborted } from "../api.js";
import { at, fill, h, icon, theirs } from "../dom.js";
import { clock, t } from "../i18n.js";
import { saveTable } from "../job/actions.js";
import { fieldsTab } from "../job/fields.js";
import { Linked } from "../job/linked.js";
import { loadModel, loadPages } from "../job/load.js";
import { Pages } from "../job/pages.js";
import { marksOf } from "../model.js";
import { errorName, progressText } from "../parts.js";
import { failed, may, reason, toast } from "../shell.js";

/** @typedef {import("./run.js").Run} Run */
const STEPS = ["sent", "waiting", "running", "done"];
/** How often, and after how many milliseconds, pages are asked for again that are not there yet. */
const MOST_TRIES = 10, TRY_MS = 200;
const REACHED = { scheduled: 1, pending: 1, running: 2, done: 3, error: 3, cancelled: 3 };

export class Answer {
  /** @param {any} me @param {import("../api.js").Loads} loads */
  constructor(me, loads) {
    this.me = me;
    this.loads = loads;
    this.steps = h("ol", { class: "try-steps", "aria-label": t("try.steps") });
    this.said = h("p", { class: "sr", role: "status" });
    this.body = h("div", { class: "try-body" });
    this.node = h("div", { class: "try-answer" }, this.steps, this.said, this.body);
    /** @type {Run | null} */
    this.run = null;
    /** @type {Pages | null} */
    this.pages = null;
    this.shownOf = "";
  }

  /** Shows a run, and follows it. @param {Run} run */
  show(run) {
    if (this.run) this.run.onChange = () => {};
    this.run = run;
    this.shownOf = "";
    run.onChange = () => this._draw();
    this._draw();
  }

  _draw() {
    const { job, progress, error } = /** @type {Run} */ (this.run);
    const reached = REACHED[job.status], isOver = reached === STEPS.length - 1;
    const last = job.status === "done" ? "done" : isOver ? job.status : "done";
    fill(this.steps, STEPS.map((name, at) => {
      const isDone = at < reached || isOver, word = t(`try.step.${at === STEPS.length - 1 ? last : name}`);
      const drawing = isOver && at === reached && job.status !== "done" ? icon("fail", "s bad")
        : icon(isDone ? "ok" : at === reached ? "run" : "wait", `s ${isDone ? "ok" : at === reached ? "" : "quiet"}`);
      return h("li", { class: at === reached ? "now" : "", "aria-current": !isOver && at === reached ? "step" : null },
        drawing, at === 2 && !isOver && progress ? progressText(progress) : word);
    }));
    this.said.textContent = t(`try.step.${isOver ? last : STEPS[reached]}`);
    if (error) return this._failed(error);
    if (!isOver) return this._waits();
    if (this.shownOf === job.ix_id) return this._foot();
    this.shownOf = job.ix_id;
    return job.status === "done" ? this._answered() : this._unanswered();
  }

  _waits() {
    if (!this.body.querySelector(".try-waits")) {
      this._end();
      fill(this.body, h("div", { class: "empty try-waits" }, h("span", { class: "bone" }), h("p", {}, t("try.waits"))));
    }
  }

  /** @param {any} error */
  _failed(error) {
    this._end();
    const run = /** @type {Run} */ (this.run);
    fill(this.body, failed(error, { title: t("try.lost"), again: () => run.again() }));
  }

  /** The job ended in error: why, and what one can do. */
  _unanswered() {
    this._end();
    const { job } = /** @type {Run} */ (this.run), { code = "", message = "" } = job.response?.error ?? {};
    fill(this.body, h("div", { class: "empty", role: "alert" }, icon("bad", "bad"),
      h("p", {}, h("b", {}, code ? errorName(code) : t(`try.step.${job.status}`))),
      h("p", { class: "wrap" }, theirs(message, 600)),
      h("p", { class: "small" }, code === "document_encrypted" ? t("try.needs_password") : t("try.unread")),
      this._acts()));
  }

  async _answered() {
    const { job } = /** @type {Run} */ (this.run);
    try {
      const [model, pages] = await this.loads.run(signal =>
        Promise.all([loadModel(job, signal), storedPages(job, signal)]));
      this._end();
      this._work(job, model, pages);
    } catch (error) {
      if (!isAborted(error)) this._failed(error);
    }
  }

  /** Pages beside values, linked both ways. @param {any} job @param {any} model @param {any[]} pages */
  _work(job, model, pages) {
    const work = h("div", { class: "work" }), pane = h("div", { class: "scroll", tabindex: 0 });
    const linked = new Linked(pane);
    this.pages = new Pages(work, { onMark: id => linked.choose(id), onHover: id => linked.hover(id) });
    work.append(this.pages.node, h("section", { class: "panel", "aria-label": t("try.values") }, pane,
      this.foot = h("div", { class: "foot" })));
    fill(pane, fieldsTab(job, model, id => linked.choose(id, { focus: true })));
    fill(this.body, work);
    this.pages.show(job, pages);
    linked.viewer = this.pages.viewer;
    const marks = marksOf(model);
    linked.viewer?.show(marks);
    this._foot();
    if (marks.length) requestAnimationFrame(() => linked.choose(marks[0].id));
  }

  _foot() {
    if (this.foot) fill(this.foot, this._acts());
  }

  /** What can be done with the job. */
  _acts() {
    const run = /** @type {Run} */ (this.run), { ix_id } = run.job, isDone = run.job.status === "done";
    return h("div", { class: "flow" },
      isDone && may(this.me, "review")
        ? h("a", { class: "b", href: at(`review/${ix_id}`) }, icon("human", "s"), t("try.correct")) : null,
      isDone && may(this.me, "export") ? h("button", {
        class: "b", type: "button", onclick: () => void saveTable(run.job, "xlsx"),
      }, icon("load", "s"), t("try.table")) : null,
      h("a", { class: "b", href: at(`jobs/${ix_id}`) }, t("try.job")),
      run.isKept ? h("span", { class: "small quiet" }, t("try.kept"))
        : [h("button", { class: "b", type: "button", onclick: () => this._keep(run) }, t("try.keep")),
          h("button", { class: "b plain", type: "button", onclick: () => this._erase(run) }, icon("erase", "s"),
            t("try.erase")),
          h("span", { class: "small quiet" }, t("try.erased_at", { at: clock.format(run.eraseAt) }))]);
  }

  /** @param {Run} run */
  async _keep(run) {
    try {
      await run.keep();
      this._foot();
    } catch (error) {
      toast(reason(error));
    }
  }

  /** @param {Run} run */
  async _erase(run) {
    try {
      await run.erase();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) return toast(reason(error));
    }
    this._end();
    fill(this.steps);
    fill(this.body, h("div", { class: "empty" }, icon("erase"), h("p", {}, h("b", {}, t("try.erased")))));
    return undefined;
  }

  _end() {
    this.pages?.end();
    this.pages = null;
    this.foot = null;
  }
}

/** The pages of a job that has just ended: they are stored in their own time.
 * @param {any} job @param {AbortSignal} signal @returns {Promise<any[]>} */
async function storedPages(job, signal) {
  const expected = job.response.usage?.pages ?? 0;
  for (let tries = 0; ; tries++) {
    const pages = await loadPages(job.ix_id, signal);
    if (pages.length >= expected || tries === MOST_TRIES) return pages;
    await new Promise(done => setTimeout(done, TRY_MS));
    signal.throwIfAborted();
  }
}
