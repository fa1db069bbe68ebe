// @ts-check
// Building and finding nodes. Text goes in as text only: there is no way here to make markup from a string.

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle", "rect", "line", "g", "polyline"]);
const PROPERTIES = new Set(["value", "checked", "selected", "hidden", "disabled", "indeterminate"]);

/** @typedef {Node | string | number | null | undefined | false | Kid[]} Kid */

/**
 * An element. `on…` are listeners, `style` is an object that is set through the CSSOM, so that a strict policy allows
 * it; null, undefined and false are left out, of the properties and of the children.
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...Kid} kids
 * @returns {any} the element: callers know which
 */
export function h(tag, props, ...kids) {
  const node = SVG_TAGS.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(node, name, value);
  put(node, ...kids);
  return node;
}

/** @param {any} node @param {string} name @param {any} value */
function set(node, name, value) {
  if (value == null || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "style") for (const [one, to] of Object.entries(value)) node.style.setProperty(one, String(to));
  else if (PROPERTIES.has(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

/** Appends children. @param {Element} node @param {...Kid} kids */
export function put(node, ...kids) {
  node.append(.../** @type {any[]} */ (kids.flat(5)).filter(kid => kid != null && kid !== false));
  return node;
}

/** Puts children in the place of those that there are. @param {Element} node @param {...Kid} kids */
export function fill(node, ...kids) {
  node.replaceChildren();
  return put(node, ...kids);
}

/** The first element that a selector finds. @param {string} selector @param {ParentNode} [root] @returns {any} */
export const $ = (selector, root = document) => root.querySelector(selector);
/** Every element that a selector finds. @param {string} selector @param {ParentNode} [root] @returns {any[]} */
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
/** @param {number} low @param {number} value @param {number} high */
export const clamp = (low, value, high) => Math.min(Math.max(value, low), high);

const PATHS = {
  done: "M3 8.5l3.2 3.2L13 4.8",
  fail: "M4 4l8 8M12 4l-8 8",
  run: "M8 2.2a5.8 5.8 0 1 1-5.6 4.3",
  wait: "M8 4.4V8l2.4 1.6M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9",
  later: "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v2.5M10.5 2v2.5",
  cancel: "M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9M3.8 12.2l8.4-8.4",
  ok: "M3 8.5l3.2 3.2L13 4.8",
  warn: "M8 2L14.6 13.6H1.4zM8 6.4v3.4M8 11.6v.2",
  bad: "M5.2 1.6h5.6l3.6 3.6v5.6l-3.6 3.6H5.2l-3.6-3.6V5.2zM8 4.6v4M8 11v.2",
  none: "M4 8h8",
  human: "M10.7 2.5l2.8 2.8L6 12.8l-3.4.6.6-3.4z",
  back: "M9.5 3L4.5 8l5 5",
  next: "M6.5 3l5 5-5 5",
  up: "M3 10l5-5 5 5",
  down: "M3 6l5 5 5-5",
  find: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.4 10.4L14 14",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  boxes: "M2.5 3.5h7v4h-7zM6.5 9.5h7v3.5h-7z",
  pick: "M3 3l10 4-4.3 1.7L7 13z",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1v1.4M8 13.6V15M1 8h1.4M13.6 8H15M3 3l1 1M12 12l1 1M3 13l1-1"
    + "M12 4l1-1",
  help: "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12v.2M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9",
  file: "M4 1.8h5L12.5 5.3v8.9H4zM8.8 2v3.6h3.6",
  again: "M13 3.5v3.2H9.8M12.7 6.6A5.3 5.3 0 1 0 13.2 9",
  load: "M8 2.5v7M4.8 6.6L8 9.8l3.2-3.2M2.8 13.2h10.4",
  more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.2l7 4.8-7 4.8z",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  thread: "M2 12c5 0 4-8 12-8",
  lines: "M2.5 4h11M2.5 8h11M2.5 12h11",
  out: "M9.5 2.5h4v4M13.2 2.8L7.5 8.5M11.5 9.5v4h-9v-9h4",
  erase: "M3 4.5h10M6.2 4.5v-2h3.6v2M4.4 4.5l.7 9h5.8l.7-9",
  person: "M8 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M2.8 14c.5-3 2.6-4.3 5.2-4.3s4.7 1.3 5.2 4.3",
  camera: "M2 5h3l1-2h4l1 2h3v8.5H2zM8 6.8a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8",
};

/**
 * A small drawing; what it means is said beside it, or in its `label`.
 * @param {keyof typeof PATHS | string} name
 * @param {string} [cls] classes: `s` is the small one
 * @param {string | null} [label]
 */
export function icon(name, cls = "", label = null) {
  const said = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  const path = PATHS[/** @type {keyof typeof PATHS} */ (name)];
  return h("svg", { class: `i ${cls}`, viewBox: "0 0 16 16", ...said }, h("path", { d: path }));
}

const MOST_LETTERS = 200;
// C0 and C1 controls, and what turns the direction of a line or hides in it (UAX 9, UTS 39)
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * Text of a document or a client as it may be shown: cut, with marks for what would hide or turn other text.
 * @param {unknown} text
 * @param {number} [most] letters
 */
export function visible(text, most = MOST_LETTERS) {
  // cut first: nobody searches through what is not shown
  const letters = String(text ?? "").slice(0, 2 * most + 1).replace(INVISIBLE, mark);
  const found = Array.from(letters);
  return found.length > most ? `${found.slice(0, most).join("")}…` : letters;
}

/** @param {string} letter */
function mark(letter) {
  const code = /** @type {number} */ (letter.codePointAt(0));
  if (code < 32) return String.fromCodePoint(0x2400 + code);
  return code === 127 ? "\u2421" : `\u2039${code.toString(16).toUpperCase()}\u203a`;
}

/** Text of others in an element whose direction is its own. @param {unknown} text @param {number} [most] */
export const theirs = (text, most) => h("bdi", {}, visible(text, most));

/** What this browser remembers: settings of the page, nothing of anybody's documents. */
export const store = {
  /** @param {string} key @param {any} [fallback] */
  get(key, fallback = null) {
    try {
      return JSON.parse(localStorage.getItem(`ix.${key}`) ?? "null") ?? fallback;
    } catch {
      return fallback;
    }
  },
  /** @param {string} key @param {any} value null forgets it */
  set(key, value) {
    try {
      if (value == null) localStorage.removeItem(`ix.${key}`);
      else localStorage.setItem(`ix.${key}`, JSON.stringify(value));
    } catch {
      // private windows may refuse: the setting lasts as long as the page
    }
  },
};

const { root = "", assets = "", view = "" } = document.documentElement.dataset;
/** The path under which a proxy serves ix, that of the assets, and the name of the view. */
export const place = { root, assets, view };
/** The address of a view: `at("jobs/0123", {tab: "raw"})`. @param {string} path @param {Record<string, any>} [query] */
export function at(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value != null && value !== "");
  const asked = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return `${root}/console/${path}${asked.size ? `?${asked}` : ""}`;
}
/** The last segment of this page's path, decoded: a job's id. */
export const ixId = () => decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-1) ?? "");

/** Marks the page as drawn: what tests and screenshots wait for. */
export const ready = () => { document.documentElement.dataset.ready = "1"; };
