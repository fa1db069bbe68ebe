// @ts-check
// Tabs by the pattern of the ARIA Authoring Practices: one tab stop, arrows, Home and End.
import { fill, h } from "../dom.js";

export class Tabs {
  /** @param {string} label @param {[string, string][]} names keys and what they are called
   * @param {(key: string) => void} opened told when a person opens one */
  constructor(label, names, opened) {
    this.opened = opened;
    this.buttons = names.map(([key, name]) => h("button", {
      type: "button", role: "tab", id: `tab-${key}`, "data-key": key, "aria-controls": "pane", onclick: () => this._turn(key),
    }, name));
    this.pane = h("div", { class: "scroll", id: "pane", role: "tabpanel", tabindex: 0 });
    this.node = h("section", { class: "panel", "aria-label": label },
      h("div", { class: "tabs", role: "tablist", onkeydown: event => this._pressed(event) }, this.buttons), this.pane);
    this.open(names[0][0]);
  }

  /** @param {string} key an unknown one is the first */
  open(key) {
    const known = this.buttons.find(one => one.dataset.key === key) ?? this.buttons[0];
    this.key = known.dataset.key;
    for (const one of this.buttons) {
      one.setAttribute("aria-selected", String(one === known));
      one.tabIndex = one === known ? 0 : -1;
    }
    this.pane.setAttribute("aria-labelledby", known.id);
  }

  /** @param {string} key */
  _turn(key) {
    this.open(key);
    this.pane.scrollTop = 0;
    this.opened(key);
  }

  /** @param {KeyboardEvent} event */
  _pressed(event) {
    const at = this.buttons.findIndex(one => one === event.target), last = this.buttons.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = this.buttons[(to + this.buttons.length) % this.buttons.length];
    next.focus();
    this._turn(next.dataset.key);
  }

  /** @param {import("../dom.js").Kid} content */
  fill(content) {
    fill(this.pane, content);
  }
}
