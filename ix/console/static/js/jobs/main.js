// @ts-check
// The jobs: live, filtered by the address, with a peek at the one that is looked at.
import { get, isAborted, Loads } from "../api.js";
import { $, at, fill, h, icon, ready } from "../dom.js";
import { capped, number, t } from "../i18n.js";
import { bind, caps, shortcut } from "../keys.js";
import { empty, failed, may, shell } from "../shell.js";
import { subscribe } from "../stream.js";
import { Actions } from "./actions.js";
import { Arrivals } from "./arrivals.js";
import { showBatch } from "./batch.js";
import { countsOf, FilterBar, filterOf, hrefOf, isNarrow, whereOf } from "./filters.js";
import { showPaused, useCases } from "./pauses.js";
import { Peek } from "./peek.js";
import { Pulse } from "./pulse.js";
import { JobTable } from "./table.js";

const PAGE = 100;
const BONES_MS = 150;
const COUNTS_MS = 5_000;
const CURL = `curl -F client_id=me -F request_id=r-1 -F use_case=receipt -F documents=@receipt.jpg \\
  ${location.origin}${at("").replace(/\/console\/$/, "")}/jobs`;

const { main, me } = await shell(t("nav.jobs"));
let filter = filterOf(), next = "", total = { n: 0, cap: 0 }, countedAt = 0, isWalked = false, isShowing = false;
let wasLost = false;
const lists = new Loads(), counting = new Loads();

const pulse = new Pulse(me);
const peek = new Peek(me, head => actions.act("retry", { heads: [head] }));
const table = new JobTable({
  look, open, chose: () => actions.paint(),
  // on a phone there is no room for a peek: the job itself, then
  tapped: id => (matchMedia("(max-width: 899px)").matches ? open(id) : table.look(id, false)),
});
const actions = new Actions(me, {
  chosen: () => table.shown.filter(one => table.chosen.has(one.ix_id)),
  all: () => ({ where: whereOf(filter), ...total }),
  shown: () => table.heads.size,
  none: () => table.chooseNone(),
  done: () => void load(),
});
const arrivals = new Arrivals(table, {
  filter: () => filter, next: () => next, changed: head => peek.changed(head), reload: () => void load(), isCalm,
  came: () => { fill(state); table.node.hidden = false; said(); },
});
const bar = new FilterBar(me, href => go(href));
const hold = h("button", {
  class: "b", type: "button", "aria-pressed": "false", "aria-keyshortcuts": shortcut("jobs", "hold"), onclick: flipHold,
}, icon("pause", "s"), t("jobs.hold"));
const paused = h("div"), batch = h("div", { role: "status" }), state = h("div");
const range = h("span", { class: "num", role: "status" });
const newer = h("button", { class: "b sm", type: "button", onclick: goNewer }, icon("back", "s"), t("jobs.newer"));
const older = h("button", { class: "b sm", type: "button", onclick: goOlder }, t("jobs.older"), icon("next", "s"));
const list = h("section", { class: "list", tabindex: 0, "aria-label": t("nav.jobs") },
  actions.bar, arrivals.node, table.node, state);

bar.node.append(h("span", { class: "grow" }), hold,
  may(me, "export") ? h("a", { class: "b", href: at("exports") }, icon("load", "s"), t("nav.exports")) : "");
main.append(h("h1", { class: "sr" }, t("nav.jobs")), pulse.node, paused, actions.note, bar.node, batch,
  h("div", { class: "split" }, list, peek.node),
  h("footer", { class: "foot" }, range, h("span", { class: "grow" }), newer, older));

/** Shows the list of another address. @param {string} href @param {string[]} [trail] cursors of the pages before */
function go(href, trail = []) {
  history.pushState({ trail }, "", href);
  filter = filterOf();
  table.chooseNone();
  void load();
}

function goOlder() {
  if (!next) return;
  const trail = [...(history.state?.trail ?? []), filter.before];
  go(withPage(next), trail);
}

function goNewer() {
  if (arrivals.button.checkVisibility()) return arrivals.release();
  if (!filter.before) return undefined;
  const trail = [...(history.state?.trail ?? [])];
  return go(withPage(trail.pop() ?? ""), trail);
}

/** @param {string} before */
const withPage = before => hrefOf(filter, { before });

/** Reads the page of the list. The counts come by themselves: the list never waits for them. */
async function load() {
  bar.paint(filter);
  arrivals.clear();
  void count();
  const bones = setTimeout(showBones, table.heads.size ? 2_000 : BONES_MS);
  list.setAttribute("aria-busy", "true");
  try {
    await lists.run(async signal => show(await get("/jobs", {
      query: { ...whereOf(filter), before: filter.before, limit: PAGE }, signal,
    })));
  } catch (error) {
    if (isAborted(error)) return;
    table.node.hidden = true;
    peek.clear();
    fill(state, failed(error, { title: t("jobs.failed"), again: () => void load() }));
  } finally {
    clearTimeout(bones);
    list.removeAttribute("aria-busy");
  }
}

/** @param {{jobs: any[], next: string | null}} page */
function show({ jobs, next: more }) {
  next = more ? jobs[jobs.length - 1].ix_id : "";
  fill(state, jobs.length ? null : nothing());
  table.node.hidden = !jobs.length;
  const asked = new URLSearchParams(location.search).get("row");
  isWalked = Boolean(asked);
  isShowing = true;
  table.show(jobs, asked ?? "");
  // something to look at from the beginning, which is no walk
  if (!table.current && jobs.length) table.look(jobs[0].ix_id, false);
  isShowing = false;
  if (!jobs.length) peek.clear();
  newer.hidden = !filter.before;
  older.hidden = !next;
  said();
}

/** Why the list is empty, and what to do. */
function nothing() {
  if (isNarrow(filter)) {
    return empty({ title: t("jobs.none"), text: h("p", {}, t("jobs.none.text")),
      acts: h("a", { class: "b", href: at("jobs") }, t("jobs.none.all")) });
  }
  return empty({ title: t("jobs.empty"), icon: "file", text: [h("p", {}, t("jobs.empty.text")),
    h("pre", { tabindex: 0 }, CURL)], acts: may(me, "submit")
    ? h("a", { class: "b primary", href: at("try") }, t("nav.try")) : null });
}

function showBones() {
  table.node.hidden = true;
  const widths = [16, 60, 190, 52, 220, 84, 32, 48];
  fill(state, h("p", { class: "sr" }, t("loading")), h("div", { class: "bones", "aria-hidden": "true" },
    Array.from({ length: 12 }, (_, row) => h("p", {}, widths.map(width => h("span", {
      class: "bone", style: { width: `${width > 100 ? width - row * 37 % 90 : width}px` },
    }))))));
}

/** Counts what the filter matches, by status. */
async function count() {
  countedAt = performance.now();
  void showBatch(batch, filter, me);
  try {
    await counting.run(async signal => counted(await get("/jobs/counts", {
      query: countsOf(filter), signal, quiet: true,
    })));
  } catch {
    // the chips stay as they are: a list can be read without counts
  }
}

/** @param {any} counts */
function counted(counts) {
  bar.count(counts);
  const kinds = filter.status.length ? filter.status : Object.keys(counts.status);
  const n = kinds.reduce((sum, one) => sum + (counts.status[one] ?? 0), 0);
  total = { n: Math.min(n, counts.cap), cap: counts.cap };
  actions.paint();
  said();
}

/** How many of how many are shown. */
function said() {
  const shown = table.heads.size;
  const all = total.n > shown ? t("jobs.of", { n: shown, of: capped(total.n, total.cap) }) : number.format(shown);
  fill(range, shown ? `${all} · ${t("jobs.order")}` : "");
}

/** @param {any} head */
function look(head) {
  peek.show(head);
  if (isShowing) return;
  isWalked = true;
  const address = new URL(location.href);
  address.searchParams.set("row", head.ix_id);
  history.replaceState(history.state, "", address);
}

/** @param {string} id */
function open(id) {
  location.assign(at(`jobs/${id}`));
}

/** Whether rows may move: nobody is in the middle of anything. */
function isCalm() {
  const isAtTop = list.scrollTop < 8 && scrollY < 8;
  return isAtTop && !isWalked && !table.chosen.size && !table.body.matches(":hover");
}

function flipHold() {
  arrivals.isHeld = !arrivals.isHeld;
  hold.setAttribute("aria-pressed", String(arrivals.isHeld));
  $(".live").classList.toggle("off", arrivals.isHeld);
  $(".live span").textContent = t(arrivals.isHeld ? "live.held" : "live.live");
}

/** The jobs that a key is about: those that are chosen, else the one that is looked at. */
const meant = () => (table.chosen.size ? table.shown.filter(one => table.chosen.has(one.ix_id))
  : [table.heads.get(table.current)].filter(Boolean));

/** @param {import("./actions.js").Kind} kind */
function act(kind) {
  const heads = meant();
  if (actions.isAll) return void actions.act(kind, { where: whereOf(filter), ...total });
  return heads.length ? void actions.act(kind, { heads }) : false;
}

bind("jobs", {
  next: () => table.walk(1),
  previous: () => table.walk(-1),
  open: () => (table.current ? open(table.current) : false),
  choose: () => table.choose(table.current),
  range: () => table.range(table.current),
  retry: () => act("retry"),
  cancel: () => act("cancel"),
  hold: flipHold,
  older: goOlder,
  newer: goNewer,
});
newer.append(" ", caps("jobs", "newer"));
older.append(" ", caps("jobs", "older"));

addEventListener("popstate", () => { filter = filterOf(); void load(); });
subscribe({
  event(name, data) {
    if (name !== "counts") return arrivals.heard(name, data);
    pulse.count(data);
    if (!isNarrow({ ...filter, status: [], before: "" })) counted(data);
    else if (!document.hidden && performance.now() - countedAt > COUNTS_MS) void count();
    return undefined;
  },
  state({ state: now }) {
    // what was missed comes with the stream; what began meanwhile is found by reading the list anew
    if (now === "live" && wasLost && isCalm()) void load();
    wasLost = now === "lost";
    for (const one of document.querySelectorAll("[data-act]")) /** @type {any} */ (one).disabled = now === "lost";
  },
});

pulse.start();
await load();
ready();
// they are for a choice only: whoever may not see them can do without
const offered = await useCases().catch(() => []);
bar.offer(offered.map(one => one.name));
showPaused(paused, offered, me);
