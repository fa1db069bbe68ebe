// @ts-check
// Where documents come in: dropped, chosen, photographed or pasted.
import { fill, h, icon, theirs } from "../dom.js";
import { number, t } from "../i18n.js";

/** Files that are sent at once at most: each is a job of its own. */
const MOST = 20;

export class Drop {
  /** @type {File[]} */
  files = [];

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.input = this._input("try-file", { multiple: true });
    const camera = this._input("try-camera", {
      accept: "image/*", capture: "environment", "aria-label": t("try.photo"),
    });
    const over = (/** @type {boolean} */ is) => (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      this.area.classList.toggle("over", is);
      if (event.type === "drop" && event.dataTransfer) this.add(event.dataTransfer.files);
    };
    this.area = h("label", {
      class: "drop", for: "try-file", ondragover: over(true), ondragleave: over(false), ondrop: over(false),
    }, icon("file"), h("b", {}, t("try.drop")), h("span", { class: "small second" }, t("try.drop_text")));
    this.list = h("ul", { class: "try-files" });
    this.node = h("div", { class: "stack" }, this.area, this.input,
      h("label", { class: "b try-photo", for: "try-camera" }, icon("camera", "s"), t("try.photo")), camera, this.list);
  }

  /** @param {string} id @param {Record<string, any>} props */
  _input(id, props) {
    const input = h("input", {
      type: "file", class: "sr", id, ...props,
      onchange: () => { this.add(input.files); input.value = ""; },
    });
    return input;
  }

  /** Opens the browser's dialog. */
  choose() { this.input.click(); }

  /** Takes files beside those that there are; one of the same name and size is the same. @param {FileList} files */
  add(files) {
    const news = [...files].filter(file => !this.files.some(one => one.name === file.name && one.size === file.size));
    this.files = [...this.files, ...news].slice(0, MOST);
    this._draw();
  }

  _draw() {
    fill(this.list, this.files.map(file => h("li", {}, icon("file", "s"),
      h("span", { class: "clip" }, theirs(file.name)), h("span", { class: "small quiet num" }, size(file.size)),
      h("button", {
        class: "b plain sm icon", type: "button", "aria-label": t("try.without", { name: file.name }),
        onclick: () => { this.files = this.files.filter(one => one !== file); this._draw(); },
      }, icon("fail", "s")))));
    this.changed();
  }
}

/** @param {number} bytes */
const size = bytes => bytes < 1e6
  ? `${number.format(Math.ceil(bytes / 1e3))} kB` : `${number.format(Math.round(bytes / 1e5) / 10)} MB`;
