/** The text of a document by code points, which is how offsets count; JavaScript counts UTF-16 units. */

const TOKEN = /[\p{L}\p{N}\p{M}\u200c\u200d]+|\S/gu;
const LINE_END = /\r\n|\n|\r/g;

export class Reading {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    const units = [];
    const points = new Uint32Array(text.length + 1);
    let unit = 0;
    for (const character of text) {
      points.fill(units.length, unit, unit + character.length);
      units.push(unit);
      unit += character.length;
    }
    points[text.length] = units.length;
    units.push(text.length);
    this._units = units;
    this._points = points;
    this.length = units.length - 1;
  }

  /** UTF-16 offset of a code point. */
  unit(point) {
    return this._units[Math.max(0, Math.min(point, this.length))];
  }

  /** Code point that holds a UTF-16 offset. */
  point(unit) {
    return this._points[Math.max(0, Math.min(unit, this.text.length))];
  }

  slice(start, end) {
    return this.text.slice(this.unit(start), this.unit(end));
  }

  /** The lines, without their ends. @returns {{start: number, end: number}[]} */
  get lines() {
    if (!this._lines) {
      this._lines = [];
      let at = 0;
      for (const match of this.text.matchAll(LINE_END)) {
        this._lines.push({ start: this.point(at), end: this.point(match.index) });
        at = match.index + match[0].length;
      }
      this._lines.push({ start: this.point(at), end: this.length });
    }
    return this._lines;
  }

  /** Words and single signs. @returns {{start: number, end: number}[]} */
  get tokens() {
    this._tokens ??= Array.from(this.text.matchAll(TOKEN), (match) => ({
      start: this.point(match.index),
      end: this.point(match.index + match[0].length),
    }));
    return this._tokens;
  }

  /** Index of the first token that ends behind a code point. */
  tokenAt(point) {
    let low = 0;
    let high = this.tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tokens[middle].end > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Widen a selection to whole tokens, leaving out the spaces around it; null where it holds no token. */
  snap(start, end) {
    const first = this.tokens[this.tokenAt(start)];
    let last = this.tokens[this.tokenAt(end - 1)];
    if (!last || last.start >= end) last = this.tokens[this.tokenAt(end - 1) - 1];
    return first && last && first.start < end && last.end > start ? { start: first.start, end: last.end } : null;
  }

  /** The span with one edge moved by a token; null where it would be empty or leave the text. */
  moved({ start, end }, edge, by) {
    const { tokens } = this;
    if (edge === "start") {
      const index = this.tokenAt(start);
      const inside = tokens[index]?.start < start;
      const to = by < 0 ? (inside ? index : index - 1) : index + 1;
      start = tokens[to]?.start;
    } else {
      const index = this.tokenAt(end - 1);
      const inside = tokens[index]?.end > end;
      const to = by > 0 ? (inside ? index : index + 1) : index - 1;
      end = tokens[to]?.end;
    }
    return start === undefined || end === undefined || start >= end ? null : { start, end };
  }

  /** Every place where these words stand as whole words. @returns {{start: number, end: number}[]} */
  occurrences(words) {
    const found = [];
    if (!words) return found;
    const inWord = (character) => character !== undefined && /[\p{L}\p{N}\p{M}]/u.test(character);
    for (let at = this.text.indexOf(words); at >= 0; at = this.text.indexOf(words, at + words.length)) {
      const start = this.point(at);
      const end = this.point(at + words.length);
      const cutsBefore = inWord(this.slice(start - 1, start)) && inWord(this.slice(start, start + 1));
      const cutsAfter = inWord(this.slice(end - 1, end)) && inWord(this.slice(end, end + 1));
      if (!(start > 0 && cutsBefore) && !cutsAfter) found.push({ start, end });
    }
    return found;
  }

  /** The words of the line before a span, at most this many tokens of it. */
  before(point, tokens) {
    const line = this.lines.findLast((each) => each.start <= point);
    const index = this.tokenAt(point - 1);
    const from = this.tokens[Math.max(0, index - tokens + 1)]?.start ?? point;
    return Math.min(point, Math.max(line.start, from));
  }
}
