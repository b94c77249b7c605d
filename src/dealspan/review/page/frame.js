/** What stands around the document: its title, the colours, whether all is saved. */

import { $, h, key, words } from "./dom.js";

const THEMES = ["light", "dark", ""];
const LONGEST_HEADLINE = 160;

/** @param {import("./codepoints.js").Reading} reading */
function firstLine(reading) {
  const line = reading.lines.find(({ start, end }) => reading.slice(start, end).trim());
  return line ? reading.slice(line.start, line.end).trim() : "";
}

/** The title, else the first line where it looks like one, else the id. */
export function titleOf(about, reading) {
  const first = firstLine(reading);
  return about.title?.trim() || (first.length <= LONGEST_HEADLINE && first) || about.id;
}

/** The title of the document, and where it comes from. */
export function head(desk) {
  const { document: about, reading } = desk;
  const title = titleOf(about, reading);
  document.title = `${title} – dealspan review`;
  $("#title").replaceChildren(words(title));
  // Where the article begins with its title, it is seen there.
  $("#title").classList.toggle("unseen", title === firstLine(reading));
  const facts = [about.published, about.id, about.source && about.source !== about.id ? about.source : null].filter(
    Boolean,
  );
  $("#source").replaceChildren(...facts.flatMap((fact, index) => [index ? " · " : "", words(fact)]));
}

/** What is left to decide, and the ways out of the document. */
export function finish(desk, adjudicates) {
  const { state } = desk;
  const deals = Object.values(state.deals);
  const left = adjudicates ? desk.leftOver() : deals.filter(({ verdict }) => verdict === "open").length;
  const done = state.status !== "open";
  $("#deals-title").textContent = adjudicates
    ? "Disagreements"
    : deals.length === 1
      ? "1 deal"
      : `${deals.length} deals`;
  $("#finish").classList.toggle("ready", !left && !done);
  const action = (name, text, shown, primary) =>
    h(
      "button",
      { data: { action: name, focus: name }, class: primary ? "primary" : null },
      text,
      shown && [" ", key(shown)],
    );
  const note = done
    ? `${state.status === "done" ? "✓ Done" : "↷ Skipped"}. `
    : !deals.length && !adjudicates
      ? ""
      : left
        ? `${left} to decide. `
        : "All decided. ";
  const before = document.activeElement?.closest?.("#finish")?.querySelector(":focus")?.dataset.focus;
  $("#finish").replaceChildren(
    h("span", {}, note),
    done ? action("reopenDocument", "Reopen", null) : action("skip", "Skip", "Space"),
    done ? action("onward", "Go on", "f", true) : action("finish", "Finish", "f", !left),
  );
  if (before) $(`#finish [data-focus="${before}"]`)?.focus();
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

/**
 * Say whether all is saved.
 * @param {"saved"|"saving"|"unsaved"} state @param {number} count steps that are not @param {string} problem why
 */
export function saved(state, count, problem, retry) {
  const steps = count === 1 ? "1 step" : `${count} steps`;
  $("#saved").className = state;
  $("#saved").replaceChildren(
    { saved: "✓ saved", saving: "saving …", unsaved: `⚠ ${steps} not saved. ${problem} ` }[state],
  );
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
