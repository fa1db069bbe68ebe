// @ts-check
// The way in: with a key, which is sent once and kept nowhere, or at the provider that the service names.
import { ApiError, get, send } from "../api.js";
import { $, at, fill, h, icon, place, ready } from "../dom.js";
import { t } from "../i18n.js";
import { reason } from "../states.js";

document.title = `${t("signin")} · ix`;
const asked = new URLSearchParams(location.search);
const target = inside(asked.get("to") ?? "");
const wrong = h("p", { class: "bad wrap", id: "wrong", role: "alert" });
const key = h("input", {
  class: "in mono", id: "key", name: "key", type: "password", required: true, autocomplete: "current-password",
  maxlength: 200, spellcheck: "false", "aria-describedby": "wrong hint", autofocus: true,
});
const button = h("button", { class: "b primary" }, t("signin"));
const provider = h("p", { hidden: true });
const form = h("form", { class: "card", onsubmit: submit }, h("h1", {}, t("signin.title")),
  h("p", { class: "row" }, h("label", { for: "key" }, t("signin.key")), key),
  h("p", { class: "small quiet", id: "hint" }, t("signin.hint")), wrong, button, provider);
fill($("#main"), h("div", { class: "gate" }, form));
await begin();
key.focus();
ready();

/** Where to go afterwards: an address of the console only, never one of another site. @param {string} to */
function inside(to) {
  const found = URL.canParse(place.root + to, location.origin) ? new URL(place.root + to, location.origin) : null;
  const isInside = found?.origin === location.origin && found.pathname.startsWith(`${place.root}/console/`);
  return isInside && found && !found.pathname.endsWith("/sign-in") ? found.href
    : new URL(at("jobs"), location.origin).href;
}

/** Goes on where somebody is signed in already, or nobody needs to be; else offers the ways in that there are. */
async function begin() {
  const failure = asked.get("error");
  const known = ["oidc_refused", "oidc_no_role"].find(one => one === failure) ?? "oidc_failed";
  if (failure) wrong.textContent = t(`signin.${known}`);
  try {
    await get("/console/session");
    location.replace(target);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) wrong.textContent = reason(error);
    else if (error.problem.oidc) offer();
  }
}

function offer() {
  const to = new URL(target).pathname.slice(place.root.length) + new URL(target).search;
  fill(provider, h("a", { class: "b", href: at("oidc/login", { to }) }, icon("person", "s"), t("signin.oidc")));
  provider.hidden = false;
}

/** @param {SubmitEvent} event */
async function submit(event) {
  event.preventDefault();
  button.disabled = true;
  wrong.textContent = "";
  try {
    await send("POST", "/console/session", { key: key.value.trim() });
    location.replace(target);
  } catch (error) {
    wrong.textContent = said(error);
    key.setAttribute("aria-invalid", "true");
    key.select();
    key.focus();
  } finally {
    button.disabled = false;
  }
}

/** @param {any} error */
function said(error) {
  if (error.status === 401 || error.status === 422) return t("signin.wrong");
  if (error.status === 429) return t("signin.often", { n: Math.max(1, error.retryAfter) });
  return reason(error);
}
