// @ts-check
// The bar over the pages: which page, how large, boxes on or off; room for what an embedder adds.
import { h, icon } from "../dom.js";

export class Tools {
  /** @param {import("./viewer.js").Viewer} viewer @param {import("./texts.js").Say} say
   * @param {Record<string, string>} keys of `zoom_out`, `zoom_in`, `fit` and `boxes`, as they are shown to people */
  constructor(viewer, say, keys) {
    this.say = say;
    /** @param {string} name @param {string} key @param {() => void} act @param {object} [more] */
    const tool = (name, key, act, more = {}) => {
      const hint = say(`viewer.${key}`), shown = keys[key] ? `${hint} (${keys[key]})` : hint;
      return h("button", {
        type: "button", class: "b plain sm icon", "aria-label": hint, title: shown, onclick: act, ...more,
      }, icon(name));
    };
    this.where = h("span", { class: "num where", role: "status" });
    this.level = h("span", { class: "num lvl" });
    this.boxes = tool("boxes", "boxes", () => viewer.toggleBoxes(), { "aria-pressed": "true" });
    this.added = h("span", { class: "tools-added grow" });
    this.node = h("div", { class: "tools" },
      this.where, h("span", { class: "sep" }),
      tool("minus", "zoom_out", () => viewer.scale(1 / viewer.step)), this.level,
      tool("plus", "zoom_in", () => viewer.scale(viewer.step)), tool("fit", "fit", () => viewer.toggleFit()),
      h("span", { class: "sep" }), this.boxes, this.added);
  }

  /** @param {number} zoom */
  zoomed(zoom) {
    this.level.textContent = `${Math.round(100 * zoom)} %`;
  }

  /** @param {number} at @param {number} count */
  turned(at, count) {
    const text = count ? this.say("viewer.page_of", { n: at + 1, m: count }) : "";
    if (this.where.textContent !== text) this.where.textContent = text;
  }
}
