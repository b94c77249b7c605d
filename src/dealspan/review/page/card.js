/** How one deal looks: its heading, its fields with confidence and evidence, what can be done with it. */

import { h, key, unseen, words } from "./dom.js";
import { quote } from "./editors.js";
import {
  companyText,
  evidenceOf,
  flaggedFields,
  isFlagged,
  isHedged,
  KINDS,
  originOf,
  percent,
  rowsOf,
  said,
  statusText,
  sumText,
  valueText,
} from "./fields.js";

const VERDICTS = { open: ["○", "open"], accepted: ["✓", "accepted"], rejected: ["✗", "rejected"] };

/** A card: the current one with all its fields. */
export function card(desk, id, deal, index, count, open, checks) {
  const [sign, verdict] = VERDICTS[deal.verdict];
  const flagged = flaggedFields(deal).filter((field) => !desk.hasLooked(id, field));
  const made = originOf(deal.origin, deal.verdict);
  const heading = h(
    "h3",
    { id: `title-${id}` },
    h("span", { class: "verdict", "aria-hidden": "true" }, sign),
    unseen(`Deal ${index + 1} of ${count}, ${verdict}: `),
    words(companyText(deal), { class: "who" }),
    " ",
    h("span", { class: "sum" }, sumText(deal)),
  );
  const status = h(
    "p",
    { class: "status" },
    isHedged(deal) ? h("span", { class: "hedged" }, "hedged") : null,
    statusText(deal),
    h("span", { class: "made" }, `${made.sign} ${made.text}`),
    deal.verdict === "open" && flagged.length ? h("span", { class: "flag" }, `⚠ ${flagged.length} to look at`) : null,
  );
  return h(
    "article",
    {
      class: `deal ${deal.verdict}${open ? " current" : ""}${isHedged(deal) ? " ishedged" : ""}`,
      tabindex: "-1",
      "aria-labelledby": `title-${id}`,
      "aria-current": open ? "true" : null,
      data: { deal: id, focus: id },
    },
    h("header", {}, heading, confidence(deal.confidence, isFlagged(deal)), status),
    checks.map(note),
    open && fields(desk, id, deal),
    open && actions(desk, deal, count),
    !open &&
      h(
        "button",
        { class: "unseen opens", tabindex: "-1", data: { action: "focusDeal", with: id } },
        `Open deal ${index + 1}`,
      ),
  );
}

function fields(desk, id, deal) {
  const rows = rowsOf(deal, desk.view.adding).map(({ field, name, slot }) => row(desk, id, deal, field, name, slot));
  return h("div", { role: "grid", "aria-label": "Fields of the deal", class: "fields" }, rows);
}

function row(desk, id, deal, field, name, slot) {
  const { reading, state } = desk;
  const evidence = evidenceOf(slot, state.mentions);
  const flagged = isFlagged(slot);
  const seen = desk.hasLooked(id, field);
  const made = slot?.origin ? originOf(slot.origin, deal.verdict) : null;
  const role = field.startsWith("investors/") && slot ? slot.role : null;
  const plain = valueText(field, slot, deal);
  const isName = /^(company|companies|investors|attribution)/.test(field);
  const value = slot
    ? [isName ? words(plain) : plain, role && [" ", h("span", { class: "role" }, role)]]
    : [h("span", { "aria-hidden": "true" }, "—"), unseen("not said")];
  const parsed = field === "amount" && slot ? h("span", { class: "written" }, words(slot.value.text), " → ") : null;
  const chips = evidence.map(({ start, end, mention }) =>
    h(
      "button",
      {
        class: "chip",
        tabindex: "-1",
        data: mention ? { mention } : { action: "showSpan", with: `${start}-${end}` },
        title: "show in the article",
      },
      quote(reading, start, end),
    ),
  );
  const part = `${id}-${field}`;
  return h(
    "div",
    { role: "row", class: `field${slot ? "" : " empty"}${flagged && !seen ? " flagged" : ""}`, data: { row: field } },
    h("span", { role: "rowheader", class: "name", id: `${part}-name` }, name),
    h(
      "div",
      {
        role: "gridcell",
        tabindex: "0",
        class: "value",
        data: { field, focus: `${id}/${field}` },
        id: `${part}-value`,
        "aria-labelledby": `${part}-name ${part}-value`,
        "aria-describedby": `${part}-sure ${part}-evidence`,
        title: "Enter to edit",
      },
      parsed,
      value,
      made &&
        h(
          "span",
          { class: `made ${slot.origin}`, title: made.text },
          h("span", { "aria-hidden": "true" }, made.sign),
          unseen(`, ${made.text}`),
        ),
      flagged && h("span", { class: "flag" }, seen ? "⚠ seen" : "⚠ look"),
    ),
    h("span", { role: "gridcell", class: "sure", id: `${part}-sure` }, confidence(slot?.confidence ?? null, flagged)),
    slot &&
      h(
        "div",
        { role: "gridcell", class: "evidence", id: `${part}-evidence` },
        chips.length ? chips : h("span", { class: "none" }, "no evidence in the text"),
      ),
  );
}

function actions(desk, deal, count) {
  const button = (action, text, name, more = {}) =>
    h(
      "button",
      { data: { action, focus: action, ...(more.with ? { with: more.with } : {}) }, class: more.class },
      text,
      name && [" ", key(name)],
    );
  const kind = h(
    "select",
    {
      "aria-label": "kind of deal",
      data: { focus: "kind" },
      on: { change: (event) => desk.do("setKind", event.target.value) },
    },
    KINDS.map((each) => h("option", { value: each, selected: each === deal.kind }, said(each))),
  );
  return h(
    "div",
    { class: "actions" },
    deal.verdict === "open"
      ? [button("accept", "Accept", "a", { class: "primary" }), button("reject", "Reject", "x")]
      : button("reopen", "Reopen", null),
    h(
      "details",
      { class: "more" },
      h("summary", { data: { focus: "more" } }, "More"),
      h(
        "div",
        {},
        h("label", { class: "inline" }, "Kind ", kind),
        button("addTo", "+ investor", null, { with: "investors/+" }),
        button("addTo", "+ company", null, { with: "companies/+" }),
        button("addTo", "+ source", null, { with: "attribution/+" }),
        button("split", "Split", "s"),
        count > 1 ? button("merge", "Merge", "m") : null,
        deal.origin === "hand" ? button("deleteDeal", "Delete", null) : null,
      ),
    ),
  );
}

const note = ({ severity, message }) =>
  h(
    "p",
    { class: `check ${severity}` },
    h("span", { "aria-hidden": "true" }, severity === "error" ? "✗ " : "⚠ "),
    unseen(`${severity}: `),
    message,
  );

/** What stands there where no deal does. */
export const nothing = () =>
  h(
    "div",
    { class: "nothing" },
    h("p", {}, "No deal was found in this article."),
    h("p", {}, "Right? Finish the document with ", key("f"), ". Otherwise create a deal with ", key("c"), "."),
  );

function confidence(value, flagged) {
  if (value === null || value === undefined) return null;
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("span", {}));
  bar.firstChild.style.inlineSize = `${Math.round(value * 100)}%`;
  return h(
    "span",
    { class: `confidence${flagged ? " low" : ""}`, title: "how sure the machine is" },
    bar,
    unseen(flagged ? "low confidence " : "confidence "),
    percent(value),
  );
}
