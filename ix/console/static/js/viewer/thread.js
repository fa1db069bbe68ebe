// @ts-check
// The line that ties what is chosen beside the pages to its first box on them.
import { h } from "../dom.js";
import { clamp } from "./geometry.js";

export class Thread {
  /** @param {HTMLElement | null} frame what holds pages and fields, positioned; none, no thread
   * @param {HTMLElement} stage */
  constructor(frame, stage) {
    this.frame = frame;
    this.stage = stage;
    this.path = h("path", {});
    this.dot = h("circle", { r: 3 });
    this.node = h("svg", { class: "thread", "aria-hidden": "true" }, this.path, this.dot);
    this.hide();
    frame?.append(this.node);
  }

  hide() {
    this.node.style.setProperty("visibility", "hidden");
  }

  /** Draws it, or nothing where one of its ends is out of view.
   * @param {HTMLElement | null | undefined} from @param {HTMLElement | null | undefined} mark */
  draw(from, mark) {
    if (!this.frame || !from?.isConnected || !mark?.isConnected) return this.hide();
    const own = this.frame.getBoundingClientRect(), stage = this.stage.getBoundingClientRect();
    const box = mark.getBoundingClientRect(), start = from.getBoundingClientRect();
    const pane = from.closest(".scroll")?.getBoundingClientRect() ?? own;
    const isOut = box.bottom < stage.top || box.top > stage.bottom || box.right > stage.right || box.right < stage.left;
    if (isOut || start.bottom < pane.top || start.top > pane.bottom) return this.hide();
    // from the panel's edge, so that it never crosses the form
    const x0 = pane.left - own.left + 12, x1 = box.right - own.left + 5;
    const y0 = clamp(pane.top, start.top + Math.min(start.height / 2, 18), pane.bottom) - own.top;
    const y1 = box.top + box.height / 2 - own.top, bend = Math.max(24, (x0 - x1) / 2);
    this.path.setAttribute("d", `M${x0} ${y0} C${x0 - bend} ${y0} ${x1 + bend} ${y1} ${x1} ${y1}`);
    this.dot.setAttribute("cx", String(x0));
    this.dot.setAttribute("cy", String(y0));
    this.node.style.setProperty("--c", getComputedStyle(mark).getPropertyValue("--c"));
    this.node.style.setProperty("visibility", "visible");
  }

  end() {
    this.node.remove();
  }
}
