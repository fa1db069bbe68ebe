// @ts-check
// Where to set the bar: of the values that people have looked at, how many a bar would have let pass, and how many of
// those were wrong.
import { at as viewAt, clamp, fill, h } from "../dom.js";
import { lang, number, t } from "../i18n.js";
import { empty } from "../shell.js";

/** @typedef {{bar: number, passed: number, wrong: number, of: number}} Point */

const TALL = 170, LEFT = 44, MARGIN = 26, TOP = 12, FOOT = 140, NARROWEST = 280, WIDEST = 760, LABEL = 64;
/** Wrong ones are drawn so many times as tall: they are few. */
const TALLER = 5;
const USUAL = 0.6;
const percent = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat(lang, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const bars = new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export class Curve {
  /** @param {Element} node */
  constructor(node) {
    this.node = node;
    this.path = "";
    /** @type {{path: string, points: Point[]}[]} */
    this.fields = [];
  }

  /** @param {{fields: {path: string, points: Point[]}[], of: number}} found */
  show({ fields, of }) {
    this.fields = fields.filter(one => one.points.some(point => point.of));
    this.of = of;
    if (!of || !this.fields.length) {
      const toReview = h("a", { class: "b", href: viewAt("review") }, t("nav.review"));
      fill(this.node, h("h2", {}, t("curve.title")), empty({ title: t("curve.none"), icon: "human",
        text: h("p", {}, t("curve.none.text")), acts: toReview }));
      return;
    }
    const names = [["", t("curve.all")], ...this.fields.map(one => [one.path, one.path])];
    const select = h("select", { class: "b", "aria-label": t("curve.field"), onchange: () => {
      this.path = select.value;
      this.#draw();
    } }, names.map(([value, text]) => h("option", { value, selected: value === this.path }, text)));
    this.body = h("div", { class: "stack" });
    fill(this.node, h("div", { class: "headed" }, h("h2", {}, t("curve.title")), select), this.body);
    this.#draw();
  }

  #draw() {
    const chosen = this.fields.filter(one => !this.path || one.path === this.path);
    const points = summed(chosen.length ? chosen : this.fields);
    const wide = clamp(NARROWEST, this.node.clientWidth - 2 * 16, WIDEST);
    fill(this.body, drawing(points, wide), h("p", { class: "legend small" },
      h("span", {}, h("i", { class: "passed" }), t("curve.passed")), h("span", {}, h("i", { class: "wrong" }),
        t("curve.wrong", { n: TALLER }))), h("p", { "data-meaning": true }, meaning(points)),
    h("p", { class: "small quiet" }, t("curve.of", { n: points[0].of })), asTable(points));
  }
}

/** The points of several fields as those of one. @param {{points: Point[]}[]} fields @returns {Point[]} */
function summed(fields) {
  const found = new Map();
  for (const point of fields.flatMap(one => one.points)) {
    const sum = found.get(point.bar) ?? { bar: point.bar, passed: 0, wrong: 0, of: 0 };
    for (const name of ["passed", "wrong", "of"]) sum[name] += point[name];
    found.set(point.bar, sum);
  }
  return [...found.values()].sort((one, other) => one.bar - other.bar);
}

const passing = (/** @type {Point} */ { passed, of }) => (of ? passed / of : 0);
const wrongOf = (/** @type {Point} */ { passed, wrong }) => (passed ? wrong / passed : 0);

/** One sentence that says what to do. @param {Point[]} points */
function meaning(points) {
  const now = nearest(points), last = points[points.length - 1];
  const said = { bar: bars.format(now.bar), passed: percent.format(passing(now)), wrong: exact.format(wrongOf(now)) };
  const better = points.find(one => one.bar > now.bar && one.passed && wrongOf(one) < wrongOf(now) / 2);
  if (!now.wrong) return t("curve.means.none", said);
  if (!better || last === now) return t("curve.means.same", said);
  return t("curve.means.higher", { ...said, to: bars.format(better.bar), then: exact.format(wrongOf(better)),
    left: percent.format(passing(better)) });
}

/** The point of the bar that is usual. @param {Point[]} points */
const nearest = points =>
  points.reduce((best, one) => (Math.abs(one.bar - USUAL) < Math.abs(best.bar - USUAL) ? one : best));

/** @param {Point[]} points @param {number} wide as wide as there is room, so that letters keep their size */
function drawing(points, wide) {
  const right = wide - MARGIN;
  const low = points[0].bar, high = Math.max(points[points.length - 1].bar, low + 0.01), usual = nearest(points);
  const x = (/** @type {number} */ bar) => LEFT + (right - LEFT) * (bar - low) / (high - low);
  const y = (/** @type {number} */ share) => FOOT - (FOOT - TOP) * Math.min(share, 1);
  const line = (/** @type {(point: Point) => number} */ of) =>
    points.map((one, at) => `${at ? "L" : "M"}${x(one.bar).toFixed(1)} ${y(of(one)).toFixed(1)}`).join("");
  return h("svg", { class: "curve", viewBox: `0 0 ${wide} ${TALL}`, role: "img", "aria-label": meaning(points) },
    [0, 0.5, 1].map(share => [h("line", { class: "axis", x1: LEFT, x2: right, y1: y(share), y2: y(share) }),
      label(percent.format(share), LEFT - 8, y(share) + 4, "end")]),
    points.filter((_, at) => at % Math.ceil(points.length * LABEL / wide) === 0)
      .map(one => label(bars.format(one.bar), x(one.bar), TALL - 8, "middle")),
    h("line", { class: "usual", x1: x(usual.bar), x2: x(usual.bar), y1: TOP, y2: FOOT }),
    h("path", { class: "passed", d: line(passing) }),
    h("path", { class: "wrong", d: line(one => wrongOf(one) * TALLER) }));
}

/** A text of a drawing. @param {string} text @param {number} x @param {number} y @param {string} anchor */
function label(text, x, y, anchor) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "text");
  for (const [name, value] of Object.entries({ x, y, "text-anchor": anchor })) node.setAttribute(name, String(value));
  node.textContent = text;
  return node;
}

/** The same as a table, for who does not see the drawing. @param {Point[]} points */
const asTable = points => h("div", { class: "sr" }, h("table", {}, h("caption", {}, t("curve.title")),
  h("thead", {}, h("tr", {}, ["curve.bar", "curve.passed", "curve.wrong.plain"].map(key =>
    h("th", { scope: "col" }, t(key))))),
  h("tbody", {}, points.map(one => h("tr", {}, h("th", { scope: "row" }, bars.format(one.bar)),
    h("td", {}, `${percent.format(passing(one))} (${number.format(one.passed)})`),
    h("td", {}, `${exact.format(wrongOf(one))} (${number.format(one.wrong)})`))))));
