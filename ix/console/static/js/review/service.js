// @ts-check
// The calls of a review: what `GET /jobs/{id}/review` and its neighbours take and give.
import { ApiError, address, call, get, send, tagged } from "../api.js";

/**
 * @typedef {import("./form-model.js").Change} Change
 * @typedef {import("./outbox.js").Answer} Answer
 * @typedef {import("./state.js").Served} Served
 * @typedef {import("./state.js").Point} Point
 */

/** @param {number} version */
const tagOf = version => ({ "if-match": `"v${version}"` });

/** Documents of the queue that are asked for: the filter of the address, as the API names it. */
const FILTERS = ["use_case", "client_id", "created_after", "created_before"];

/** The queue's filter that stands in the address. @param {string} query */
export function whereOf(query) {
  const given = new URLSearchParams(query);
  const found = FILTERS.map(name => [name, given.get(name) ?? ""]).filter(([, value]) => value);
  return /** @type {Record<string, string>} */ (Object.fromEntries(found));
}

/**
 * A call's outcome as the outbox takes it: no connection and a busy service are waited out.
 * @param {() => Promise<Served>} act @returns {Promise<Answer>}
 */
async function answered(act) {
  try {
    return { ok: true, served: await act() };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const wait = error.retryAfter ? 1000 * error.retryAfter : undefined;
    return { ok: false, status: error.status, problem: error.problem, wait };
  }
}

/** Sends what was done. @type {import("./outbox.js").Service} */
export const service = {
  patch: (id, version, changes) =>
    answered(() => send("PATCH", `/jobs/${id}/review`, { changes }, { headers: tagOf(version) })),
  decide: (id, version, { state, note }) =>
    answered(() => send("POST", `/jobs/${id}/review/decision`, { state, note }, { headers: tagOf(version) })),
};

/** Opens a review again that was decided. @param {string} id @param {number} version */
export const openAgain = (id, version) =>
  send("POST", `/jobs/${id}/review/decision`, { state: "needed", note: "" }, { headers: tagOf(version) });

/** Sends a decision while the page is left, without waiting. @param {string} id @param {number} version
 * @param {{state: string, note: string}} decision */
export function decideAtLast(id, version, { state, note }) {
  const headers = { "content-type": "application/json", ...tagOf(version) };
  const body = JSON.stringify({ state, note });
  return fetch(address(`/jobs/${id}/review/decision`), { method: "POST", headers, body, keepalive: true });
}

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Served>} */
export const reviewOf = async (id, signal) => (await tagged(`/jobs/${id}/review`, { signal })).body;

/**
 * Takes the next document of the queue; null where there is none.
 * @param {Record<string, string>} where @param {string[]} skip
 * @returns {Promise<{ix_id: string, lease: {by: string, until: string}} | null>}
 */
export const nextOf = (where, skip) => send("POST", "/reviews/next", { where, skip });

/** Holds a document for this reviewer, or goes on holding it. @param {string} id */
export const hold = id => send("PUT", `/reviews/${id}/lease`);

/** Gives a document back, be it while the page is left. @param {string} id */
export const giveBack = id =>
  fetch(address(`/reviews/${id}/lease`), { method: "DELETE", keepalive: true }).catch(() => {});

/**
 * What the checks say of values as they stand in the form.
 * @param {string} id @param {{result: any, evidence: any}} envelope @param {AbortSignal} signal
 * @returns {Promise<{points: Point[], warnings: any[]}>}
 */
export const check = async (id, envelope, signal) =>
  (await call("POST", `/jobs/${id}/check`, { body: envelope, signal })).json();

/**
 * The value that words of the page say for a field.
 * @param {string} id @param {string} path @param {number[][]} words @param {string} language
 * @returns {Promise<{value: unknown, quote: string, evidence: any}>}
 */
export const valueOf = (id, path, words, language) =>
  send("POST", `/jobs/${id}/values`, { path, words, language });

/** @param {string} name @param {AbortSignal} [signal] */
const useCase = (name, signal) => get(`/use-cases/${encodeURIComponent(name)}`, { signal });

/**
 * The schema of a job's result: its use case's, or the one that its client brought.
 * @param {any} job @param {AbortSignal} [signal]
 */
export async function schemaOf(job, signal) {
  const brought = job.request?.options?.schema;
  if (brought) return brought;
  // a use case that recognises documents answers as another one
  const names = [job.response?.usage?.use_case, job.use_case].filter(Boolean);
  for (const name of names) {
    const found = await useCase(name, signal).catch(error => {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    });
    if (found?.result) return found.result;
  }
  return {};
}

/** @param {string} id @param {AbortSignal} [signal] */
export const jobOf = (id, signal) => get(`/jobs/${id}`, { signal });

/** How many documents wait, and what became of the others since a moment. @param {Record<string, any>} query */
export const countsOf = query => get("/jobs/counts", { query });

/** A document that went straight through, drawn by lot from the newest; null where there is none. */
export async function straightOne() {
  const { jobs = [] } = await get("/jobs", { query: { review: "straight", limit: 100 } });
  return jobs.length ? jobs[Math.floor(Math.random() * jobs.length)].ix_id : null;
}
