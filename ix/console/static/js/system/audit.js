// @ts-check
// Who did what: the audit log, newest first, a page at a time.
import { get } from "../api.js";
import { at, fill, h, icon, theirs } from "../dom.js";
import { has, stamp, t } from "../i18n.js";
import { failed, loading } from "../shell.js";
import { grid } from "./sections.js";

const PAGE = 50;
const KINDS = [
  "session.start", "session.end", "key.add", "key.change", "key.revoke", "job.cancel", "job.retry", "job.erase",
];

/** The log as a card with its own filter and pages. */
export class AuditLog {
  /** Cursors of the pages before this one. @type {number[]} */
  #trail = [];
  #next = 0;
  #before = 0;

  constructor() {
    this.who = h("input", { class: "in", name: "who", maxlength: 300, id: "audit-who" });
    this.what = h("select", { class: "b", id: "audit-what" }, h("option", { value: "" }, t("audit.every")),
      KINDS.map(kind => h("option", { value: kind }, said(kind))));
    this.body = h("div", { class: "stack" });
    this.newer = button("jobs.newer", "back", () => this.#back());
    this.older = button("jobs.older", "next", () => this.#on());
    const form = h("form", { class: "flow", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#first();
    } }, h("label", { for: "audit-who" }, t("audit.who")), this.who, h("label", { for: "audit-what" }, t("audit.what")),
    this.what, h("button", { class: "b" }, t("audit.show")));
    this.what.addEventListener("change", () => this.#first());
    this.node = h("section", { class: "card", "aria-labelledby": "h-audit", "data-card": "audit" },
      h("h2", { id: "h-audit" }, t("audit")), form, this.body, h("p", { class: "acts" }, this.newer, this.older));
  }

  #first() {
    this.#trail = [];
    this.#before = 0;
    void this.load();
  }

  #on() {
    this.#trail.push(this.#before);
    this.#before = this.#next;
    void this.load();
  }

  #back() {
    this.#before = this.#trail.pop() ?? 0;
    void this.load();
  }

  async load() {
    const loaded = loading(this.body);
    try {
      const query = { limit: PAGE, before: this.#before || null, who: this.who.value.trim(), what: this.what.value };
      const { entries, next } = await get("/audit", { query });
      this.#next = next ? entries.at(-1).number : 0;
      fill(this.body, entries.length ? table(entries) : h("p", { class: "quiet" }, t("audit.none")));
    } catch (error) {
      fill(this.body, failed(error, { title: t("audit.failed"), again: () => void this.load() }));
    } finally {
      loaded();
    }
    this.newer.hidden = !this.#before;
    this.older.hidden = !this.#next;
  }
}

/** @param {string} name @param {string} drawing @param {() => void} onclick */
const button = (name, drawing, onclick) =>
  h("button", { class: "b sm", type: "button", hidden: true, onclick }, icon(drawing, "s"), t(name));

/** @param {string} kind */
const said = kind => (has(`audit.${kind}`) ? t(`audit.${kind}`) : kind.replaceAll(/[._]/g, " "));

/** @param {any[]} entries */
const table = entries => grid(t("audit"), ["at", "who", "what", "job", "detail"].map(one => t(`audit.column.${one}`)),
  entries.map(one => [
    h("time", { datetime: one.at }, stamp.format(new Date(one.at))), theirs(one.who || one.key_id || "–", 80),
    said(one.what), one.ix_id ? h("a", { class: "mono", href: at(`jobs/${one.ix_id}`) }, one.ix_id) : "",
    detail(one.detail),
  ]));

/** @param {Record<string, any>} given */
const detail = given => theirs(Object.entries(given ?? {})
  .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", "));
