// @ts-check
// The view of a job, with its keys and what the stream says.
import { get } from "../api.js";
import { at, ixId, ready } from "../dom.js";
import { t } from "../i18n.js";
import { bind } from "../keys.js";
import { copyText, may, shell } from "../shell.js";
import { subscribe } from "../stream.js";
import { hasEnded } from "./actions.js";
import { JobView } from "./view.js";

/** Seconds that the service holds an answer for a job that has not ended, where there is no stream. */
const HELD = 20;

const { main, me } = await shell(t("job.title"));
const view = new JobView(main, me, ixId());
const viewer = () => view.pages.viewer;

bind("job", {
  next: event => walk(event, 1),
  previous: event => walk(event, -1),
  pageOn: () => viewer()?.turn(1),
  pageBack: () => viewer()?.turn(-1),
  zoomIn: () => viewer()?.larger(),
  zoomOut: () => viewer()?.smaller(),
  fit: () => viewer()?.toggleFit(),
  boxes: () => viewer()?.toggleBoxes(),
  copy: () => copyValue(),
  review: () => view.job?.review && may(me, "review") && location.assign(at(`review/${view.id}`)),
});

/** Walks the fields. Arrows scroll where there is something else to scroll. @param {KeyboardEvent} event
 * @param {number} by */
function walk(event, by) {
  const isArrow = event.key.startsWith("Arrow"), target = /** @type {Element} */ (event.target);
  if (isArrow && (view.tabs.key !== "fields" || target.matches(".stage, .rail *, [popover] *"))) return false;
  return view.step(by);
}

function copyValue() {
  const field = view.model?.fields.get(view.linked.chosen ?? "");
  if (!field) return false;
  return copyText(typeof field.value === "object" ? JSON.stringify(field.value) : String(field.value));
}

let hasStream = true, isFollowed = false;
view.shown = () => followHeld();

await view.open();
ready();

let wasLive = false;
subscribe({
  event: (name, data) => view.heard(name, data),
  state({ state }) {
    // what happened before the stream began, or while it was gone
    if (state === "live" && !wasLive && view.job && !hasEnded(view.job)) view.load();
    wasLive = state === "live";
    hasStream = state !== "off";
    followHeld();
  },
});

/** Follows a job that has not ended by answers that are held, where there is no stream. */
async function followHeld() {
  if (hasStream || isFollowed) return;
  isFollowed = true;
  while (!hasStream && view.job && !hasEnded(view.job)) {
    const { status, attempts } = view.job;
    const now = await get(`/jobs/${view.id}`, { query: { wait: HELD } }).catch(() => null);
    if (!now) break;
    if (now.status !== status || now.attempts !== attempts) await view.load();
  }
  isFollowed = false;
}
