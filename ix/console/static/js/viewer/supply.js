// @ts-check
// Which pages have pictures and words: those near the view, and no others, however many there are.
import { visible } from "../dom.js";
import { pictureWidth } from "./geometry.js";

/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {{say: import("./texts.js").Say, picture: (sheet: Sheet, width: number) => Promise<string>,
 *   words: (sheet: Sheet) => Promise<any>, drawn: () => void}} Means `drawn` is told of each page that has its picture,
 * or cannot have one */

/** Pages this far from the one in view keep their pictures. */
const KEPT = 4;
/** A page that was near the view for less than this, milliseconds, was passed on the way to others. */
const PASSED = 80;

export class Supply {
  /** @param {HTMLElement} stage @param {Sheet[]} sheets @param {Means} means */
  constructor(stage, sheets, means) {
    this.sheets = sheets;
    this.means = means;
    /** the place of the page that is looked at */
    this.page = 0;
    /** @type {Set<Sheet>} pages in view or a screen away */
    this.near = new Set();
    this.isOver = false;
    this.seen = new IntersectionObserver(list => this._moved(list), { root: stage, rootMargin: "100% 0px" });
  }

  /** The first page waits for no observer. */
  begin() {
    if (this.sheets.length) this._see(this.sheets[0]);
    this.sheets.forEach(({ node }) => this.seen.observe(node));
  }

  /** @param {IntersectionObserverEntry[]} list */
  _moved(list) {
    for (const { target, isIntersecting } of list) {
      const sheet = this.sheets[Number(/** @type {HTMLElement} */ (target).dataset.at)];
      if (isIntersecting) this.near.add(sheet);
      else this.near.delete(sheet);
    }
    for (const one of this.sheets) {
      if (one.shown && !this.near.has(one) && Math.abs(one.at - this.page) > KEPT) one.clear();
    }
    clearTimeout(this.passing);
    this.passing = setTimeout(() => this.near.forEach(sheet => this._see(sheet)), PASSED);
  }

  /** @param {Sheet} sheet */
  _see(sheet) {
    this.near.add(sheet);
    this._draw(sheet);
    // a page whose words do not come is shown all the same
    this.means.words(sheet).catch(() => {});
  }

  /** Gives pages that have become larger the pictures that they need now. */
  sharpen() {
    this.near.forEach(sheet => this._draw(sheet));
  }

  /** @param {Sheet} sheet */
  async _draw(sheet) {
    const { say, picture, drawn } = this.means, width = pictureWidth(sheet.node.clientWidth * devicePixelRatio);
    if (width <= Math.max(sheet.shown, sheet.asked)) return;
    sheet.asked = width;
    if (!sheet.shown) sheet.note(say("viewer.drawing"), true);
    try {
      const address = await picture(sheet, width);
      if (this.near.has(sheet)) await sheet.show(address, width);
    } catch (problem) {
      const reason = visible(problem instanceof Error ? problem.message : problem);
      if (!this.isOver && !sheet.shown) sheet.note(say("viewer.undrawn", { reason }));
    } finally {
      if (sheet.asked === width) sheet.asked = 0;
      if (!this.isOver) drawn();
    }
  }

  end() {
    this.isOver = true;
    clearTimeout(this.passing);
    this.seen.disconnect();
  }
}
