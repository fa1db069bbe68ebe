// @ts-check
// How a panel looks while it loads, when it has nothing, and when it failed: three different things.
import { fill, h, icon } from "./dom.js";
import { ApiError } from "./api.js";
import { t } from "./i18n.js";
import { toast } from "./toasts.js";

const BONES_MS = 150;
/** How long a service that was away may take to come back before it is asked again, and how far tabs spread. */
const AGAIN_MS = 5_000, SPREAD_MS = 2_000;
/** The service, or what is before it, is away; it is not the call that is wrong. */
const PASSING = new Set([0, 502, 503, 504]);
/** A failure that is told again within this is no news. */
const NEWS_MS = 30_000;

let toldAt = -Infinity;

/**
 * Shows that something loads, once it has taken long enough to be noticed.
 * @param {Element} node its place
 * @param {() => import("./dom.js").Kid} [make] bones in the shape of what comes
 * @returns {() => void} what came, or did not
 */
export function loading(node, make = () => bones(4)) {
  node.setAttribute("aria-busy", "true");
  const timer = setTimeout(() => fill(node, make()), BONES_MS);
  return () => {
    clearTimeout(timer);
    node.removeAttribute("aria-busy");
  };
}

/** Lines of what is not there yet. @param {number} n */
export const bones = n => h("div", { class: "empty" }, h("span", { class: "sr" }, t("loading")),
  Array.from({ length: n }, (_, at) => h("span", { class: "bone", style: { width: `${220 - at * 34 % 120}px` } })));

/**
 * Nothing is there: why, and what to do.
 * @param {object} what
 * @param {string} what.title
 * @param {string} [what.icon]
 * @param {import("./dom.js").Kid} [what.text]
 * @param {import("./dom.js").Kid} [what.acts] buttons and links
 */
export const empty = ({ title, icon: drawing = "find", text = null, acts = null }) => h("div", { class: "empty" },
  icon(drawing), h("p", {}, h("b", {}, title)), text && h("div", { class: "stack" }, text),
  acts && h("p", { class: "flow" }, acts));

/**
 * It failed: what happened, what still works, and what to do. Where the service is only away for a while, that is done
 * without anybody.
 * @param {any} error
 * @param {object} what
 * @param {string} what.title what cannot be done or seen
 * @param {() => void} [what.again]
 * @param {boolean} [what.asked] it changes something, and is done again only where somebody says so
 */
export function failed(error, { title, again, asked = false }) {
  const id = error instanceof ApiError ? error.requestId : "";
  const copy = h("button", { class: "b", type: "button", onclick: () => copyText(problemText(error)) },
    icon("copy", "s"), t("failed.copy"));
  const isNews = performance.now() - toldAt > NEWS_MS;
  toldAt = performance.now();
  const panel = h("div", { class: "empty", role: isNews ? "alert" : null }, icon("bad", "bad"),
    h("p", {}, h("b", {}, title)),
    h("p", { class: "wrap" }, reason(error)), h("p", { class: "small" }, t("failed.kept")),
    h("p", { class: "flow" }, again && h("button", { class: "b primary", type: "button", onclick: again }, t("again")),
      copy),
    id && h("p", { class: "small mono" }, `x-request-id ${id}`));
  if (again && !asked && error instanceof ApiError && PASSING.has(error.status)) soon(panel, again);
  return panel;
}

/** Does it again in a while, unless the panel is gone by then; while nobody looks, it waits. */
function soon(/** @type {Element} */ panel, /** @type {() => void} */ again) {
  setTimeout(() => {
    if (!panel.isConnected) return undefined;
    return document.hidden ? soon(panel, again) : again();
  }, AGAIN_MS + Math.random() * SPREAD_MS);
}

/** Why a call failed, in the reader's language where the status says it all. @param {any} error */
export function reason(error) {
  if (!(error instanceof ApiError)) return String(error?.message ?? error);
  if (error.status === 0) return t("failed.none");
  if (error.status === 403) return `${t("failed.403")} (${error.message})`;
  if (error.status === 503) return `${t("failed.503")} (${error.message})`;
  return `${error.message} (${error.status})`;
}

/** @param {any} error */
const problemText = error => JSON.stringify({
  at: new Date().toISOString(), page: location.href, status: error?.status, problem: error?.problem ?? String(error),
  request_id: error?.requestId,
}, null, 2);

/** Puts text on the clipboard and says so. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  } catch {
    // over plain http to another machine, browsers give no clipboard
    toast(t("copied.not"));
  }
}
