// @ts-check
// What is said briefly, to those who see and to those who hear.
import { h } from "./dom.js";
import { t } from "./i18n.js";

const TOAST_MS = 6_000;

/** A live region that is there before anything is said in it: screen readers hear no other. */
const toasts = h("div", { class: "toasts", role: "status" });
document.body.append(toasts);

/**
 * Says something for six seconds. With `undo` there is a button, and `late` is called when nobody has pressed it.
 * @param {string} text @param {{undo?: () => void, late?: () => void}} [act]
 * @returns {() => void} takes it away, as if its time were over
 */
export function toast(text, { undo, late } = {}) {
  let isOver = false;
  const end = (then = late) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    node.remove();
    then?.();
  };
  const button = undo && h("button", { type: "button", onclick: () => end(undo) }, t("undo"));
  const node = h("div", { class: "toast" }, h("span", { class: "wrap" }, text), button);
  // the one before has been read, or never will be
  for (const one of [...toasts.children].slice(0, -1)) one.remove();
  toasts.append(node);
  const timer = setTimeout(() => end(), TOAST_MS);
  return () => end();
}

const whisper = h("div", { class: "sr", role: "status" });
document.body.append(whisper);
const SAY_MS = 5_000;
let saidAt = -SAY_MS, timer = 0;

/** Tells screen readers alone, at most once in five seconds; of what comes in between the last. @param {string} text */
export function announce(text) {
  clearTimeout(timer);
  const say = () => { saidAt = performance.now(); whisper.textContent = text; };
  timer = window.setTimeout(say, Math.max(0, saidAt + SAY_MS - performance.now()));
}
