/** Elements are made here and nowhere from strings: words of an article only ever become text nodes. */

/**
 * @param {string} tag
 * @param {Record<string, any>} [properties] `class`, `data` (dataset), `on` (listeners), else attributes; null leaves out
 * @param {...(Node|string|null|undefined|false|Array<any>)} children
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "data") Object.assign(element.dataset, value);
    else if (name === "on")
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @param {string} selector @returns {HTMLElement} */
export const $ = (selector) => document.querySelector(selector);

/** Replace what is in an element, keeping the focus on the child with the same `data-focus`. */
export function fill(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset?.focus : null;
  element.replaceChildren(...children.flat(3).filter(Boolean));
  if (focused) element.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Words from an article or a name, on their own side of the bidi algorithm, controls shown. */
export const words = (text, properties = {}) => h("bdi", properties, ...visible(text));

/** For a screen reader only. */
export const unseen = (text) => h("span", { class: "unseen" }, text);

/** A key as it is shown. */
export const key = (name) => h("kbd", {}, name);

const NAMES = {
  "\u061c": "ALM",
  "\u200b": "ZWSP",
  "\u200e": "LRM",
  "\u200f": "RLM",
  "\u202a": "LRE",
  "\u202b": "RLE",
  "\u202c": "PDF",
  "\u202d": "LRO",
  "\u202e": "RLO",
  "\u2028": "LS",
  "\u2029": "PS",
  "\u2066": "LRI",
  "\u2067": "RLI",
  "\u2068": "FSI",
  "\u2069": "PDI",
  "\ufeff": "BOM",
};
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Cut a text at its control characters, which are shown as a symbol of the same length, so that offsets stay.
 * @param {string} text
 * @returns {Array<Text|HTMLElement>}
 */
export function visible(text) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(CONTROLS)) {
    if (match.index > at) parts.push(document.createTextNode(text.slice(at, match.index)));
    const code = match[0].charCodeAt(0);
    const symbol = code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\u25ca";
    const name = NAMES[match[0]] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    parts.push(h("span", { class: "control", title: `control character ${name}`, data: { name } }, symbol));
    at = match.index + 1;
  }
  if (at < text.length) parts.push(document.createTextNode(text.slice(at)));
  return parts;
}
