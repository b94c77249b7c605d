/** The fields of a deal as they are shown: names, words, signs. Pure. */

import { spansOf } from "./state.js";

export const LABELS = ["COMPANY", "INVESTOR", "MONEY", "ROUND", "HEDGE"];
export const ROUNDS = (
  "pre_seed seed angel series_a series_b series_c series_d series_e series_f series_g series_h series_i series_j bridge " +
  "convertible debt venture_debt grant crowdfunding ico growth private_equity strategic secondary ipo unknown"
).split(" ");
export const STAGES = ["completed", "in_progress", "planned", "cancelled"];
export const CERTAINTIES = ["asserted", "attributed", "rumored", "speculative", "denied"];
export const KINDS = ["round", "total", "fund"];
export const ROLES = ["lead", "participant"];
export const VALUATIONS = ["unspecified", "pre", "post"];

/**
 * A value below this is flagged. Confidence is calibrated, so at least one in four of the flagged is wrong; on the
 * development part three slots in ten are flagged, and two in three of the wrong ones are among them.
 */
const FLAGGED = 0.75;
export const isFlagged = (slot) => typeof slot?.confidence === "number" && slot.confidence < FLAGGED;

const SPOKEN = { ico: "ICO", ipo: "IPO", pre_seed: "pre-seed" };

/** A value of a list as it is said: series_b is Series B. */
export function said(value) {
  if (value in SPOKEN) return SPOKEN[value];
  if (/^series_[a-z]$/.test(value)) return `Series ${value.slice(-1).toUpperCase()}`;
  return value.replaceAll("_", " ");
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

/** @param {{min: number|null, max: number|null, currency: string, approx?: boolean}} value */
export function amountText(value, format = number) {
  const { min, max, currency } = value;
  const sum =
    min === null
      ? `up to ${format.format(max)}`
      : max === null
        ? `at least ${format.format(min)}`
        : min === max
          ? format.format(min)
          : `${format.format(min)} to ${format.format(max)}`;
  return `${value.approx ? "about " : ""}${sum} ${currency}`;
}

const kindText = (kind) => (kind === "unspecified" ? "" : kind === "pre" ? ", pre-money" : ", post-money");
const valuationText = ({ amount, currency, kind }, format = number) =>
  `${format.format(amount)} ${currency}${kindText(kind)}`;

export const percent = (confidence) => `${Math.round(confidence * 100)} %`;

const NAMES = {
  company: "company",
  companies: "company",
  amount: "amount",
  round_type: "round",
  valuation: "valuation",
  investors: "investor",
  stage: "stage",
  certainty: "certainty",
  hedges: "hedges",
  attribution: "source",
  date: "date",
};
/** @param {string} field a key such as `amount` or `investors/0` */
export const nameOf = (field) => NAMES[field.split("/")[0]];

/** The slot under a field's key, or null. */
export function slotAt(deal, field) {
  const [name, index] = field.split("/");
  if (name === "hedges") {
    return deal.hedges.length ? { value: deal.hedges, evidence: deal.hedges, confidence: null, origin: null } : null;
  }
  return (index === undefined ? deal[name] : deal[name]?.[Number(index)]) ?? null;
}

/** What a slot says, in words. */
export function valueText(field, slot, deal) {
  const [name] = field.split("/");
  if (!slot) return "";
  if (name === "amount") return amountText(slot.value);
  if (name === "valuation") return valuationText(slot.value);
  if (name === "round_type") return said(slot.value) + (deal.extension ? " extension" : "");
  if (name === "stage" || name === "certainty") return said(slot.value);
  if (name === "hedges") return slot.value.length === 1 ? "1 cue" : `${slot.value.length} cues`;
  return slot.value;
}

/**
 * The rows of a card, also of fields that are empty; a list has a row `…/+` where nothing is there yet, or where one
 * is being added.
 * @returns {{field: string, name: string, slot: any}[]}
 */
export function rowsOf(deal, adding = null) {
  const rows = [];
  const one = (field) => rows.push({ field, name: nameOf(field), slot: slotAt(deal, field) });
  const many = (name) => {
    const list = deal[name] ?? [];
    list.forEach((_, index) => one(`${name}/${index}`));
    if (!list.length || adding === `${name}/+`) one(`${name}/+`);
  };
  if (deal.companies) many("companies");
  else {
    one("company");
    if (adding === "companies/+") one(adding);
  }
  for (const field of ["amount", "round_type", "valuation"]) one(field);
  many("investors");
  for (const field of ["stage", "certainty", "hedges"]) one(field);
  many("attribution");
  one("date");
  return rows;
}

/** The fields of a deal whose confidence is low. @returns {string[]} */
export const flaggedFields = (deal) =>
  rowsOf(deal)
    .filter(({ slot }) => isFlagged(slot))
    .map(({ field }) => field);

export const isHedged = (deal) => deal.stage?.value !== "completed" || deal.certainty?.value !== "asserted";

/** Who raises, for a heading. */
export const companyText = (deal) =>
  deal.company?.value ?? (deal.companies?.map(({ value }) => value).join(" + ") || "Unnamed company");

/** The sum and the kind of round, for a heading. */
export function sumText(deal) {
  const parts = [];
  if (deal.amount) parts.push(amountText(deal.amount.value, short));
  if (deal.round_type) parts.push(valueText("round_type", deal.round_type, deal));
  if (deal.valuation && !parts.length) parts.push(`valued at ${valuationText(deal.valuation.value, short)}`);
  if (deal.kind === "total") parts.push("raised to date");
  if (deal.kind === "fund") parts.push("own fund");
  return parts.join(" · ") || "no sum";
}

/** Stage and certainty, for a heading. */
export const statusText = (deal) =>
  [deal.stage, deal.certainty]
    .filter(Boolean)
    .map(({ value }) => said(value))
    .join(", ");

/** How a value came about. @returns {{sign: string, text: string}} */
export function originOf(origin, verdict) {
  if (origin === "hand") return { sign: "✎", text: "by hand" };
  return verdict === "accepted" ? { sign: "✓", text: "confirmed" } : { sign: "⚙", text: "by machine" };
}

/** The labels whose mentions a field takes; null: any. */
export function takes(field, label) {
  const [name] = field.split("/");
  if (name === "company" || name === "companies" || name === "investors")
    return label === "COMPANY" || label === "INVESTOR";
  if (name === "amount" || name === "valuation") return label === "MONEY";
  if (name === "round_type") return label === "ROUND";
  if (name === "hedges") return label === "HEDGE";
  return true;
}

/** The pieces of text a field rests on. @returns {{start: number, end: number, mention: string|null}[]} */
export function evidenceOf(slot, mentions) {
  if (!slot) return [];
  const ids = slot.evidence ?? [];
  const known = ids.filter((each) => typeof each !== "string" || mentions[each]);
  return spansOf(slot, mentions).map(([start, end], index) => ({
    start,
    end,
    mention: typeof known[index] === "string" ? known[index] : null,
  }));
}

const KIND_OF_ROUND = [
  [/pre[\s-]?seed/, "pre_seed"],
  [/venture debt/, "venture_debt"],
  [/convertible|\bsafe\b/, "convertible"],
  [/seed/, "seed"],
  [/angel/, "angel"],
  [/bridge/, "bridge"],
  [/debt|loan|bond|credit|facility|notes?\b/, "debt"],
  [/grant/, "grant"],
  [/crowd/, "crowdfunding"],
  [/\bico\b|token|coin/, "ico"],
  [/growth/, "growth"],
  [/private equity/, "private_equity"],
  [/strategic/, "strategic"],
  [/secondary|tender/, "secondary"],
  [/\bipo\b|public offering|listing/, "ipo"],
];

/** The round type that words name. @returns {{value: string, extension: boolean}} */
export function roundOf(words) {
  const text = words.toLowerCase();
  const extension = /extension|\+/.test(text);
  const letter = /\bseries\s+([a-j])(?![a-z])/.exec(text) ?? /^([a-j])\+?$/.exec(text.trim());
  if (letter && !/pre-series/.test(text)) return { value: `series_${letter[1]}`, extension };
  return { value: KIND_OF_ROUND.find(([pattern]) => pattern.test(text))?.[1] ?? "unknown", extension };
}

const MONTHS = "january february march april may june july august september october november december".split(" ");

/** The date that words give by themselves (not "today" or "last month"), as exact as they are; else "". */
export function dateOf(words) {
  const text = words.toLowerCase();
  const iso = /\b(\d{4})-(\d\d)(-\d\d)?\b/.exec(text);
  if (iso) return iso[0];
  const year = /\b(19|20)\d\d\b/.exec(text)?.[0];
  if (!year) return "";
  const month = MONTHS.findIndex((name) => new RegExp(`\\b${name.slice(0, 3)}(?:${name.slice(3)})?\\b`).test(text));
  if (month < 0) return year;
  const day = /\b(\d{1,2})(?:st|nd|rd|th)?\b(?!\d)/.exec(text.replace(year, ""))?.[1];
  const two = (value) => String(value).padStart(2, "0");
  return `${year}-${two(month + 1)}${day ? `-${two(day)}` : ""}`;
}
