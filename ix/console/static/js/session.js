// @ts-check
// The end of the session is told two minutes before it comes, and one key puts it off (WCAG 2.2.1).
import { get } from "./api.js";
import { ask } from "./asking.js";
import { $ } from "./dom.js";
import { clock, t } from "./i18n.js";
import { toast } from "./toasts.js";

const WARN_MS = 120_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Watches over the session of somebody. @param {{ends_at: string | null}} me */
export function watch({ ends_at: endsAt }) {
  if (!endsAt) return;
  const left = new Date(endsAt).getTime() - Date.now() - WARN_MS;
  setTimeout(() => void look(), Math.max(1_000, Math.min(left, LONGEST_TIMER_MS)));
}

/** Asks when the session ends now: whatever was done since has put its end off. */
async function look() {
  // not asked for by a person, so that it does not put the end off itself
  const me = await get("/console/session").catch(() => null);
  if (!me?.ends_at) return;
  const isSoon = new Date(me.ends_at).getTime() - Date.now() < WARN_MS + 1_000;
  if (!isSoon || $("dialog[open]")) return void watch(me);
  const stays = await ask({
    title: t("session.title"), text: t("session.text", { at: clock.format(new Date(me.ends_at)) }),
    act: t("session.stay"),
  });
  if (!stays) return;
  // any call of a person's puts it off
  await get("/use-cases").catch(() => null);
  toast(t("session.stays"));
  watch(await get("/console/session"));
}
