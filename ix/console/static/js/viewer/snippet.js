// @ts-check
// A piece of a page in a small element: the printed words beside their value.
import { h, visible } from "../dom.js";

/** @typedef {import("./texts.js").Say} Say */
/** @typedef {import("./geometry.js").Page} Page */
/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {{document: number, page: number, boxes: Box[], quote?: string}} Printed evidence */

/** Of the line's height, above and below it. */
const PAD = 0.16;

/** The first line of what was printed, from the page's picture, which is no request of its own where the page is
 * shown; null for what stands on no page.
 * @param {Printed | null | undefined} printed @param {Page[]} pages
 * @param {{picture: (page: Page) => Promise<string>, say: Say, line?: number, width?: number}} options
 * `line` is its height and `width` the most it may be wide, CSS pixels */
export function snippetOf(printed, pages, { picture, say, line = 17, width = 320 }) {
  const page = pages.find(one => one.document === printed?.document && one.page === printed?.page);
  const box = printed?.boxes?.[0];
  if (!page || !box) return null;
  const [x0, y0, x1, y1] = box;
  const scale = Math.min(line / ((y1 - y0) * page.height), (width - 16) / ((x1 - x0) * page.width));
  const wide = page.width * scale, high = page.height * scale, height = (y1 - y0) * high * (1 + 2 * PAD);
  const node = h("span", {
    class: "snip", role: "img", "aria-label": say("viewer.printed", { quote: visible(printed?.quote) }),
    style: {
      height: `${height + 2}px`, width: `${(x1 - x0) * wide + 18}px`, "background-size": `${wide}px ${high}px`,
      "background-position": `${-(x0 * wide - 8)}px ${-(((y0 + y1) / 2) * high - height / 2)}px`,
    },
  });
  const show = address => node.style.setProperty("background-image", `url(${JSON.stringify(address)})`);
  // a page that cannot be drawn says so on the stage
  picture(page).then(show, () => {});
  return node;
}
