// @ts-check
// What happens, as it happens: one stream a browser, not a tab, since HTTP/1.1 gives a host six connections. The tab
// that holds a Web Lock reads `/events` and passes on what comes; when it is hidden for long, or closed, another does.
//
// Read by `fetch`, not by EventSource: whoever takes over goes on where the last one was (`Last-Event-ID`), and an
// answer that is an error is told from none at all.
import { address, signIn } from "./api.js";
import { place } from "./dom.js";

const HIDDEN_MS = 30_000;
const RETRY_MS = 2_000;
const MOST_RETRY_MS = 30_000;
const NAME = `ix-stream${place.root}`;

/** @typedef {{state: "connecting" | "live" | "lost" | "off", since: number, retryAt: number}} State */
/** @typedef {{event?: (name: string, data: any) => void, state?: (state: State) => void}} Reader */

const channel = new BroadcastChannel(NAME);
/** @type {Set<Reader>} */
const readers = new Set();
/** @type {State} */
let current = { state: "connecting", since: Date.now(), retryAt: 0 };
let lastId = "", isHolder = false, started = false;
/** @type {() => void} */
let wake = () => {};

/** Reads events and the state of the stream. @param {Reader} reader @returns {() => void} ends it */
export function subscribe(reader) {
  readers.add(reader);
  reader.state?.(current);
  if (!started) start();
  return () => readers.delete(reader);
}

/** Tries again now, be it this tab that reads or another one. */
export function tryNow() {
  channel.postMessage({ kind: "now" });
  wake();
}

function start() {
  started = true;
  channel.addEventListener("message", ({ data }) => heard(data));
  channel.postMessage({ kind: "hello" });
  void take();
}

/** @param {any} message of another tab */
function heard(message) {
  if (message.kind === "event") pass(message);
  else if (message.kind === "state") become(message.state);
  else if (message.kind === "now") wake();
  else if (message.kind === "hello" && isHolder) channel.postMessage({ kind: "state", state: current });
}

/** @param {{name: string, data: any, id: string}} message */
function pass({ name, data, id }) {
  lastId = id || lastId;
  for (const reader of readers) reader.event?.(name, data);
}

/** @param {State} state */
function become(state) {
  current = state;
  for (const reader of readers) reader.state?.(state);
}

/** @param {State["state"]} state @param {number} [wait] milliseconds until the next try */
function tell(state, wait = 0) {
  const since = state === current.state ? current.since : Date.now();
  become({ state, since, retryAt: wait ? Date.now() + wait : 0 });
  channel.postMessage({ kind: "state", state: current });
}

/** Waits for its turn to read, and reads until it is hidden for long. */
async function take() {
  while (current.state !== "off") {
    await visible();
    await navigator.locks.request(NAME, async () => {
      isHolder = true;
      const stop = new AbortController(), unwatch = watchHidden(stop);
      await readOn(stop.signal);
      unwatch();
      isHolder = false;
    });
  }
}

/** @returns {Promise<void>} when this tab can be seen */
const visible = () => new Promise(done => {
  if (!document.hidden) return done();
  const look = () => {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", look);
    done();
  };
  document.addEventListener("visibilitychange", look);
});

/** Gives the stream up once this tab was hidden for long. @param {AbortController} stop */
function watchHidden(stop) {
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = window.setTimeout(() => stop.abort(), HIDDEN_MS);
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => { clearTimeout(timer); document.removeEventListener("visibilitychange", look); };
}

/** Reads one stream after the other. @param {AbortSignal} signal */
async function readOn(signal) {
  let wait = RETRY_MS;
  while (!signal.aborted) {
    try {
      const retry = await readOnce(signal);
      if (retry === null) return tell("off");
      wait = retry;
    } catch {
      // no answer, or one that broke off: the next try says more
      wait = Math.min(2 * wait, MOST_RETRY_MS);
    }
    if (signal.aborted) return undefined;
    tell("lost", wait);
    await pause(wait, signal);
  }
  return undefined;
}

/** @param {number} wait @param {AbortSignal} signal @returns {Promise<void>} */
const pause = (wait, signal) => new Promise(done => {
  const timer = setTimeout(done, wait);
  wake = () => { clearTimeout(timer); done(); };
  signal.addEventListener("abort", wake, { once: true });
});

/**
 * Reads one answer to its end. Returns how long to wait before the next, in milliseconds; null where there is none to
 * come. Raises where the connection breaks, or the service is not well.
 * @param {AbortSignal} signal
 */
async function readOnce(signal) {
  const headers = lastId ? { "last-event-id": lastId } : undefined;
  const answer = await fetch(address("/events", { counts: true }), { headers, signal });
  if (answer.status === 401) signIn();
  // an id that is too old, or another service's: from now on, then
  if (answer.status === 422 && lastId) lastId = "";
  else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return null;
  if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
  tell("live");
  const parser = new Parser();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return parser.retry;
    for (const event of parser.push(value)) {
      pass(event);
      channel.postMessage({ kind: "event", ...event });
    }
  }
}

/** Server-sent events out of text that comes in pieces (WHATWG HTML, 9.2.6). */
export class Parser {
  retry = RETRY_MS;
  #rest = "";
  #event = { name: "message", data: "", id: "" };

  /** @param {string} text @returns {{name: string, data: any, id: string}[]} the events that are complete */
  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap(line => this.#line(line));
  }

  /** @param {string} line */
  #line(line) {
    if (line) {
      this.#field(line);
      return [];
    }
    const { name, data, id } = this.#event;
    this.#event = { name: "message", data: "", id: "" };
    if (id && !data) lastId = id;
    return data ? [{ name, data: JSON.parse(data), id }] : [];
  }

  /** @param {string} line */
  #field(line) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === "event") this.#event.name = value;
    else if (field === "data") this.#event.data += (this.#event.data ? "\n" : "") + value;
    else if (field === "id") this.#event.id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }
}

const MOST_WAITING = 5_000;
const DRAW_MS = 250;

/**
 * Draws what changes at most four times a second, in a frame: what comes in between is kept by its key, the last of
 * each. Beyond 5,000 keys they are dropped, and `overflow` is called in their place.
 */
export class Batch {
  #waiting = new Map();
  #timer = 0;
  #drawnAt = 0;

  /** @param {(changed: Map<string, any>) => void} draw @param {() => void} [overflow] */
  constructor(draw, overflow = () => {}) {
    this.draw = draw;
    this.overflow = overflow;
    this.isOver = false;
  }

  /** @param {string} key @param {any} value */
  add(key, value) {
    if (this.#waiting.size >= MOST_WAITING) {
      this.#waiting.clear();
      this.isOver = true;
    }
    this.#waiting.set(key, value);
    const wait = Math.max(0, this.#drawnAt + DRAW_MS - performance.now());
    this.#timer ||= window.setTimeout(() => requestAnimationFrame(() => this.#flush()), wait);
  }

  #flush() {
    this.#timer = 0;
    this.#drawnAt = performance.now();
    const changed = this.#waiting;
    this.#waiting = new Map();
    if (this.isOver) this.overflow();
    else this.draw(changed);
    this.isOver = false;
  }
}
