// @ts-check
// What is not sent yet, on this device. It holds values of documents: it goes with the session (`Clear-Site-Data`), and
// after seven days (`outbox.js`).

const PREFIX = "ix.";

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
