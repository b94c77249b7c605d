/** Adjudication: what reviewers read differently, one after the other, chosen by its number. */

import * as api from "./api.js";
import { Desk } from "./desk.js";
import { fill, h, key, unseen, words } from "./dom.js";
import { companyText, nameOf, said, statusText, sumText, valueText } from "./fields.js";
import { itemOf, known, same, spansOf } from "./state.js";

export class Adjudication extends Desk {
  open(answer) {
    super.open(answer);
    this.reviewers = answer.reviewers ?? [];
    this.take(answer);
    this.at = Math.max(
      0,
      this.disagreements.findIndex(({ id }) => !this.settled.has(id)),
    );
    this.tidy();
  }

  take({ disagreements = [] }) {
    this.disagreements = disagreements;
    this.settled = new Set(disagreements.filter(({ settled }) => settled).map(({ id }) => id));
  }

  /** Read anew what is open: the choices of a field name only mentions that are there. */
  async again() {
    const { id } = this;
    if (!(await this.saver.settled())) return;
    const answer = await api.read(id).catch(() => null);
    if (!answer || this.id !== id || this.saver.pending.length) return;
    this.take(answer);
    this.page.draw();
  }

  replace(state, checks) {
    super.replace(state, checks);
    this.again();
  }

  /** What is in focus here is a disagreement. */
  tidy() {
    this.view.deal = null;
  }

  choices(container) {
    this.container = container;
    container.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-choice]");
      if (button) {
        this.at = Number(button.closest("[data-index]").dataset.index);
        this.choose(Number(button.dataset.choice));
      }
    });
    container.addEventListener("focusin", ({ target }) => {
      const card = target.closest("[data-index]");
      if (card && Number(card.dataset.index) !== this.at) this.turnTo(Number(card.dataset.index), false);
    });
    return { sync: () => this.drawChoices(), focus: () => this.focusCurrent(), editField: () => undefined };
  }

  /** What the reviewers say, each reading once, with the names of those who share it. */
  readings({ choices }) {
    const found = [];
    for (const reviewer of this.reviewers) {
      const value = choices[reviewer] ?? null;
      const twin = found.find((each) => same(each.value, value));
      if (twin) twin.reviewers.push(reviewer);
      else found.push({ value, reviewers: [reviewer] });
    }
    return found;
  }

  choose(index) {
    const disagreement = this.disagreements[this.at];
    const reading = disagreement && this.readings(disagreement)[index];
    if (!reading) return this.say("There is no reading with this number.");
    const { id, kind, item, field } = disagreement;
    const before = itemOf(this.state, item);
    if (field && !before) return this.say("The deal is not part of the reading: choose it first.");
    let after = field ? { ...before, [field]: reading.value } : reading.value;
    if (after && item.startsWith("deals/")) after = known(after, this.state.mentions);
    if (this.settled.has(id) && same(before, after)) return this.say("This reading was taken already.");
    const changes = same(before, after) ? [] : [{ item, before, after }];
    const event = {
      operation: "choose",
      changes,
      about: id,
      said: `Took the reading of ${reading.reviewers.join(" and ")}.`,
    };
    if (!this.perform(event)) return;
    this.settled.add(id);
    if (kind === "mention") this.again();
    const next = this.disagreements.findIndex((each, at) => at > this.at && !this.settled.has(each.id));
    const any = next >= 0 ? next : this.disagreements.findIndex((each) => !this.settled.has(each.id));
    if (any >= 0) this.turnTo(any);
    else this.page.offerFinish();
  }

  leftOver() {
    return this.disagreements.length - this.settled.size;
  }

  step(by) {
    const to = this.at + by;
    if (to < 0 || to >= this.disagreements.length) return this.say(by > 0 ? "This is the last." : "This is the first.");
    this.turnTo(to);
  }

  turnTo(index, focus = true) {
    this.at = index;
    this.page.draw();
    const [span] = this.spans(this.disagreements[index]);
    if (span) this.page.show(...span);
    if (focus) this.focusCurrent();
  }

  focusCurrent() {
    const card = this.container.querySelector(`[data-index="${this.at}"]`);
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
  }

  /** Where the text speaks of a disagreement. */
  spans({ kind, item, field, choices }) {
    const spans = Object.values(choices)
      .filter(Boolean)
      .flatMap((value) => {
        if (kind === "mention") return [[value.start, value.end]];
        if (kind === "deal") return value.evidence ?? [];
        return [value].flat().flatMap((each) => {
          if (typeof each === "string")
            return spansOf({ evidence: [each] }, this.state.mentions).filter(([start]) => start !== undefined);
          return each?.evidence || each?.start !== undefined ? spansOf(each, this.state.mentions) : [];
        });
      });
    if (spans.length || !field) return spans;
    return itemOf(this.state, item)?.evidence ?? [];
  }

  drawChoices() {
    if (!this.disagreements.length)
      return fill(this.container, h("p", { class: "nothing" }, "The reviewers agree on this document."));
    fill(
      this.container,
      this.disagreements.map((each, index) => this.card(each, index)),
    );
    const current = this.disagreements[this.at];
    this.page.article.highlight(current.kind === "deal" ? "stated" : "evidence", this.spans(current));
    this.page.article.highlight(current.kind === "deal" ? "evidence" : "stated", []);
    return undefined;
  }

  card(disagreement, index) {
    const { id, kind, item, field } = disagreement;
    const current = index === this.at;
    const deal = item.startsWith("deals/") ? itemOf(this.state, item) : null;
    const what =
      kind === "mention"
        ? questionOf(Object.values(disagreement.choices))
        : kind === "deal"
          ? "Is this a deal?"
          : `${nameOf(field) ?? field}`;
    const settled = this.settled.has(id);
    const now = kind === "field" ? (deal?.[field] ?? null) : itemOf(this.state, item);
    return h(
      "article",
      {
        class: `deal disagreement${current ? " current" : ""}${settled ? " accepted" : ""}`,
        tabindex: "-1",
        "aria-current": current ? "true" : null,
        data: { index, focus: id, deal: id },
      },
      h(
        "h3",
        {},
        h("span", { class: "verdict", "aria-hidden": "true" }, settled ? "✓" : "○"),
        unseen(`${index + 1} of ${this.disagreements.length}, ${settled ? "decided" : "open"}: `),
        what,
        kind === "field" && deal
          ? [" of ", words(companyText(deal)), h("span", { class: "sum" }, ` ${sumText(deal)}`)]
          : null,
      ),
      h(
        "div",
        { class: "readings" },
        this.readings(disagreement).map(({ value, reviewers }, number) =>
          h(
            "button",
            {
              class: "reading",
              "aria-pressed": String(settled && same(now, value)),
              data: { choice: number, focus: `${id}/${number}` },
            },
            key(String(number + 1)),
            " ",
            h("span", { class: "reading-value" }, this.shown(kind, field, value)),
            h("span", { class: "quiet" }, reviewers.join(", ")),
          ),
        ),
      ),
    );
  }

  shown(kind, field, value) {
    if (value === null || value === undefined || (Array.isArray(value) && !value.length))
      return kind === "field" ? "not said" : kind === "deal" ? "no deal" : "no mention";
    if (kind === "mention")
      return ["“", words(this.reading.slice(value.start, value.end)), `” ${value.label.toLowerCase()}`];
    if (kind === "deal") return [words(companyText(value)), ` · ${sumText(value)} · ${statusText(value)}`];
    if (field === "hedges")
      return (
        value
          .map((id) => this.state.mentions[id])
          .filter(Boolean)
          .map(({ start, end }) => `“${this.reading.slice(start, end)}”`)
          .join(", ") || `${value.length} cues`
      );
    if (Array.isArray(value))
      return words(value.map((slot) => slot.value + (slot.role ? ` (${slot.role})` : "")).join(", "));
    if (typeof value !== "object") return said(String(value));
    return words(valueText(field, value, { extension: false }));
  }
}

/** What to ask about a mention. */
function questionOf(values) {
  if (values.some((value) => !value)) return "Is this a mention?";
  return values.every(({ start, end }) => start === values[0].start && end === values[0].end)
    ? "Which label?"
    : "Which words?";
}
