// @ts-check
// The side of the pages: the viewer, or why there is none.
import { address } from "../api.js";
import { fill, h } from "../dom.js";
import { has, t } from "../i18n.js";
import { KEYS } from "../keys.js";
import { bones, empty } from "../shell.js";
import { Viewer, jobSource } from "../viewer/viewer.js";
import { hasEnded } from "./actions.js";

/** @typedef {import("../viewer/viewer.js").Options} Options */

export class Pages {
  /** @param {HTMLElement} frame holds pages and fields @param {Partial<Options>} options of the viewer */
  constructor(frame, options) {
    this.frame = frame;
    this.options = options;
    this.node = h("div", { class: "pages" });
    /** @type {Viewer | null} */
    this.viewer = null;
    this.shown = "";
    fill(this.node, bones(3));
  }

  /** Shows the pages of a job; whether they are others than before. @param {any} job @param {any[]} pages */
  show(job, pages) {
    const now = JSON.stringify([job.ix_id, pages.map(({ document, page, width, height, rotation }) =>
      [document, page, width, height, rotation])]);
    if (now === this.shown && this.viewer) return false;
    this.shown = now;
    this.end();
    this.node.replaceChildren();
    if (!pages.length) {
      fill(this.node, empty({ title: t("viewer.empty"), icon: "file", text: h("p", {}, t(why(job))) }));
      return false;
    }
    const names = job.request.documents.map(one => one.name);
    this.viewer = new Viewer(this.node, {
      ...jobSource(address(`/jobs/${job.ix_id}`)), pages, frame: this.frame, say: t, keys: keysOf(),
      name: document => names[document] ?? "", ...this.options,
    });
    return true;
  }

  /** @param {any} problem what is shown in place of the pages */
  fail(problem) {
    if (this.viewer) return;
    fill(this.node, problem);
  }

  end() {
    this.viewer?.end();
    this.viewer = null;
  }
}

/** Why there are no pages. @param {any} job */
function why(job) {
  if (!hasEnded(job)) return "job.pages.not_yet";
  if (job.results_erased || job.documents_erased) return "job.pages.erased";
  const code = job.response?.error?.code ?? "";
  if (has(`job.pages.${code}`)) return `job.pages.${code}`;
  return code || job.status === "cancelled" ? "job.pages.unread" : "job.pages.not_kept";
}

/** The keys that stand on the buttons of the viewer. */
function keysOf() {
  const of = does => KEYS.job.find(row => row.does === does)?.keys[0] ?? "";
  return { zoom_in: of("zoomIn"), zoom_out: of("zoomOut"), fit: of("fit"), boxes: of("boxes") };
}
