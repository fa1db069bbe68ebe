// @ts-check
// What the viewer says, in English, where its embedder gives it no `say` of its own.

/** @type {Record<string, string>} */
const TEXTS = {
  "viewer.pages": "Document pages",
  "viewer.thumbnails": "Pages",
  "viewer.page": "page {n}",
  "viewer.page_of": "Page {n} of {m}",
  "viewer.picture": "Page {n} of {m}, {name}",
  "viewer.document": "Document {n}",
  "viewer.zoom_out": "Zoom out",
  "viewer.zoom_in": "Zoom in",
  "viewer.fit": "Fit the page or its width",
  "viewer.boxes": "Show boxes",
  "viewer.drawing": "This page is being drawn.",
  "viewer.undrawn": "This page cannot be shown: {reason}",
  "viewer.empty": "There is no page to show.",
  "viewer.printed": "printed {quote}",
};

/** @typedef {(key: string, params?: Record<string, any>) => string} Say */

/** @type {Say} */
export const english = (key, params = {}) => TEXTS[key].replace(/\{(\w+)\}/g, (_, name) => String(params[name]));
