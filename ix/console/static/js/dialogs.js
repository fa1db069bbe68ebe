// @ts-check
// What is asked before something is done that cannot be undone, and the help: loaded when the first of them is wanted.
import { $, h, put, store } from "./dom.js";
import { t } from "./i18n.js";
import { boundRows, keyCaps } from "./keys.js";

/**
 * Asks before something is done. With `type` the answer counts once that was typed. Resolves to whether it is to be
 * done, with the fields of the dialog's form.
 * @param {object} what
 * @param {string} what.title names what is done, and to how many
 * @param {import("./dom.js").Kid} what.text the consequence
 * @param {string} what.act the button
 * @param {boolean} [what.danger]
 * @param {string} [what.type]
 * @param {import("./dom.js").Kid} [what.fields] further inputs
 * @returns {Promise<FormData | null>}
 */
export function ask({ title, text, act, danger = false, type = "", fields = null }) {
  const yes = h("button", { class: `b ${danger ? "danger" : "primary"}`, value: "yes", disabled: Boolean(type) }, act);
  const typed = type && h("p", { class: "row" },
    h("label", { for: "ask-typed" }, t("ask.type", { type })),
    h("input", {
      class: "in", id: "ask-typed", name: "typed", autocomplete: "off",
      oninput: (/** @type {any} */ event) => { yes.disabled = event.target.value.trim() !== type; },
    }));
  const cancel = h("button", { class: "b", value: "", formnovalidate: true, autofocus: !type }, t("ask.no"));
  const form = h("form", { method: "dialog" },
    h("h1", { id: "ask-title" }, title), h("div", { class: "second" }, text), fields, typed,
    h("p", { class: "acts" }, cancel, yes));
  const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask-title" }, form);
  return new Promise(done => {
    show(dialog, () => done(dialog.returnValue === "yes" ? new FormData(form) : null));
  });
}

/** Shows a dialog, which is gone once it is closed; the focus goes back to where it was. */
function show(/** @type {any} */ dialog, /** @type {() => void} */ closed = () => {}) {
  dialog.addEventListener("close", () => { dialog.remove(); closed(); });
  document.body.append(dialog);
  dialog.showModal();
}

/** Every key that works here, and the switch that turns bare letters off. */
export function help() {
  if ($("dialog[open]")) return;
  const letters = h("input", {
    type: "checkbox", checked: store.get("letters", true),
    onchange: (/** @type {any} */ event) => store.set("letters", event.target.checked),
  });
  const dialog = h("dialog", { "aria-labelledby": "help-title" },
    h("h1", { id: "help-title" }, t("help.title")),
    h("div", { class: "cols" }, boundRows().map(([view, rows]) => group(view, rows))),
    h("div", { class: "acts" }, h("label", {}, letters, " ", t("help.letters")), h("span", { class: "grow" }),
      h("button", { class: "b primary", autofocus: true, onclick: () => dialog.close() }, t("close"))));
  show(dialog);
}

/** @param {string} view @param {import("./keys.js").Row[]} rows */
const group = (view, rows) => h("section", {}, h("h2", {}, t(`keys.${view}`)),
  h("dl", {}, rows.map(({ keys, does }) => [
    put(h("dt"), ...keys.flatMap((one, at) => [at ? " / " : null, ...keyCaps(one)])),
    h("dd", {}, t(`keys.${view}.${does}`)),
  ])));
