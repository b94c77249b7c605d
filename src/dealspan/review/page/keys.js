/** The keyboard, in one table: the help overlay and the page's documentation are written from it. */

import { key } from "./dom.js";

/**
 * `keys` are values of KeyboardEvent.key; `action` is a method of the desk, called with `with`.
 * @type {{group: string, keys: string[], shown?: string, action: string, with?: any, text: string}[]}
 */
// prettier-ignore
export const KEYS = [
  { group: "Decide", keys: ["a"], action: "accept", text: "accept the deal and go to the next open one" },
  { group: "Decide", keys: ["x"], action: "reject", text: "reject the deal" },
  { group: "Decide", keys: [" "], shown: "Space", action: "skip", text: "skip the document" },
  { group: "Decide", keys: ["f"], action: "finish", text: "finish the document and go on (after the last decision also Enter)" },
  { group: "Decide", keys: ["u"], shown: "u or Ctrl+Z", action: "undo", text: "undo, as far back as you like, also in other documents" },
  { group: "Decide", keys: ["U"], shown: "U or Ctrl+Shift+Z", action: "redo", text: "redo" },

  { group: "Move", keys: ["j"], action: "step", with: 1, text: "next deal" },
  { group: "Move", keys: ["k"], action: "step", with: -1, text: "deal before" },
  { group: "Move", keys: [], shown: "Tab, Shift+Tab", action: "", text: "next field, field before; its evidence lights up" },
  { group: "Move", keys: ["n"], action: "walk", with: 1, text: "next mention" },
  { group: "Move", keys: ["p"], action: "walk", with: -1, text: "mention before" },
  { group: "Move", keys: ["/"], action: "search", text: "search the queue" },
  { group: "Move", keys: ["Escape"], shown: "Esc", action: "leave", text: "let go of the selection, the mention, the field" },

  { group: "Fields", keys: [], shown: "Enter", action: "", text: "edit the field" },
  { group: "Fields", keys: ["e"], action: "use", text: "give the selection or the mention to the field as evidence, or take it away" },
  { group: "Fields", keys: ["6"], action: "give", with: "company", text: "the selection or the mention is the company" },
  { group: "Fields", keys: ["7"], action: "give", with: "amount", text: "… is the amount" },
  { group: "Fields", keys: ["8"], action: "give", with: "valuation", text: "… is the valuation" },
  { group: "Fields", keys: ["9"], action: "give", with: "investors/+", text: "… is an investor" },

  { group: "Words", keys: ["1"], action: "label", with: "COMPANY", text: "label the selection or the mention company; where a field has the focus, give it to the field too" },
  { group: "Words", keys: ["2"], action: "label", with: "INVESTOR", text: "… investor" },
  { group: "Words", keys: ["3"], action: "label", with: "MONEY", text: "… money" },
  { group: "Words", keys: ["4"], action: "label", with: "ROUND", text: "… round" },
  { group: "Words", keys: ["5"], action: "label", with: "HEDGE", text: "… hedge" },
  { group: "Words", keys: ["o"], action: "everywhere", text: "the same for the other occurrences of the words" },
  { group: "Words", keys: ["["], action: "edge", with: ["start", -1], text: "start of the mention a token to the left" },
  { group: "Words", keys: ["]"], action: "edge", with: ["start", 1], text: "start a token to the right" },
  { group: "Words", keys: ["{"], action: "edge", with: ["end", -1], text: "end a token to the left" },
  { group: "Words", keys: ["}"], action: "edge", with: ["end", 1], text: "end a token to the right" },
  { group: "Words", keys: ["ArrowRight"], shown: "→", action: "pick", with: [1, false], text: "select the next token" },
  { group: "Words", keys: ["ArrowLeft"], shown: "←", action: "pick", with: [-1, false], text: "select the token before" },
  { group: "Words", keys: ["Shift+ArrowRight"], shown: "Shift+→", action: "pick", with: [1, true], text: "make the selection longer" },
  { group: "Words", keys: ["Shift+ArrowLeft"], shown: "Shift+←", action: "pick", with: [-1, true], text: "make the selection shorter" },
  { group: "Words", keys: ["Delete", "Backspace"], shown: "Delete", action: "remove", text: "delete the mention, or empty the field, that was last in focus" },
  { group: "Words", keys: ["D"], action: "removeEverywhere", text: "delete the mention and the others with the same words and label" },

  { group: "Deals", keys: ["c"], action: "addDeal", text: "create a deal" },
  { group: "Deals", keys: ["m"], action: "merge", text: "merge another deal into this one" },
  { group: "Deals", keys: ["s"], action: "split", text: "split fields off into a new deal" },

  { group: "Page", keys: ["?"], action: "help", text: "these keys" },
  { group: "Page", keys: ["g"], action: "guidelines", text: "the guidelines" },
  { group: "Page", keys: ["h"], action: "history", text: "what was done to the document, and machine against human" },
  { group: "Page", keys: ["t"], action: "theme", text: "light, dark, as the system" },
];

/** In adjudication the digits choose, and what edits is left out. */
// prettier-ignore
export const ADJUDICATION = [
  { group: "Decide", keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], shown: "1, 2, …", action: "choose", text: "take the reading with this number" },
  { group: "Move", keys: ["j"], action: "step", with: 1, text: "next disagreement" },
  { group: "Move", keys: ["k"], action: "step", with: -1, text: "disagreement before" },
  ...KEYS.filter(({ action }) => ["skip", "finish", "undo", "redo", "search", "leave", "help", "guidelines", "history", "theme"].includes(action)),
];

const TYPES = new Set(["INPUT", "TEXTAREA", "SELECT"]);
const isTyping = (target) => TYPES.has(target.tagName) && !["checkbox", "radio", "button"].includes(target.type);

/**
 * Listen for the keys of a table. Keys are ignored while typing and while a dialog is open.
 * @param {() => {table: typeof KEYS, desk: object}} current
 */
export function listen(current) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const { target } = event;
    if (isTyping(target) || target.isContentEditable) return;
    const { table, desk } = current();
    const shortcut = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (shortcut && event.key.toLowerCase() === "z") {
      event.preventDefault();
      desk.do(event.shiftKey ? "redo" : "undo");
      return;
    }
    const typedByAltGr = event.getModifierState("AltGraph");
    if ((event.ctrlKey || event.metaKey || event.altKey) && !typedByAltGr) return;
    const onControl = target.closest("button, a[href], summary, [role=option], input");
    if (onControl && (event.key === " " || event.key === "Enter")) return;
    if (target.closest("[data-arrows]") && event.key.startsWith("Arrow")) return;
    const name = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    const entry = table.find(({ keys }) => keys.includes(name));
    if (!entry) return;
    event.preventDefault();
    desk.do(entry.action, entry.action === "choose" ? Number(event.key) - 1 : entry.with);
  });
}

/** The keys of an entry as elements. */
export function shownKeys({ shown, keys }) {
  return (shown ?? keys[0]).split(/( or |, |\+)/).map((part) => (/^( or |, |\+|…)$/.test(part) ? part : key(part)));
}
