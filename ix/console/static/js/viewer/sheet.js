// @ts-check
// One page on the stage: a box of the page's shape that is there from the start, its picture and its layer of boxes,
// which are made when they are needed.
import { h, visible } from "../dom.js";

/** @typedef {import("./geometry.js").Page} Page */
/** @typedef {import("./geometry.js").Box} Box */

/** Milliseconds after which a page says that it is being drawn. */
const SLOW = 4000;
/** Letters of a page that screen readers are given. */
const MOST_TEXT = 20_000;

/** Puts a node over a part of the page. In percent, so that zooming moves nothing by script.
 * @template {HTMLElement} T @param {T} node @param {Box} box */
export function place(node, [x0, y0, x1, y1]) {
  const at = { left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
  for (const [side, part] of Object.entries(at)) node.style.setProperty(side, `${100 * part}%`);
  return node;
}

export class Sheet {
  /** @param {Page} page @param {number} at its place among all pages
   * @param {string} label what its picture is called */
  constructor(page, at, label) {
    this.page = page;
    this.at = at;
    this.label = label;
    this.aspect = page.width / page.height;
    /** width in pixels of the picture that was asked for, 0 while none is */
    this.asked = 0;
    /** width in pixels of the picture that is shown, 0 while there is none */
    this.shown = 0;
    const style = { "aspect-ratio": `${page.width} / ${page.height}` };
    this.node = h("figure", { class: "sheet", "data-at": at, style });
  }

  /** Where boxes stand. Screen readers hear of them from the fields. @returns {HTMLElement} */
  get layer() {
    this._layer ??= this.node.appendChild(h("div", { class: "layer", "aria-hidden": "true" }));
    return this._layer;
  }

  /** Shows a picture, decoded before it takes the other's place, so that nothing flickers.
   * @param {string} address @param {number} width pixels */
  async show(address, width) {
    const picture = /** @type {HTMLImageElement} */ (h("img", { alt: this.label, draggable: "false", src: address }));
    await picture.decode();
    if (this.shown >= width) return;
    this.shown = width;
    this.quiet();
    this._picture?.remove();
    this._picture = picture;
    this.node.prepend(picture);
  }

  /** Gives the picture back: the page is far from the view. */
  clear() {
    this.shown = 0;
    this.quiet();
    this._picture?.remove();
    this._picture = null;
  }

  /** Says what is the matter, in place of the picture.
   * @param {string} text @param {boolean} [late] only after a while */
  note(text, late = false) {
    this.quiet();
    const tell = () => { this._note = this.node.appendChild(h("p", { class: "sheet-note", role: "status" }, text)); };
    if (late) this._slow = setTimeout(tell, SLOW);
    else tell();
  }

  quiet() {
    clearTimeout(this._slow);
    this._note?.remove();
  }

  /** What is printed, for screen readers and for finding in the page. @param {string} text */
  say(text) {
    if (this._text || !text) return;
    this._text = this.node.appendChild(h("p", { class: "sr sheet-text", dir: "auto" }, visible(text, MOST_TEXT)));
  }

  /** Where on the page a pointer is. @param {{clientX: number, clientY: number}} event */
  point(event) {
    const box = this.node.getBoundingClientRect();
    return { x: (event.clientX - box.x) / box.width, y: (event.clientY - box.y) / box.height };
  }
}
