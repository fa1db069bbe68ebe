// @ts-check
// Try it: drop documents, say what they are, watch them being read, see where each value stands.
import { ApiError, Loads } from "../api.js";
import { $, h, icon, ready, store } from "../dom.js";
import { t } from "../i18n.js";
import { bind, caps, shortcut } from "../keys.js";
import { empty, failed, may, shell, toast } from "../shell.js";
import { Choice } from "./choice.js";
import { Drop } from "./drop.js";
import { curlOf, pythonOf } from "./programs.js";
import { Run, submit } from "./run.js";
import { Saved } from "./saved.js";

const { main, me } = await shell(t("try.title"));
const drop = new Drop(() => changed());
const choice = new Choice(() => changed());
const client = me.client_id ?? store.get("try.client", "console");
const saved = new Saved(choice, { client, maySave: may(me, "submit"), changed: () => changed() });
const loads = new Loads();
const out = h("section", { class: "try-out", "aria-label": t("try.answer") });
const send = h("button", { class: "b primary", type: "submit", "aria-keyshortcuts": shortcut("try", "send") },
  icon("play", "s"), t("try.send"), caps("try", "send"));
const said = h("div", { class: "try-said", role: "alert" });
/** @type {Run[]} */
let runs = [];

main.append(h("div", { class: "try" },
  h("form", { class: "try-form", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); start(); } },
    h("h1", {}, t("try.title")), drop.node, choice.node, saved.node, secrets(), said,
    programs(), h("div", { class: "try-send" }, send)),
  out));
bind("try", { drop: () => drop.choose(), send: () => start() });
addEventListener("paste", event => { if (event.clipboardData?.files.length) drop.add(event.clipboardData.files); });
addEventListener("offline", () => changed());
addEventListener("online", () => changed());
idle();
await Promise.all([choice.load(), saved.load()]);
changed();
ready();

/** What few documents need. */
function secrets() {
  return h("details", { class: "try-more" }, h("summary", { class: "second" }, t("try.more")),
    h("div", { class: "row" }, h("label", { for: "try-pages" }, t("try.pages")),
      h("input", { class: "in", id: "try-pages", placeholder: "1-3, -1", autocomplete: "off" })),
    h("div", { class: "row" }, h("label", { for: "try-password" }, t("try.password")),
      h("input", { class: "in", id: "try-password", type: "password", autocomplete: "off" })));
}

/** The same as lines to paste into a shell, or into Python. */
function programs() {
  return h("details", { class: "try-more" }, h("summary", { class: "second" }, t("try.same")),
    h("pre", { class: "code", id: "try-curl", tabindex: 0, "aria-label": "curl" }),
    h("pre", { class: "code", id: "try-python", tabindex: 0, "aria-label": "Python" }));
}

/** What was chosen is another now. */
function changed() {
  const names = drop.files.map(file => file.name);
  const asked = { use: choice.name, names, ...saved.asked, open: me.open };
  $("#try-curl").textContent = curlOf(asked);
  $("#try-python").textContent = pythonOf(asked);
  send.disabled = !may(me, "submit") || !navigator.onLine;
  said.replaceChildren();
}

function idle() {
  out.replaceChildren(empty({ icon: "thread", title: t("try.idle"), text: h("p", {}, t("try.idle_text")) }));
}

/** Sends each file as a job of its own, and shows the first. */
async function start() {
  if (send.disabled) return;
  if (!drop.files.length) {
    toast(t("try.nothing"));
    drop.choose();
    return;
  }
  if (!choice.isValid()) return;
  send.disabled = true;
  said.replaceChildren();
  for (const run of runs) run.end();
  try {
    // while it travels, what shows the answer is loaded
    const [answers, ...begun] = await Promise.all([answering(), ...drop.files.map(file => sent(file))]);
    runs = begun;
    show(new answers.Answer(me, loads));
  } catch (error) {
    refused(error);
  } finally {
    send.disabled = false;
  }
}

/** @param {File} file */
async function sent(file) {
  const asked = {
    file, use: choice.name, ...saved.asked, client,
    pages: $("#try-pages").value.trim(), password: $("#try-password").value,
  };
  return new Run(file, await submit(asked));
}

/** Says why a submission was refused: at the fields that the service names. @param {any} error */
function refused(error) {
  const lines = error instanceof ApiError && error.errors.length
    ? error.errors.map(one => `${one.field}: ${one.message}`) : [];
  said.replaceChildren(lines.length
    ? h("div", { class: "bad small" }, h("b", {}, t("try.refused")), lines.map(line => h("p", { class: "wrap" }, line)))
    : failed(error, { title: t("try.refused"), again: () => start(), asked: true }));
}

async function answering() {
  return await import("./answer.js");
}

/** The answers: of several files a list of them beside the one that is looked at.
 * @param {import("./answer.js").Answer} answer */
function show(answer) {
  const list = runs.length > 1 ? listOf(answer) : null;
  out.replaceChildren(...[list, answer.node].filter(Boolean));
  answer.show(runs[0]);
  out.scrollIntoView({ block: "nearest" });
}

/** @param {import("./answer.js").Answer} answer */
function listOf(answer) {
  const items = runs.map(run => h("button", { class: "b sm", type: "button", onclick: () => pick(run) }, run.mark,
    h("bdi", { class: "clip" }, run.file.name)));
  const pick = (/** @type {Run} */ run) => {
    items.forEach((item, at) => item.setAttribute("aria-pressed", String(runs[at] === run)));
    answer.show(run);
  };
  items[0].setAttribute("aria-pressed", "true");
  return h("div", { class: "try-list", role: "group", "aria-label": t("try.files", { n: runs.length }) }, items);
}
