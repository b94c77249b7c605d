/**
 * What a reviewer can do to a state, each as one event. Every function takes the state (and the reading of the text,
 * where it needs words) and returns `{operation, changes, said}`, or a string that says why it cannot be done. Pure.
 */

import { companyText, nameOf, roundOf, slotAt, sumText, takes } from "./fields.js";
import { fresh, itemOf, known, same } from "./state.js";

/** Collects what the items of a state become. */
export class Draft {
  constructor(state) {
    this.state = state;
    this.after = new Map();
  }
  get(item) {
    return this.after.has(item) ? this.after.get(item) : itemOf(this.state, item);
  }
  put(item, value) {
    this.after.set(item, value);
    return this;
  }
  event(operation, said, extra = {}) {
    const changes = [...this.after]
      .map(([item, after]) => ({ item, before: itemOf(this.state, item), after }))
      .filter(({ before, after }) => !same(before, after));
    return changes.length ? { operation, changes, said, ...extra } : "Nothing to change.";
  }
}

export const byHand = (value, evidence, more = {}) => ({ value, confidence: null, evidence, origin: "hand", ...more });
const quoted = (words) => `“${words.length > 60 ? `${words.slice(0, 57)}…` : words}”`;
export const titleOf = (deal) => `${companyText(deal)}, ${sumText(deal)}`;

export function setVerdict(state, id, verdict) {
  const deal = state.deals[id];
  const operation = { accepted: "accept", rejected: "reject", open: "reopen" }[verdict];
  const said = { accepted: "Accepted", rejected: "Rejected", open: "Reopened" }[verdict];
  return new Draft(state).put(`deals/${id}`, { ...deal, verdict }).event(operation, `${said} ${titleOf(deal)}.`);
}

export function setStatus(state, status) {
  const operation = { done: "finish", skipped: "skip", open: "reopen" }[status];
  const said = { done: "Finished the document.", skipped: "Skipped the document.", open: "Reopened the document." }[
    status
  ];
  return new Draft(state).put("status", status).event(operation, said);
}

/** Put a slot under a field's key; null empties it. A list loses or gains the entry. */
export function withSlot(deal, field, slot) {
  const [name, index] = field.split("/");
  if (index === undefined) return { ...deal, [name]: slot };
  const list = [...(deal[name] ?? [])];
  if (index === "+") list.push(slot);
  else if (slot === null) list.splice(Number(index), 1);
  else list[Number(index)] = slot;
  if (name === "companies" && list.length < 2) return { ...deal, companies: null, company: list[0] ?? null };
  return { ...deal, [name]: list };
}

/** Change a field; `more` are further properties of the deal (`extension`, `kind`). */
export function setField(state, id, field, slot, more = {}) {
  const deal = state.deals[id];
  const next = { ...(field ? withSlot(deal, field, slot) : deal), ...more };
  const what = field ? nameOf(field) : Object.keys(more)[0];
  return new Draft(state).put(`deals/${id}`, next).event("edit_field", `Changed ${what} of ${titleOf(next)}.`);
}

export function clearField(state, id, field) {
  const deal = state.deals[id];
  if (["stage", "certainty"].includes(field)) return `A deal always has a ${field}.`;
  if (!slotAt(deal, field)) return "The field is empty already.";
  const next = field === "hedges" ? { ...deal, hedges: [] } : withSlot(deal, field, null);
  return new Draft(state).put(`deals/${id}`, next).event("edit_field", `Emptied ${nameOf(field)} of ${titleOf(deal)}.`);
}

/** A second company whose money is counted together with the first. */
export function addCompany(state, id, slot) {
  const deal = state.deals[id];
  const companies = [...(deal.companies ?? [deal.company].filter(Boolean)), slot];
  const next =
    companies.length > 1 ? { ...deal, company: null, companies } : { ...deal, company: companies[0], companies: null };
  return new Draft(state).put(`deals/${id}`, next).event("edit_field", `Added company ${quoted(slot.value)}.`);
}

export const nameSlot = (state, reading, name, more = {}) => byHand(name, mentionsOf(state, reading, name), more);

function mentionsOf(state, reading, words) {
  return Object.keys(state.mentions).filter((id) => {
    const { start, end, label } = state.mentions[id];
    return takes("company", label) && reading.slice(start, end) === words;
  });
}

/** Whether a name and the words of a mention are one's: the same entity, or one the start of the other. */
function sameName(slot, mention, words, mentions) {
  const entities = (slot.evidence ?? []).map((id) => mentions[id]?.entity).filter(Boolean);
  if (mention.entity && entities.includes(mention.entity)) return true;
  const [a, b] = [slot.value.toLowerCase(), words.toLowerCase()];
  return a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `);
}

/**
 * Give a mention to a field of a deal, or take it away where the field has it.
 * @param {{amount: object|null}} parsed how the words are read as a sum, for amount and valuation
 */
export function assign(state, reading, id, field, mentionId, parsed = { amount: null }, draft = new Draft(state)) {
  const deal = draft.get(`deals/${id}`);
  const mention = draft.get(`mentions/${mentionId}`);
  const words = reading.slice(mention.start, mention.end);
  const [name] = field.split("/");
  const slot = slotAt(deal, field);
  const put = (next, said) => draft.put(`deals/${id}`, next).event("assign", said);
  const added = `${quoted(words)} is now evidence of ${nameOf(field)}.`;
  if (name === "hedges") {
    const has = deal.hedges.includes(mentionId);
    const hedges = has ? deal.hedges.filter((each) => each !== mentionId) : [...deal.hedges, mentionId];
    return put(
      { ...deal, hedges },
      has ? `${quoted(words)} is no longer a hedge of the deal.` : `${quoted(words)} is a hedge of the deal.`,
    );
  }
  if (name === "attribution") return assignSpan(state, reading, id, field, mention, draft);
  if (slot?.evidence.includes(mentionId)) {
    const evidence = slot.evidence.filter((each) => each !== mentionId);
    return put(
      withSlot(deal, field, { ...slot, evidence, confidence: null, origin: "hand" }),
      `${quoted(words)} is no longer evidence of ${nameOf(field)}.`,
    );
  }
  if (name === "date") return assignSpan(state, reading, id, field, mention, draft);
  if (name === "stage" || name === "certainty") {
    return put(
      withSlot(deal, field, { ...slot, confidence: null, origin: "hand", evidence: [...slot.evidence, mentionId] }),
      added,
    );
  }
  if (name === "amount" || name === "valuation") {
    if (!parsed.amount) return `${quoted(words)} cannot be read as a sum.`;
    const value = name === "amount" ? parsed.amount : worthOf(parsed.amount, slot);
    return put(withSlot(deal, field, byHand(value, [mentionId])), `${quoted(words)} is now the ${nameOf(field)}.`);
  }
  if (name === "round_type") {
    const { value, extension } = roundOf(words);
    return put(
      { ...withSlot(deal, field, byHand(value, [mentionId])), extension },
      `${quoted(words)} is now the round.`,
    );
  }
  // Names: another word for the one that is there is evidence; another name takes its place, or joins the investors.
  if (slot && sameName(slot, mention, words, draft.state.mentions)) {
    const value = words.length > slot.value.length ? words : slot.value;
    return put(
      withSlot(deal, field, {
        ...slot,
        value,
        evidence: [...slot.evidence, mentionId],
        confidence: null,
        origin: "hand",
      }),
      added,
    );
  }
  if (name === "investors") {
    const known = deal.investors.findIndex((each) => sameName(each, mention, words, draft.state.mentions));
    if (known >= 0 && `investors/${known}` !== field)
      return assign(state, reading, id, `investors/${known}`, mentionId, parsed, draft);
    return put(
      withSlot(deal, "investors/+", byHand(words, [mentionId], { role: "participant" })),
      `${quoted(words)} is now an investor.`,
    );
  }
  return put(withSlot(deal, field, byHand(words, [mentionId])), `${quoted(words)} is now the company.`);
}

/** A sum as a valuation: of a range the lower end. */
const worthOf = ({ min, max, currency }, slot) => ({
  amount: min ?? max,
  currency,
  kind: slot?.value.kind ?? "unspecified",
});

/** Sources and dates rest on stretches of text, not on mentions. */
export function assignSpan(state, reading, id, field, { start, end }, draft = new Draft(state), value = undefined) {
  const deal = draft.get(`deals/${id}`);
  const words = reading.slice(start, end);
  const [name] = field.split("/");
  const slot = slotAt(deal, field);
  if (name === "attribution") {
    const source = { value: words, start, end, confidence: null, origin: "hand" };
    if (deal.attribution.some((each) => each.start === start && each.end === end))
      return "It is a source of the deal already.";
    return draft
      .put(`deals/${id}`, withSlot(deal, "attribution/+", source))
      .event("assign", `${quoted(words)} is now a source.`);
  }
  if (name !== "date") return `Label the words first: ${nameOf(field)} rests on a mention.`;
  const date = value ?? slot?.value;
  if (!date) return "Type the date first.";
  return draft
    .put(`deals/${id}`, { ...deal, date: byHand(date, [[start, end]]) })
    .event("assign", `The date rests on ${quoted(words)}.`);
}

/** Label a stretch of text, and give it to a field in the same step where one is named. */
export function label(state, reading, { start, end }, name, target = null, parsed = { amount: null }) {
  const twin = Object.entries(state.mentions).find(
    ([, each]) => each.start === start && each.end === end && each.label === name,
  );
  if (twin && !target) return "These words have the label already.";
  const draft = new Draft(state);
  const id = twin?.[0] ?? fresh("m", state.mentions);
  const words = reading.slice(start, end);
  if (!twin) draft.put(`mentions/${id}`, mention(state, reading, { start, end }, name, parsed.amount));
  if (target) {
    const event = assign(state, reading, target.deal, target.field, id, parsed, draft);
    return typeof event === "string" ? event : { ...event, operation: twin ? "assign" : "label", mention: id };
  }
  return draft.event("label", `Labelled ${quoted(words)} ${name.toLowerCase()}.`, { mention: id });
}

function mention(state, reading, { start, end }, label, amount) {
  const words = reading.slice(start, end);
  const twin = Object.values(state.mentions).find(
    (each) => each.label === label && reading.slice(each.start, each.end) === words,
  );
  return {
    label,
    start,
    end,
    origin: "hand",
    confidence: null,
    amount: label === "MONEY" ? sumOf(amount) : null,
    entity: twin?.entity ?? null,
  };
}

/** The sum of a mention: without the words around it, which belong to the amount of a deal. */
const sumOf = (amount) =>
  amount && { min: amount.min, max: amount.max, currency: amount.currency, approx: amount.approx };

/** Give a mention another label, and give it to a field in the same step where one is named that lacks it. */
export function relabel(state, reading, id, name, target = null, parsed = { amount: null }) {
  const before = state.mentions[id];
  if (before.label === name) return "It has this label already.";
  const after = {
    ...before,
    label: name,
    origin: "hand",
    confidence: null,
    amount: name === "MONEY" ? sumOf(parsed.amount) : null,
  };
  const draft = new Draft(state).put(`mentions/${id}`, after);
  if (target && !slotAt(state.deals[target.deal], target.field)?.evidence.includes(id)) {
    const event = assign(state, reading, target.deal, target.field, id, parsed, draft);
    return typeof event === "string" ? event : { ...event, operation: "relabel", mention: id };
  }
  return draft.event("relabel", `${quoted(reading.slice(before.start, before.end))} is now ${name.toLowerCase()}.`, {
    mention: id,
  });
}

/** Move an edge; a value that repeats the words of the mention follows them. */
export function moveEdge(state, reading, id, span, amount = null) {
  const before = state.mentions[id];
  const old = reading.slice(before.start, before.end);
  const words = reading.slice(span.start, span.end);
  const draft = new Draft(state);
  draft.put(`mentions/${id}`, {
    ...before,
    ...span,
    origin: "hand",
    confidence: null,
    amount: before.label === "MONEY" ? sumOf(amount) : null,
  });
  for (const [key, deal] of Object.entries(state.deals)) {
    const follow = (slot) =>
      slot?.value === old && slot.evidence.includes(id)
        ? { ...slot, value: words, confidence: null, origin: "hand" }
        : slot;
    const next = {
      ...deal,
      company: follow(deal.company),
      companies: deal.companies && deal.companies.map(follow),
      investors: deal.investors.map(follow),
    };
    if (amount && deal.amount?.evidence.includes(id)) next.amount = byHand(amount, deal.amount.evidence);
    if (amount && deal.valuation?.evidence.includes(id))
      next.valuation = byHand(worthOf(amount, deal.valuation), deal.valuation.evidence);
    if (!same(next, deal)) draft.put(`deals/${key}`, next);
  }
  return draft.event("move_edge", `Now ${quoted(words)}.`, { mention: id });
}

/** Delete mentions, and what rests on them loses this evidence. */
export function deleteMentions(state, reading, ids, operation = "delete_mention") {
  const draft = new Draft(state);
  const left = { ...state.mentions };
  for (const id of ids) {
    draft.put(`mentions/${id}`, null);
    delete left[id];
  }
  for (const [key, deal] of Object.entries(state.deals)) {
    const next = known(deal, left);
    if (!same(next, deal)) draft.put(`deals/${key}`, next);
  }
  const { start, end } = state.mentions[ids[0]];
  const times = ids.length > 1 ? `, ${ids.length} times` : "";
  return draft.event(operation, `Deleted the mention ${quoted(reading.slice(start, end))}${times}.`);
}

/** Mentions with the same words, wherever they stand. */
export function twinsOf(state, reading, id) {
  const { start, end, label } = state.mentions[id];
  const words = reading.slice(start, end);
  return Object.keys(state.mentions).filter((each) => {
    const other = state.mentions[each];
    return other.label === label && reading.slice(other.start, other.end) === words;
  });
}

/** Label the other occurrences of the words of a mention as it is labelled. */
export function everywhere(state, reading, id) {
  const model = state.mentions[id];
  const words = reading.slice(model.start, model.end);
  const taken = new Set(Object.values(state.mentions).map((each) => `${each.start}-${each.end}-${each.label}`));
  const others = new Map(Object.entries(state.mentions).map(([key, each]) => [`${each.start}-${each.end}`, key]));
  const draft = new Draft(state);
  const ids = { ...state.mentions };
  for (const span of reading.occurrences(words)) {
    if (taken.has(`${span.start}-${span.end}-${model.label}`)) continue;
    const other = others.get(`${span.start}-${span.end}`);
    const key = other ?? fresh("m", ids);
    ids[key] = { ...model, ...span, origin: "hand", confidence: null };
    draft.put(`mentions/${key}`, ids[key]);
  }
  const count = draft.after.size;
  if (!count) return "The other occurrences have this label already.";
  return draft.event(
    "same_everywhere",
    `Labelled ${quoted(words)} ${model.label.toLowerCase()} ${count === 1 ? "in one more place" : `in ${count} more places`}.`,
  );
}
