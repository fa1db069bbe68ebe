// @ts-check
// What can be done with a job: run again, cancel, erase, send its callback again, take it away.
import { ApiError, address, call, send } from "../api.js";
import { at, h, theirs, visible } from "../dom.js";
import { t } from "../i18n.js";
import { ask, copyText, may, reason, toast } from "../shell.js";
import { curlOf, pythonOf } from "./programs.js";

/** How long a file that is saved is kept for the browser, milliseconds. */
const KEPT_MS = 10_000;
/** What a job's values are saved as, lists on a sheet of their own or left out. */
export const TABLES = ["xlsx", "csv"];
/** What a job's documents are saved as, and how such a file's name ends. */
const FILES = [["text", "txt"], ["annotated", "pdf"], ["searchable", "pdf"]];
/** States in which a job has ended. */
const ENDED = new Set(["done", "error", "cancelled"]);
/** @param {{status: string}} job */
export const hasEnded = job => ENDED.has(job.status);

/** Whether somebody may run, cancel and erase jobs. @param {any} me */
export const mayChange = me => may(me, "operate") || may(me, "submit");

/** @typedef {{label: string, icon: string, act: () => unknown, danger?: boolean}} Item */

/** What the menu of a job offers to this person. @param {any} job @param {any} me
 * @param {{changed: () => void, erased: () => void}} told @returns {Item[]} */
export function itemsOf(job, me, told) {
  const isAllowed = mayChange(me), ended = hasEnded(job), isTold = ended && !job.results_erased;
  const all = [
    isAllowed && !ended && item("cancel", "cancel", () => cancel(job, told.changed)),
    isAllowed && isTold && job.callback_url && item("resend", "out", () => resend(job, told.changed)),
    item("curl", "copy", () => copyText(curlOf(job, me))),
    item("python", "copy", () => copyText(pythonOf(job, me))),
    ...(may(me, "export") && job.status === "done" && isTold ? downloads(job) : []),
    isAllowed && { ...item("erase", "erase", () => erase(job, told.erased)), danger: true },
  ];
  return all.filter(one => one !== false && one !== null && one !== "" && one !== undefined);
}

/** @param {string} name @param {string} icon @param {() => unknown} act @returns {Item} */
const item = (name, icon, act) => ({ label: t(`job.${name}`), icon, act });

/** @param {any} job @returns {Item[]} */
const downloads = job => [
  ...TABLES.map(format => item(`take.${format}`, "load", () => saveTable(job, format))),
  ...FILES.map(([what, ending]) => {
    const path = `/jobs/${job.ix_id}/${ending === "pdf" ? `${what}.pdf` : what}`;
    return item(`take.${what}`, "load", () => download(path, `${job.ix_id}-${what}.${ending}`));
  }),
];

/** Saves a job's values, as people have put them right, as a table: an export of this job alone.
 * @param {any} job @param {string} format */
export const saveTable = ({ ix_id }, format) =>
  download("/exports", `${ix_id}.${format}`, { what: "results", format, q: ix_id });

/** Tells why something was not done; what it was about stays as it is. @param {() => Promise<unknown>} act */
async function told(act) {
  try {
    await act();
  } catch (error) {
    toast(reason(error));
  }
}

/** Runs the job again. One that a person has reviewed asks before, since the review is forgotten; one that came with
 * passwords asks for them, since those were.
 * @param {any} job @param {() => void} changed */
export function retry(job, changed) {
  return told(async () => {
    const isTouched = ["approved", "rejected", "leased"].includes(job.review ?? "");
    if (isTouched && !await askToForget()) return;
    const passwords = await passwordsOf(job);
    if (!passwords) return;
    try {
      await again(job, { ...passwords, ...(isTouched ? FORGETS : {}) });
    } catch (error) {
      // somebody has reviewed it since it was looked at: what forgets that stands in the answer
      if (!(error instanceof ApiError && error.status === 409 && error.message.includes("discard_review"))) throw error;
      if (!await askToForget()) return;
      await again(job, { ...passwords, ...FORGETS });
    }
    toast(t("job.retried"));
    changed();
  });
}

const FORGETS = { discard_review: true };
const askToForget = () =>
  ask({ title: t("job.retry.title"), text: t("job.retry.forgets"), act: t("job.retry"), danger: true });

/** @param {any} job @param {object} body */
const again = ({ ix_id }, body) =>
  send("POST", `/jobs/${ix_id}/retry`, Object.keys(body).length ? body : undefined);

/** The passwords of documents that came with one, as a retry takes them; null where the person leaves it.
 * @param {any} job @returns {Promise<{passwords?: (string | null)[]} | null>} */
async function passwordsOf({ request: { documents } }) {
  if (!documents.some(one => one.with_password)) return {};
  const fields = documents.map((one, at) => one.with_password ? h("p", { class: "row" },
    h("label", { for: `password-${at}` }, theirs(one.name || t("viewer.document", { n: at + 1 }))),
    h("input", { class: "in", type: "password", id: `password-${at}`, name: `password-${at}`, required: true,
      autocomplete: "off" })) : null);
  const given = await ask({
    title: t("job.passwords.title"), text: t("job.passwords.text"), act: t("job.retry"), fields,
  });
  if (!given) return null;
  const passwords = documents.map((one, at) => one.with_password ? String(given.get(`password-${at}`)) : null);
  return { passwords };
}

/** @param {any} job @param {() => void} changed */
const cancel = (job, changed) => told(async () => {
  const text = t("job.cancel.text");
  if (!await ask({ title: t("job.cancel.title"), text, act: t("job.cancel"), danger: true })) return;
  await send("DELETE", `/jobs/${job.ix_id}`);
  toast(t("job.cancelled"));
  changed();
});

/** @param {any} job @param {() => void} erased */
const erase = (job, erased) => told(async () => {
  const text = t("job.erase.text", { name: visible(job.request.documents[0]?.name || job.request_id, 80) });
  if (!await ask({ title: t("job.erase.title"), text, act: t("job.erase"), danger: true })) return;
  await call("DELETE", `/jobs/${job.ix_id}`, { query: { erase: true } });
  erased();
});

/** @param {any} job @param {() => void} changed */
export const resend = (job, changed) => told(async () => {
  await send("POST", `/jobs/${job.ix_id}/deliveries`);
  toast(t("job.resent"));
  changed();
});

/** Saves what the API gives, once it is made. @param {string} path @param {string} name of the file
 * @param {Record<string, string>} [query] */
const download = (path, name, query = {}) => told(async () => {
  let answer = await call("GET", path, { query });
  for (let first = true; answer.status === 202; first = false) {
    if (first) toast(t("job.making"));
    const seconds = Number(answer.headers.get("retry-after")) || 1;
    await new Promise(done => setTimeout(done, 1000 * seconds));
    answer = await call("GET", path, { query });
  }
  save(await answer.blob(), name);
});

/** @param {Blob} content @param {string} name */
export function save(content, name) {
  const href = URL.createObjectURL(content), link = h("a", { href, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT_MS);
}

/** The address of the envelope itself. @param {any} job */
export const envelopeOf = job => address(`/jobs/${job.ix_id}`);

/** The list that the person came from, where it was one. @param {MouseEvent} event */
export function back(event) {
  if (!document.referrer.startsWith(`${location.origin}${at("jobs")}`) || history.length < 2) return;
  event.preventDefault();
  history.back();
}
