// @ts-check
// The list: rows by id, which job is looked at, and which are chosen.
import { $, $$, h } from "../dom.js";
import { t } from "../i18n.js";
import { fillRow, makeRow, nameOf } from "./rows.js";

const MOST_ROWS = 200;
const WIDTHS = ["44px", "104px", "24%", "88px", "27%", "156px", "64px", "92px"];
const HEADS = ["status", "document", "use_case", "result", "review", "took", "created"];
const FLASH_MS = 120;

export class JobTable {
  /** @type {Map<string, any>} */
  heads = new Map();
  /** @type {Set<string>} */
  chosen = new Set();
  /** Where a range begins. */
  #anchor = "";
  current = "";

  /** @param {{look: (head: any) => void, open: (id: string) => void, tapped: (id: string) => void,
   *   chose: () => void}} on */
  constructor(on) {
    this.on = on;
    this.body = h("tbody");
    this.all = h("input", { type: "checkbox", "aria-label": t("jobs.select.all"), onchange: () => this.chooseAll() });
    this.node = h("table", { class: "jobs" }, h("caption", { class: "sr" }, t("nav.jobs")),
      h("colgroup", {}, WIDTHS.map(width => h("col", { style: { width } }))),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, this.all),
        HEADS.map((one, at) => h("th", { scope: "col", class: at > 4 ? "r" : "" }, t(`jobs.column.${one}`))))),
      this.body);
    this.body.addEventListener("click", (/** @type {any} */ event) => this.#click(event));
    this.body.addEventListener("dblclick", (/** @type {any} */ { target }) => {
      const row = target.closest("tr");
      if (row && !target.closest("a, input")) this.on.open(row.dataset.id);
    });
    this.body.addEventListener("change", (/** @type {any} */ { target }) => this.#changed(target));
  }

  /** The jobs in the order of the list. @returns {any[]} */
  get shown() {
    return $$("tr", this.body).map(row => this.heads.get(row.dataset.id)).filter(Boolean);
  }

  /** Shows a page of jobs; the choice survives where its jobs do. @param {any[]} heads @param {string} looked id */
  show(heads, looked) {
    this.heads = new Map(heads.map(head => [head.ix_id, head]));
    this.chosen = new Set([...this.chosen].filter(id => this.heads.has(id)));
    this.body.replaceChildren(...heads.map(head => makeRow(head, this.chosen.has(head.ix_id))));
    this.current = "";
    if (this.heads.has(looked)) this.look(looked, false);
    this.#chose();
  }

  /** Changes a row where it stands. `fits`: whether the filter still matches it. */
  update(/** @type {any} */ head, /** @type {boolean} */ fits) {
    const row = this.row(head.ix_id);
    if (!row) return;
    this.heads.set(head.ix_id, head);
    fillRow(row, head);
    row.classList.toggle("gone", !fits);
    row.classList.add("changed");
    setTimeout(() => row.classList.remove("changed"), FLASH_MS);
  }

  /** Puts jobs at the top; what is too much at the end goes. @param {any[]} heads newest first */
  prepend(heads) {
    for (const head of heads) this.heads.set(head.ix_id, head);
    this.body.prepend(...heads.map(head => makeRow(head, false)));
    for (const row of $$("tr", this.body).slice(MOST_ROWS)) this.#drop(row);
  }

  /** @param {string} id */
  remove(id) {
    const row = this.row(id);
    if (row) this.#drop(row);
    this.#chose();
  }

  /** @param {any} row */
  #drop(row) {
    this.heads.delete(row.dataset.id);
    this.chosen.delete(row.dataset.id);
    row.remove();
  }

  /** @param {string} id @returns {any} */
  row = id => $(`tr[data-id="${CSS.escape(id)}"]`, this.body);

  /** Looks at a job; with `focused`, by keys, the focus goes along. @param {string} id */
  look(id, focused = true) {
    const row = this.row(id);
    if (!row) return;
    this.row(this.current)?.removeAttribute("aria-current");
    this.current = id;
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    if (focused) $("a.name", row).focus({ preventScroll: true });
    this.on.look(this.heads.get(id));
  }

  /** Goes some rows on. @param {number} by */
  walk(by) {
    const rows = $$("tr", this.body), at = rows.indexOf(this.row(this.current));
    const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (row) this.look(row.dataset.id);
  }

  /** @param {any} event */
  #click(event) {
    const row = event.target.closest("tr"), box = event.target.closest("input");
    if (box && event.shiftKey) this.range(row.dataset.id);
    else if (row && !event.target.closest("a, input")) this.on.tapped(row.dataset.id);
  }

  /** @param {any} box */
  #changed(box) {
    this.choose(box.closest("tr").dataset.id, box.checked);
  }

  /** Chooses a job, or no longer. @param {string} id @param {boolean} [to] */
  choose(id, to = !this.chosen.has(id)) {
    if (!this.heads.has(id)) return;
    if (to) this.chosen.add(id);
    else this.chosen.delete(id);
    this.#anchor = id;
    this.#chose();
  }

  /** Chooses every job from the one that was chosen last to this one. @param {string} id */
  range(id) {
    const ids = this.shown.map(one => one.ix_id), from = ids.indexOf(this.#anchor), to = ids.indexOf(id);
    if (to < 0) return;
    const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    for (const one of ids.slice(first, last + 1)) this.chosen.add(one);
    this.#anchor = id;
    this.#chose();
  }

  chooseAll() {
    this.chosen = new Set(this.all.checked ? this.heads.keys() : []);
    this.#chose();
  }

  /** Takes the choice back. */
  chooseNone() {
    this.chosen.clear();
    this.#chose();
  }

  #chose() {
    for (const row of $$("tr", this.body)) $("input", row).checked = this.chosen.has(row.dataset.id);
    this.all.checked = this.heads.size > 0 && this.chosen.size === this.heads.size;
    this.all.indeterminate = this.chosen.size > 0 && !this.all.checked;
    this.on.chose();
  }
}

/** What a person reads of some jobs: the one's name, or how many. @param {any[]} heads */
export const told = heads => (heads.length === 1 ? nameOf(heads[0]) : t("jobs.n", { n: heads.length }));
