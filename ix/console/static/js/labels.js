// @ts-check
// What clients call their jobs by: tags, and batches.
import { at, h, theirs } from "./dom.js";

/** The address of the list of a client's jobs with one more filter. @param {string} client @param {string} name
 * @param {string} value */
export const listOf = (client, name, value) =>
  `${at("jobs")}?${new URLSearchParams({ client_id: client, [name]: value })}`;

/** The tags of a job, each a way to the others that have it. @param {any} job */
export const tagsOf = job => Object.entries(job.tags ?? {}).map(([key, value]) => h("a", {
  class: "pill", href: listOf(job.client_id, "tag", `${key}:${value}`), title: `${key}=${value}`,
}, theirs(value ? `${key}: ${value}` : key, 40)));
