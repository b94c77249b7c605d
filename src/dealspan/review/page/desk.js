/** Every action of the keyboard and the buttons on the document that is on the desk. */

import * as api from "./api.js";
import * as deals from "./deals.js";
import * as edits from "./edits.js";
import { flaggedFields, nameOf, percent, slotAt, takes } from "./fields.js";
import { orderedDeals, orderedMentions } from "./state.js";
import { Steps } from "./steps.js";

export class Desk extends Steps {
  // Verdicts

  current() {
    if (!this.view.deal) this.say("There is no deal. Press c to create one.");
    return this.view.deal;
  }

  accept() {
    const id = this.current();
    if (!id) return;
    const unseen = flaggedFields(this.state.deals[id]).find((field) => !this.hasLooked(id, field));
    if (unseen && this.state.deals[id].verdict !== "accepted") {
      const sure = percent(slotAt(this.state.deals[id], unseen).confidence);
      this.page.focusCard(id, unseen);
      return this.say(
        `Look at the ${nameOf(unseen)} first: the machine is only ${sure} sure of it. Then press a again.`,
      );
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
    this.close(
      "done",
      left ? `Finished; ${left === 1 ? "one deal" : `${left} deals`} left as the machine has it.` : null,
    );
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

  /** Do what needs the reading of a sum. */
  afterSum(span, event) {
    return this.inTurn(async () => {
      const at = span();
      if (!at) return;
      try {
        this.perform(event(at.money ? await this.sum(at) : null));
      } catch (error) {
        if (!(error instanceof api.ApiError)) throw error;
        this.say("The sum cannot be read: the server cannot be reached.");
      }
    });
  }

  label(name) {
    const { view } = this;
    const picked = this.picked();
    if (!picked) return this.say("Select words first: by mouse, with the arrows, or n for a mention.");
    const target =
      view.deal && view.field && takes(view.field, name) && !["date", "attribution"].includes(view.field.split("/")[0])
        ? { deal: view.deal, field: view.field }
        : null;
    const { selection, mention } = view;
    return this.afterSum(
      () => ({ ...picked, money: name === "MONEY" }),
      (amount) => {
        if (selection) return edits.label(this.state, this.reading, selection, name, target, { amount });
        if (this.state.mentions[mention].label === name && target)
          return edits.assign(this.state, this.reading, target.deal, target.field, mention, { amount });
        return edits.relabel(this.state, this.reading, mention, name, target, { amount });
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
    const label = {
      company: "COMPANY",
      companies: "COMPANY",
      investors: "INVESTOR",
      amount: "MONEY",
      valuation: "MONEY",
      round_type: "ROUND",
      hedges: "HEDGE",
    }[name];
    const { selection, mention } = this.view;
    if (field === "company" && this.state.deals[deal].companies) field = "companies/+";
    return this.afterSum(
      () => ({ ...picked, money: label === "MONEY" }),
      (amount) => {
        if (selection && label)
          return edits.label(this.state, this.reading, selection, label, { deal, field }, { amount });
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
    if (!this.perform(deals.addDeal(this.state))) return;
    this.page.focusCard(this.view.deal, "company");
    if (picked) this.say("New deal. Give it the mention with 6 company, 7 amount, 8 valuation, 9 investor.");
  }

  deleteDeal() {
    this.perform(deals.deleteDeal(this.state, this.view.deal));
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
    if (other && this.perform(deals.merge(this.state, id, other))) this.page.focusCard(id);
  }

  async split() {
    const id = this.current();
    if (!id) return;
    const fields = await this.page.chooseFields(id);
    if (fields && this.perform(deals.split(this.state, id, fields))) this.page.focusCard(this.view.deal);
  }

  /** Names in the text, for suggestions. */
  names() {
    const words = Object.values(this.state.mentions)
      .filter(({ label }) => takes("company", label))
      .map(({ start, end }) => this.reading.slice(start, end));
    return [...new Set(words)].sort((a, b) => a.localeCompare(b));
  }

  /** The mention of money whose words are in these: of several alike the one that the field rests on already. */
  moneyOf(words, slot) {
    const found = Object.entries(this.state.mentions)
      .filter(([, { label, start, end }]) => label === "MONEY" && words.includes(this.reading.slice(start, end)))
      .map(([id]) => id);
    const held = found.find((id) => slot?.evidence.includes(id)) ?? found[0];
    return held ? [held] : [];
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
