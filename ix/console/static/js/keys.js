// @ts-check
// The one table of keys: listeners, help, `aria-keyshortcuts` and the tests that press each of them are made from it.
import { $, h, store } from "./dom.js";

/**
 * A row: the combinations, what it does (`keys.VIEW.DOES` says it in words), and whether it works in inputs too.
 * Letters never do; Enter, Esc, Tab, arrows and page keys do where `inside`; keys with Ctrl or Alt and F-keys always.
 * @typedef {{keys: string[], does: string, inside?: boolean}} Row
 */

/** @param {string} does @param {string[]} keys @returns {Row} */
const row = (does, ...keys) => ({ keys, does });
/** @param {string} does @param {string[]} keys @returns {Row} */
const inside = (does, ...keys) => ({ keys, does, inside: true });

/** @type {Record<string, Row[]>} */
export const KEYS = {
  everywhere: [
    row("jobs", "g j"), row("review", "g r"), row("try", "g t"), row("exports", "g e"), row("system", "g s"),
    row("find", "/"), row("help", "?", "f1"),
  ],
  jobs: [
    row("next", "j", "arrowdown"), row("previous", "k", "arrowup"), row("open", "enter"), row("choose", "x"),
    row("range", "shift+x"), row("retry", "r"), row("cancel", "c"), row("hold", "."), row("older", "o"),
    row("newer", "n"),
  ],
  job: [
    row("next", "j", "arrowdown"), row("previous", "k", "arrowup"), row("pageBack", "["), row("pageOn", "]"),
    row("zoomIn", "+"), row("zoomOut", "-"), row("fit", "0"), row("boxes", "b"), row("copy", "y"), row("review", "e"),
  ],
  review: [
    inside("confirm", "enter"), inside("previousPoint", "shift+enter"), inside("next", "tab"),
    inside("previous", "shift+tab"), inside("down", "arrowdown"), inside("up", "arrowup"), inside("asRead", "escape"),
    inside("pick", "alt+p"), inside("place", "alt+1", "alt+2", "alt+3", "alt+4", "alt+5"), inside("absent", "alt+n"),
    inside("line", "alt+l"), inside("undo", "alt+z"), inside("approve", "ctrl+enter"), inside("reject", "alt+r"),
    inside("skip", "alt+s"),
    inside("pageOn", "pagedown"), inside("pageBack", "pageup"), inside("boxes", "alt+b"), inside("fit", "alt+f"),
    inside("above", "ctrl+d"), inside("rowUp", "alt+arrowup"), inside("rowDown", "alt+arrowdown"),
    inside("removeRow", "alt+backspace"),
  ],
  try: [row("drop", "d"), inside("send", "ctrl+enter")],
  exports: [inside("download", "ctrl+enter")],
  system: [row("again", "r")],
};

/** @typedef {(event: KeyboardEvent) => unknown} Action returning false lets the browser have the key */
/** @type {Map<string, Record<string, Action>>} */
const bound = new Map();

/**
 * Gives the rows of a view something to do; names that the table does not have are refused.
 * @param {string} view
 * @param {Record<string, Action>} actions
 */
export function bind(view, actions) {
  const known = new Set(KEYS[view].map(one => one.does));
  const strange = Object.keys(actions).filter(name => !known.has(name));
  if (strange.length) throw new Error(`no row of ${view} does ${strange}`);
  bound.set(view, { ...bound.get(view), ...actions });
}

/** The views whose keys work now, with the rows that do. @returns {[string, Row[]][]} */
export const boundRows = () =>
  [...bound].map(([view, actions]) => [view, KEYS[view].filter(one => one.does in actions)]);

const WRITING = "input:not([type=checkbox], [type=radio], [type=button], [type=file]), textarea, select, "
  + "[contenteditable]";
// what Enter and Space already do something with
const PRESSED = "a[href], button, summary, [role=tab], [role=button]";
let prefix = "";

addEventListener("keydown", event => {
  if (event.defaultPrevented || event.isComposing || $("dialog[open]")) return;
  const pressed = prefix + combination(event);
  prefix = !prefix && pressed === "g" && mayType(event) ? "g " : "";
  const action = find(pressed, event);
  if (action && action(event) !== false) event.preventDefault();
});

/** @param {string} pressed @param {KeyboardEvent} event @returns {Action | undefined} */
function find(pressed, event) {
  // the view's own rows come before those of everywhere
  for (const [view, actions] of [...bound].reverse()) {
    const found = KEYS[view].find(one => one.keys.includes(pressed) && one.does in actions && isFor(one, event));
    if (found) return actions[found.does];
  }
  return undefined;
}

/** Whether a row's key means the row, where the focus is. @param {Row} one @param {KeyboardEvent} event */
function isFor(one, event) {
  if (isBare(event)) return mayType(event);
  if (event.ctrlKey || event.metaKey || event.altKey || /^F\d/.test(event.key)) return true;
  const target = /** @type {Element} */ (event.target);
  if (target.matches?.(WRITING)) return Boolean(one.inside);
  return event.key !== "Enter" || !target.matches?.(PRESSED) || Boolean(one.inside && target.matches("[data-enter]"));
}

/** @param {KeyboardEvent} event */
const isBare = event => event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;

/** Whether a bare letter is a shortcut here: never in inputs, and nowhere once it was switched off (WCAG 2.1.4). */
const mayType = event => !event.target.matches?.(WRITING) && store.get("letters", true);

/** A key as the table writes it: `ctrl+enter`, `alt+p`, `shift+x`. @param {KeyboardEvent} event */
export function combination(event) {
  const key = event.key.toLowerCase(), isLetter = /^\p{L}$/u.test(event.key);
  const shifted = event.shiftKey && (event.key.length > 1 || isLetter);
  const held = [event.ctrlKey || event.metaKey ? "ctrl" : "", event.altKey ? "alt" : "", shifted ? "shift" : ""];
  // with Alt macOS types another character: the key's place says which one was meant
  const placed = event.altKey && /^(?:Key|Digit)(.)$/.exec(event.code);
  return [...held.filter(Boolean), placed ? placed[1].toLowerCase() : key].join("+");
}

const SHOWN = {
  enter: "↵", shift: "⇧", tab: "⇥", escape: "Esc", arrowdown: "↓", arrowup: "↑", ctrl: "Ctrl", alt: "Alt",
  pagedown: "PgDn", pageup: "PgUp", backspace: "⌫",
};
const ARIA = {
  ctrl: "Control", alt: "Alt", shift: "Shift", enter: "Enter", escape: "Escape", tab: "Tab", arrowdown: "ArrowDown",
  arrowup: "ArrowUp", pagedown: "PageDown", pageup: "PageUp", backspace: "Backspace", f1: "F1",
};

/** A combination as `<kbd>` elements. @param {string} keys */
export const keyCaps = keys =>
  keys.split(/[+ ](?=.)/).flatMap((one, at) => [at ? " " : null, h("kbd", {}, SHOWN[one] ?? one.toUpperCase())]);

/** @param {string} view @param {string} does @returns {Row} */
const rowOf = (view, does) => /** @type {Row} */ (KEYS[view].find(one => one.does === does));

/** The first combination of a row, for the button that does the same. @param {string} view @param {string} does */
export const caps = (view, does) =>
  h("span", { class: "keyed", "aria-hidden": "true" }, keyCaps(rowOf(view, does).keys[0]));

/**
 * The value of `aria-keyshortcuts` for a row; a sequence has no notation there.
 * @param {string} view @param {string} does
 */
export const shortcut = (view, does) =>
  rowOf(view, does).keys.filter(one => !one.includes(" "))
    .map(keys => keys.split(/\+(?=.)/).map(one => ARIA[one] ?? one).join("+")).join(" ") || null;
