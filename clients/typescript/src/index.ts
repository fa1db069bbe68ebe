/**
 * A client for ix, for browsers, Node 20 and newer, Deno and Bun. It needs nothing but `fetch`.
 *
 *     const ix = new Ix("http://127.0.0.1:8080", { clientId: "me" });
 *     const job = await ix.wait(await ix.submit("receipt", [file]));
 *     job.response?.result?.total     // number | null
 *
 * Calls are tried again when the service or the way to it fails for a moment. That is safe: a submission's request id,
 * made from its content unless given, lets the service recognise a repetition.
 */
import type { components } from "./schema.js";

type Schemas = components["schemas"];
/** The result of each built-in use case, by its name. */
export type Results = Schemas["Results"];
/** A result: of a built-in use case its own type, of any other JSON. */
export type ResultOf<U extends string> = U extends keyof Results ? Results[U] : unknown;
type Answer = NonNullable<Schemas["Job"]["response"]>;
/** A job of the use case `U`. Its `response` is null until it has ended. */
export type Job<U extends string = string> = Omit<Schemas["Job"], "response" | "use_case"> & {
  use_case: U;
  response: (Omit<Answer, "result"> & { result: ResultOf<U> | null }) | null;
};

/** A document: a `File` of a browser, or bytes with a name. */
export type Source = File | { name: string; data: Uint8Array | Blob };

export interface Options {
  /** An API key, `ix_…`. */
  key?: string;
  /** Whose jobs they are; the key decides where it is left out. */
  clientId?: string;
  /** Instead of the global one. */
  fetch?: typeof fetch;
}

export interface Submission {
  /** Makes a repetition recognisable; made from the content unless given. */
  requestId?: string;
  /** Options of the use case, such as the schema of `custom`. */
  options?: Record<string, unknown>;
  /** Is told when the job has ended. */
  callbackUrl?: string;
  /** -100 to 100; higher runs sooner. */
  priority?: number;
}

/** The service refused, or did not answer (`status` 0). */
export class IxError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly errors: readonly { field: string; message: string }[] = [],
  ) {
    super(detail);
    this.name = "IxError";
  }
}

const TRIES = 5;
const TRY_AGAIN = new Set([429, 502, 503, 504]);
/** Below the 30 s after which proxies often give up. */
const POLL_SECONDS = 25;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const ENDED = new Set<string>(["done", "error", "cancelled"]);

export class Ix {
  readonly #url: string;
  readonly #options: Options;

  constructor(url: string, options: Options = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#options = options;
  }

  /** Submits documents as one job; the same content again gives the same job. */
  async submit<U extends keyof Results | (string & {})>(
    useCase: U,
    documents: readonly Source[],
    submission: Submission = {},
  ): Promise<Job<U>> {
    const options = JSON.stringify(submission.options ?? {});
    const files = documents.map(asFile);
    const form = new FormData();
    form.set("use_case", useCase);
    form.set("options", options);
    form.set("request_id", submission.requestId ?? (await contentId(useCase, options, files)));
    const clientId = this.#options.clientId ?? (this.#options.key ? undefined : "typescript");
    if (clientId !== undefined) form.set("client_id", clientId);
    if (submission.callbackUrl !== undefined) form.set("callback_url", submission.callbackUrl);
    if (submission.priority !== undefined) form.set("priority", String(submission.priority));
    for (const file of files) form.append("documents", file, file.name);
    return (await this.#call("POST", "/jobs", form)) as Job<U>;
  }

  /** The job as it is. */
  async get<U extends string = string>(ixId: string): Promise<Job<U>> {
    return (await this.#call("GET", `/jobs/${encodeURIComponent(ixId)}`)) as Job<U>;
  }

  /** The job once it has ended, or as it is after `seconds`. */
  async wait<U extends string>(job: Job<U>, seconds = Infinity): Promise<Job<U>> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const left = Math.min(Math.max((deadline - Date.now()) / 1000, 0), POLL_SECONDS);
      const found = (await this.#call("GET", `/jobs/${job.ix_id}?wait=${left.toFixed(3)}`)) as Job<U>;
      if (ENDED.has(found.status) || Date.now() >= deadline) return found;
    }
  }

  /** Cancels a job that has not ended. */
  async cancel<U extends string>(job: Job<U>): Promise<Job<U>> {
    return (await this.#call("DELETE", `/jobs/${job.ix_id}`)) as Job<U>;
  }

  /** Removes the job and its documents for good. */
  async erase(job: Job): Promise<void> {
    await this.#call("DELETE", `/jobs/${job.ix_id}?erase=true`);
  }

  async #call(method: string, path: string, body?: FormData): Promise<unknown> {
    for (let number = 1; ; number++) {
      const answer = await this.#tried(method, path, body);
      if (answer instanceof Response && answer.ok) return answer.status === 204 ? undefined : answer.json();
      const isFinal = answer instanceof Response && !TRY_AGAIN.has(answer.status);
      if (isFinal || number === TRIES) throw await errorOf(answer, this.#url);
      await pause(number, answer);
    }
  }

  async #tried(method: string, path: string, body?: FormData): Promise<Response | Error> {
    const headers: Record<string, string> = this.#options.key ? { authorization: `Bearer ${this.#options.key}` } : {};
    try {
      return await (this.#options.fetch ?? fetch)(this.#url + path, { method, headers, ...(body && { body }) });
    } catch (error) {
      return error as Error;
    }
  }
}

function asFile(source: Source): File {
  if (source instanceof File) return source;
  return new File([source.data as BlobPart], source.name);
}

/** 32 hexadecimal digits of a SHA-256, so that a repeated submission of the same content finds the same job. */
async function contentId(useCase: string, options: string, files: readonly File[]): Promise<string> {
  const parts = [`${useCase}\n${options}`];
  for (const file of files) parts.push(file.name, await digest(await file.arrayBuffer()));
  return (await digest(new TextEncoder().encode(parts.join("\n")))).slice(0, 32);
}

async function digest(data: BufferSource): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function errorOf(answer: Response | Error, url: string): Promise<IxError> {
  if (answer instanceof Error) return new IxError(0, `${url} does not answer (${answer.message})`);
  try {
    // a problem document (RFC 9457)
    const problem = (await answer.json()) as { detail: string; errors?: { field: string; message: string }[] };
    return new IxError(answer.status, problem.detail, problem.errors);
  } catch {
    return new IxError(answer.status, `${url} answered ${answer.status} with what is not ix's; is that ix?`);
  }
}

function pause(number: number, answer: Response | Error): Promise<void> {
  const asked = answer instanceof Response ? Number(answer.headers.get("retry-after") ?? 0) * 1000 : 0;
  const own = FIRST_PAUSE_MS * 2 ** (number - 1) * (0.5 + Math.random());
  const length = Math.min(Math.max(own, asked || 0), LONGEST_PAUSE_MS);
  return new Promise((resolve) => setTimeout(resolve, length));
}
