// @ts-check
// Fields and pages as one: what the pointer is on, or what is chosen, on one side is lit on the other, and the address
// says it.
import { $, $$ } from "../dom.js";

/** After so long without another page the address says which, milliseconds: browsers allow few changes a second. */
const SETTLED = 250;

export class Linked {
  /** @param {HTMLElement} pane holds the fields, each with its id in `data-id` */
  constructor(pane) {
    this.pane = pane;
    /** @type {import("../viewer/viewer.js").Viewer | null} */
    this.viewer = null;
    /** @type {string | null} */
    this.chosen = null;
    pane.addEventListener("pointerover", event => this.hover(idOf(event.target)));
    pane.addEventListener("pointerleave", () => this.hover(null));
    pane.addEventListener("scroll", () => this.viewer?.draw(), { passive: true });
    pane.addEventListener("click", event => this._clicked(event));
    pane.addEventListener("focusin", event => this._focused(event));
  }

  /** @param {Event} event */
  _clicked({ target }) {
    const id = idOf(target);
    if (id !== null) this.choose(id);
  }

  /** A field that the keyboard comes to is looked at. @param {Event} event */
  _focused({ target }) {
    const id = idOf(target);
    if (id !== null && id !== this.chosen && /** @type {Element} */ (target).matches(":focus-visible")) this.choose(id);
  }

  /** @param {string | null} id */
  hover(id) {
    if (id === this.hovered) return;
    this.hovered = id;
    this.viewer?.hover(id);
    for (const one of $$(".hot", this.pane)) one.classList.remove("hot");
    if (id === null) return;
    // itself, and all that is under it
    const name = CSS.escape(id);
    for (const one of $$(`.f[data-id="${name}"], td[data-id="${name}"], td[data-id^="${name}."]`, this.pane)) {
      one.classList.add("hot");
    }
  }

  /** Lights a field on both sides. @param {string | null} id @param {{focus?: boolean, move?: boolean}} [how] */
  choose(id, { focus = false, move = true } = {}) {
    this.chosen = id;
    const own = id === null ? null : this.rowOf(id);
    own?.closest("details")?.setAttribute("open", "");
    for (const one of $$(".on", this.pane)) mark(one, false);
    if (own) mark(own, true);
    // a cell that is far to the side is shown, too
    own?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (focus) buttonOf(own)?.focus({ preventScroll: true });
    this.viewer?.choose(id, { from: own, move });
    replace("field", id);
  }

  /** Goes so many fields on, or back. @param {number} by */
  step(by) {
    const rows = this._rows(), now = rows.findIndex(one => one.dataset.id === this.chosen);
    const next = rows[Math.min(Math.max(now + by, 0), rows.length - 1)];
    if (next) this.choose(next.dataset.id ?? null, { focus: true });
  }

  /** The row or cell of a field; rows of a long table that are not shown yet are. @param {string} id */
  rowOf(id) {
    const find = () => $(`[data-id="${CSS.escape(id)}"]`, this.pane), table = id.replace(/\.\d+(\..*)?$/, "");
    const more = $(`[data-table="${CSS.escape(table)}"] .more-rows`, this.pane);
    while (more && !more.hidden && !find()) more.click();
    return find();
  }

  /** Says in the address which page is looked at, once it is. @param {number} at its place */
  turned(at) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => replace("page", at ? String(at + 1) : null), SETTLED);
  }

  /** @returns {HTMLElement[]} */
  _rows() {
    return $$(".f, td[data-id]", this.pane).filter(one => one.checkVisibility());
  }
}

/** @param {EventTarget | null} target @returns {string | null} */
const idOf = target =>
  /** @type {HTMLElement | null} */ (/** @type {Element} */ (target)?.closest?.("[data-id]"))?.dataset.id ?? null;

/** @param {HTMLElement} row @param {boolean} isOn */
function mark(row, isOn) {
  const button = buttonOf(row);
  row.classList.toggle("on", isOn);
  if (row === button) row.setAttribute("aria-current", String(isOn));
  else if (button) button.tabIndex = isOn ? 0 : -1;
}

/** @param {HTMLElement | null} row @returns {HTMLElement | null} */
const buttonOf = row => row?.matches("button") ? row : row?.querySelector("button") ?? null;

/** Replaces a part of the address: what one walks over is no step back.
 * @param {string} name @param {string | null} to */
export function replace(name, to) {
  const now = new URL(location.href);
  if (to === null) now.searchParams.delete(name);
  else now.searchParams.set(name, to);
  if (now.href !== location.href) history.replaceState(history.state, "", now);
}
