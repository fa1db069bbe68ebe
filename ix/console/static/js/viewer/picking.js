// @ts-check
// Taking words from the page: by a click, by dragging over them, or by the letters that stand on those that may be
// meant.
import { h } from "../dom.js";
import { boxesOf, lettersFor, runsOf, textOf, wordAt, wordsBetween } from "./geometry.js";
import { place } from "./sheet.js";

/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./geometry.js").Word} Word */
/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {{document: number, page: number, words: [number, number, number][], picked: Word[], text: string,
 *   boxes: Box[], confidence: number, added: boolean}} Picked
 * `words` as `POST /jobs/{id}/values` takes them; `boxes` one a line; `added` where they join those picked before */
/** @typedef {(text: string, kind: string, surely: boolean) => boolean} Fits whether a text may be of a kind */

/** How many words a value of a kind is printed with; whole segments where it is not said. */
const MOST_WORDS = {
  money: 3, number: 2, percentage: 2, date: 5, currency: 1, iban: 8, vat_id: 4, identifier: 1, boolean: 1,
};
/** A drag shorter than this, CSS pixels, is a click. */
const SHAKE = 5;
/** After the pages have stood still so long, milliseconds, the letters are put anew. */
const SETTLED = 150;

export class Picking {
  /** @param {HTMLElement} stage @param {{sheets: Sheet[], words: (sheet: Sheet) => Promise<Word[]>,
   *   known: (sheet: Sheet) => Word[], fits: Fits, onPick: (picked: Picked) => void}} options */
  constructor(stage, { sheets, words, known, fits, onPick }) {
    Object.assign(this, { stage, sheets, words, known, fits, onPick });
    /** @type {string | null} what kind of value is wanted; null while nothing is picked */
    this.kind = null;
    /** @type {Map<string, {sheet: Sheet, words: Word[], node: HTMLElement}>} */
    this.hints = new Map();
    this.typed = "";
    /** @type {{sheet: Sheet, words: Word[]} | null} */
    this.taken = null;
    /** @type {{sheet: Sheet, x: number, y: number, clientX: number, clientY: number, drags: boolean} | null} */
    this.start = null;
    /** @type {HTMLElement[]} */
    this.lit = [];
  }

  /** Begins, with letters on what may be of this kind; ends where it is null. @param {string | null} kind */
  pick(kind) {
    this.kind = kind;
    this.taken = this.start = null;
    this.stage.classList.toggle("picking", kind !== null);
    this._light(null, []);
    return this.hint();
  }

  /** Puts letters on the words in view. */
  async hint() {
    this._unhint();
    const { kind } = this;
    if (kind === null) return;
    const turn = this.turn = {}, view = this.stage.getBoundingClientRect();
    const seen = this.sheets.filter(({ node }) => intersects(node.getBoundingClientRect(), view));
    const found = (await Promise.all(seen.map(sheet => this._runs(sheet, kind, view)))).flat();
    if (turn !== this.turn) return;
    // where some are surely of this kind, only those get a letter: fewer letters, quicker to read
    const sure = found.filter(({ words }) => this.fits(flat(words), kind, true)), shown = sure.length ? sure : found;
    lettersFor(shown.length).forEach((name, at) => this._hint(name, shown[at]));
  }

  /** @param {Sheet} sheet @param {string} kind @param {DOMRect} view */
  async _runs(sheet, kind, view) {
    const words = await this.words(sheet), box = sheet.node.getBoundingClientRect();
    const runs = runsOf(words, sheet.aspect, MOST_WORDS[kind] ?? Infinity, text => this.fits(text, kind, false));
    return runs.filter(([{ box: [x0, y0] }]) => {
      const x = box.left + x0 * box.width, y = box.top + y0 * box.height;
      return y > view.top && y < view.bottom - 10 && x > view.left - 4 && x < view.right - 10;
    }).map(words => ({ sheet, words }));
  }

  /** @param {string} name @param {{sheet: Sheet, words: Word[]}} run */
  _hint(name, { sheet, words }) {
    const node = h("i", { class: "hint" }, name), [x0, y0] = words[0].box;
    node.style.setProperty("left", `${100 * x0}%`);
    node.style.setProperty("top", `${100 * y0}%`);
    sheet.layer.append(node);
    this.hints.set(name, { sheet, words, node });
  }

  _unhint() {
    this.turn = null;
    this.typed = "";
    this.hints.forEach(({ node }) => node.remove());
    this.hints.clear();
  }

  /** The pages were moved: letters follow, unless somebody is typing one. */
  moved() {
    if (this.kind === null || this.typed) return;
    clearTimeout(this.settled);
    this.settled = setTimeout(() => !this.typed && this.hint(), SETTLED);
  }

  /** A key while picking; true where it was one of a letter's. @param {string} key */
  letter(key) {
    const typed = this.typed + key.toLowerCase(), left = [...this.hints].filter(([name]) => name.startsWith(typed));
    if (!left.length) return false;
    this.typed = typed;
    const [name, { sheet, words }] = left[0];
    if (name === typed) this._take(sheet, words, false);
    else this._narrow(typed);
    return true;
  }

  /** Forgets the first of two letters; false where none was typed. */
  unletter() {
    const was = this.typed !== "";
    this.typed = "";
    this._narrow("");
    return was;
  }

  /** @param {string} typed */
  _narrow(typed) {
    this.hints.forEach(({ node }, name) => {
      const fits = name.startsWith(typed);
      node.hidden = !fits;
      if (fits) node.replaceChildren(h("b", {}, typed), name.slice(typed.length));
    });
  }

  /** @param {PointerEvent} event @param {Sheet | null} sheet under the pointer */
  pressed(event, sheet) {
    if (!sheet) return;
    const { clientX, clientY } = event;
    // a finger that drags scrolls: words are dragged over by mouse and pen
    this.start = { sheet, ...sheet.point(event), clientX, clientY, drags: event.pointerType !== "touch" };
    if (this.start.drags) event.preventDefault();
  }

  /** @param {PointerEvent} event @param {Sheet | null} sheet */
  moving(event, sheet) {
    if (!sheet) return;
    const dragged = this._dragged(event, sheet), word = dragged ? null : this._wordAt(event, sheet);
    this._light(sheet, dragged ?? (word ? [word] : []));
  }

  /** @param {PointerEvent} event @param {Sheet | null} sheet */
  released(event, sheet) {
    const { start } = this;
    if (!start || !sheet) return;
    const dragged = this._dragged(event, sheet), word = dragged ? null : this._wordAt(event, sheet);
    this.start = null;
    const words = dragged ?? (word ? [word] : []);
    if (words.length) this._take(sheet, words, event.shiftKey);
  }

  /** The words that were dragged over; null where nothing was. @param {PointerEvent} event @param {Sheet} sheet */
  _dragged(event, sheet) {
    const { start } = this;
    if (!start?.drags || start.sheet !== sheet) return null;
    if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < SHAKE) return null;
    return wordsBetween(this.known(sheet), start, sheet.point(event));
  }

  /** @param {PointerEvent} event @param {Sheet} sheet */
  _wordAt(event, sheet) {
    const { x, y } = sheet.point(event);
    return wordAt(this.known(sheet), x, y);
  }

  /** @param {Sheet | null} sheet @param {Word[]} words */
  _light(sheet, words) {
    this.lit.forEach(node => node.remove());
    this.lit = words.length ? boxesOf(words).map(box => place(h("i", { class: "word" }), box)) : [];
    sheet?.layer.append(...this.lit);
  }

  /** @param {Sheet} sheet @param {Word[]} words @param {boolean} more */
  _take(sheet, words, more) {
    const before = more && this.taken?.sheet === sheet ? this.taken.words : [];
    const picked = [...before, ...words.filter(word => !before.includes(word))], { document, page } = sheet.page;
    this.taken = { sheet, words: picked };
    this._light(null, []);
    this.typed = "";
    this._narrow("");
    this.onPick({
      document, page, picked, text: textOf(picked), boxes: boxesOf(picked), added: before.length > 0,
      words: picked.map(({ index }) => [document, page, index]),
      confidence: Math.min(...picked.map(word => word.confidence)),
    });
  }
}

/** @param {Word[]} words */
const flat = words => words.map(word => word.text).join(" ");

/** @param {DOMRect} a @param {DOMRect} b */
const intersects = (a, b) => a.bottom > b.top && a.top < b.bottom;
