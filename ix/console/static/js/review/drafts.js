// @ts-check
// What is not sent yet, on this device. It holds values of documents: it goes with the session (`Clear-Site-Data`), and
// after seven days (`outbox.js`).

import { place } from "../dom.js";

const PREFIX = "ix.";
const OF_REVIEWS = "review.";
/** Milliseconds that a tab which is closing may take to let go. */
const PATIENCE = 1000;

/** @type {Set<string>} */
const claimed = new Set();

/**
 * Whether this tab may send what is kept of a document: the first that asks has it until it is closed.
 * @param {string} ix_id @returns {Promise<boolean>}
 */
export function claim(ix_id) {
  if (!navigator.locks || claimed.has(ix_id)) return Promise.resolve(true);
  return new Promise(done => {
    const signal = AbortSignal.timeout(PATIENCE);
    navigator.locks.request(`ix-review${place.root}-${ix_id}`, { signal }, () => {
      claimed.add(ix_id);
      done(true);
      // held as long as the tab is there
      return new Promise(() => {});
    }).catch(() => done(false));
  });
}

/**
 * Where drafts are: on this device, or as long as the page alone where the service wants none kept
 * (`IX_CONSOLE_DRAFTS`). What was kept before it wanted that is forgotten then.
 * @param {boolean} mayKeep @returns {import("./outbox.js").Store}
 */
export function storeOf(mayKeep) {
  if (mayKeep) return drafts;
  for (const key of drafts.keys().filter(key => key.startsWith(OF_REVIEWS))) drafts.drop(key);
  /** @type {Map<string, any>} */
  const kept = new Map();
  return {
    get: key => kept.get(key) ?? null,
    set: (key, value) => { kept.set(key, value); },
    drop: key => { kept.delete(key); },
    keys: () => [...kept.keys()],
  };
}

/** @type {import("./outbox.js").Store} */
export const drafts = {
  get(key) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + key) ?? "null");
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // full, or a private window: it stays in memory until it is sent
    }
  },
  drop(key) {
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      // there is no store that could keep it
    }
  },
  keys() {
    try {
      return Object.keys(localStorage).filter(key => key.startsWith(PREFIX)).map(key => key.slice(PREFIX.length));
    } catch {
      return [];
    }
  },
};
