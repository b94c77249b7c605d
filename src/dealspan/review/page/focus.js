/** What of a document is in focus: a deal, a field, a mention, a selection; and how the focus moves. */

import { Reading } from "./codepoints.js";
import { evidenceOf, slotAt } from "./fields.js";
import { orderedDeals, orderedMentions } from "./state.js";

/** What is in focus; `last` says which of it was last chosen. */
const NOTHING = { deal: null, field: null, mention: null, selection: null, adding: null, last: null };

export class Focus {
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
    this.waiting = Promise.resolve();
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

  /** Note that somebody has looked at a field; another value in its place is to be looked at anew. */
  look(deal, field) {
    this.looked.add(this.lookedAt(deal, field));
  }

  hasLooked(deal, field) {
    return this.looked.has(this.lookedAt(deal, field));
  }

  lookedAt(deal, field) {
    return `${deal}/${field}/${JSON.stringify(slotAt(this.state.deals[deal], field)?.value)}`;
  }

  focusDeal(id) {
    Object.assign(this.view, { deal: id, field: null, last: "deal" });
    this.page.draw();
    this.page.focusCard(id);
    const [first] = this.state.deals[id].evidence ?? [];
    if (first) this.page.show(...first);
  }

  focusField(deal, field) {
    this.look(deal, field);
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

  /** Put the mention of a stretch of text in focus; where there is none, select the words, so that they can be labelled. */
  goTo(start, end) {
    const { mentions } = this.state;
    const id = Object.keys(mentions).find((each) => mentions[each].start === start && mentions[each].end === end);
    if (id) this.focusMention(id);
    else this.pickOut({ start, end }, true);
  }

  pickOut({ start, end }, insist = false) {
    this.page.selectText({ start, end });
    this.select({ start, end });
    this.page.show(start, end, insist);
    this.say(`Selected “${this.reading.slice(start, end)}”.`);
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
    this.look(deal, field);
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
    if (!ids.length)
      return this.say("There is no mention. Select words, by mouse or with the arrows, and press 1 to 5.");
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
      const at = picked
        ? this.reading.tokenAt(by > 0 ? picked.end : picked.start) - (by > 0 ? 0 : 1)
        : this.reading.tokenAt(this.page.topOfText());
      span = tokens[Math.max(0, Math.min(tokens.length - 1, at))];
    }
    if (!span) return;
    this.pickOut(span);
  }
}
