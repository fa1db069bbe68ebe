// @ts-check
// How large the pages are and where the view stands on them.
import { baseWidth, clamp, printHeight } from "./geometry.js";

/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {{clientX: number, clientY: number}} Point of the screen */
/** @typedef {{sheet: Sheet, box: import("./geometry.js").Box, line: number}} Target
 * what is to be seen: a box on a page, with the height of a line in it as a fraction of the page */

/** Between these zooms; 1 is readable print. */
const SMALLEST = 0.4, LARGEST = 4;
/** A line lower than this on the screen cannot be read, and is then shown so high, CSS pixels; at most so large. */
const TOO_SMALL = 11, LEGIBLE = 15, MOST_FOLLOWED = 3;
/** Where a box may stand without being moved: parts of the view's height, and CSS pixels from its sides. */
const COMFORT = { top: 0.12, bottom: 0.8, side: 40 };
/** Where it is moved to: labels stand to the left of values. */
const GOAL = { down: 0.42, across: 0.66 };
/** The page at this part of the view's height is the one that is looked at. */
const LOOKED_AT = 0.4;
/** How far below the view's top a page begins that was gone to, CSS pixels. */
const MARGIN = 16;

export class Layout {
  /** @param {HTMLElement} stage @param {Sheet[]} sheets @param {() => void} changed told of each new size */
  constructor(stage, sheets, changed) {
    Object.assign(this, { stage, sheets, changed });
    this.zoom = 1;
    /** @type {"width"|"page"} */
    this.fit = "width";
    /** @type {Map<number, number>} the height of a document's print, a fraction of the page */
    this.print = new Map();
  }

  /** Gives each page its width, and keeps in place what the person looks at: what is at the view's top, or around the
   * point. @param {Point} [around] */
  lay(around = topOf(this.stage)) {
    const { stage, fit, zoom } = this, style = getComputedStyle(stage);
    const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const room = { width: stage.clientWidth - padding, height: stage.clientHeight - padding };
    if (room.width <= 0 || !this.sheets.length) return;
    const anchor = this._anchor(around), [first] = this.print.values();
    for (const { page, aspect, node } of this.sheets) {
      const print = this.print.get(page.document) ?? first ?? printHeight([]);
      node.style.setProperty("width", `${baseWidth(aspect, print, room, fit) * zoom}px`);
    }
    this._restore(anchor, around);
    this.changed();
  }

  /** What of which page is at a point. @param {Point} point */
  _anchor(point) {
    const sheet = this.at(point.clientY);
    return { sheet, ...sheet.point(point) };
  }

  /** Scrolls so that it is there again. @param {{sheet: Sheet, x: number, y: number}} anchor @param {Point} point */
  _restore({ sheet, x, y }, { clientX, clientY }) {
    const box = sheet.node.getBoundingClientRect();
    this.stage.scrollBy({
      left: box.left + x * box.width - clientX, top: box.top + y * box.height - clientY, behavior: "instant",
    });
  }

  /** The page at this height of the screen, or the last before it. @param {number} clientY @returns {Sheet} */
  at(clientY) {
    const y = clientY - this.stage.getBoundingClientRect().top - this.stage.clientTop + this.stage.scrollTop;
    let low = 0, high = this.sheets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.sheets[middle].node.offsetTop <= y) low = middle;
      else high = middle - 1;
    }
    return this.sheets[low];
  }

  /** The page that is looked at, by its place. */
  current() {
    const { top, height } = this.stage.getBoundingClientRect();
    return this.sheets.length ? this.at(top + height * LOOKED_AT).at : 0;
  }

  /** @param {number} factor @param {Point | null} around */
  scale(factor, around) {
    this.zoom = clamp(SMALLEST, this.zoom * factor, LARGEST);
    this.lay(around ?? middleOf(this.stage));
  }

  /** @param {number} page its place */
  toggleFit(page) {
    this.fit = this.fit === "width" ? "page" : "width";
    this.zoom = 1;
    this.lay();
    this.go(page, "instant");
  }

  /** @param {number} at @param {ScrollBehavior} [how] */
  go(at, how = pace()) {
    const sheet = this.sheets[clamp(0, at, this.sheets.length - 1)];
    if (sheet) this.stage.scrollTo({ top: sheet.node.offsetTop - MARGIN, behavior: how });
  }

  /** Brings it into view, moving and zooming no more than reading it needs. @param {Target} target
   * @param {boolean} follow by zooming */
  reveal(target, follow) {
    const { sheet: { node }, box: [x0, y0, x1, y1] } = target, { stage } = this;
    const zoomed = follow && this._enlarge(target);
    const top = node.offsetTop + ((y0 + y1) / 2) * node.clientHeight - stage.scrollTop;
    const left = node.offsetLeft + ((x0 + x1) / 2) * node.clientWidth - stage.scrollLeft;
    const { clientHeight: high, clientWidth: wide } = stage, { side } = COMFORT;
    const fine = top > high * COMFORT.top && top < high * COMFORT.bottom && left > side && left < wide - side;
    if (fine && !zoomed) return;
    const behavior = zoomed ? "instant" : pace();
    stage.scrollBy({ top: top - high * GOAL.down, left: left - wide * GOAL.across, behavior });
  }

  /** Zooms where the print is too small to be read; whether it did. @param {Target} target */
  _enlarge({ sheet: { node }, box: [x0, , x1], line }) {
    const height = line * node.clientHeight, room = (this.stage.clientWidth - 48) / ((x1 - x0) * node.clientWidth + 80);
    if (height >= TOO_SMALL || room <= 1) return false;
    this.zoom = clamp(1, this.zoom * Math.min(LEGIBLE / height, room), MOST_FOLLOWED);
    this.lay();
    return true;
  }
}

/** Moves take no time for those who do not want to see them. @returns {ScrollBehavior} */
const pace = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");

/** @param {HTMLElement} stage @returns {Point} */
function topOf(stage) {
  const { left, top, width } = stage.getBoundingClientRect();
  return { clientX: left + width / 2, clientY: top };
}

/** @param {HTMLElement} stage @returns {Point} */
function middleOf(stage) {
  const { left, top, width, height } = stage.getBoundingClientRect();
  return { clientX: left + width / 2, clientY: top + height / 2 };
}
