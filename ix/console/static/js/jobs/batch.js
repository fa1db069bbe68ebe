// @ts-check
// The batch whose jobs are listed: whether more come, and whether all have ended.
import { get, isAborted, Loads } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { number, t } from "../i18n.js";

const loads = new Loads();

/** A bar that says how far the batch is, where one is listed. @param {Element} node
 * @param {import("./filters.js").Filter} filter @param {any} me */
export async function showBatch(node, { batch_id: name, client_id: asked }, me) {
  const whose = me.client_id || asked;
  if (!name || !whose) return fill(node);
  try {
    return await loads.run(async signal => {
      const query = me.client_id ? {} : { client_id: whose };
      const batch = await get(`/batches/${encodeURIComponent(name)}`, { query, signal, quiet: true });
      fill(node, h("div", { class: "note" }, icon("file"), h("p", { class: "grow" }, said(batch))));
    });
  } catch (error) {
    // erased or another's: the list says so by being empty
    return isAborted(error) ? undefined : fill(node);
  }
}

/** @param {any} batch */
function said({ batch_id: name, status, jobs, callback_status: told }) {
  const left = ["scheduled", "pending", "running"].reduce((sum, one) => sum + (jobs.status[one] ?? 0), 0);
  const of = number.format(jobs.total) + (jobs.at_least ? "+" : "");
  return [t(`batch.${status}`, { name, ended: number.format(jobs.total - left), of }),
    told ? ` ${t(`batch.told.${told}`)}` : ""];
}
