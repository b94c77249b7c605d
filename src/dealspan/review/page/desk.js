/**
 * The desk: one document on it, what is in focus, and every action of the keyboard and the buttons. It changes the
 * state through events alone (`perform`) and tells its listeners.
 */

import * as api from "./api.js";
import { Reading } from "./codepoints.js";
import * as edits from "./edits.js";
import { evidenceOf, flaggedFields, nameOf, percent, slotAt, takes } from "./fields.js";
import { apply, difference, orderedDeals, orderedMentions } from "./state.js";

/** What is in focus; `last` says which of it was last chosen. */
const NOTHING = { deal: null, field: null, mention: null, selection: null, adding: null, last: null };

export class Desk {
  /**
   * @param {import("./saving.js").Saver} saver
   * @param {object} page what the desk asks of the page: `say`, `go`, `show`, `focusDeal`, `focusFinish`, `dialogs` …
   */
  constructor(saver, page) {
    this.saver = saver;
    this.page = page;
    this.id = null;
    this.view = { ...NOTHING };
    this.looked = new Set();
  }

  /** Put a document on the desk. */
  open(answer) {
    this.id = answer.document.id;
    this.document = answer.document;
    this.machine = answer.machine;
    this.state = this.saver.opened(this.id, answer.state);
    this.checks = answer.checks;
    this.next = answer.next;
    this.reading = new Reading(answer.document.text);
    this.looked = new Set();
    const deals = orderedDeals(this.state);
    this.view = { ...NOTHING, deal: deals.find((id) => this.state.deals[id].verdict === "open") ?? deals[0] ?? null };
  }

  say(message) {
    this.page.say(message);
  }

  /** Carry out an edit, or say why it cannot be done. @returns {boolean} */
  perform(event) {
    if (typeof event === "string") {
      this.say(event);
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
    if (view.deal && !state.deals[view.deal]) Object.assign(view, { deal: orderedDeals(state)[0] ?? null, field: null });
    if (view.field && view.deal && !/\/\+$/.test(view.field) && view.field.includes("/") && !slotAt(state.deals[view.deal], view.field)) view.field = null;
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

  // Focus

  focusDeal(id) {
    Object.assign(this.view, { deal: id, field: null, last: "deal" });
    this.page.draw();
    this.page.focusCard(id);
    const [first] = this.state.deals[id].evidence ?? [];
    if (first) this.page.show(...first);
  }

  focusField(deal, field) {
    this.looked.add(`${deal}/${field}`);
    if (this.view.deal === deal && this.view.field === field) return;
    Object.assign(this.view, { deal, field, last: "field" });
    this.page.draw();
    const [first] = evidenceOf(slotAt(this.state.deals[deal], field), this.state.mentions);
    if (first) this.page.show(first.start, first.end);
  }

  focusMention(id) {
    Object.assign(this.view, { mention: id, selection: null, last: "mention" });
    this.page.clearSelection();
    this.page.draw();
    const { start, end } = this.state.mentions[id];
    this.page.show(start, end, true);
    this.page.sayMention(id);
  }

  select(span) {
    Object.assign(this.view, { selection: span, last: span ? "selection" : this.view.last });
    if (span) this.view.mention = null;
    this.page.draw();
  }

  /** The stretch of text that is picked: the selection, else the mention in focus. */
  picked() {
    return this.view.selection ?? this.state.mentions[this.view.mention] ?? null;
  }

  /** Go to a field of a deal: where a mention is used. */
  toField([deal, field]) {
    Object.assign(this.view, { deal, field, last: "field" });
    this.looked.add(`${deal}/${field}`);
    this.page.draw();
    this.page.focusCard(deal, field);
  }

  showSpan(span) {
    this.page.show(...span.split("-").map(Number), true);
  }

  leave() {
    const { view } = this;
    if (view.selection) {
      view.selection = null;
      this.page.clearSelection();
    } else if (view.mention) view.mention = null;
    else if (view.field) {
      view.field = null;
      this.page.focusCard(view.deal);
    }
    this.page.draw();
  }

  step(by) {
    const ids = orderedDeals(this.state);
    if (!ids.length) return this.say("There is no deal. Press c to create one.");
    const at = ids.indexOf(this.view.deal) + by;
    if (at < 0 || at >= ids.length) return this.say(by > 0 ? "This is the last deal." : "This is the first deal.");
    this.focusDeal(ids[at]);
  }

  walk(by) {
    const ids = orderedMentions(this.state);
    if (!ids.length) return this.say("There is no mention. Select words, by mouse or with the arrows, and press 1 to 5.");
    const at = ids.indexOf(this.view.mention);
    let to;
    if (at >= 0) to = at + by;
    else {
      const from = this.view.selection?.start ?? this.page.topOfText();
      const next = ids.findIndex((id) => this.state.mentions[id].start >= from);
      to = by > 0 ? (next < 0 ? 0 : next) : (next < 0 ? ids.length : next) - 1;
    }
    this.focusMention(ids[(to + ids.length) % ids.length]);
  }

  /** Select the token before or after what is picked, or let the selection grow and shrink by one. */
  pick([by, extend]) {
    const { tokens } = this.reading;
    if (!tokens.length) return;
    const picked = this.picked();
    let span;
    if (extend && picked) span = this.reading.moved(picked, "end", by);
    else {
      const at = picked ? this.reading.tokenAt(by > 0 ? picked.end : picked.start) - (by > 0 ? 0 : 1) : this.reading.tokenAt(this.page.topOfText());
      span = tokens[Math.max(0, Math.min(tokens.length - 1, at))];
    }
    if (!span) return;
    this.page.selectText(span);
    this.select({ start: span.start, end: span.end });
    this.page.show(span.start, span.end);
    this.say(`Selected “${this.reading.slice(span.start, span.end)}”.`);
  }

  // Verdicts

  current() {
    if (!this.view.deal) this.say("There is no deal. Press c to create one.");
    return this.view.deal;
  }

  accept() {
    const id = this.current();
    if (!id) return;
    const unseen = flaggedFields(this.state.deals[id]).find((field) => !this.looked.has(`${id}/${field}`));
    if (unseen && this.state.deals[id].verdict !== "accepted") {
      const sure = percent(slotAt(this.state.deals[id], unseen).confidence);
      this.page.focusCard(id, unseen);
      return this.say(`Look at the ${nameOf(unseen)} first: the machine is only ${sure} sure of it. Then press a again.`);
    }
    this.decide(id, "accepted");
  }

  reject() {
    const id = this.current();
    if (id) this.decide(id, "rejected");
  }

  reopen() {
    const id = this.current();
    if (id) this.perform(edits.setVerdict(this.state, id, "open"));
  }

  decide(id, verdict) {
    if (this.state.deals[id].verdict === verdict) return this.say(`The deal is ${verdict} already.`);
    if (!this.perform(edits.setVerdict(this.state, id, verdict))) return;
    const ids = orderedDeals(this.state);
    const at = ids.indexOf(id);
    const open = [...ids.slice(at + 1), ...ids.slice(0, at)].find((each) => this.state.deals[each].verdict === "open");
    if (open) this.focusDeal(open);
    else this.page.offerFinish();
  }

  finish() {
    const left = Object.values(this.state.deals).filter(({ verdict }) => verdict === "open").length;
    this.close("done", left ? `Finished; ${left === 1 ? "one deal" : `${left} deals`} left as the machine has it.` : null);
  }

  skip() {
    this.close("skipped");
  }

  close(status, said = null) {
    if (this.state.status !== status && !this.perform(edits.setStatus(this.state, status))) return;
    if (said) this.say(said);
    this.page.goOn(this.id, this.next);
  }

  /** Leave a document that is decided. */
  onward() {
    this.page.goOn(this.id, this.next);
  }

  reopenDocument() {
    this.perform(edits.setStatus(this.state, "open"));
  }

  undo() {
    return this.turn("undo");
  }

  redo() {
    return this.turn("redo");
  }

  async turn(which) {
    if (!(await this.saver.settled())) {
      const event = which === "undo" ? this.saver.takeBack() : null;
      if (!event) return this.say("The server cannot be reached; this waits until it can.");
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
      this.say(`${which === "undo" ? "Undid" : "Redid"}: ${done.replaceAll("_", " ")}${elsewhere ? `, in ${this.document.title ?? this.id}` : ""}.`);
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      this.say(error.status === 404 ? `Nothing to ${which}.` : error.message);
    }
  }

  // Words

  /** How words of the text are read as a sum: with the modifier before them where it changes the sum ("at least"). */
  async sum(span) {
    const words = this.reading.slice(span.start, span.end);
    const plain = await api.amount(words);
    for (let tokens = 1; plain && tokens <= 3; tokens += 1) {
      const from = this.reading.before(span.start, tokens);
      const wide = await api.amount(this.reading.slice(from, span.end));
      if (wide && !["min", "max", "currency", "approx"].every((each) => wide[each] === plain[each])) return wide;
    }
    return plain;
  }

  /** Do what needs the reading of a sum, one after the other, each from the state that the one before left. */
  afterSum(span, event) {
    this.waiting = (this.waiting ?? Promise.resolve()).then(async () => {
      const at = span();
      if (!at) return;
      try {
        this.perform(event(at.money ? await this.sum(at) : null));
      } catch (error) {
        if (!(error instanceof api.ApiError)) throw error;
        this.say("The sum cannot be read: the server cannot be reached.");
      }
    });
    return this.waiting;
  }

  label(name) {
    const { view } = this;
    const picked = this.picked();
    if (!picked) return this.say("Select words first: by mouse, with the arrows, or n for a mention.");
    const target = view.deal && view.field && takes(view.field, name) && !["date", "attribution"].includes(view.field.split("/")[0]) ? { deal: view.deal, field: view.field } : null;
    const { selection, mention } = view;
    return this.afterSum(
      () => ({ ...picked, money: name === "MONEY" }),
      (amount) => {
        if (selection) return edits.label(this.state, this.reading, selection, name, target, { amount });
        if (this.state.mentions[mention].label === name && target) return edits.assign(this.state, this.reading, target.deal, target.field, mention, { amount });
        return edits.relabel(this.state, this.reading, mention, name, amount);
      },
    );
  }

  /** Give what is picked to the field in focus. */
  use() {
    const { deal, field } = this.view;
    if (!deal || !field) return this.say("Put a field in focus first (Tab).");
    this.give(field);
  }

  /** Give what is picked to a field of the current deal. */
  give(field) {
    const deal = this.current();
    const picked = this.picked();
    if (!deal) return;
    if (!picked) return this.say("Select words first, or walk to a mention with n.");
    const [name] = field.split("/");
    if (name === "date" && !this.state.deals[deal].date) return this.page.edit(deal, field);
    const label = { company: "COMPANY", companies: "COMPANY", investors: "INVESTOR", amount: "MONEY", valuation: "MONEY", round_type: "ROUND", hedges: "HEDGE" }[name];
    const { selection, mention } = this.view;
    if (field === "company" && this.state.deals[deal].companies) field = "companies/+";
    return this.afterSum(
      () => ({ ...picked, money: label === "MONEY" }),
      (amount) => {
        if (selection && label) return edits.label(this.state, this.reading, selection, label, { deal, field }, { amount });
        if (selection) return edits.assignSpan(this.state, this.reading, deal, field, selection);
        return edits.assign(this.state, this.reading, deal, field, mention, { amount });
      },
    );
  }

  edge([edge, by]) {
    const id = this.view.mention;
    if (!id) return this.say("Walk to a mention first (n).");
    return this.resize(id, () => this.reading.moved(this.state.mentions[id], edge, by));
  }

  /** Give a mention another span. @param {() => {start: number, end: number}|null} span */
  resize(id, span) {
    let at = null;
    return this.afterSum(
      () => {
        at = this.state.mentions[id] ? span() : null;
        if (!at) this.say("The edge cannot go further.");
        return at && { ...at, money: this.state.mentions[id].label === "MONEY" };
      },
      (amount) => edits.moveEdge(this.state, this.reading, id, at, amount),
    );
  }

  everywhere() {
    if (!this.view.mention) return this.say("Walk to a mention first (n).");
    this.perform(edits.everywhere(this.state, this.reading, this.view.mention));
  }

  remove() {
    const { view } = this;
    if (view.last === "field" && view.field) return this.perform(edits.clearField(this.state, view.deal, view.field));
    if (view.mention) return this.removeMentions([view.mention]);
    this.say("Walk to a mention (n) or a field (Tab) first; a deal is rejected with x.");
  }

  removeEverywhere() {
    if (!this.view.mention) return this.say("Walk to a mention first (n).");
    this.removeMentions(edits.twinsOf(this.state, this.reading, this.view.mention), "same_everywhere");
  }

  removeMentions(ids, operation) {
    const after = orderedMentions(this.state).filter((id) => !ids.includes(id) || id === this.view.mention);
    const next = after[after.indexOf(this.view.mention) + 1] ?? null;
    this.perform(edits.deleteMentions(this.state, this.reading, ids, operation));
    if (next) Object.assign(this.view, { mention: next, last: "mention" });
    this.page.draw();
  }

  // Deals

  addDeal() {
    const picked = this.view.mention;
    if (!this.perform(edits.addDeal(this.state))) return;
    this.page.focusCard(this.view.deal, "company");
    if (picked) this.say("New deal. Give it the mention with 6 company, 7 amount, 8 valuation, 9 investor.");
  }

  deleteDeal() {
    this.perform(edits.deleteDeal(this.state, this.view.deal));
  }

  setKind(kind) {
    this.perform(edits.setField(this.state, this.view.deal, null, null, { kind }));
  }

  addTo(field) {
    this.view.adding = field;
    this.page.draw();
    this.page.edit(this.view.deal, field);
  }

  async merge() {
    const id = this.current();
    if (!id) return;
    const others = orderedDeals(this.state).filter((each) => each !== id);
    if (!others.length) return this.say("There is no other deal to merge.");
    const other = await this.page.chooseDeal(id, others);
    if (other && this.perform(edits.merge(this.state, id, other))) this.page.focusCard(id);
  }

  async split() {
    const id = this.current();
    if (!id) return;
    const fields = await this.page.chooseFields(id);
    if (fields && this.perform(edits.split(this.state, id, fields))) this.page.focusCard(this.view.deal);
  }

  /** Names in the text, for suggestions. */
  names() {
    const words = Object.values(this.state.mentions)
      .filter(({ label }) => takes("company", label))
      .map(({ start, end }) => this.reading.slice(start, end));
    return [...new Set(words)].sort((a, b) => a.localeCompare(b));
  }

  /** The mention of money whose words are in these; else what the field rests on already stays only if it is. */
  moneyOf(words) {
    return Object.entries(this.state.mentions)
      .filter(([, { label, start, end }]) => label === "MONEY" && words.includes(this.reading.slice(start, end)))
      .map(([id]) => id)
      .slice(0, 1);
  }

  help() {
    this.page.dialogs.help();
  }

  guidelines() {
    this.page.dialogs.guidelines();
  }

  history() {
    this.page.dialogs.history(this);
  }

  theme() {
    this.page.theme();
  }

  search() {
    this.page.search();
  }
}
