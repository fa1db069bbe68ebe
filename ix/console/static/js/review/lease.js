// @ts-check
// Whose turn a document is: held for five minutes, longer with any key, given back when it is left.
import { ApiError } from "../api.js";
import { giveBack, hold } from "./service.js";

/** A lease lasts five minutes; whoever does something renews it once in this time, milliseconds. */
const RENEW = 60_000;

export class Leases {
  /** @param {(ix_id: string, error: ApiError | null) => void} told somebody else holds it, or it is ours again */
  constructor(told) {
    this.told = told;
    /** @type {Map<string, number>} when each was renewed; 0 for one that another has */
    this.held = new Map();
    /** @type {Map<string, ApiError>} why one could not be had */
    this.refused = new Map();
  }

  /** It was given together with the document. @param {string} id */
  given(id) {
    this.held.set(id, Date.now());
  }

  /** Takes a document, or goes on holding it. @param {string} id @returns {Promise<boolean>} */
  async take(id) {
    // set before the answer: keys come quicker than answers
    this.held.set(id, Date.now());
    try {
      await hold(id);
      this.refused.delete(id);
      this.told(id, null);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // without a connection nobody knows: what is sent later will tell
      if (error.status !== 409) return false;
      this.held.set(id, 0);
      this.refused.set(id, error);
      this.told(id, error);
      return false;
    }
  }

  /** A key was pressed, or something was done. @param {string[]} ids of the documents that are wanted */
  active(ids) {
    for (const id of ids) {
      const at = this.held.get(id);
      if (at !== undefined && Date.now() - at > RENEW && at !== 0) void this.take(id);
    }
  }

  /** Gives a document back to the queue. @param {string} id */
  release(id) {
    if (this.held.get(id)) void giveBack(id);
    this.held.delete(id);
  }

  /** It was decided: there is nothing to give back. @param {string} id */
  done(id) {
    this.held.delete(id);
  }
}
