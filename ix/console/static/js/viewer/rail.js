// @ts-check
// Thumbnails beside the stage: each goes to its page, a dot says that something there needs eyes.
import { h } from "../dom.js";

/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./texts.js").Say} Say */

export class Rail {
  /** @param {Sheet[]} sheets
   * @param {{say: Say, picture: (sheet: Sheet) => Promise<string>, go: (at: number) => void}} options */
  constructor(sheets, { say, picture, go }) {
    this.picture = picture;
    this.sheets = sheets;
    this.go = go;
    this.buttons = sheets.map(({ page, at }) => h("button", {
      type: "button", "aria-label": label(say, sheets, at), tabindex: at ? -1 : 0, "data-at": at,
      style: { "aspect-ratio": `${page.width} / ${page.height}` },
    }, h("span", { "aria-hidden": "true" }, page.page)));
    this.node = h("div", {
      class: "rail", role: "group", "aria-label": say("viewer.thumbnails"), hidden: sheets.length < 2,
      onclick: event => this._clicked(event), onkeydown: event => this._pressed(event),
    }, this.buttons.map((button, at) => [h("b", { class: "rail-part" }, beginning(sheets, at)), button]));
    this.seen = new IntersectionObserver(list => list.forEach(one => one.isIntersecting && this._draw(one.target)),
      { root: this.node, rootMargin: "50% 0px" });
    if (sheets.length > 1) this.buttons.forEach(button => this.seen.observe(button));
  }

  /** @param {Element} button */
  async _draw(button) {
    this.seen.unobserve(button);
    const address = await this.picture(this.sheets[at(button)]).catch(() => null);
    // a picture that nobody could draw is told of on the stage
    if (address) button.prepend(h("img", { alt: "", src: address, draggable: "false" }));
  }

  /** @param {MouseEvent} event */
  _clicked({ target }) {
    const button = /** @type {Element} */ (target).closest("button");
    if (button) this.go(at(button));
  }

  /** One tab stop; arrows, Home and End walk. @param {KeyboardEvent} event */
  _pressed(event) {
    const now = at(/** @type {Element} */ (event.target)), last = this.buttons.length - 1;
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    this.buttons[Math.min(Math.max(to, 0), last)].focus();
    event.preventDefault();
  }

  /** Marks the page that is in view. @param {number} page its place */
  current(page) {
    if (page === this._current) return;
    const before = this.buttons[this._current ?? 0], now = this.buttons[page];
    this._current = page;
    if (!now) return;
    before.setAttribute("aria-current", "false");
    before.tabIndex = -1;
    now.setAttribute("aria-current", "true");
    now.tabIndex = 0;
    const { offsetTop, offsetHeight } = now, { scrollTop, clientHeight } = this.node;
    // by hand: scrollIntoView would scroll whatever stands around the viewer, too
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) {
      this.node.scrollTop = offsetTop - clientHeight / 2;
    }
  }

  /** Puts a dot on the pages that need eyes. @param {Set<number>} pages their places */
  dots(pages) {
    this.buttons.forEach((button, place) => {
      button.querySelector(".dot")?.remove();
      if (pages.has(place)) button.append(h("i", { class: "dot" }));
    });
  }

  end() {
    this.seen.disconnect();
  }
}

/** @param {Element} button */
const at = button => Number(/** @type {HTMLElement} */ (button).dataset.at);

/** The document that begins with this page, where there are several. @param {Sheet[]} sheets @param {number} at */
function beginning(sheets, at) {
  const { document } = sheets[at].page;
  const several = sheets[0].page.document !== sheets[sheets.length - 1].page.document;
  return several && sheets[at - 1]?.page.document !== document ? String(document + 1) : null;
}

/** @param {Say} say @param {Sheet[]} sheets @param {number} at */
function label(say, sheets, at) {
  const { document, page } = sheets[at].page, own = say("viewer.page", { n: page });
  const several = sheets[0].page.document !== sheets[sheets.length - 1].page.document;
  return several ? `${say("viewer.document", { n: document + 1 })}, ${own}` : own;
}
