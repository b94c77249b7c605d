/** What can be done with words: the labels, what uses a mention, its edges. Docked below the article, or at a selection. */

import { fill, h, key, unseen } from "./dom.js";
import { quote } from "./editors.js";
import { LABELS, nameOf, originOf, percent, takes } from "./fields.js";
import { orderedDeals, usesOf } from "./state.js";

const FIELDS = [
  ["company", "6"],
  ["amount", "7"],
  ["valuation", "8"],
  ["investors/+", "9"],
];

const button = (action, argument, text, name, more = {}) =>
  h(
    "button",
    {
      class: more.class,
      title: more.title,
      "aria-pressed": more.pressed,
      data: { action, with: argument === null ? "" : JSON.stringify(argument), focus: `${action}${argument}` },
    },
    text,
    name && [" ", key(name)],
  );

function labels(desk) {
  const current = desk.state.mentions[desk.view.mention]?.label;
  return h(
    "div",
    { class: "labels", role: "group", "aria-label": "Label" },
    LABELS.map((label, index) =>
      button(
        "label",
        label,
        h("span", { class: `sample ${label.toLowerCase()}` }, label.toLowerCase()),
        String(index + 1),
        { pressed: String(label === current) },
      ),
    ),
  );
}

function fields(desk) {
  const { view } = desk;
  if (!view.deal) return null;
  const extra =
    view.field && !FIELDS.some(([field]) => field === view.field)
      ? button("use", null, `to ${nameOf(view.field)}`, "e")
      : null;
  return h(
    "div",
    {
      class: "give",
      role: "group",
      "aria-label": `Give to a field of deal ${orderedDeals(desk.state).indexOf(view.deal) + 1}`,
    },
    h("span", { class: "hint", "aria-hidden": "true" }, "is the"),
    FIELDS.map(([field, name]) => button("give", field, nameOf(field), name)),
    extra,
  );
}

/** Fill the dock below the article. */
export function dock(element, desk) {
  const { view, state, reading } = desk;
  const mention = state.mentions[view.mention];
  element.classList.toggle("idle", !mention && !view.selection);
  const rows = [
    h(
      "div",
      { class: "mention" },
      labels(desk),
      mention &&
        h(
          "div",
          { class: "edges" },
          button("everywhere", null, "others too", "o", { title: "the same for the other occurrences" }),
          button("remove", null, "delete", null, { title: "Delete" }),
        ),
    ),
  ];
  if (mention) {
    const uses = usesOf(state, view.mention);
    const made = originOf(
      mention.origin,
      uses.some(({ deal }) => state.deals[deal].verdict === "accepted") ? "accepted" : "open",
    );
    const ids = orderedDeals(state);
    rows.push(
      h(
        "div",
        { class: "context" },
        h("strong", {}, "“", quote(reading, mention.start, mention.end), "”"),
        h(
          "span",
          { class: "quiet" },
          ` ${mention.label.toLowerCase()} · ${made.sign} ${made.text}${mention.confidence === null ? "" : ` · ${percent(mention.confidence)}`} · `,
        ),
        uses.length
          ? h(
              "span",
              {},
              "used by ",
              uses.map(({ deal, field }) =>
                h(
                  "button",
                  { class: "link", data: { action: "toField", with: JSON.stringify([deal, field]) } },
                  `${nameOf(field)} of deal ${ids.indexOf(deal) + 1}`,
                ),
              ),
            )
          : h("span", { class: "quiet" }, "no field uses it"),
      ),
    );
    rows.push(
      h(
        "div",
        { class: "mention" },
        fields(desk),
        h(
          "div",
          { class: "edges", role: "group", "aria-label": "Edges" },
          button("edge", ["start", -1], unseen("start to the left"), "[", { title: "start a token to the left" }),
          button("edge", ["start", 1], unseen("start to the right"), "]", { title: "start a token to the right" }),
          button("edge", ["end", -1], unseen("end to the left"), "{", { title: "end a token to the left" }),
          button("edge", ["end", 1], unseen("end to the right"), "}", { title: "end a token to the right" }),
        ),
      ),
    );
  } else if (view.selection) {
    rows.push(
      h(
        "div",
        { class: "context" },
        h("strong", {}, "“", quote(reading, view.selection.start, view.selection.end), "”"),
        h("span", { class: "quiet" }, hint(view)),
      ),
    );
    rows.push(h("div", { class: "mention" }, fields(desk)));
  } else {
    rows.push(
      h(
        "p",
        { class: "quiet" },
        "Select words to label them, or walk the mentions with ",
        key("n"),
        " ",
        key("p"),
        ". A field in focus lights up its evidence.",
      ),
    );
  }
  fill(element, rows);
}

function hint({ field }) {
  if (!field) return " selected";
  const label = LABELS.findIndex((each) => takes(field, each));
  return ["date", "attribution"].includes(field.split("/")[0])
    ? ` selected; e makes it the ${nameOf(field)}`
    : ` selected; ${label + 1} labels it and gives it to ${nameOf(field)}`;
}

/** Fill the popover at a selection. */
export function atSelection(element, desk) {
  fill(
    element,
    labels(desk),
    fields(desk),
    h(
      "button",
      { class: "close", data: { action: "leave", with: "" }, title: "Esc" },
      "×",
      unseen(" let go of the selection"),
    ),
  );
}
