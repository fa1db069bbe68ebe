// @ts-check
// What the view of a job needs, one call each: none waits for another that it does not need.
import { ApiError, get } from "../api.js";
import { Model } from "../model.js";

/** The envelope. @param {string} id @param {AbortSignal} signal */
export const loadJob = (id, signal) => get(`/jobs/${id}`, { signal });

/** Its pages. @param {string} id @param {AbortSignal} signal */
export const loadPages = async (id, signal) => (await get(`/jobs/${id}/pages`, { signal })).pages;

/** Its callbacks, oldest first. @param {string} id @param {AbortSignal} signal */
export const loadDeliveries = async (id, signal) => (await get(`/jobs/${id}/deliveries`, { signal })).deliveries;

/** Its attempts; none where the service does not tell. @param {string} id @param {AbortSignal} signal */
const loadAttempts = async (id, signal) =>
  (await orNull(get(`/jobs/${id}/attempts`, { signal })))?.attempts ?? [];

/** The answer in the order of its schema, as people have corrected it.
 * @param {any} job @param {AbortSignal} signal @returns {Promise<Model>} */
export async function loadModel(job, signal) {
  const [schema, review] = await Promise.all([schemaOf(job, signal), reviewOf(job, signal)]);
  const { result, evidence, warnings, points } = job.response ?? {};
  return new Model({ schema, result, evidence, warnings, points, ...corrected(review) });
}

/** What happened beside the work itself: attempts, callbacks, the decision of a review.
 * @param {any} job @param {AbortSignal} signal */
export async function loadHistory(job, signal) {
  const [attempts, deliveries, review] = await Promise.all([
    loadAttempts(job.ix_id, signal), job.callback_url ? loadDeliveries(job.ix_id, signal) : [], reviewOf(job, signal),
  ]);
  return { attempts, deliveries, decided: review?.decided ?? null };
}

/** What a review says of the answer; nothing where there is none. @param {any} review */
const corrected = review => review
  ? { result: review.result, evidence: review.evidence, warnings: review.warnings, points: review.points,
    corrections: review.corrections, confirmed: review.confirmed } : {};

/** The schema of the answer: of the use case that gave it, or the one that the client brought.
 * @param {any} job @param {AbortSignal} signal */
async function schemaOf(job, signal) {
  if (job.request.options?.schema) return job.request.options.schema;
  const name = job.response?.usage?.use_case ?? job.use_case;
  // a use case that there is no more: the answer is shown as it is
  return (await orNull(get(`/use-cases/${encodeURIComponent(name)}`, { signal })))?.result ?? {};
}

/** What people have made of it, where anybody has. @param {any} job @param {AbortSignal} signal */
const reviewOf = ({ ix_id, review }, signal) =>
  !review || review === "straight" ? null : orNull(get(`/jobs/${ix_id}/review`, { signal }));

/** Null for what there is not, or what one may not see. @param {Promise<any>} asked */
async function orNull(asked) {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && [403, 404, 405].includes(error.status)) return null;
    throw error;
  }
}
