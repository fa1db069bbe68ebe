// @ts-check
// Words and pictures that were asked for: each once, the last ones kept.
import { wordsOf } from "./geometry.js";

/** @typedef {import("./geometry.js").Page} Page */
/** @typedef {import("./geometry.js").Word} Word */

/** Pages of which words are kept; a page has about 500. */
const MOST_WORDS = 60;
/** Pictures that are kept, all widths together. */
const MOST_PICTURES = 120;

/** Answers by name, of which the ones used last are kept. An answer that failed is asked for again.
 * @template T */
class Kept {
  /** @param {number} most @param {(value: T) => void} [drop] told of each that is kept no more */
  constructor(most, drop = () => {}) {
    this.most = most;
    this.drop = drop;
    /** @type {Map<string, Promise<T>>} */
    this.answers = new Map();
  }

  /** @param {string} name @param {() => Promise<T>} ask */
  get(name, ask) {
    const answer = this.answers.get(name) ?? ask();
    this.answers.delete(name);
    this.answers.set(name, answer);
    answer.catch(() => this.answers.get(name) === answer && this.answers.delete(name));
    if (this.answers.size > this.most) this.forget(this.answers.keys().next().value ?? "");
    return answer;
  }

  /** @param {string} name */
  forget(name) {
    this.answers.get(name)?.then(this.drop, () => {});
    this.answers.delete(name);
  }

  clear() {
    for (const name of [...this.answers.keys()]) this.forget(name);
  }
}

export class Stock {
  /** @param {{words: Function, picture: Function, release?: (address: string) => void}} source */
  constructor(source) {
    this.source = source;
    this.ended = new AbortController();
    /** @type {Kept<Word[]>} */
    this._words = new Kept(MOST_WORDS);
    /** @type {Kept<string>} */
    this._pictures = new Kept(MOST_PICTURES, address => source.release?.(address));
  }

  /** The words of a page. @param {Page} page @returns {Promise<Word[]>} */
  words({ document, page }) {
    const ask = async () => wordsOf(await this.source.words(document, page, this.ended.signal));
    return this._words.get(`${document}/${page}`, ask);
  }

  /** An address of the page's picture. @param {Page} page @param {number} width pixels @returns {Promise<string>} */
  picture({ document, page }, width) {
    const ask = async () => this.source.picture(document, page, width, this.ended.signal);
    return this._pictures.get(`${document}/${page}/${width}`, ask);
  }

  /** Ends all that is under way, and gives back what was kept. */
  end() {
    this.ended.abort();
    this._pictures.clear();
    this._words.clear();
  }
}
