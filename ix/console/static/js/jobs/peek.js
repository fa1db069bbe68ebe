// @ts-check
// The job that is looked at, beside the list: its values, and its first page with the places of those.
import { ApiError, call, get, isAborted, Loads } from "../api.js";
import { at, fill, h, icon, place, theirs } from "../dom.js";
import { has, lang, money, number, t } from "../i18n.js";
import { caps } from "../keys.js";
import { bandMark, copyable, errorName, progressText, reviewPill, status } from "../parts.js";
import { may } from "../shell.js";
import { nameOf } from "./rows.js";

const ROOM = matchMedia("(min-width: 1280px)");
const MOST_VALUES = 8;
const SURE = 0.6;
const WAIT_MS = 90;
const PICTURE_WIDTH = 480;

export class Peek {
  #loads = new Loads();
  #timer = 0;

  /** @param {any} me @param {(head: any) => void} retry */
  constructor(me, retry) {
    this.me = me;
    this.retry = retry;
    this.node = h("aside", { class: "peek", "aria-label": t("peek"), tabindex: 0 });
    this.clear();
  }

  clear() {
    clearTimeout(this.#timer);
    this.id = "";
    fill(this.node, h("div", { class: "empty quiet" }, t("peek.none")));
  }

  /** Shows a job; its envelope is fetched once nobody walks on. @param {any} head */
  show(head) {
    clearTimeout(this.#timer);
    if (!ROOM.matches) return;
    this.id = head.ix_id;
    fill(this.node, this.#head(head), h("div", { class: "stack" }));
    this.#timer = window.setTimeout(() => void this.#load(head), WAIT_MS);
  }

  /** Shows a job anew that has changed, if it is the one. @param {any} head */
  changed(head) {
    if (head.ix_id === this.id) this.show(head);
  }

  /** @param {any} head */
  #head(head) {
    const open = h("a", { class: "b sm primary", href: at(`jobs/${head.ix_id}`) }, t("open"), caps("jobs", "open"));
    const review = head.review && may(this.me, "review")
      && h("a", { class: "b sm", href: at(`review/${head.ix_id}`) }, icon("human", "s"), t("nav.review"));
    const retry = ["error", "cancelled"].includes(head.status) && may(this.me, "submit")
      && h("button", { class: "b sm", type: "button", "data-act": true, onclick: () => this.retry(head) },
        icon("again", "s"), t("retry"));
    return h("header", {}, h("h2", { class: "clip" }, theirs(nameOf(head), 120)),
      h("p", { class: "small quiet" }, copyable(head.ix_id, "ix_id")),
      h("p", { class: "flow small" }, status(head.status), reviewPill(head.review, head.points)),
      h("p", { class: "flow" }, open, review, retry));
  }

  /** @param {any} head */
  async #load(head) {
    const body = this.node.lastChild;
    try {
      await this.#loads.run(async signal => {
        const [job] = await Promise.all([get(`/jobs/${head.ix_id}`, { signal }), schemaOf(head.use_case)]);
        // what finds out what a document is answers by another use case
        const useCase = await schemaOf(job.response?.usage?.use_case ?? head.use_case);
        const found = values(job.response?.result, job.response?.evidence, useCase);
        fill(body, said(job, head), list(found), h("div", { class: "paper" }));
        if (job.response?.result) await this.#page(body.lastChild, head, found, signal);
      });
    } catch (error) {
      if (isAborted(error)) return;
      const isGone = error instanceof ApiError && error.status === 404;
      fill(body, h("p", { class: "small quiet pad" }, isGone ? t("peek.gone") : t("peek.failed")));
    }
  }

  /** The first page with the places of its values. */
  async #page(/** @type {any} */ paper, /** @type {any} */ head, /** @type {Value[]} */ found,
    /** @type {AbortSignal} */ signal) {
    const { pages } = await get(`/jobs/${head.ix_id}/pages`, { signal });
    const page = pages.find((/** @type {any} */ one) => one.document === 0) ?? pages[0];
    if (!page) return;
    const path = `/jobs/${head.ix_id}/pages/${page.document}/${page.page}/picture?width=${PICTURE_WIDTH}`;
    const leaf = h("div", { class: "leaf", style: { "aspect-ratio": `${page.width} / ${page.height}` } });
    fill(paper, leaf);
    // engines draw a page when it is first asked for: 202 until then
    for (let tries = 0; tries < 8; tries += 1) {
      const answer = await call("GET", path, { signal });
      await answer.arrayBuffer();
      if (answer.status === 200) break;
      await new Promise(done => setTimeout(done, 1000));
    }
    const alt = t("peek.page", { n: page.page, name: nameOf(head) });
    const picture = h("img", { alt, src: `${place.root}/console/api${path}`, width: page.width, height: page.height });
    picture.addEventListener("error", () => fill(leaf), { once: true });
    fill(leaf, picture, h("div", { "aria-hidden": "true" }, found.flatMap(one => spots(one, page))));
  }
}

/** @type {Map<string, Promise<any>>} */
const schemas = new Map();

/** The schema of a use case's results; null where there is none, or none that may be seen. @param {string} name */
function schemaOf(name) {
  const known = schemas.get(name) ?? get(`/use-cases/${encodeURIComponent(name)}`)
    .then(info => info.result, () => null);
  schemas.set(name, known);
  return known;
}

/** @typedef {{label: string, value: string, node: any}} Value */

/** The first plain values of a result, in the schema's order. @returns {Value[]} */
function values(/** @type {any} */ result, /** @type {any} */ evidence, /** @type {any} */ schema) {
  const ordered = Object.keys(schema?.properties ?? {}).filter(name => name in (result ?? {}));
  const names = [...ordered, ...Object.keys(result ?? {}).filter(name => !ordered.includes(name))];
  const plain = names.filter(name => result[name] != null && typeof result[name] !== "object");
  return plain.slice(0, MOST_VALUES).map(name => {
    const spec = schema?.properties?.[name] ?? {};
    return { label: labelOf(name, spec), value: shown(result[name], spec["x-ix"]?.kind), node: evidence?.[name] };
  });
}

/** What a field is called in the reader's language. @param {string} name @param {any} spec */
function labelOf(name, spec) {
  const said = spec["x-ix"]?.titles?.[lang] ?? (has(`field.${name}`) ? t(`field.${name}`) : spec.title);
  return said ?? name.replaceAll("_", " ");
}

/** @param {any} value @param {string} [kind] */
function shown(value, kind) {
  if (typeof value !== "number") return String(value);
  return (kind === "money" ? money : number).format(value);
}

/** How sure a value is. @param {any} node of the evidence @returns {"ok" | "warn" | "bad" | "none"} */
function band(node) {
  if (!node) return "none";
  if (node.match === "none") return node.source ? "ok" : "bad";
  return node.match === "fuzzy" || node.confidence < SURE ? "warn" : "ok";
}

/** @param {Value[]} found */
const list = found => (found.length ? h("dl", {}, found.map(({ label, value, node }) => [h("dt", {}, theirs(label, 40)),
  h("dd", {}, bandMark(band(node)), h("span", { class: "num" }, theirs(value)))])) : null);

/** Why there is nothing, or what goes on. @param {any} job @param {any} head */
function said(job, head) {
  const error = job.response?.error;
  if (error) {
    return h("div", { class: "said bad-bg" }, h("h3", {}, errorName(error.code)),
      h("p", { class: "small wrap" }, theirs(error.message, 600)));
  }
  if (head.status === "running" && head.progress) return h("p", { class: "said" }, progressText(head.progress));
  return job.response ? null : h("p", { class: "said second" }, t(`peek.${head.status}`));
}

/** The places of a value on a page. @param {Value} value @param {any} page */
const spots = ({ node }, page) => (node && node.page === page.page && node.document === page.document
  ? node.boxes.map((/** @type {number[]} */ [x0, y0, x1, y1]) => h("i", {
    class: `spot ${band(node)}`,
    style: { left: `${100 * x0}%`, top: `${100 * y0}%`, width: `${100 * (x1 - x0)}%`, height: `${100 * (y1 - y0)}%` },
  })) : []);
