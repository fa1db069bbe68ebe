// @ts-check
// The system: is it well, what may it use, who may do what, and what was done.
import { $, h, ready } from "../dom.js";
import { t } from "../i18n.js";
import { bind } from "../keys.js";
import { may, shell } from "../shell.js";
import { AuditLog } from "./audit.js";
import { caps, card, engines, keys, limits, mine, parts, retention, settings, uses } from "./sections.js";

const { main, me } = await shell(t("nav.system"));
const isAdmin = may(me, "administer");
const cases = card("uses", () => uses(me, () => void cases.load()));
const audit = isAdmin ? new AuditLog() : null;
const cards = [
  card("health", parts), card("me", () => mine(me)), ...(isAdmin ? [card("engines", engines)] : []), cases,
  ...(isAdmin ? [card("limits", limits), card("caps", caps), card("retention", retention)] : []),
  ...(isAdmin ? [card("keys", keys), card("settings", settings)] : []),
];
main.append(h("div", { class: "page system" }, h("h1", {}, t("nav.system")), cards, audit?.node ?? ""));

const load = () => Promise.all([...cards.map(one => one.load()), audit?.load()]);
bind("system", { again: () => void load() });
await load();
if (location.hash) $(location.hash)?.scrollIntoView();
ready();
