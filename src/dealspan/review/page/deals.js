/** What a reviewer can do to whole deals: make, delete, merge, split. Each is one event, as in `edits.js`. Pure. */

import { byHand, Draft, titleOf, withSlot } from "./edits.js";
import { slotAt } from "./fields.js";
import { fresh } from "./state.js";

const EMPTY = {
  kind: "round",
  company: null,
  companies: null,
  amount: null,
  round_type: null,
  extension: false,
  valuation: null,
  investors: [],
  hedges: [],
  attribution: [],
  date: null,
  confidence: null,
  evidence: [],
  origin: "hand",
  verdict: "open",
};

export function addDeal(state) {
  const id = fresh("d", state.deals);
  const deal = { ...EMPTY, stage: byHand("completed", []), certainty: byHand("asserted", []) };
  return new Draft(state)
    .put(`deals/${id}`, deal)
    .event("add_deal", "New deal: completed and asserted, until you say otherwise.", { deal: id });
}

export const deleteDeal = (state, id) =>
  new Draft(state).put(`deals/${id}`, null).event("delete_deal", `Deleted ${titleOf(state.deals[id])}.`);

/**
 * Put another deal into this one: what this one says stays, what it lacks comes from the other. Where the two were not
 * decided alike, it is to be decided anew.
 */
export function merge(state, id, other) {
  const [into, from] = [state.deals[id], state.deals[other]];
  const joined = (field, key) => [
    ...into[field],
    ...from[field].filter((each) => !into[field].some((mine) => key(mine) === key(each))),
  ];
  const next = { ...into, verdict: into.verdict === from.verdict ? into.verdict : "open" };
  for (const field of ["amount", "round_type", "valuation", "date"]) next[field] ??= from[field];
  if (!into.company && !into.companies) Object.assign(next, { company: from.company, companies: from.companies });
  if (!into.round_type) next.extension = from.extension;
  next.investors = joined("investors", ({ value }) => value);
  next.hedges = joined("hedges", (each) => each);
  next.attribution = joined("attribution", ({ value }) => value);
  next.evidence = joined("evidence", (each) => each.join());
  const draft = new Draft(state).put(`deals/${id}`, next).put(`deals/${other}`, null);
  return draft.event("merge", `Merged ${titleOf(from)} into ${titleOf(into)}.`);
}

/** Take fields out of a deal into a new one of the same company. @param {string[]} fields keys of fields that go */
export function split(state, id, fields) {
  if (!fields.length) return "Choose what goes into the new deal.";
  const from = state.deals[id];
  const made = fresh("d", state.deals);
  let left = from;
  let deal = {
    ...EMPTY,
    kind: from.kind,
    company: from.company,
    companies: from.companies,
    stage: from.stage,
    certainty: from.certainty,
  };
  // From behind, so that the places of a list stay what they were.
  for (const field of [...fields].reverse()) {
    const slot = slotAt(from, field);
    if (field === "hedges") deal = { ...deal, hedges: from.hedges };
    else
      deal = field.includes("/")
        ? { ...deal, [field.split("/")[0]]: [slot, ...deal[field.split("/")[0]]] }
        : { ...deal, [field]: slot };
    if (field === "round_type") deal.extension = from.extension;
    left = field === "hedges" ? { ...left, hedges: [] } : withSlot(left, field, null);
    if (field === "round_type") left.extension = false;
  }
  const draft = new Draft(state).put(`deals/${id}`, left).put(`deals/${made}`, deal);
  return draft.event("split", `Split into ${titleOf(left)} and ${titleOf(deal)}.`, { deal: made });
}
