/** The article: its lines as paragraphs, marks cut at their boundaries, only what changed drawn anew. */

import { h, visible } from "./dom.js";
import { slots } from "./state.js";

/**
 * @typedef {{id: string, label: string, start: number, end: number, origin: string, sign: string}} Mark
 */

const LONG = 1000;

export class Article {
  /** @param {HTMLElement} container */
  constructor(container) {
    this.container = container;
    this.units = new WeakMap();
  }

  /** @param {import("./codepoints.js").Reading} reading @param {string|null} title */
  open(reading, title) {
    this.reading = reading;
    this.marks = new Map();
    this.elements = new Map();
    this.highlight("stated", []);
    this.lines = [];
    const paragraphs = reading.lines
      .filter(({ start, end }) => reading.slice(start, end).trim())
      .map((line, index) => {
        const headline = index === 0 && title !== null && reading.slice(line.start, line.end).trim() === title.trim();
        const stretches = this.stretches(line).map((each) => ({ ...each, ids: new Set(), element: h("span") }));
        this.lines.push(...stretches);
        return h(
          "p",
          { dir: "auto", class: headline ? "headline" : null },
          stretches.map(({ element }) => element),
        );
      });
    for (const line of this.lines) this.draw(line);
    this.container.replaceChildren(...paragraphs);
  }

  /** Cut a long line, so that what is drawn anew stays short: a text may be one single line. */
  stretches({ start, end }) {
    const found = [];
    while (end - start > LONG) {
      const cut = this.reading.tokens[this.reading.tokenAt(start + LONG)]?.start ?? end;
      if (cut >= end) break;
      found.push({ start, end: cut });
      start = cut;
    }
    return [...found, { start, end }];
  }

  /** Show a state: lines whose marks are not as they were are drawn anew. */
  sync(state, preview = null) {
    const marks = marksOf(state, preview);
    const dirty = new Set();
    const touch = (mark) => {
      for (const line of this.linesOf(mark.start, mark.end)) dirty.add(line);
    };
    for (const [id, mark] of marks) {
      const old = this.marks.get(id);
      if (old && old.key === mark.key) continue;
      if (old) touch(old);
      touch(mark);
    }
    for (const [id, old] of this.marks) if (!marks.has(id)) touch(old);
    this.marks = marks;
    for (const line of dirty) this.draw(line);
    return dirty.size > 0;
  }

  linesOf(start, end) {
    return this.lines.filter((line) => line.start < end && line.end > start);
  }

  draw(line) {
    for (const id of line.ids) this.elements.delete(id);
    const marks = [...this.marks.values()].filter(({ start, end }) => start < line.end && end > line.start);
    line.ids = new Set(marks.map(({ id }) => id));
    const lanes = lanesOf(marks);
    const edges = new Set([line.start, line.end]);
    for (const { start, end } of marks) {
      edges.add(Math.max(start, line.start));
      edges.add(Math.min(end, line.end));
    }
    const cuts = [...edges].sort((a, b) => a - b);
    const open = [...marks].sort((a, b) => a.start - b.start);
    const nodes = [];
    let active = [];
    let next = 0;
    for (let index = 0; index + 1 < cuts.length; index += 1) {
      const [start, end] = [cuts[index], cuts[index + 1]];
      active = active.filter((mark) => mark.end > start);
      while (next < open.length && open[next].start <= start) {
        if (open[next].end > start) active.push(open[next]);
        next += 1;
      }
      nodes.push(
        this.piece(
          start,
          end,
          [...active].sort((a, b) => lanes.get(a.id) - lanes.get(b.id)),
          lanes,
        ),
      );
    }
    line.element.replaceChildren(...nodes.flat());
  }

  /** A stretch without boundaries inside, wrapped in its marks, the longest outermost. */
  piece(start, end, marks, lanes) {
    let unit = this.reading.unit(start);
    let nodes = visible(this.reading.slice(start, end));
    for (const node of nodes) {
      const text = node.firstChild ?? node;
      this.units.set(text, unit);
      unit += text.data.length;
    }
    for (const mark of marks) {
      const first = mark.start === start;
      const last = mark.end === end;
      const element = h(
        "mark",
        {
          class: `m ${mark.label.toLowerCase()} lane${Math.min(3, lanes.get(mark.id))}${first ? " first" : ""}${last ? " last" : ""}`,
          data: { mark: mark.id, ...(last ? { label: `${mark.sign} ${mark.label.toLowerCase()}`.trim() } : {}) },
          tabindex: first ? "-1" : null,
        },
        nodes,
      );
      if (!this.elements.has(mark.id)) this.elements.set(mark.id, []);
      this.elements.get(mark.id).push(element);
      nodes = [element];
    }
    return nodes;
  }

  /** Put a class on the marks with these ids, and on no other. */
  light(name, ids) {
    const before = (this.lit ??= {})[name] ?? [];
    for (const element of before) element.classList.remove(name);
    const now = [...ids].flatMap((id) => this.elements.get(id) ?? []);
    for (const element of now) element.classList.add(name);
    this.lit[name] = now;
  }

  /** Colour stretches of text without touching the document; a browser that lacks it shows the marks alone. */
  highlight(name, spans) {
    if (!globalThis.Highlight) return;
    CSS.highlights.set(name, new Highlight(...spans.map(([start, end]) => this.range(start, end)).filter(Boolean)));
  }

  /** The DOM range of a span. */
  range(start, end) {
    const from = this.place(start, false);
    const to = this.place(end, true);
    if (!from || !to) return null;
    const range = document.createRange();
    range.setStart(...from);
    range.setEnd(...to);
    return range;
  }

  place(point, atEnd) {
    const line = atEnd
      ? this.lines.findLast((each) => each.start < point)
      : this.lines.find((each) => each.end > point);
    if (!line) return null;
    const unit = this.reading.unit(Math.max(line.start, Math.min(point, line.end)));
    const walker = document.createTreeWalker(line.element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = this.units.get(node);
      if (at === undefined) continue;
      const inside = atEnd ? unit > at && unit <= at + node.data.length : unit >= at && unit < at + node.data.length;
      if (inside) return [node, unit - at];
    }
    return null;
  }

  /** The code point at a place of the DOM; null outside the text. */
  pointAt(node, offset) {
    if (!this.container.contains(node)) return null;
    if (node.nodeType !== Node.TEXT_NODE) {
      const child = node.childNodes[offset];
      const walker = document.createTreeWalker(child ?? node, NodeFilter.SHOW_TEXT);
      const text = child?.nodeType === Node.TEXT_NODE ? child : child ? walker.nextNode() : lastOf(walker);
      if (!text) return null;
      return this.reading.point((this.units.get(text) ?? 0) + (child ? 0 : text.data.length));
    }
    const at = this.units.get(node);
    return at === undefined ? null : this.reading.point(at + offset);
  }

  /**
   * Scroll a span into the middle, unless it is seen already. Where the page scrolls as a whole, only if one insists:
   * what is in focus beside the article would be scrolled away.
   */
  show(start, end, insist = false) {
    const rectangle = this.range(start, end)?.getBoundingClientRect();
    const view = this.container.closest(".scrolls") ?? this.container;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const behavior = calm ? "instant" : "smooth";
    if (getComputedStyle(view).overflowY === "visible") {
      if (insist) this.range(start, end)?.startContainer.parentElement.scrollIntoView({ block: "center", behavior });
      return;
    }
    const box = view.getBoundingClientRect();
    if (!rectangle || (rectangle.top >= box.top + 32 && rectangle.bottom <= box.bottom - 32)) return;
    view.scrollTo({ top: view.scrollTop + rectangle.top - box.top - box.height / 2.5, behavior });
  }
}

function lastOf(walker) {
  let last = null;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) last = node;
  return last;
}

/** The marks of a state: mentions, and the sources and dates of its deals. @returns {Map<string, Mark & {key: string}>} */
function marksOf(state, preview) {
  const marks = new Map();
  const confirmed = new Set();
  const add = (id, label, start, end, origin) => {
    const sign = origin === "hand" ? "✎" : confirmed.has(id) ? "✓" : "";
    marks.set(id, { id, label, start, end, sign, key: `${label} ${start} ${end} ${sign}` });
  };
  for (const deal of Object.values(state.deals)) {
    if (deal.verdict !== "accepted") continue;
    for (const { slot } of slots(deal))
      for (const each of slot.evidence ?? []) if (typeof each === "string") confirmed.add(each);
  }
  for (const [id, mention] of Object.entries(state.mentions)) {
    const { start, end } = preview?.id === id ? preview : mention;
    add(id, mention.label, start, end, mention.origin);
  }
  const seen = new Set();
  for (const [id, deal] of Object.entries(state.deals)) {
    if (deal.verdict === "rejected") continue;
    for (const { field, slot } of slots(deal)) {
      const label = field === "date" ? "date" : field.startsWith("attribution") ? "source" : null;
      const spans = label === "date" ? slot.evidence : label ? [[slot.start, slot.end]] : [];
      spans.forEach(([start, end], index) => {
        const key = `${label} ${start} ${end}`;
        if (!seen.has(key)) add(`${id}:${field}:${index}`, label, start, end, slot.origin);
        seen.add(key);
      });
    }
  }
  return marks;
}

/** The line each mark is underlined on: short ones nearest to the words, those that overlap on different ones. */
function lanesOf(marks) {
  const lanes = new Map();
  const placed = [];
  for (const mark of [...marks].sort((a, b) => a.end - a.start - (b.end - b.start) || a.start - b.start)) {
    const near = placed
      .filter((other) => other.start < mark.end && other.end > mark.start)
      .map(({ id }) => lanes.get(id));
    let lane = 0;
    while (near.includes(lane)) lane += 1;
    lanes.set(mark.id, lane);
    placed.push(mark);
  }
  return lanes;
}
