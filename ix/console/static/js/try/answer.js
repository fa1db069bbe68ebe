// @ts-check
// What became of a document: its steps while it is read, then its pages beside the values.
import { ApiError, address, get } from "../api.js";
import { at, fill, h, icon, theirs } from "../dom.js";
import { clock, t } from "../i18n.js";
import { fieldsTab } from "../job/fields.js";
import { loadModel } from "../job/load.js";
import { errorName, progressText } from "../parts.js";
import { failed, may, reason, toast } from "../shell.js";
import { marksOf } from "../model.js";
import { jobSource, Viewer } from "../viewer/viewer.js";

/** @typedef {import("./run.js").Run} Run */
const STEPS = ["sent", "waiting", "running", "done"];
const REACHED = { scheduled: 1, pending: 1, running: 2, done: 3, error: 3, cancelled: 3 };

export class Answer {
  /** @param {any} me @param {import("../api.js").Loads} loads */
  constructor(me, loads) {
    this.me = me;
    this.loads = loads;
    this.steps = h("ol", { class: "steps", "aria-label": t("try.steps") });
    this.said = h("p", { class: "sr", role: "status" });
    this.body = h("div", { class: "try-body" });
    this.node = h("div", { class: "try-answer" }, this.steps, this.said, this.body);
    /** @type {Run | null} */
    this.run = null;
    /** @type {Viewer | null} */
    this.viewer = null;
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
    const { job, file } = /** @type {Run} */ (this.run);
    try {
      const [model, { pages }] = await this.loads.run(signal =>
        Promise.all([loadModel(job, signal), get(`/jobs/${job.ix_id}/pages`, { signal })]));
      this._end();
      this._work(job, file.name, model, pages);
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError") this._failed(error);
    }
  }

  /** Pages beside values, linked both ways. @param {any} job @param {string} name @param {any} model @param {any[]} pages */
  _work(job, name, model, pages) {
    const work = h("div", { class: "work" }), pane = h("div", { class: "scroll" });
    fill(this.body, work);
    const rows = () => [...pane.querySelectorAll("[data-id]")];
    const mark = (/** @type {string} */ attribute, /** @type {string | null} */ id) =>
      rows().forEach(row => row.setAttribute(attribute, String(row.dataset.id === id)));
    const choose = (/** @type {string} */ id) => {
      const row = rows().find(one => one.dataset.id === id);
      mark("aria-current", id);
      row?.scrollIntoView({ block: "nearest" });
      this.viewer?.choose(id, { from: row });
    };
    if (pages.length) {
      const source = jobSource(address(`/jobs/${job.ix_id}`));
      this.viewer = new Viewer(work, {
        pages, ...source, pages, name, frame: work, say: (/** @type {string} */ key, values) => t(`viewer.${key}`, values),
        onMark: choose, onHover: (/** @type {string | null} */ id) => mark("data-hot", id),
      });
      this.viewer.show(marksOf(model));
    }
    pane.append(...[fieldsTab(job, model, choose)].flat().filter(Boolean));
    pane.addEventListener("click", (/** @type {any} */ event) => {
      const row = event.target.closest("[data-id]");
      if (row) choose(row.dataset.id);
    });
    pane.addEventListener("pointerover", (/** @type {any} */ event) =>
      this.viewer?.hover(event.target.closest("[data-id]")?.dataset.id ?? null));
    pane.addEventListener("scroll", () => this.viewer?.draw(), { passive: true });
    work.append(h("section", { class: "panel", "aria-label": t("try.values") }, pane,
      this.foot = h("div", { class: "act" })));
    this._foot();
    const first = marksOf(model)[0];
    if (first) requestAnimationFrame(() => choose(first.id));
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
    this.viewer?.end();
    this.viewer = null;
    this.foot = null;
  }
}
