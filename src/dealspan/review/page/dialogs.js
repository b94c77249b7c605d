/** Dialogs: keys, guidelines, history, conflict, and choices. One element, since one is open at a time. */

import * as api from "./api.js";
import { $, h, unseen, words } from "./dom.js";
import { companyText, rowsOf, statusText, sumText, valueText } from "./fields.js";
import { shownKeys } from "./keys.js";
import { apply, difference, orderedDeals, same } from "./state.js";

/**
 * Show a dialog. @returns {Promise<string>} the value of the button that closed it, "" where it was dismissed
 */
function show(title, content, buttons, { wide = false, dismiss = true } = {}) {
  const dialog = /** @type {HTMLDialogElement} */ ($("#dialog"));
  const back = document.activeElement;
  if (dialog.open) dialog.close("");
  dialog.returnValue = "";
  dialog.className = wide ? "wide" : "";
  const form = h(
    "form",
    { method: "dialog" },
    h(
      "div",
      { class: "top" },
      h("h2", { id: "dialog-title", tabindex: "-1" }, title),
      dismiss && dismissing(h("button", { type: "button", class: "close" }, "×", unseen(" close"))),
    ),
    h("div", { class: "content", tabindex: "0" }, content),
    buttons.length ? h("div", { class: "buttons" }, buttons) : null,
  );
  dialog.replaceChildren(form);
  const keep = (event) => dismiss || event.preventDefault();
  dialog.addEventListener("cancel", keep);
  dialog.showModal();
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector("h2")).focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        dialog.removeEventListener("cancel", keep);
        back?.focus?.({ preventScroll: true });
        resolve(dialog.returnValue);
      },
      { once: true },
    );
  });
}

/** No submit button, so that Enter is not its. */
function dismissing(button) {
  button.addEventListener("click", () => /** @type {HTMLDialogElement} */ ($("#dialog")).close(""));
  return button;
}

const cancel = () => dismissing(h("button", { type: "button" }, "Cancel"));
const closing = (value, text, more = {}) =>
  h("button", { value, class: more.primary ? "primary" : null, autofocus: more.primary }, text);

/** @param {typeof import("./keys.js").KEYS} table */
export function help(table) {
  const groups = [...new Set(table.map(({ group }) => group))];
  const content = h(
    "div",
    { class: "keys" },
    groups.map((group) =>
      h(
        "section",
        {},
        h("h3", {}, group),
        h(
          "table",
          {},
          h(
            "tbody",
            {},
            table
              .filter((entry) => entry.group === group)
              .map((entry) => h("tr", {}, h("th", { scope: "row" }, shownKeys(entry)), h("td", {}, entry.text))),
          ),
        ),
      ),
    ),
  );
  const note = h(
    "p",
    { class: "quiet" },
    "Keys are ignored while you type in a field. On a Mac, Cmd works as Ctrl. By mouse: select words to label them, click a mention, drag its edges; Alt while selecting keeps single characters.",
  );
  return show("Keys", [content, note], [closing("", "Close", { primary: true })], { wide: true });
}

let rules;

/** The guidelines stand in a file of their own, which is the page's own and safe to adopt. */
export async function guidelines() {
  rules ??= fetch("/static/guidelines.html").then((response) =>
    response.ok ? response.text() : Promise.reject(response.status),
  );
  try {
    const page = new DOMParser().parseFromString(await rules, "text/html");
    await show(
      "Guidelines",
      [...page.querySelector("main").children].map((each) => document.importNode(each, true)),
      [],
      { wide: true },
    );
  } catch {
    rules = undefined;
    await show("Guidelines", h("p", {}, "They could not be loaded: the server cannot be reached."), []);
  }
}

/** What was done to a document, and where the human's reading differs from the machine's. */
export async function history(desk) {
  let events;
  try {
    events = await api.history(desk.id);
  } catch (error) {
    return show("History", h("p", {}, error.message), []);
  }
  const undone = new Set();
  for (const { undoes, redoes } of events) {
    if (undoes) undone.add(undoes);
    undone.delete(redoes);
  }
  const list = events.length
    ? h(
        "ol",
        { class: "events" },
        [...events]
          .reverse()
          .map((event) =>
            h(
              "li",
              { class: undone.has(event.seq) ? "undone" : null },
              h(
                "time",
                { datetime: event.time },
                new Date(event.time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" }),
              ),
              h(
                "span",
                {},
                event.operation.replaceAll("_", " "),
                event.reviewer ? h("span", { class: "quiet" }, ` by ${event.reviewer}`) : null,
                undone.has(event.seq) ? h("span", { class: "quiet" }, " (taken back)") : null,
              ),
              h("span", { class: "quiet" }, event.changes.map(({ item }) => item).join(", ")),
            ),
          ),
      )
    : h("p", { class: "quiet" }, "Nothing was done yet.");
  const changes = difference(desk.machine, desk.state).filter(({ item }) => item !== "status");
  return show(
    "History",
    [
      h("h3", {}, "Machine against human"),
      changes.length
        ? changeList(changes, desk.reading, desk.machine, desk.state)
        : h("p", { class: "quiet" }, "The reading is the machine's."),
      h("h3", {}, "Every step, the last first"),
      list,
    ],
    [],
    { wide: true },
  );
}

/** One line for each change: what it was, what it is. */
function changeList(changes, reading, from, to) {
  return h(
    "ul",
    { class: "changes" },
    changes.map(({ item, before, after }) => {
      if (item === "status") return h("li", {}, `document: ${before} → ${after}`);
      if (item.startsWith("mentions/")) {
        const show = (mention) =>
          mention
            ? ["“", words(reading.slice(mention.start, mention.end)), `” ${mention.label.toLowerCase()}`]
            : ["none"];
        return h("li", {}, "mention: ", show(before), " → ", show(after));
      }
      const id = item.slice("deals/".length);
      const state = after ? to : from;
      const number = orderedDeals(state).indexOf(id) + 1;
      if (!before || !after) {
        const deal = before ?? after;
        return h(
          "li",
          {},
          `deal ${number || ""} `,
          words(companyText(deal)),
          `, ${sumText(deal)}: ${before ? "deleted" : "new"}`,
        );
      }
      return h(
        "li",
        {},
        `deal ${number}, `,
        words(companyText(after)),
        ": ",
        fieldChanges(before, after).map((text, index) => [index ? "; " : "", words(text)]),
      );
    }),
  );
}

function fieldChanges(before, after) {
  const found = [];
  if (before.verdict !== after.verdict) found.push(`${before.verdict} → ${after.verdict}`);
  if (before.kind !== after.kind) found.push(`kind ${before.kind} → ${after.kind}`);
  const shown = (deal) =>
    new Map(
      rowsOf(deal).map(({ field, name, slot }) => [
        field.replace("/+", "/0"),
        { name, text: slot ? valueText(field, slot, deal) + (slot.role ? ` (${slot.role})` : "") : "—", slot },
      ]),
    );
  const [old, now] = [shown(before), shown(after)];
  for (const field of new Set([...old.keys(), ...now.keys()])) {
    const [a, b] = [old.get(field), now.get(field)];
    if (a?.text !== b?.text) found.push(`${(a ?? b).name} ${a?.text ?? "—"} → ${b?.text ?? "—"}`);
    else if (!same(a?.slot?.evidence, b?.slot?.evidence)) found.push(`other evidence of ${(a ?? b).name}`);
  }
  return found.length ? found : ["details"];
}

/**
 * Another tab or reviewer was faster: show both sides, and let the reviewer choose.
 * @returns {Promise<"theirs"|"mine">}
 */
export async function conflict({ base, theirs, mine, last }, reading) {
  const other = difference(base, theirs);
  let now = base;
  for (const event of mine) now = apply(now, event.changes);
  const own = difference(base, now);
  const both = own.filter(({ item }) => other.some((each) => each.item === item));
  const side = (title, changes, to) =>
    h(
      "section",
      {},
      h("h3", {}, title),
      changes.length && reading
        ? changeList(changes, reading, base, to)
        : h("p", { class: "quiet" }, changes.length ? `${changes.length} changes` : "Nothing that still stands."),
    );
  const when = last
    ? `, last “${last.operation.replaceAll("_", " ")}” at ${new Date(last.time).toLocaleTimeString("en-GB")}`
    : "";
  const choice = await show(
    "The document was changed elsewhere",
    [
      h(
        "p",
        {},
        `Another tab changed this document${when}, so your last ${mine.length === 1 ? "step is" : `${mine.length} steps are`} not saved.`,
      ),
      h("div", { class: "sides" }, side("There", other, theirs), side("Here, not saved", own, now)),
      h(
        "p",
        {},
        both.length
          ? "Both changed the same: with mine on top, only the fields that you changed replace theirs."
          : "You changed different things: with mine on top, both stay.",
      ),
    ],
    [closing("theirs", "Take theirs, drop mine"), closing("mine", "Put mine on top", { primary: true })],
    { wide: true, dismiss: false },
  );
  return choice === "mine" ? "mine" : "theirs";
}

/** Which deal to merge. @returns {Promise<string>} its id, or "" */
export async function chooseDeal(state, id, others) {
  const choices = others.map((other, index) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "deal", value: other, checked: index === 0, autofocus: index === 0 }),
      h(
        "span",
        {},
        words(companyText(state.deals[other])),
        ` · ${sumText(state.deals[other])}`,
        h("span", { class: "quiet" }, ` · ${statusText(state.deals[other])}`),
      ),
    ),
  );
  const deal = state.deals[id];
  const answer = await show(
    "Merge",
    [
      h(
        "p",
        {},
        "Into ",
        h("strong", {}, words(companyText(deal)), ` · ${sumText(deal)}`),
        ", which keeps what it says and gets from the other what it lacks, its investors, hedges and sources:",
      ),
      choices,
    ],
    [cancel(), h("button", { value: "merge", class: "primary" }, "Merge")],
  );
  return answer === "merge" ? $("#dialog").querySelector("input:checked").value : "";
}

/** Which fields go into a new deal. @returns {Promise<string[]|null>} */
export async function chooseFields(state, id) {
  const deal = state.deals[id];
  const rows = rowsOf(deal).filter(
    ({ field, slot }) => slot && !["company", "stage", "certainty"].includes(field) && !field.startsWith("companies"),
  );
  const choices = rows.map(({ field, name, slot }, index) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "checkbox", value: field, autofocus: index === 0 }),
      h("span", {}, `${name} `, words(valueText(field, slot, deal))),
    ),
  );
  const answer = await show(
    "Split",
    [
      h("p", {}, "The new deal has the same company, stage and certainty. What else goes into it?"),
      choices.length ? choices : h("p", {}, "The deal has nothing that could go."),
    ],
    [cancel(), h("button", { value: "split", class: "primary" }, "Split")],
  );
  return answer === "split" ? [...$("#dialog").querySelectorAll("input:checked")].map((box) => box.value) : null;
}
