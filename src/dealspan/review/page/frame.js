/** What stands around the document: its title, the colours, whether all is saved. */

import { $, h } from "./dom.js";

const THEMES = ["light", "dark", ""];
const LONGEST_HEADLINE = 160;

/** @param {import("./codepoints.js").Reading} reading */
export function firstLine(reading) {
  const line = reading.lines.find(({ start, end }) => reading.slice(start, end).trim());
  return line ? reading.slice(line.start, line.end).trim() : "";
}

/** The title, else the first line where it looks like one, else the id. */
export function titleOf(about, reading) {
  const first = firstLine(reading);
  return about.title?.trim() || (first.length <= LONGEST_HEADLINE && first) || about.id;
}

/** Turn to the next of light, dark, as the system; with 0 to the one that was kept. @returns {string} its name */
export function theme(by = 1) {
  const root = document.documentElement;
  const now = THEMES[(THEMES.indexOf(root.dataset.theme ?? "") + by) % THEMES.length];
  if (now) root.dataset.theme = now;
  else delete root.dataset.theme;
  try {
    if (now) localStorage.setItem("dealspan-theme", now);
    else localStorage.removeItem("dealspan-theme");
  } catch {
    // Without storage it holds until the page is closed.
  }
  const name = now || "auto";
  $("#theme-name").textContent = ` ${name[0].toUpperCase()}${name.slice(1)}`;
  return name;
}

/** Say whether all is saved. @param {"saved"|"saving"|"unsaved"} state @param {number} count steps that are not */
export function saved(state, count, retry) {
  const steps = count === 1 ? "1 step" : `${count} steps`;
  const text = {
    saved: "✓ saved",
    saving: "saving …",
    unsaved: `⚠ ${steps} not saved: the server cannot be reached. `,
  }[state];
  $("#saved").className = state;
  $("#saved").replaceChildren(text);
  if (state === "unsaved") $("#saved").append(h("button", { class: "link", on: { click: retry } }, "Try now"));
}

/** Copy the command that the notes show. @returns {Promise<string>} what was done */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied the command.";
  } catch {
    document.getSelection().selectAllChildren($("#notes code"));
    return "Selected the command: copy it with Ctrl+C.";
  }
}
