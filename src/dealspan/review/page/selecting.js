/** Words by mouse and touch: selecting, choosing a mention, dragging its edges. */

import { h } from "./dom.js";
import { atSelection } from "./tools.js";

export class Selecting {
  /** @param {object} desk @param {import("./text.js").Article} article @param {HTMLElement} popover @param {HTMLElement} handles */
  constructor(desk, article, popover, handles) {
    Object.assign(this, { desk, article, popover, handles });
    this.pressed = false;
    this.exact = false;
    document.addEventListener("selectionchange", () => this.changed());
    document.addEventListener("pointerdown", (event) => {
      this.pressed = article.container.contains(event.target);
      if (!popover.contains(event.target)) popover.hidden = true;
    });
    // Who goes on by keyboard has the same below the article, and wants to see what lies under it.
    document.addEventListener("keydown", ({ target, key }) => {
      if (!popover.contains(target) && !["Alt", "Control", "Meta", "Shift"].includes(key)) popover.hidden = true;
    });
    document.addEventListener("pointerup", (event) => {
      this.exact = event.altKey;
      if (this.pressed) setTimeout(() => this.released());
      this.pressed = false;
    });
    // A touch that the browser takes for scrolling or for its own selection is over for us.
    document.addEventListener("pointercancel", () => (this.pressed = false));
    article.container.addEventListener("click", (event) => this.clicked(event));
    // A press on the popover must not take the selection away.
    popover.addEventListener("pointerdown", (event) => event.preventDefault());
    window.addEventListener("resize", () => this.place());
    article.container.closest(".scrolls").addEventListener("scroll", () => (popover.hidden = true), { passive: true });
    this.start = this.handle("start");
    this.end = this.handle("end");
  }

  /** The selected stretch in whole tokens; with Alt in characters. */
  span() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const start = this.article.pointAt(range.startContainer, range.startOffset);
    const end = this.article.pointAt(range.endContainer, range.endOffset);
    if (start === null || end === null || start >= end) return null;
    return this.exact ? { start, end } : this.article.reading.snap(start, end);
  }

  changed() {
    // While the button is down the selection still grows; a touch selects without one.
    if (this.pressed || this.ours) return;
    const { view } = this.desk;
    const span = this.span();
    if (span && !(view.selection?.start === span.start && view.selection?.end === span.end)) {
      this.desk.select(span);
      this.open();
    }
  }

  released() {
    const span = this.span();
    if (span) {
      this.desk.select(span);
      this.open();
    } else if (this.desk.view.selection) this.desk.select(null);
  }

  clicked({ target }) {
    if (!document.getSelection().isCollapsed) return;
    let mark = target.closest("mark");
    if (!mark) return this.desk.view.mention && this.desk.leave();
    // A second press on the same words goes to the mention around.
    const outer = mark.parentElement.closest("mark");
    if (mark.dataset.mark === this.desk.view.mention && outer) mark = outer;
    const id = mark.dataset.mark;
    if (id in this.desk.state.mentions) this.desk.focusMention(id);
    else {
      const [deal, field] = id.split(":");
      this.desk.toField([deal, field]);
    }
  }

  /** Select a span as the keyboard does, without asking for a label. */
  select({ start, end }) {
    const range = this.article.range(start, end);
    if (!range) return;
    this.quietly(() => {
      const selection = document.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
    });
  }

  clear() {
    this.popover.hidden = true;
    const selection = document.getSelection();
    if (this.article.container.contains(selection.anchorNode)) this.quietly(() => selection.removeAllRanges());
  }

  quietly(change) {
    this.ours = true;
    change();
    setTimeout(() => (this.ours = false), 50);
  }

  /** Show the popover under the selection, within the window. */
  open() {
    const { selection } = this.desk.view;
    const box = selection && this.article.range(selection.start, selection.end)?.getBoundingClientRect();
    if (!box) return;
    atSelection(this.popover, this.desk);
    this.popover.hidden = false;
    const { offsetWidth, offsetHeight } = this.popover;
    const left = Math.max(8, Math.min(box.left, innerWidth - offsetWidth - 8));
    const below = box.bottom + 10;
    const top = below + offsetHeight < innerHeight - 8 ? below : Math.max(8, box.top - offsetHeight - 10);
    this.popover.style.left = `${left}px`;
    this.popover.style.top = `${top}px`;
  }

  handle(edge) {
    const element = h("span", { class: `handle ${edge}`, hidden: true, "aria-hidden": "true", data: { edge } });
    element.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      event.stopPropagation();
      element.setPointerCapture(event.pointerId);
      this.dragged = { id: this.desk.view.mention, edge, span: null };
    });
    element.addEventListener("pointermove", (event) => this.drag(event));
    element.addEventListener("pointerup", () => this.drop());
    element.addEventListener("pointercancel", () => this.drop(true));
    this.handles.append(element);
    return element;
  }

  drag({ clientX, clientY }) {
    if (!this.dragged) return;
    const point = this.pointUnder(clientX, clientY);
    const mention = this.desk.state.mentions[this.dragged.id];
    if (point === null || !mention) return;
    const { tokens } = this.article.reading;
    const token = tokens[Math.min(this.article.reading.tokenAt(point), tokens.length - 1)];
    const span =
      this.dragged.edge === "start"
        ? { start: token.start, end: mention.end }
        : {
            start: mention.start,
            end: token.start >= point ? (tokens[this.article.reading.tokenAt(point) - 1]?.end ?? token.end) : token.end,
          };
    if (span.start >= span.end) return;
    this.dragged.span = span;
    this.article.sync(this.desk.state, { id: this.dragged.id, ...span });
    this.article.light("focused", [this.dragged.id]);
    this.place(span);
  }

  pointUnder(x, y) {
    // The handle itself lies under the pointer.
    this.handles.classList.add("through");
    const at = document.caretPositionFromPoint?.(x, y - 4) ?? null;
    const range = at ? null : document.caretRangeFromPoint?.(x, y - 4);
    this.handles.classList.remove("through");
    const [node, offset] = at
      ? [at.offsetNode, at.offset]
      : range
        ? [range.startContainer, range.startOffset]
        : [null, 0];
    return node && this.article.pointAt(node, offset);
  }

  drop(cancelled = false) {
    const dragged = this.dragged;
    this.dragged = null;
    if (!dragged?.span || cancelled) return this.desk.page.draw();
    const { start, end } = this.desk.state.mentions[dragged.id];
    if (dragged.span.start === start && dragged.span.end === end) return this.desk.page.draw();
    this.desk.do("resize", dragged.id, () => dragged.span);
  }

  /** Put the handles at the edges of the mention in focus. */
  place(span = this.desk.state?.mentions[this.desk.view.mention]) {
    const range = span && this.article.range(span.start, span.end);
    this.start.hidden = this.end.hidden = !range;
    if (!range) return;
    const boxes = range.getClientRects();
    const origin = this.handles.getBoundingClientRect();
    const [first, last] = [boxes[0], boxes[boxes.length - 1]];
    if (!first) return;
    put(this.start, first.left - origin.left, first.top - origin.top, first.height);
    put(this.end, last.right - origin.left, last.top - origin.top, last.height);
  }
}

function put(element, left, top, height) {
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
  element.style.height = `${height}px`;
}
