/** Steps on a document: an edit is carried out, taken back, done again; the server's word is taken where it is ahead. */

import * as api from "./api.js";
import { Focus } from "./focus.js";
import { slotAt } from "./fields.js";
import { apply, difference, itemOf, orderedDeals, same } from "./state.js";

export class Steps extends Focus {
  /** Carry out what a key or a button asks for; while the server takes a step back, it waits. */
  do(action, ...given) {
    if (this.turning) return this.turning.then(() => this.do(action, ...given));
    return this[action](...given);
  }

  /** Do what asks the server first, one after the other: each begins with the state that the one before left. */
  inTurn(job) {
    const done = this.waiting.then(job);
    this.waiting = done.catch(() => undefined);
    return done;
  }

  /** Resolves when nothing is waited for: what was begun on a document must not end on the next. */
  async quiet() {
    for (let seen; seen !== this.waiting; ) await (seen = this.waiting);
  }

  /** Carry out an edit, or say why it cannot be done. @returns {boolean} */
  perform(event) {
    if (typeof event === "string") {
      this.say(event);
      return false;
    }
    if (!event.changes.every(({ item, before }) => same(itemOf(this.state, item), before))) {
      this.say("The document has just changed: do it again.");
      return false;
    }
    this.state = apply(this.state, event.changes);
    if (event.mention) Object.assign(this.view, { mention: event.mention, last: "mention", selection: null });
    if (event.deal) Object.assign(this.view, { deal: event.deal, field: null, last: "deal" });
    this.tidy();
    this.saver.push(this.id, event);
    this.say(event.said);
    this.page.draw();
    return true;
  }

  /** Let go of what is no longer there. */
  tidy() {
    const { view, state } = this;
    if (view.mention && !state.mentions[view.mention]) view.mention = null;
    if (view.deal && !state.deals[view.deal])
      Object.assign(view, { deal: orderedDeals(state)[0] ?? null, field: null });
    if (
      view.field &&
      view.deal &&
      !/\/\+$/.test(view.field) &&
      view.field.includes("/") &&
      !slotAt(state.deals[view.deal], view.field)
    )
      view.field = null;
  }

  /** A state that the server sent: after undo, redo, a conflict. */
  replace(state, checks = this.checks) {
    const changed = difference(this.state, state).find(({ item, after }) => item.startsWith("deals/") && after);
    this.state = state;
    this.checks = checks;
    if (changed) this.view.deal = changed.item.slice("deals/".length);
    this.tidy();
    this.page.draw();
  }

  undo() {
    this.turning = this.turn("undo").finally(() => (this.turning = null));
  }

  redo() {
    this.turning = this.turn("redo").finally(() => (this.turning = null));
  }

  async turn(which) {
    await this.quiet();
    if (!(await this.saver.settled())) {
      const event = which === "undo" ? this.saver.takeBack() : null;
      if (!event) return this.say(`The server cannot be reached: ${which} when it can.`);
      if (event.id === this.id) this.replace(apply(this.state, event.changes));
      return this.say(`Took back: ${event.operation}.`);
    }
    try {
      const answer = await api[which]();
      const done = answer.undone ?? answer.redone ?? which;
      this.saver.base.set(answer.document, answer.state);
      this.page.progress(answer.progress);
      const elsewhere = answer.document !== this.id;
      if (elsewhere) await this.page.go(answer.document);
      else this.replace(answer.state, answer.checks);
      this.say(
        `${which === "undo" ? "Undid" : "Redid"}: ${done.replaceAll("_", " ")}${elsewhere ? `, in ${this.document.title ?? this.id}` : ""}.`,
      );
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      this.say(error.status === 404 ? `Nothing to ${which}.` : error.message);
    }
  }
}
