/**
 * Every event is applied here at once and sent in order; what the server has not confirmed is kept, retried, and shown
 * as not saved. A conflict is handed to the page to decide; nothing of either side is dropped before that.
 */

import * as api from "./api.js";
import { apply, inverse, onTop, same } from "./state.js";

const LONGEST_WAIT = 15_000;
/** Not reached; not known to a server that was started anew; busy or broken: it may be well the next time. */
const LOST = new Set([0, 401, 403, 408, 429, 500, 502, 503, 504]);

export class Saver {
  /**
   * @param {object} on
   * @param {(state: "saved"|"saving"|"unsaved", count: number, problem?: string) => void} on.status
   * @param {(id: string, answer: object) => void} on.saved
   * @param {(conflict: {id: string, base: object, theirs: object, mine: object[], last: object|null}) => Promise<"theirs"|"mine">} on.conflict
   * @param {(id: string, state: object) => void} on.state the state of a document after a conflict
   * @param {(id: string, message: string) => void} on.refused
   */
  constructor(on) {
    this.on = on;
    /** @type {{id: string, operation: string, changes: object[]}[]} */
    this.pending = [];
    /** What the server holds, by document. */
    this.base = new Map();
    this.running = null;
    this.wait = 0;
    // When one comes back to the page, as from the address of a server that was started anew, or to the network.
    for (const event of ["online", "focus"]) window.addEventListener(event, () => this.wait && this.retry());
    window.addEventListener("beforeunload", (event) => {
      if (this.pending.length) event.preventDefault();
    });
  }

  /** The server's state of a document as it was just read, with what is still to be sent on top. */
  opened(id, state) {
    const mine = this.pending.filter((event) => event.id === id);
    // What was just saved may be newer than an answer that was on its way meanwhile.
    if (!mine.length && !(this.base.get(id)?.version > state.version)) this.base.set(id, state);
    return mine.reduce((now, event) => apply(now, event.changes), this.base.get(id));
  }

  push(id, { operation, changes, about }) {
    this.pending.push({ id, operation, changes, about });
    this.flush();
  }

  /** Take back the last event that was not sent yet, as when the server cannot be reached. */
  takeBack() {
    const at = this.pending.length - 1;
    if (at < 0 || (at === 0 && this.sending)) return null;
    const event = this.pending.pop();
    this.on.status(this.pending.length ? "unsaved" : "saved", this.pending.length, this.problem);
    return { ...event, changes: inverse(event.changes) };
  }

  /** Resolves when everything is sent, or with false when it cannot be. */
  async settled() {
    await this.flush();
    return this.pending.length === 0;
  }

  retry() {
    clearTimeout(this.timer);
    return this.flush();
  }

  flush() {
    this.running ??= this.run().finally(() => (this.running = null));
    return this.running;
  }

  async run() {
    while (this.pending.length) {
      const event = this.pending[0];
      const base = this.base.get(event.id);
      this.on.status(this.wait ? "unsaved" : "saving", this.pending.length, this.problem);
      try {
        this.sending = true;
        const answer = await api.send(event.id, {
          version: base.version,
          operation: event.operation,
          changes: event.changes,
          about: event.about,
        });
        this.sending = false;
        this.wait = 0;
        this.pending.shift();
        this.base.set(event.id, { ...apply(base, event.changes), version: answer.version });
        this.on.saved(event.id, answer);
      } catch (error) {
        this.sending = false;
        if (!(error instanceof api.ApiError)) throw error;
        if (error.status === 409) await this.conflict(event, base, error.body);
        else if (LOST.has(error.status)) return this.later(error);
        else await this.refused(event, error);
      }
    }
    this.wait = 0;
    this.on.status("saved", 0);
  }

  later(error) {
    this.wait = Math.min(this.wait ? this.wait * 2 : 1000, LONGEST_WAIT);
    this.problem = error.message;
    this.on.status("unsaved", this.pending.length, this.problem);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), this.wait);
  }

  async conflict(event, base, body) {
    const { id } = event;
    const mine = this.pending.filter((each) => each.id === id);
    const theirs = { ...body.state, version: body.version };
    // An answer may have been lost on the way back: then the server holds what was sent, and there is no conflict.
    let state = base;
    for (let count = 1; count <= mine.length; count += 1) {
      state = apply(state, mine[count - 1].changes);
      if (theirs.version === base.version + count && contentSame(state, theirs)) {
        this.drop(id, count);
        this.base.set(id, theirs);
        return;
      }
    }
    const choice = await this.on.conflict({ id, base, theirs, mine, last: body.last ?? null });
    this.base.set(id, theirs);
    let now = theirs;
    if (choice === "theirs") this.drop(id, Infinity);
    else {
      for (const each of mine) {
        each.changes = onTop(now, each.changes);
        now = apply(now, each.changes);
      }
      this.pending = this.pending.filter((each) => each.changes.length || each.about);
    }
    this.on.state(id, now);
  }

  drop(id, count) {
    this.pending = this.pending.filter((each) => each.id !== id || count-- <= 0);
  }

  /** The server found the event not well-formed: it, and what built on it, cannot be saved. */
  async refused(event, error) {
    this.drop(event.id, Infinity);
    this.on.refused(event.id, error.message);
    this.on.state(event.id, this.base.get(event.id));
  }
}

const contentSame = (a, b) => a.status === b.status && same(a.mentions, b.mentions) && same(a.deals, b.deals);
