// @ts-check
// The API, as every client has it, under the address that honours the session. Errors are problem documents (RFC 9457).
import { at, place } from "./dom.js";

const BASE = `${place.root}/console/api`;

/** An answer that is an error; status 0 is none at all: the connection is lost, or the service is down. */
export class ApiError extends Error {
  /** @param {number} status @param {any} problem @param {Headers} [headers] */
  constructor(status, problem, headers) {
    super(problem?.detail || problem?.title || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
    /** @type {{field: string, message: string}[]} */
    this.errors = problem?.errors ?? [];
    this.requestId = headers?.get("x-request-id") ?? "";
    this.retryAfter = Number(headers?.get("retry-after") ?? 0);
  }
}

/**
 * @typedef {object} Call
 * @property {Record<string, any>} [query] lists are repeated; null, undefined and "" left out
 * @property {any} [body] sent as JSON; a FormData or Blob as it is
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 */

/** The path below the API's address, with a query. @param {string} path @param {Record<string, any>} [query] */
export function address(path, query = {}) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one != null && one !== "") asked.append(name, String(one));
  }
  return `${BASE}${path}${asked.size ? `?${asked}` : ""}`;
}

/**
 * A call. Returns the answer; raises `ApiError`, and leads to the sign-in where the session is over.
 * @param {string} method @param {string} path @param {Call} [call]
 * @returns {Promise<Response>}
 */
export async function call(method, path, { query, body, headers = {}, signal } = {}) {
  const plain = body === undefined || body instanceof FormData || body instanceof Blob;
  const given = plain ? headers : { "content-type": "application/json", ...headers };
  const sent = plain ? body : JSON.stringify(body);
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(address(path, query), { method, headers: given, body: sent, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, { detail: String(error) });
  }
  if (answer.ok || answer.status === 304) return answer;
  if (answer.status === 401 && path !== "/console/session") signIn();
  throw new ApiError(answer.status, await problemOf(answer), answer.headers);
}

/** @param {Response} answer */
async function problemOf(answer) {
  try {
    return await answer.json();
  } catch {
    return { title: answer.statusText };
  }
}

/**
 * JSON of a GET; null where there is nothing (204).
 * @param {string} path @param {Call} [given] @returns {Promise<any>}
 */
export const get = async (path, given) => bodyOf(await call("GET", path, given));
/**
 * JSON that is answered to another method; null where there is nothing (202 and 204 may have nothing).
 * @param {string} method @param {string} path @param {any} [body] @param {Call} [given] @returns {Promise<any>}
 */
export const send = async (method, path, body, given) => bodyOf(await call(method, path, { ...given, body }));

/** JSON and what stands in the headers: the tag for `If-Match`. @param {string} path @param {Call} [given] */
export async function tagged(path, given) {
  const answer = await call("GET", path, given);
  return { body: await bodyOf(answer), etag: answer.headers.get("etag") ?? "", status: answer.status };
}

/** @param {Response} answer */
async function bodyOf(answer) {
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

/** Whether something was broken off on purpose: nothing to tell anybody. @param {any} error */
export const isAborted = error => error?.name === "AbortError";

/** Leads to the sign-in, which leads back to this very address. */
export function signIn() {
  if (place.view === "sign-in") return;
  const here = location.pathname.slice(place.root.length) + location.search;
  location.replace(at("sign-in", { to: here }));
}

/**
 * What a view loads, one thing at a time: a load that begins breaks off the one before, so that no late answer is
 * shown.
 */
export class Loads {
  #controller = new AbortController();

  /** @template T @param {(signal: AbortSignal) => Promise<T>} load @returns {Promise<T>} */
  async run(load) {
    this.#controller.abort();
    const { signal } = this.#controller = new AbortController();
    const found = await load(signal);
    signal.throwIfAborted();
    return found;
  }
}

/** @type {Promise<any> | undefined} */
let session;

/**
 * Who is signed in: `{name, client_id, key_id, may, use_cases, open, oidc, ends_at}`. On a service without keys
 * everybody of this machine may do everything (`open`).
 */
export const whoami = () => (session ??= askSession());

const EVERYBODY = {
  name: "", client_id: null, key_id: "", use_cases: null, open: true, oidc: false, ends_at: null,
  may: ["submit", "view", "review", "operate", "export", "administer"],
};

async function askSession() {
  const answer = await fetch(`${place.root}/console/session`, { headers: { accept: "application/json" } });
  if (answer.ok) return answer.json();
  // a service that knows no sessions has none to ask for
  if (answer.status === 404) return EVERYBODY;
  if (answer.status === 401) signIn();
  throw new ApiError(answer.status, await problemOf(answer), answer.headers);
}
