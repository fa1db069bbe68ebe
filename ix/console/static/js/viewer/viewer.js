// @ts-check
// Pages with what was found on them. A module of its own: it takes nothing from the rest of the console but
// `../dom.js`, and its look from `css/viewer.css`; js/viewer/README.md shows how to embed it.
//
//   const viewer = new Viewer(element, { pages, ...jobSource("/jobs/0…"), onMark: id => …, onPick: picked => … });
//   viewer.show([{ id: "total", document: 0, page: 1, boxes: [[.69, .63, .82, .67]], band: "ok" }]);
//   viewer.choose("total", { from: row });
//
// | call | does |
// |---|---|
// | `show(fields)` | puts the boxes of fields on their pages, in place of those before |
// | `hover(id)`, `choose(id, {move, follow, from})` | lights the boxes of a field, or of all under it; null, none |
// | `go(at)`, `turn(by)`, `goTo(document, page)`, `page` | moves to a page by its place from 0; where the view is |
// | `larger()`, `smaller()`, `scale(factor, around)`, `zoom` | the size; 1 is readable print |
// | `toggleFit()`, `toggleBoxes(on)` | whole pages or readable ones; boxes shown or not |
// | `pick(kind)`, `letter(key)`, `unletter()` | words may be taken till `pick(null)`; keys then go to `letter` |
// | `prepare()` | loads what picking takes, before it is wanted |
// | `wordsOf(document, page)` | the words of a page, promised |
// | `snippet(evidence, {line, width})` | an element that shows the printed words; null for what stands on no page |
// | `draw()` | the thread again, after something beside the pages was scrolled |
// | `added` | room in the bar over the pages |
// | `end()` | ends all that is under way |
import { h } from "../dom.js";
import { pictureWidth, printHeight, textOf, wordAt } from "./geometry.js";
import { scaleByGestures } from "./gestures.js";
import { Layout } from "./layout.js";
import { Marks, under } from "./marks.js";
import { Rail } from "./rail.js";
import { sheetsOf, stageOf } from "./sheet.js";
import { snippetOf } from "./snippet.js";
import { Stock } from "./stock.js";
import { Supply } from "./supply.js";
import { english } from "./texts.js";
import { Thread } from "./thread.js";
import { Tools } from "./tools.js";

export { fieldsOf } from "./evidence.js";
export { jobSource } from "./source.js";
export { under };

/** @typedef {import("./geometry.js").Page} Page */
/** @typedef {import("./geometry.js").Word} Word */
/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./marks.js").Field} Field */
/** @typedef {import("./picking.js").Picked} Picked */
/** @typedef {{
 *   pages: Page[],
 *   words: (document: number, page: number, signal: AbortSignal) => Promise<any[][]>,
 *   picture: (document: number, page: number, width: number, signal: AbortSignal) => Promise<string>,
 *   release?: (address: string) => void,
 *   name?: string | ((document: number) => string),
 *   say?: import("./texts.js").Say,
 *   keys?: Record<string, string>,
 *   frame?: HTMLElement | null,
 *   fits?: import("./picking.js").Fits,
 *   onMark?: (id: string) => void,
 *   onHover?: (id: string | null) => void,
 *   onWord?: (word: Word & {document: number, page: number}) => void,
 *   onPick?: (picked: Picked) => void,
 *   onPage?: (at: number) => void,
 * }} Options
 * `pages`, `words`, `picture` and `release` as `source.js` gives them; `name` of a document, for those who hear; `say`
 * for other languages than English (`texts.js` has the keys); `keys` shown in the bar; `frame` holds pages and fields
 * and gets the thread; `fits` says which words may be of a kind. `onMark`: a box was clicked; `onHover`: the pointer is
 * on one; `onWord`: a word was clicked while none is picked; `onPick`: words were taken; `onPage`: another is seen */

export class Viewer {
  /** @param {HTMLElement} root becomes its parent @param {Options} options */
  constructor(root, options) {
    const say = options.say ?? english;
    this.options = options;
    this.pages = options.pages;
    this.say = say;
    this.step = 1.25;
    this.page = 0;
    /** @type {WeakMap<Sheet, Word[]>} words that have come, for the pointer */
    this.known = new WeakMap();
    /** @type {HTMLElement | null} where the thread begins */
    this.from = null;
    /** whether something was chosen before one knew how large the pages would be */
    this.early = false;
    this.ended = new AbortController();
    this.stock = new Stock(options);
    this.sheets = sheetsOf(options, say);
    this.stage = stageOf(this.sheets, say);
    this.tools = new Tools(this, say, options.keys ?? {});
    this.added = this.tools.added;
    const picture = (/** @type {Sheet} */ sheet) => this.stock.picture(sheet.page, pictureWidth(1));
    this.rail = new Rail(this.sheets, { say, picture, go: at => this.go(at) });
    this.node = h("div", { class: "view" }, this.tools.node, this.rail.node, this.stage);
    root.append(this.node);
    this.marks = new Marks(this.sheets, this.stage);
    this.thread = new Thread(options.frame ?? null, this.stage);
    /** @type {import("./picking.js").Picking | null} loaded when words are first to be picked, or `prepare` says so */
    this.picking = null;
    /** @type {string | null} the kind of what is to be picked */
    this.wanted = null;
    this.layout = new Layout(this.stage, this.sheets, () => this._sized());
    // the stage is watched, never its content: what fits must not change what is measured
    this.resized = new ResizeObserver(() => this.layout.lay());
    this.supply = new Supply(this.stage, this.sheets, {
      say, picture: (sheet, width) => this.stock.picture(sheet.page, width), words: sheet => this._words(sheet),
      drawn: () => this.rail.begin(),
    });
    this._listen();
    this.layout.lay();
    this.supply.begin();
  }

  _listen() {
    const { stage, ended: { signal } } = this;
    const on = (type, act, options = {}) => stage.addEventListener(type, act, { signal, ...options });
    on("scroll", () => this._scrolled(), { passive: true });
    const picks = act => event => this.picking?.kind && act(this.picking, event, this._sheetAt(event));
    on("pointerover", event => !this.wanted && this.options.onHover?.(idOf(event)));
    on("pointerleave", () => { this.options.onHover?.(null); this.picking?.left(); });
    on("pointermove", picks((picking, event, sheet) => picking.moving(event, sheet)));
    on("pointerdown", picks((picking, event, sheet) => !event.button && picking.pressed(event, sheet)));
    on("pointerup", picks((picking, event, sheet) => picking.released(event, sheet)));
    on("click", event => !this.wanted && this._clicked(event));
    scaleByGestures(stage, (factor, around) => this.scale(factor, around), signal);
    this.resized.observe(stage);
  }

  /** @param {Sheet} sheet @returns {Promise<Word[]>} */
  async _words(sheet) {
    const words = await this.stock.words(sheet.page);
    if (this.known.get(sheet) === words) return words;
    this.known.set(sheet, words);
    sheet.say(textOf(words.filter(word => !word.hidden)));
    this._measured(sheet.page.document, words);
    return words;
  }

  /** The words of a page, hidden ones with them. @param {number} document @param {number} page */
  wordsOf(document, page) {
    return this.stock.words({ document, page, width: 0, height: 0 });
  }

  /** The first words of a document say how large its pages stand. @param {number} document @param {Word[]} words */
  _measured(document, words) {
    const { print } = this.layout;
    if (print.has(document)) return;
    print.set(document, printHeight(words));
    this.layout.lay();
    // it was chosen before one knew how large the page would be
    if (this.early) this._reveal(true);
    this.early = false;
  }

  _sized() {
    this.tools.zoomed(this.layout.zoom);
    this.supply.sharpen();
    this._scrolled();
  }

  /** Scales by a factor, keeping the point under the pointer, or the middle of the view.
   * @param {number} factor @param {{clientX: number, clientY: number} | null} [around] */
  scale(factor, around = null) {
    this.layout.scale(factor, around);
  }

  /** One step larger. */
  larger() {
    this.scale(this.step);
  }

  /** One step smaller. */
  smaller() {
    this.scale(1 / this.step);
  }

  /** 1 is readable print. */
  get zoom() {
    return this.layout.zoom;
  }

  /** Whole pages, or readable ones again. */
  toggleFit() {
    this.layout.toggleFit(this.page);
  }

  /** Shows or hides the boxes of what is not looked at. @param {boolean} [on] */
  toggleBoxes(on = this.stage.classList.contains("noboxes")) {
    this.stage.classList.toggle("noboxes", !on);
    this.tools.boxes.setAttribute("aria-pressed", String(on));
  }

  /** Goes to a page by its place from 0; the first or the last beyond. @param {number} at */
  go(at) {
    this.layout.go(at);
  }

  /** So many pages on, or back. @param {number} by */
  turn(by) {
    this.go(this.page + by);
  }

  /** Goes to a page of a document. @param {number} document from 0 @param {number} page from 1 */
  goTo(document, page) {
    const sheet = this.marks.sheetOf(document, page);
    if (sheet) this.go(sheet.at);
  }

  _scrolled() {
    const page = this.layout.current(), turned = page !== this.page;
    this.page = this.supply.page = page;
    this.tools.turned(page, this.sheets.length);
    this.rail.current(page);
    this.picking?.moved();
    this.draw();
    if (turned) this.options.onPage?.(page);
  }

  /** Puts the boxes of fields on their pages. @param {Field[]} fields */
  show(fields) {
    this.marks.show(fields);
    const doubtful = fields.filter(({ band, boxes }) => boxes.length && (band === "warn" || band === "bad"));
    const sheets = doubtful.map(({ document, page }) => this.marks.sheetOf(document, page));
    this.rail.dots(new Set(sheets.flatMap(sheet => sheet ? [sheet.at] : [])));
    this.draw();
  }

  /** Lights the boxes of what the pointer is on beside the pages. @param {string | null} id */
  hover(id) {
    this.marks.hover(id);
  }

  /** Lights a field's boxes and brings them into view, moving and zooming no more than reading them needs.
   * @param {string | null} id
   * @param {{move?: boolean, follow?: boolean, from?: HTMLElement | null}} [how] `move` the pages, `follow` by zooming;
   * `from` is where the thread begins */
  choose(id, { move = true, follow = true, from = null } = {}) {
    const mine = this.marks.choose(id);
    this.from = id === null ? null : from ?? this.from;
    if (mine.length && move) {
      this.early = !this.layout.print.size;
      this._reveal(follow);
    }
    this.draw();
  }

  /** @param {boolean} follow */
  _reveal(follow) {
    const target = this.marks.target();
    if (target) this.layout.reveal(target, follow);
  }

  /** Draws the thread anew. */
  draw() {
    this.thread.draw(this.from, this.marks.first());
  }

  /** Lets words be taken from the pages: letters stand on those that may be of this kind. Null ends it.
   * @param {string | null} kind @returns {Promise<void>} when the letters are there */
  async pick(kind) {
    this.wanted = kind;
    if (kind !== null) await this.prepare();
    // it may have been ended, or another kind be wanted, meanwhile
    await this.picking?.pick(this.wanted);
  }

  /** Loads what picking takes, so that it is there at once, and without a connection. */
  async prepare() {
    const { Picking } = await import("./picking.js");
    this.picking ??= new Picking(this.stage, {
      sheets: this.sheets, words: sheet => this._words(sheet), known: sheet => this.known.get(sheet) ?? [],
      fits: this.options.fits ?? (() => true), onPick: picked => this.options.onPick?.(picked),
    });
  }

  /** A key that was typed while picking; whether it belonged to a letter. @param {string} key */
  letter(key) {
    return this.picking?.letter(key) ?? false;
  }

  /** Forgets the first of two letters; whether there was one. */
  unletter() {
    return this.picking?.unletter() ?? false;
  }

  /** The printed words of evidence, cut from the page's picture. @param {import("./snippet.js").Printed} printed
   * @param {{line?: number, width?: number}} [size] CSS pixels */
  snippet(printed, size = {}) {
    const picture = page => this.stock.picture(page, pictureWidth(1240));
    return snippetOf(printed, this.pages, { picture, say: this.say, ...size });
  }

  /** @param {Event} event @returns {Sheet | null} */
  _sheetAt({ target }) {
    const node = /** @type {Element} */ (target).closest(".sheet");
    return node ? this.sheets[Number(/** @type {HTMLElement} */ (node).dataset.at)] : null;
  }

  /** @param {MouseEvent} event */
  _clicked(event) {
    const ids = idsAt(event), sheet = this._sheetAt(event);
    // where several fields stand at one place, each click is the next of them
    if (ids.length) return this.options.onMark?.(ids[(ids.indexOf(this.marks.chosen ?? "") + 1) % ids.length]);
    const word = sheet && wordAt(this.known.get(sheet) ?? [], sheet.point(event).x, sheet.point(event).y);
    if (sheet && word) this.options.onWord?.({ ...word, document: sheet.page.document, page: sheet.page.page });
  }

  /** Ends all that is under way and takes the viewer away. */
  end() {
    this.ended.abort();
    this.resized.disconnect();
    this.supply.end();
    this.rail.end();
    this.thread.end();
    this.stock.end();
    this.node.remove();
  }
}

/** The fields whose boxes are under the pointer, the topmost first. @param {MouseEvent} event @returns {string[]} */
const idsAt = ({ clientX, clientY }) => document.elementsFromPoint(clientX, clientY)
  .filter(one => one.matches(".mark")).map(one => /** @type {HTMLElement} */ (one).dataset.id ?? "");

/** The field of the box under the pointer. @param {Event} event @returns {string | null} */
const idOf = ({ target }) => /** @type {HTMLElement} */ (target).dataset?.id ?? null;
