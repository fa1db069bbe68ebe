// @ts-check
// Use cases that are paused: engines leave their jobs alone until somebody lets them go on.
import { get, send } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { may, reason, toast } from "../shell.js";

/** The use cases of the service. @returns {Promise<any[]>} */
export const useCases = async () => (await get("/use-cases")).use_cases;

/** Pauses a use case, or lets it go on. @param {string} name @param {boolean} to */
export async function pause(name, to) {
  try {
    await send(to ? "PUT" : "DELETE", `/use-cases/${encodeURIComponent(name)}/pause`);
    toast(t(to ? "pause.done" : "pause.over", { name }));
    return true;
  } catch (error) {
    toast(reason(error));
    return false;
  }
}

/** A bar for each use case that is paused. @param {Element} node @param {any[]} all @param {any} me */
export function showPaused(node, all, me) {
  fill(node, all.filter(one => one.paused).map(({ name }) => h("div", { class: "note" }, icon("pause"),
    h("p", { class: "grow" }, t("pause.is", { name })),
    may(me, "administer") && h("button", { class: "b sm", type: "button", onclick: async () => {
      if (await pause(name, false)) showPaused(node, await useCases(), me);
    } }, icon("play", "s"), t("pause.resume")))));
}
