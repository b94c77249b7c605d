/** The deals beside the article: one card each, the current one open with all its fields. */

import { fill, h, key, unseen, words } from "./dom.js";
import { editor, quote } from "./editors.js";
import {
  companyText,
  evidenceOf,
  flaggedFields,
  isFlagged,
  isHedged,
  KINDS,
  originOf,
  percent,
  rowsOf,
  said,
  statusText,
  sumText,
  valueText,
} from "./fields.js";
import { orderedDeals } from "./state.js";

const VERDICTS = { open: ["○", "open"], accepted: ["✓", "accepted"], rejected: ["✗", "rejected"] };

export class Cards {
  /** @param {HTMLElement} container @param {object} desk */
  constructor(container, desk) {
    this.container = container;
    this.desk = desk;
    this.drawn = new Map();
    container.addEventListener("focusin", (event) => this.focused(event));
    container.addEventListener("click", (event) => this.clicked(event));
    container.addEventListener("keydown", (event) => this.pressed(event));
  }

  focused({ target }) {
    const cell = target.closest("[data-field]");
    if (cell) this.desk.focusField(cell.closest("[data-deal]").dataset.deal, cell.dataset.field);
  }

  clicked(event) {
    const { target } = event;
    const chip = target.closest("[data-mention]");
    if (chip) return this.desk.focusMention(chip.dataset.mention);
    const action = target.closest("[data-action]");
    if (action) return this.desk.do(action.dataset.action, action.dataset.with);
    const cell = target.closest("[data-field]");
    if (cell && !cell.querySelector("form")) return this.edit(cell);
    const card = target.closest("[data-deal]");
    if (card && !target.closest("form, select") && card.dataset.deal !== this.desk.view.deal)
      this.desk.focusDeal(card.dataset.deal);
  }

  pressed(event) {
    const cell = event.target.closest("[data-field]");
    if (!cell || event.target !== cell || !["Enter", "F2"].includes(event.key)) return;
    event.preventDefault();
    this.edit(cell);
  }

  /** Open the editor of the field that has the focus, or of one that is named. */
  edit(cell) {
    const { field } = cell.dataset;
    const { deal } = cell.closest("[data-deal]").dataset;
    if (field === "hedges")
      return this.desk.say("Walk to a hedge with n and p, then press e to add or remove it; or label words with 5.");
    const before = [...cell.childNodes];
    const form = editor(this.desk, deal, field, (event) => {
      cell.replaceChildren(...before);
      this.editing = null;
      this.desk.view.adding = null;
      cell.focus({ preventScroll: true });
      if (event) this.desk.do("perform", event);
      this.sync();
    });
    this.editing = deal;
    cell.replaceChildren(form);
    const control = form.querySelector("input, select");
    control.focus();
    control.select?.();
  }

  editField(deal, field) {
    const cell = this.cell(deal, field);
    if (cell) this.edit(cell);
  }

  cell(deal, field) {
    return this.container.querySelector(`[data-deal="${CSS.escape(deal)}"] [data-field="${CSS.escape(field)}"]`);
  }

  focus(deal, field = null) {
    const element = field ? this.cell(deal, field) : this.container.querySelector(`[data-deal="${CSS.escape(deal)}"]`);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: "nearest" });
  }

  /** Show the state: cards whose deal, place or checks changed are drawn anew. */
  sync() {
    const { state, view, checks } = this.desk;
    const ids = orderedDeals(state);
    const focus = this.container.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    let moved = false;
    const cards = ids.map((id, index) => {
      const deal = state.deals[id];
      const open = id === view.deal;
      const mine = checks.filter((check) => check.deal === id);
      const old = this.drawn.get(id);
      const words = open
        ? rowsOf(deal)
            .flatMap(({ slot }) => evidenceOf(slot, state.mentions).map(({ start, end }) => `${start}-${end}`))
            .join()
        : "";
      const looks = `${index}/${ids.length} ${open} ${words} ${JSON.stringify(mine)} ${open && this.looked(id, deal)} ${open && view.adding}`;
      if (old && ((old.deal === deal && old.looks === looks) || this.editing === id)) return old.element;
      moved = true;
      const element = this.card(id, deal, index, ids.length, open, mine);
      this.drawn.set(id, { deal, looks, element });
      return element;
    });
    for (const id of this.drawn.keys()) if (!state.deals[id]) this.drawn.delete(id);
    if (moved || this.container.children.length !== cards.length || cards.length === 0) {
      this.container.replaceChildren(...(cards.length ? cards : [nothing()]));
      if (focus) this.container.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    }
    this.light();
  }

  looked(id, deal) {
    return flaggedFields(deal)
      .filter((field) => this.desk.looked.has(`${id}/${field}`))
      .join();
  }

  /** Mark the field in focus, and the fields that use the mention in focus. */
  light() {
    const { view, state } = this.desk;
    for (const cell of this.container.querySelectorAll("[role=row]")) {
      const field = cell.dataset.row;
      const deal = cell.closest("[data-deal]").dataset.deal;
      const slot = view.mention ? rowsOf(state.deals[deal]).find((row) => row.field === field)?.slot : null;
      cell.classList.toggle("active", deal === view.deal && field === view.field);
      cell.classList.toggle("uses", Boolean(slot?.evidence?.includes(view.mention)));
    }
    for (const chip of this.container.querySelectorAll("[data-mention]")) {
      chip.classList.toggle("focused", chip.dataset.mention === view.mention);
    }
  }

  card(id, deal, index, count, open, checks) {
    const [sign, verdict] = VERDICTS[deal.verdict];
    const flagged = flaggedFields(deal).filter((field) => !this.desk.looked.has(`${id}/${field}`));
    const made = originOf(deal.origin, deal.verdict);
    const heading = h(
      "h3",
      { id: `title-${id}` },
      h("span", { class: "verdict", "aria-hidden": "true" }, sign),
      unseen(`Deal ${index + 1} of ${count}, ${verdict}: `),
      words(companyText(deal), { class: "who" }),
      " ",
      h("span", { class: "sum" }, sumText(deal)),
    );
    const status = h(
      "p",
      { class: "status" },
      isHedged(deal) ? h("span", { class: "hedged" }, "hedged") : null,
      statusText(deal),
      h("span", { class: "made" }, `${made.sign} ${made.text}`),
      deal.verdict === "open" && flagged.length ? h("span", { class: "flag" }, `⚠ ${flagged.length} to look at`) : null,
    );
    return h(
      "article",
      {
        class: `deal ${deal.verdict}${open ? " current" : ""}${isHedged(deal) ? " ishedged" : ""}`,
        tabindex: "-1",
        "aria-labelledby": `title-${id}`,
        "aria-current": open ? "true" : null,
        data: { deal: id, focus: id },
      },
      h("header", {}, heading, confidence(deal.confidence, isFlagged(deal)), status),
      checks.filter((check) => !open || !check.field).map(note),
      open && this.fields(id, deal, checks),
      open && this.actions(deal, count),
      !open &&
        h(
          "button",
          { class: "unseen opens", tabindex: "-1", data: { action: "focusDeal", with: id } },
          `Open deal ${index + 1}`,
        ),
    );
  }

  fields(id, deal, checks) {
    const rows = rowsOf(deal, this.desk.view.adding).map(({ field, name, slot }) =>
      this.row(
        id,
        deal,
        field,
        name,
        slot,
        checks.filter((check) => check.field && field.split("/")[0] === check.field),
      ),
    );
    return h("div", { role: "grid", "aria-label": "Fields of the deal", class: "fields" }, rows);
  }

  row(id, deal, field, name, slot, checks) {
    const { reading, state, looked } = this.desk;
    const evidence = evidenceOf(slot, state.mentions);
    const flagged = isFlagged(slot);
    const seen = looked.has(`${id}/${field}`);
    const made = slot?.origin ? originOf(slot.origin, deal.verdict) : null;
    const role = field.startsWith("investors/") && slot ? slot.role : null;
    const plain = valueText(field, slot, deal);
    const isName = /^(company|companies|investors|attribution)/.test(field);
    const value = slot
      ? [isName ? words(plain) : plain, role && [" ", h("span", { class: "role" }, role)]]
      : [h("span", { "aria-hidden": "true" }, "—"), unseen("not said")];
    const parsed = field === "amount" && slot ? h("span", { class: "written" }, words(slot.value.text), " → ") : null;
    const chips = evidence.map(({ start, end, mention }) =>
      h(
        "button",
        {
          class: "chip",
          tabindex: "-1",
          data: mention ? { mention } : { action: "showSpan", with: `${start}-${end}` },
          title: "show in the article",
        },
        quote(reading, start, end),
      ),
    );
    return h(
      "div",
      { role: "row", class: `field${slot ? "" : " empty"}${flagged && !seen ? " flagged" : ""}`, data: { row: field } },
      h("span", { role: "rowheader", class: "name" }, name),
      h(
        "div",
        {
          role: "gridcell",
          tabindex: "0",
          class: "value",
          data: { field, focus: `${id}/${field}` },
          title: "Enter to edit",
        },
        parsed,
        value,
        made &&
          h(
            "span",
            { class: `made ${slot.origin}`, title: made.text },
            h("span", { "aria-hidden": "true" }, made.sign),
            unseen(`, ${made.text}`),
          ),
        flagged && h("span", { class: "flag" }, seen ? "⚠ seen" : "⚠ look"),
      ),
      h("span", { role: "gridcell", class: "sure" }, confidence(slot?.confidence ?? null, flagged)),
      slot &&
        h(
          "div",
          { role: "gridcell", class: "evidence" },
          chips.length ? chips : h("span", { class: "none" }, "no evidence in the text"),
        ),
      checks.length ? h("div", { role: "gridcell", class: "checks" }, checks.map(note)) : null,
    );
  }

  actions(deal, count) {
    const button = (action, text, name, more = {}) =>
      h(
        "button",
        { data: { action, focus: action, ...(more.with ? { with: more.with } : {}) }, class: more.class },
        text,
        name && [" ", key(name)],
      );
    const kind = h(
      "select",
      {
        "aria-label": "kind of deal",
        data: { focus: "kind" },
        on: { change: (event) => this.desk.setKind(event.target.value) },
      },
      KINDS.map((each) => h("option", { value: each, selected: each === deal.kind }, said(each))),
    );
    return h(
      "div",
      { class: "actions" },
      deal.verdict === "open"
        ? [button("accept", "Accept", "a", { class: "primary" }), button("reject", "Reject", "x")]
        : button("reopen", "Reopen", null),
      h(
        "details",
        { class: "more" },
        h("summary", { data: { focus: "more" } }, "More"),
        h(
          "div",
          {},
          h("label", { class: "inline" }, "Kind ", kind),
          button("addTo", "+ investor", null, { with: "investors/+" }),
          button("addTo", "+ company", null, { with: "companies/+" }),
          button("addTo", "+ source", null, { with: "attribution/+" }),
          button("split", "Split", "s"),
          count > 1 ? button("merge", "Merge", "m") : null,
          deal.origin === "hand" ? button("deleteDeal", "Delete", null) : null,
        ),
      ),
    );
  }
}

const note = ({ severity, message }) =>
  h(
    "p",
    { class: `check ${severity}` },
    h("span", { "aria-hidden": "true" }, severity === "error" ? "✗ " : "⚠ "),
    unseen(`${severity}: `),
    message,
  );

const nothing = () =>
  h(
    "div",
    { class: "nothing" },
    h("p", {}, "No deal was found in this article."),
    h("p", {}, "Right? Finish the document with ", key("f"), ". Otherwise create a deal with ", key("c"), "."),
  );

function confidence(value, flagged) {
  if (value === null || value === undefined) return null;
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("span", {}));
  bar.firstChild.style.inlineSize = `${Math.round(value * 100)}%`;
  return h(
    "span",
    { class: `confidence${flagged ? " low" : ""}`, title: "how sure the machine is" },
    bar,
    unseen(flagged ? "low confidence " : "confidence "),
    percent(value),
  );
}
