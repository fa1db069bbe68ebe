// @ts-check
// Exports: what leaves the house, in which form, with a look at it first; and where to set the bar.
import { ApiError, get, isAborted, Loads } from "../api.js";
import { at, fill, h, icon, ready } from "../dom.js";
import { t } from "../i18n.js";
import { bind } from "../keys.js";
import { bones, copyText, empty, failed, loading, may, shell } from "../shell.js";
import { subscribe } from "../stream.js";
import { askedOf, curlOf, fileOf, hrefOf, isNarrow, queryOf } from "./asked.js";
import { Curve } from "./curve.js";
import { Form } from "./form.js";
import { showRows, sizeText } from "./preview.js";

const { main, me } = await shell(t("nav.exports"));
let asked = askedOf(), isLost = false, hasRows = false;
const looks = new Loads(), measures = new Loads();

const form = new Form(me, asked, change);
const preview = h("section", { class: "card" });
const command = h("pre", { class: "code", tabindex: 0, "aria-label": t("exports.same") });
const same = h("section", { class: "card" },
  h("div", { class: "headed" }, h("h2", {}, t("exports.same")), h("button", {
    class: "b sm", type: "button", onclick: () => copyText(command.textContent),
  }, icon("copy", "s"), t("copy"))), command);
const bar = h("section", { class: "card", hidden: true });
const curve = new Curve(bar);
main.append(h("div", { class: "page" }, h("h1", {}, t("nav.exports")),
  h("div", { class: "exports" }, form.node, h("div", { class: "looks" }, preview, same, bar))));

/** Something else is asked for. @param {import("./asked.js").Asked} now */
function change(now) {
  const isOther = now.use_case !== asked.use_case;
  asked = now;
  history.pushState(null, "", hrefOf(asked));
  void look();
  if (isOther) void measure();
}

/** Shows the first rows, and how much there is. */
async function look() {
  hasRows = false;
  offer();
  fill(form.size, "");
  fill(command, curlOf(asked, me.open));
  const came = loading(preview, () => [h("h2", {}, t("exports.preview")), bones(6)]);
  try {
    const found = await looks.run(signal => get("/exports/preview", { query: queryOf(asked), signal }));
    hasRows = found.of > 0;
    if (hasRows) showRows(preview, found);
    else fill(preview, h("h2", {}, t("exports.preview")), nothing());
    fill(form.size, hasRows ? sizeText(found) : "");
  } catch (error) {
    if (isAborted(error)) return;
    fill(preview, h("h2", {}, t("exports.preview")), failed(error, { title: t("exports.failed"), again: look }));
  } finally {
    came();
  }
  offer();
}

/** Why there is nothing, and what to do. */
function nothing() {
  if (!isNarrow(asked)) {
    return empty({ title: t(asked.what === "labelled" ? "exports.none.labelled" : "exports.none.at_all"), icon: "file",
      text: h("p", {}, t("exports.none.at_all.text")),
      acts: asked.what === "labelled" && may(me, "review")
        ? h("a", { class: "b", href: at("review") }, t("nav.review")) : null });
  }
  const all = hrefOf({ ...asked, use_case: "", client_id: "", review: "", from: "", to: "" });
  return empty({ title: t("exports.none"), text: h("p", {}, t("exports.none.text")),
    acts: h("a", { class: "b", href: all }, t("exports.none.all")) });
}

const offer = () => form.offerFile(hasRows && !isLost ? fileOf(asked) : null);

/** Draws the curve of the bar; who may not see it, and a service that has none, does without. */
async function measure() {
  if (!may(me, "review")) return;
  if (!asked.use_case) {
    bar.hidden = false;
    fill(bar, h("h2", {}, t("curve.title")), empty({ title: t("curve.choose"), icon: "thread",
      text: h("p", {}, t("curve.choose.text")) }));
    return;
  }
  try {
    const found = await measures.run(signal => get("/reviews/bar", {
      query: { use_case: asked.use_case }, signal, quiet: true,
    }));
    bar.hidden = false;
    curve.show(found);
  } catch (error) {
    if (isAborted(error)) return;
    bar.hidden = error instanceof ApiError && [403, 404].includes(error.status);
    if (bar.hidden) return;
    fill(bar, h("h2", {}, t("curve.title")), failed(error, { title: t("curve.failed"), again: measure }));
  }
}

bind("exports", { download: () => form.link.click() });
addEventListener("popstate", () => {
  asked = askedOf();
  form.paint(asked);
  void look();
  void measure();
});
subscribe({
  state({ state }) {
    isLost = state === "lost";
    offer();
  },
});

const [, names] = await Promise.all([look(), get("/use-cases").catch(() => ({ use_cases: [] })), measure()]);
form.offer(names.use_cases.map((/** @type {any} */ one) => one.name));
ready();
