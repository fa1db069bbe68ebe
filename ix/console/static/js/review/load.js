// @ts-check
// A document with all that a review of it needs, asked for side by side; what is asked for ahead is not asked for
// again.
import { address } from "../api.js";
import { jobSource } from "../viewer/viewer.js";
import { jobOf, reviewOf, schemaOf } from "./service.js";
import { shapeOf } from "./shape.js";

/**
 * @typedef {import("../viewer/source.js").Source} Source
 * @typedef {import("./places.js").Page} WordPage
 * @typedef {{job: any, served: import("./state.js").Served, shape: import("./shape.js").Shape, pages: any[],
 *   source: Source, words: WordPage[]}} Loaded `words`: of the pages whose words are here
 */

/** Of longer documents only the pages that are looked at give their words. */
const MOST_PAGES = 20;
/** Pixels: the first size that the viewer asks for. */
const WIDTH = 1240;

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Loaded>} */
export async function load(id, signal) {
  const source = remembering(jobSource(address(`/jobs/${id}`)));
  const withSchema = async () => {
    const job = await jobOf(id, signal);
    return { job, schema: await schemaOf(job, signal) };
  };
  const [{ job, schema }, served, pages] = await Promise.all([
    withSchema(), reviewOf(id, signal), source.pages(signal),
  ]);
  /** @type {Loaded} */
  const loaded = { job, served, shape: shapeOf(schema), pages, source, words: [] };
  return loaded;
}

/** Fetches what is seen first, before it is looked at. @param {Loaded} loaded */
export function warm({ pages, source }) {
  if (!pages.length) return;
  const [{ document, page }] = pages;
  source.words(document, page).catch(() => {});
  source.picture(document, page, WIDTH).catch(() => {});
}

/**
 * The words of a page, kept beside those that are known: other places are looked for among them.
 * @param {Loaded} loaded @param {number} document @param {number} page
 */
export async function wordsOf(loaded, document, page) {
  const known = loaded.words.find(one => one.document === document && one.page === page);
  if (known) return known;
  const words = /** @type {any} */ (await loaded.source.words(document, page));
  const again = loaded.words.find(one => one.document === document && one.page === page);
  if (again) return again;
  const made = { document, page, words };
  loaded.words.push(made);
  loaded.words.sort((a, b) => a.document - b.document || a.page - b.page);
  return made;
}

/** The words of all pages, where there are few. @param {Loaded} loaded */
export const allWords = loaded =>
  Promise.allSettled(loaded.pages.slice(0, MOST_PAGES).map(({ document, page }) => wordsOf(loaded, document, page)));

/** A source that asks for words once. @param {Source} source @returns {Source} */
function remembering(source) {
  /** @type {Map<string, Promise<any[][]>>} */
  const words = new Map();
  return {
    ...source,
    words(document, page) {
      const key = `${document}/${page}`;
      if (!words.has(key)) {
        const asked = source.words(document, page);
        words.set(key, asked);
        asked.catch(() => words.delete(key));
      }
      return /** @type {Promise<any[][]>} */ (words.get(key));
    },
  };
}
