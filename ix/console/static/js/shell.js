// @ts-check
// What every view has: the top bar, light and dark, the language, who is signed in, the state of the stream, help.
import { send, whoami } from "./api.js";
import { help } from "./asking.js";
import { $, at, fill, h, icon, place, ready, store, theirs } from "./dom.js";
import { capped, clock, lang, LANGUAGES, t } from "./i18n.js";
import { bind, shortcut } from "./keys.js";
import { failed, reason } from "./states.js";
import { watch } from "./session.js";
import { subscribe, tryNow } from "./stream.js";
import { announce, toast } from "./toasts.js";

export { ask, help } from "./asking.js";
export { bones, copyText, empty, failed, loading, reason } from "./states.js";
export { announce, toast } from "./toasts.js";

const NAV = [["jobs", "view"], ["review", "review"], ["try", "submit"], ["exports", "export"]];
/** The item of the bar under which a view stands. */
const UNDER = { job: "jobs" };
const LOST_MS = 1_500;

/**
 * Builds the bar around `<main>`, and resolves once it is known who is signed in.
 * @param {string} title of the view, for the tab
 * @returns {Promise<{main: HTMLElement, me: any}>} `me.may` holds the rights
 */
export async function shell(title) {
  document.title = `${title} · ix`;
  const main = $("#main"), bar = header();
  main.before(h("a", { class: "skip", href: "#main" }, t("skip")), bar);
  bind("everywhere", goes());
  const me = await known(main);
  for (const [view, right] of NAV) if (!may(me, right)) $(`[data-view="${view}"]`, bar)?.remove();
  fill($("#person", bar), ...person(me));
  follow(bar);
  watch(me);
  return { main, me };
}

/** Who is signed in. Where that cannot be found out, the view ends here, and says so. @param {HTMLElement} main */
async function known(main) {
  try {
    return await whoami();
  } catch (error) {
    // where nobody is signed in, the browser is on its way to the sign-in
    if (/** @type {any} */ (error).status !== 401) {
      fill(main, h("h1", { class: "sr" }, document.title),
        failed(error, { title: t("failed.start"), again: () => location.reload() }));
      ready();
    }
    return new Promise(() => {});
  }
}

/**
 * Whether somebody may do something: a button for what one may not is not to be there.
 * @param {any} me @param {string} right
 */
export const may = (me, right) => me.may.includes(right);

/** Names the view anew, where its title is known later than its bar. @param {string} title */
export const rename = title => { document.title = `${title} · ix`; };

function goes() {
  const go = Object.fromEntries([...NAV.map(([view]) => view), "system"]
    .map(view => [view, () => location.assign(at(view))]));
  return { ...go, find: () => focusFind(), help: () => help() };
}

function focusFind() {
  const input = [...document.querySelectorAll("[data-find]")].find(one => one.checkVisibility());
  /** @type {any} */ (input)?.focus();
}

function header() {
  return h("header", { class: "top" },
    h("a", { class: "brand", href: at("jobs"), "aria-label": "ix" }, mark(), h("b", {}, "ix")),
    h("nav", { class: "nav", "aria-label": t("nav") }, NAV.map(([view]) => item(view))),
    h("div", { class: "grow" }),
    finder("top"),
    h("span", { class: "live" }, h("i"), h("span", {}, t("live.connecting"))),
    h("button", {
      class: "b plain icon wide", type: "button", "aria-label": t("help.title"), title: `${t("help.title")} (?)`,
      "aria-keyshortcuts": shortcut("everywhere", "help"), onclick: () => help(),
    }, icon("help")),
    h("button", {
      class: "b plain icon", type: "button", "aria-label": t("theme"), title: t("theme"), onclick: flip,
    }, icon("sun")),
    h("div", { class: "menu" },
      h("button", { class: "b plain icon", type: "button", popovertarget: "person", "aria-label": t("person"),
        title: t("person") }, icon("person")),
      h("div", { id: "person", popover: "auto" })));
}

/** @param {string} view */
const item = view => h("a", {
  href: at(view), "data-view": view, "aria-current": (UNDER[place.view] ?? place.view) === view ? "page" : null,
}, t(`nav.${view}`), view === "review" ? h("span", { class: "count", hidden: true }) : null);

/** The search for jobs, from anywhere. @param {string} name of its place: there is one for narrow screens, too */
export const finder = name => h("form", { class: "find", role: "search", action: at("jobs"), "aria-label": t("find") },
  icon("find"),
  h("input", {
    type: "search", name: "q", id: `find-${name}`, "data-find": true, "aria-label": t("find"), placeholder: t("find"),
    maxlength: 200, autocomplete: "off", "aria-keyshortcuts": shortcut("everywhere", "find"),
  }), h("kbd", { class: "keyed", "aria-hidden": "true" }, "/"));

const mark = () => h("svg", { viewBox: "0 0 22 22", "aria-hidden": "true" },
  h("rect", {
    x: 3, y: 1.5, width: 16, height: 19, rx: 2.5, fill: "none", stroke: "currentColor", "stroke-width": 1.8,
  }),
  h("rect", { x: 6, y: 6, width: 7, height: 3.6, rx: 0.8, fill: "var(--accent)" }),
  h("path", { d: "M6 13h10M6 16.4h6", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round" }));

function flip() {
  const shown = document.documentElement.dataset.theme
    ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const theme = shown === "dark" ? "light" : "dark";
  store.set("theme", theme);
  document.documentElement.dataset.theme = theme;
}

/** What the menu of the person holds. @param {any} me */
function* person(me) {
  yield h("p", { class: "small second" }, me.open ? t("person.open") : theirs(me.name || me.key_id),
    me.client_id ? [" · ", theirs(me.client_id)] : null);
  yield h("a", { class: "b plain", href: at("system") }, icon("lines", "s"), t("nav.system"));
  yield h("button", { class: "b plain", type: "button", onclick: () => help() }, icon("help", "s"), t("help.title"));
  for (const [code, name] of Object.entries(LANGUAGES)) if (code !== lang) yield language(code, name);
  if (!me.open) {
    yield h("button", { class: "b plain", type: "button", onclick: signOut }, icon("out", "s"), t("signout"));
  }
}

/** @param {string} code @param {string} name */
const language = (code, name) => h("button", {
  class: "b plain", type: "button", lang: code,
  onclick: () => { store.set("lang", code); location.reload(); },
}, icon("lines", "s"), name);

async function signOut() {
  try {
    await send("DELETE", "/console/session");
    location.assign(at("sign-in"));
  } catch (error) {
    toast(reason(error));
  }
}

/** Shows the state of the stream, and what there is to check. @param {HTMLElement} bar */
function follow(bar) {
  const live = $(".live", bar);
  const note = h("div", { class: "note", role: "region", "aria-label": t("live.lost"), hidden: true });
  bar.after(note);
  let timer = 0;
  subscribe({
    state(state) {
      clearInterval(timer);
      live.className = `live ${state.state === "live" ? "" : "off"}`;
      live.lastChild.textContent = t(`live.${state.state}`);
      if (state.state === "live") document.body.removeAttribute("data-offline");
      note.hidden = true;
      if (state.state === "lost") timer = window.setInterval(() => lost(note, state), 500);
    },
    event(name, data) {
      if (name === "counts") review(bar, data);
    },
  });
}

/** The bar of a lost connection: since when, and when it is tried again. */
function lost(/** @type {any} */ note, /** @type {import("./stream.js").State} */ { since, retryAt }) {
  if (Date.now() - since < LOST_MS) return;
  if (note.hidden) {
    document.body.dataset.offline = "true";
    announce(t("lost.title"));
    const text = t("lost.text", { at: clock.format(since) });
    fill(note, icon("warn"), h("p", {}, h("b", {}, t("lost.title")), ` ${text} `, h("span", { class: "num" })),
      h("span", { class: "grow" }),
      h("button", { class: "b sm", type: "button", onclick: tryNow }, t("lost.now")));
    note.hidden = false;
  }
  $(".num", note).textContent = t("lost.next", { n: Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) });
}

/** @param {HTMLElement} bar @param {any} counts */
function review(bar, counts) {
  const badge = $('[data-view="review"] .count', bar), n = counts.review?.needed ?? 0;
  if (!badge) return;
  badge.hidden = !n;
  fill(badge, capped(n, counts.cap), h("span", { class: "sr" }, ` ${t("nav.open")}`));
}
