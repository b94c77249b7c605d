/** The deals beside the article: one card each, the current one open with all its fields. */

import { card, nothing } from "./card.js";
import { editor } from "./editors.js";
import { evidenceOf, flaggedFields, rowsOf } from "./fields.js";
import { orderedDeals } from "./state.js";

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
      // Whoever has gone on to something else stays there, be it another editor.
      const stays = form.contains(document.activeElement) || document.activeElement === document.body;
      cell.replaceChildren(...before);
      if (this.editing?.form === form) {
        this.editing = null;
        this.desk.view.adding = null;
      }
      if (stays) cell.focus({ preventScroll: true });
      if (event) this.desk.do("perform", event);
      this.desk.page.draw();
    });
    this.editing = { deal, form };
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
    if (this.document !== this.desk.document) {
      this.document = this.desk.document;
      this.drawn.clear();
      this.editing = null;
    }
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
      if (old && ((old.deal === deal && old.looks === looks) || this.editing?.deal === id)) return old.element;
      moved = true;
      const element = card(this.desk, id, deal, index, ids.length, open, mine);
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
      .filter((field) => this.desk.hasLooked(id, field))
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
}
