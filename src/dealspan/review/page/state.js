/** The state of a document and its changes: apply, turn round, compare. Pure; the server folds the same way. */

/**
 * @typedef {{label: string, start: number, end: number, origin: string, confidence: number|null, amount: object|null,
 *   entity: string|null}} Mention
 * @typedef {Record<string, any>} Deal
 * @typedef {{version: number, status: string, mentions: Record<string, Mention>, deals: Record<string, Deal>}} State
 * @typedef {{item: string, before: any, after: any}} Change
 */

/** @param {State} state @param {string} item */
export function itemOf(state, item) {
  if (item === "status") return state.status;
  const [kind, id] = split(item);
  return state[kind][id] ?? null;
}

function split(item) {
  const slash = item.indexOf("/");
  return [item.slice(0, slash), item.slice(slash + 1)];
}

/** @param {State} state @param {Change[]} changes @returns {State} a new state; what did not change is shared */
export function apply(state, changes) {
  const next = { ...state, mentions: { ...state.mentions }, deals: { ...state.deals } };
  for (const { item, after } of changes) {
    if (item === "status") {
      next.status = after;
      continue;
    }
    const [kind, id] = split(item);
    if (after === null) delete next[kind][id];
    else next[kind][id] = after;
  }
  return next;
}

/** @param {Change[]} changes @returns {Change[]} */
export const inverse = (changes) =>
  changes.map(({ item, before, after }) => ({ item, before: after, after: before })).reverse();

/** Whether two JSON values are equal, whatever the order of their keys. */
export function same(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

/** What differs between two states, as changes from the first to the second. */
export function difference(from, to) {
  const changes = [];
  for (const kind of ["mentions", "deals"]) {
    for (const id of new Set([...Object.keys(from[kind]), ...Object.keys(to[kind])])) {
      const before = from[kind][id] ?? null;
      const after = to[kind][id] ?? null;
      if (!same(before, after)) changes.push({ item: `${kind}/${id}`, before, after });
    }
  }
  if (from.status !== to.status) changes.push({ item: "status", before: from.status, after: to.status });
  return changes;
}

/**
 * Put my changes on top of a state that has moved on: of an item that both changed, only the fields that I changed
 * replace theirs. Evidence that names a mention which either deleted goes.
 * @param {State} theirs @param {Change[]} mine @returns {Change[]}
 */
export function onTop(theirs, mine) {
  let state = theirs;
  const changes = [];
  for (const { item, before, after } of mine) {
    const current = itemOf(state, item);
    const wanted = isObject(before) && isObject(after) && isObject(current) ? merged(current, before, after) : after;
    const change = { item, before: current, after: wanted };
    state = apply(state, [change]);
    changes.push(change);
  }
  for (const [id, before] of Object.entries(state.deals)) {
    const item = `deals/${id}`;
    const after = known(before, state.mentions);
    if (!same(before, after) && !changes.some((each) => each.item === item)) changes.push({ item, before, after });
  }
  return changes
    .map((change) =>
      change.item.startsWith("deals/") && change.after
        ? { ...change, after: known(change.after, state.mentions) }
        : change,
    )
    .filter(({ before, after }) => !same(before, after));
}

const isObject = (value) => typeof value === "object" && value !== null;

function merged(current, before, after) {
  const result = { ...current };
  for (const field of Object.keys(after)) if (!same(before[field], after[field])) result[field] = after[field];
  return result;
}

/** A deal without references to mentions that are not there. */
export function known(deal, mentions) {
  const keep = (ids) => ids.filter((id) => typeof id !== "string" || id in mentions);
  const slot = (value) => (value?.evidence ? { ...value, evidence: keep(value.evidence) } : value);
  const result = {};
  for (const [field, value] of Object.entries(deal)) {
    if (field === "hedges") result[field] = keep(value);
    else if (field === "investors" || field === "companies") result[field] = value && value.map(slot);
    else result[field] = isObject(value) && !Array.isArray(value) ? slot(value) : value;
  }
  return result;
}

/** A short id that is not in use. */
export function fresh(prefix, taken) {
  for (;;) {
    const id = `${prefix}-${Math.random().toString(36).slice(2, 7)}`;
    if (!(id in taken)) return id;
  }
}

/** Deals in the order of the text (where they are first stated), then of their making. */
export function orderedDeals(state) {
  const first = (deal) =>
    Math.min(
      ...slots(deal)
        .flatMap(({ slot }) => spansOf(slot, state.mentions))
        .map(([start]) => start),
      Infinity,
    );
  const at = new Map(Object.entries(state.deals).map(([id, deal]) => [id, deal.evidence?.[0]?.[0] ?? first(deal)]));
  return Object.keys(state.deals).sort((a, b) => at.get(a) - at.get(b) || 0);
}

/** Mentions in the order of the text. */
export function orderedMentions(state) {
  const { mentions } = state;
  return Object.keys(mentions).sort(
    (a, b) => mentions[a].start - mentions[b].start || mentions[b].end - mentions[a].end,
  );
}

/** The slots of a deal that hold something, with the key of their field. */
export function slots(deal) {
  const found = [];
  const add = (field, slot) => slot && found.push({ field, slot });
  add("company", deal.company);
  deal.companies?.forEach((slot, index) => add(`companies/${index}`, slot));
  for (const field of ["amount", "round_type", "valuation"]) add(field, deal[field]);
  deal.investors.forEach((slot, index) => add(`investors/${index}`, slot));
  for (const field of ["stage", "certainty"]) add(field, deal[field]);
  if (deal.hedges.length) add("hedges", { value: deal.hedges, evidence: deal.hedges, confidence: null, origin: null });
  deal.attribution.forEach((slot, index) => add(`attribution/${index}`, slot));
  add("date", deal.date);
  return found;
}

/** Where the words that a slot rests on stand. @returns {[number, number][]} */
export function spansOf(slot, mentions) {
  if (slot.evidence === undefined) return [[slot.start, slot.end]];
  return slot.evidence
    .map((each) => (typeof each === "string" ? mentions[each] && [mentions[each].start, mentions[each].end] : each))
    .filter(Boolean);
}

/** The fields that use a mention. @returns {{deal: string, field: string}[]} */
export function usesOf(state, mention) {
  return Object.entries(state.deals).flatMap(([deal, value]) =>
    slots(value)
      .filter(({ slot }) => slot.evidence?.includes(mention))
      .map(({ field }) => ({ deal, field })),
  );
}
