// @ts-check
// Where a viewer gets pages, words and pictures of a job from: the API of ix, or what a proxy of yours serves like it.

/** @typedef {import("./geometry.js").Page} Page */
/** @typedef {{
 *   pages(signal?: AbortSignal): Promise<Page[]>,
 *   words(document: number, page: number, signal?: AbortSignal): Promise<any[][]>,
 *   picture(document: number, page: number, width: number, signal?: AbortSignal): Promise<string>,
 *   release(address: string): void,
 * }} Source `picture` gives an address for an <img>; `release` is told when it is shown no more */

/** Seconds before a picture that is being drawn is asked for again, where the answer does not say. */
const PATIENCE = 1;
/** Seconds that a wait grows to: an engine that is busy, or none there, is not asked all the time. */
const LONGEST = 8;

/** The source of a job. `address` is the job's, such as `/console/api/jobs/0…` or `https://ix.example/jobs/0…`;
 * `headers` go with each call (`authorization`). With `blobs` pictures are handed on as `blob:` addresses, which is
 * needed where an <img> by itself would not be let in, and needs `img-src blob:` where there is a policy. `call` is
 * used in place of `fetch`.
 * @param {string} address
 * @param {{headers?: Record<string, string>, blobs?: boolean, call?: typeof fetch}} [options] @returns {Source} */
export function jobSource(address, { headers = {}, blobs = "authorization" in headers, call = fetch } = {}) {
  /** @param {string} path @param {AbortSignal} [signal] */
  const ask = (path, signal) => call(`${address}/pages${path}`, { headers, signal });
  return {
    async pages(signal) {
      const answer = await ask("", signal);
      if (!answer.ok) throw await refusal(answer);
      return (await answer.json()).pages;
    },
    async words(document, page, signal) {
      const answer = await ask(`/${document}/${page}/words`, signal);
      if (!answer.ok) throw await refusal(answer);
      return answer.json();
    },
    async picture(document, page, width, signal) {
      const path = `/${document}/${page}/picture?width=${width}`;
      const answer = await drawn(() => ask(path, signal), signal);
      const picture = await answer.blob();
      // the browser has it now: an <img> of the same address asks nobody
      return blobs ? URL.createObjectURL(picture) : `${address}/pages${path}`;
    },
    release(address) {
      if (address.startsWith("blob:")) URL.revokeObjectURL(address);
    },
  };
}

/** Asks until the picture is there: 202 while it is drawn, 429 while too many wait, 503 while nobody can say.
 * @param {() => Promise<Response>} ask @param {AbortSignal} [signal] */
async function drawn(ask, signal) {
  for (let seconds = PATIENCE; ; seconds = Math.min(seconds * 1.5, LONGEST)) {
    const answer = await ask();
    if (answer.status === 200) return answer;
    if (![202, 429, 503].includes(answer.status)) throw await refusal(answer);
    await pause(Math.max(seconds, Number(answer.headers.get("retry-after")) || 0), signal);
  }
}

/** @param {number} seconds @param {AbortSignal} [signal] @returns {Promise<void>} */
function pause(seconds, signal) {
  return new Promise((done, failed) => {
    if (signal?.aborted) return failed(signal.reason);
    const timer = setTimeout(done, seconds * 1000);
    signal?.addEventListener("abort", () => { clearTimeout(timer); failed(signal.reason); }, { once: true });
  });
}

/** What the answer says went wrong. @param {Response} answer */
async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  return Object.assign(new Error(problem.detail ?? `${answer.status} ${answer.statusText}`), { status: answer.status });
}
