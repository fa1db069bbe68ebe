// @ts-check
// What comes back of what was sent: taken, refused, somebody else's turn, gone. A person is told, and decides.
import { ApiError } from "../api.js";
import { fill, h, icon, theirs, visible } from "../dom.js";
import { clock, t } from "../i18n.js";
import { reason, toast } from "../shell.js";
import { openAgain, reviewOf } from "./service.js";

/** @typedef {import("./view.js").DocumentView} DocumentView */

export class Returns {
  /** @param {import("./desk.js").Desk} desk */
  constructor(desk) {
    this.desk = desk;
  }

  /** @param {import("./outbox.js").Happening} what @param {import("./outbox.js").Entry} entry @param {any} more */
  heard(what, entry, more) {
    const { view } = this.desk, id = entry.ix_id;
    const isHere = view?.id === id;
    if (what === "decided") {
      this.desk.leases.done(id);
      this.desk.decided.delete(id);
    }
    if (what === "sent" && isHere) this.took(more);
    if (what === "conflict") void this.conflict(entry, more, isHere);
    if (what === "refused") this.refused(entry, more);
    if (what === "gone" && isHere) this.desk.lost(new ApiError(404, more), id);
    view?.drawKept();
  }

  /** The service has what was done. @param {import("./state.js").Served} served */
  took(served) {
    const view = /** @type {DocumentView} */ (this.desk.view);
    view.loaded.served = served;
    if (view.host.outbox.of(view.id)?.changes.length || (view.current && view.current.text !== null)) return;
    view.review.heard(served.points, true);
    view.draw();
  }

  /** @param {import("./outbox.js").Entry} entry @param {{change?: any, problem: any}} more */
  refused(entry, { change, problem }) {
    const why = problem?.errors?.[0]?.message ?? problem?.detail ?? "";
    toast(t("rv.refused", { path: change?.path ?? entry.ix_id, why }));
    if (this.desk.view?.id === entry.ix_id) void this.desk.open(entry.ix_id);
  }

  /**
   * Somebody else has the document, or changed it.
   * @param {import("./outbox.js").Entry} entry @param {{status: number, problem: any}} answer @param {boolean} isHere
   */
  async conflict(entry, answer, isHere) {
    const id = entry.ix_id;
    this.desk.outbox.undecide(id);
    this.desk.decided.delete(id);
    if (!isHere || !this.desk.view) return this.notice();
    try {
      const served = await reviewOf(id);
      // no word of a decision: somebody holds it
      if (answer.status === 409 && !served.decided) return this.leased(id, new ApiError(409, answer.problem));
      const { choose } = await import("./conflict.js");
      const whose = await choose(this.desk.view.review, served);
      if (whose === "mine") return await this.insist(entry, served);
      if (whose === null) return this.undecided(entry, answer);
      this.desk.outbox.forget(id);
      return await this.desk.open(id);
    } catch (error) {
      return toast(reason(error));
    }
  }

  /** Whose is to count was left open: nothing is sent, and nothing lost.
   * @param {import("./outbox.js").Entry} entry @param {{status: number, problem: any}} answer */
  undecided(entry, answer) {
    const decide = () => { note.remove(); void this.conflict(entry, answer, true); };
    const note = h("div", { class: "note" }, icon("warn"), h("p", {}, t("rv.conflict.open")),
      h("span", { class: "grow" }),
      h("button", { class: "b sm", type: "button", onclick: decide }, t("rv.conflict.decide")));
    this.desk.view?.note.append(note);
  }

  /** What this reviewer has is to count. @param {import("./outbox.js").Entry} entry
   * @param {import("./state.js").Served} served */
  async insist(entry, served) {
    const now = served.decided ? await openAgain(entry.ix_id, served.version) : served;
    if (this.desk.view?.id === entry.ix_id) this.desk.view.loaded.served = now;
    this.desk.outbox.resume(entry.ix_id, now.version, entry.changes);
  }

  /** The service told that somebody else changed the document that is open. @param {{version: number}} data */
  async newer({ version }) {
    const { view } = this.desk;
    // it may be what this page has just sent
    await this.desk.outbox.running;
    if (!view || this.desk.view !== view || version <= view.version || this.desk.outbox.of(view.id)) return;
    await this.desk.open(view.id);
    toast(t("rv.newer"));
  }

  /** Documents whose changes were stopped while another was open wait for their reviewer. */
  notice() {
    const waiting = [...this.desk.outbox.stopped].filter(id => id !== this.desk.view?.id);
    if (!waiting.length || !this.desk.view) return;
    this.tell(t("rv.stopped", { n: waiting.length }), waiting.slice(0, 5).map(id =>
      h("a", { href: this.desk.address(id) }, id, " ")));
  }

  /** @param {string} id @param {ApiError | null} error */
  leased(id, error) {
    if (this.desk.view?.id !== id) return;
    if (!error) return this.desk.view.note.querySelector(".lease")?.remove();
    const again = h("button", { class: "b sm", type: "button", onclick: () => void this.retake(id) }, t("again"));
    const other = h("button", { class: "b sm", type: "button", onclick: () => void this.desk.next() }, t("rv.next"));
    this.desk.view.note.querySelector(".lease")?.remove();
    const said = h("p", {}, theirs(error.message));
    this.desk.view.note.append(h("div", { class: "note lease", role: "alert" }, icon("person"), said,
      h("span", { class: "grow" }), again, other));
    void this.holder(id, said);
    return undefined;
  }

  /** Who has it until when, in the reader's language. @param {string} id @param {Element} said */
  async holder(id, said) {
    const { lease } = await reviewOf(id).catch(() => ({ lease: null }));
    if (lease) fill(said, t("rv.held", { who: visible(lease.by), until: clock.format(new Date(lease.until)) }));
  }

  /** @param {string} id */
  async retake(id) {
    if (!(await this.desk.leases.take(id))) return;
    const entry = this.desk.outbox.of(id);
    if (entry && this.desk.view) this.desk.outbox.resume(id, this.desk.view.version, entry.changes);
  }

  /** A line over the document. @param {string} text @param {import("../dom.js").Kid} [more] */
  tell(text, more = null) {
    this.desk.view?.note.append(h("div", { class: "note info" }, icon("person"), h("p", {}, text, " ", more)));
  }
}
