"""`dealspan_deals`: the financings of an article, one record each, with every slot tied to its evidence."""

import hashlib
from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations, records
from dealspan.annotations import Claim, Cue, Explanation, Found
from dealspan.deals.confidence import confidence
from dealspan.deals.drafts import Draft, Filled, Focus, sentences
from dealspan.deals.factuality import LEARNED, UNMARKED, FactualityModel, by_rules, context_of, means, read_model
from dealspan.deals.merging import clean_name, merge
from dealspan.deals.roles import Roles, read_roles
from dealspan.deals.statements import LAST_RESORTS, statements
from dealspan.loglinear import model_file

_MENTION_LAYERS = {"money": "money", "rounds": "rounds", "names": "names", "cues": "cues"}


def find_deals(doc: Doc) -> list[Draft]:
    """The merged drafts of a Doc."""
    text = annotations.text_of(doc)
    focus = Focus()
    drafts: list[Draft] = []
    for sentence in sentences(doc):
        if sentence.section in ("HEADLINE", "BODY") and (
            sentence.names or sentence.amounts or sentence.rounds or sentence.claims
        ):
            drafts.extend(statements(text, sentence, focus))
    return [d for d in merge(drafts) if d.says_something()]


class Builder:
    """Turns the layers and drafts of one Doc into record values."""

    def __init__(self, doc: Doc, model: str, factuality: FactualityModel | None = None) -> None:
        self.model = model
        self.factuality = factuality
        self.context = context_of(doc) if factuality else None
        self.text = annotations.text_of(doc)
        self.cues: Sequence[Found[Cue]] = annotations.read(doc, "cues")
        self.mentions: list[records.Mention] = []
        self.entities: list[records.Entity] = []
        self.explanations: list[Explanation] = []
        self._ids: dict[tuple[int, int, str], str] = {}
        self._entity_ids: dict[str, str] = {}
        self._number_mentions(doc)

    def _number_mentions(self, doc: Doc) -> None:
        found = [
            (f, layer)
            for layer in _MENTION_LAYERS
            for f in annotations.read(doc, layer)
            if f.label in ("COMPANY", "INVESTOR", "MONEY", "ROUND", "HEDGE")
        ]
        found.sort(key=lambda item: (item[0].start, -item[0].end))
        members: dict[str, list[str]] = {}
        for number, (f, layer) in enumerate(found, 1):
            mention_id = f"m{number}"
            self._ids[f.start, f.end, f.label] = mention_id
            named = layer == "names"
            if named:
                members.setdefault(f.value.entity, []).append(mention_id)
                self._entity_ids.setdefault(f.value.entity, f"e{len(members)}")
            self.mentions.append(
                records.Mention(
                    id=mention_id,
                    label=f.label,  # type: ignore[arg-type]
                    text=self.text[f.start : f.end],
                    start=f.start,
                    end=f.end,
                    confidence=confidence(self.model, f.label, f.rule),
                    by=layer,
                    entity=self._entity_ids[f.value.entity] if named else UNSET,
                    amount=f.value.amount if layer == "money" else UNSET,
                )
            )
        by_id = {m.id: m for m in self.mentions}
        for name, ids in members.items():
            first = by_id[ids[0]]
            aliases = sorted({clean_name(by_id[i].text) for i in ids} - {clean_name(name)})
            self.entities.append(
                records.Entity(
                    id=self._entity_ids[name], name=clean_name(name), label=first.label, aliases=aliases, mentions=ids
                )
            )

    def mention_id(self, found: Found[Any]) -> str:
        """The id of a mention."""
        return self._ids[found.start, found.end, found.label]

    def explain(self, deal: str, slot: str, value: str, rule: str, start: int, end: int, certainty: float) -> None:
        """Note why a slot has its value."""
        self.explanations.append(Explanation(deal, slot, value, rule, self.text[start:end], start, end, certainty))

    def deal(self, number: int, draft: Draft) -> records.Deal:
        """One draft as a record value."""
        deal_id = f"d{number}"
        claims = draft.claims or draft.headline_claims
        stage, certainty = self._factuality(deal_id, draft, claims)
        cues = sorted({i for c in (*draft.claims, *draft.headline_claims, *draft.asides) for i in c.value.cues})
        hedges = [self.cues[i] for i in cues if self.cues[i].label == "HEDGE"]
        deal = records.Deal(
            id=deal_id,
            kind=draft.kind,
            company=self._name(deal_id, "company", draft.company),
            companies=[c for f in draft.companies if (c := self._name(deal_id, "company", f))] or None,
            amount=self._amount(deal_id, draft),
            round_type=self._round(deal_id, draft),
            extension=True if draft.round and draft.round.mention.value.extension else UNSET,
            valuation=self._valuation(deal_id, draft),
            investors=[self._investor(deal_id, i) for i in draft.investors],
            stage=stage,
            certainty=certainty,
            hedges=[
                records.Hedge(
                    text=self.text[h.start : h.end],
                    start=h.start,
                    end=h.end,
                    scope=[h.value.scope_start, h.value.scope_end],
                    kind=h.value.kind,  # type: ignore[arg-type]
                )
                for h in hedges
            ],
            attribution=self._attribution(deal_id, hedges),
            date=self._date(deal_id, draft, stage.value),
            confidence=confidence(self.model, "deal", deal_rule(draft)),
            evidence=[list(s) for s in sorted(set(draft.stretches))],
        )
        return deal

    def _name(self, deal: str, slot: str, filled: Filled | None) -> records.NameSlot | None:
        if filled is None:
            return None
        name = clean_name(filled.mention.value.entity)
        sure = confidence(self.model, slot, filled.rule)
        self.explain(deal, slot, name, filled.rule, filled.mention.start, filled.mention.end, sure)
        return records.NameSlot(
            value=name,
            entity=self._entity_ids[filled.mention.value.entity],
            confidence=sure,
            evidence=[self.mention_id(filled.mention)],
        )

    def _amount(self, deal: str, draft: Draft) -> records.AmountSlot | None:
        if draft.amount is None:
            return None
        money = draft.amount.mention.value
        numbers = money.amount
        if numbers.min is None and numbers.max is None:
            return None
        words = self.text[money.start : money.end]
        sure = confidence(self.model, "amount", draft.amount.rule)
        self.explain(deal, "amount", words, draft.amount.rule, money.start, money.end, sure)
        return records.AmountSlot(
            value=records.DealAmount(
                min=numbers.min, max=numbers.max, currency=numbers.currency, approx=numbers.approx, text=words
            ),
            confidence=sure,
            evidence=[self.mention_id(draft.amount.mention)],
        )

    def _round(self, deal: str, draft: Draft) -> records.RoundSlot | None:
        if draft.round is None:
            return None
        found, rule, _ = draft.round
        sure = confidence(self.model, "round_type", rule)
        self.explain(deal, "round_type", found.value.value, rule, found.start, found.end, sure)
        return records.RoundSlot(value=found.value.value, confidence=sure, evidence=[self.mention_id(found)])

    def _valuation(self, deal: str, draft: Draft) -> records.ValuationSlot | None:
        if draft.valuation is None:
            return None
        found, kind, rule, _ = draft.valuation
        numbers = found.value.amount
        amount = numbers.min if numbers.min is not None else numbers.max
        if amount is None:
            return None
        sure = confidence(self.model, "valuation", rule)
        self.explain(deal, "valuation", f"{amount:,.0f} {numbers.currency} {kind}", rule, found.start, found.end, sure)
        return records.ValuationSlot(
            value=records.Valuation(amount=amount, currency=numbers.currency, kind=kind),
            confidence=sure,
            evidence=[self.mention_id(found)],
        )

    def _investor(self, deal: str, investor: Any) -> records.InvestorSlot:
        name = clean_name(investor.mention.value.entity)
        sure = confidence(self.model, "investor", investor.rule)
        mention = investor.mention
        self.explain(deal, f"investor ({investor.role})", name, investor.rule, mention.start, mention.end, sure)
        return records.InvestorSlot(
            value=name,
            entity=self._entity_ids[mention.value.entity],
            role=investor.role,
            confidence=sure,
            evidence=[self.mention_id(mention)],
        )

    def _factuality(
        self, deal: str, draft: Draft, claims: Sequence[Found[Claim]]
    ) -> tuple[records.StageSlot, records.CertaintySlot]:
        """Stage and certainty over the statements of a deal."""
        staged, sure_of = by_rules(claims)
        by_stage, by_certainty = (found.value if found else UNMARKED for found in (staged, sure_of))
        stage, certainty = by_stage.stage, by_certainty.certainty
        sure: list[float | None] = [None, None]
        if self.factuality and self.context:
            (stage, sure[0]), (certainty, sure[1]) = self.factuality.read(draft, self.context, (stage, certainty))
        reasons = []
        for slot, value, rule, claim, known in (
            ("stage", stage, by_stage.stage_rule if stage == by_stage.stage else LEARNED, staged, sure[0]),
            (
                "certainty",
                certainty,
                by_certainty.certainty_rule if certainty == by_certainty.certainty else LEARNED,
                sure_of,
                sure[1],
            ),
        ):
            reasons.append(self._reason(deal, slot, value, rule, claim, draft, known))
        (stage_evidence, stage_sure), (certainty_evidence, certainty_sure) = reasons
        return (
            records.StageSlot(value=stage, confidence=stage_sure, evidence=stage_evidence),
            records.CertaintySlot(value=certainty, confidence=certainty_sure, evidence=certainty_evidence),
        )

    def _reason(
        self,
        deal: str,
        slot: str,
        value: str,
        rule: str,
        claim: Found[Claim] | None,
        draft: Draft,
        known: float | None,
    ) -> tuple[list[str], float]:
        """The mention that a reading rests on, the cue where there is one, and how sure it is.

        `known` is the probability that a model gives it; without one the confidence is that of the rule.
        """
        anchor = self._anchor(draft)
        if rule == LEARNED:
            claims = (*draft.claims, *draft.headline_claims, *draft.asides)
            claim = None
            cue = next((self.cues[i] for c in claims for i in c.value.cues if means(self.cues[i]) == value), None)
        else:
            cues = [self.cues[i] for i in claim.value.cues] if claim else []
            cue = next((c for c in cues if c.rule == rule or (c.label == "CANCEL" and rule == "cancelled")), None)
        words = cue or claim or anchor
        sure = known if known is not None else confidence(self.model, slot, rule)
        self.explain(deal, slot, value, rule, words.start, words.end, sure)
        return [self.mention_id(cue if cue is not None and cue.label == "HEDGE" else anchor)], sure

    def _anchor(self, draft: Draft) -> Found[Any]:
        """The mention a deal hangs on."""
        filled = draft.amount or draft.round or draft.valuation or draft.investors[0]  # see Draft.says_something
        return filled.mention

    def _attribution(self, deal: str, hedges: Sequence[Found[Cue]]) -> list[records.Attribution]:
        out: dict[str, records.Attribution] = {}
        for hedge in hedges:
            start, end = hedge.value.source_start, hedge.value.source_end
            if start < 0:
                continue
            name = self.text[start:end]
            sure = confidence(self.model, "attribution", hedge.rule)
            if name not in out:
                self.explain(deal, "attribution", name, hedge.rule, start, end, sure)
                out[name] = records.Attribution(value=name, confidence=sure, start=start, end=end)
        return list(out.values())

    def _date(self, deal: str, draft: Draft, stage: records.Stage) -> records.DateSlot | None:
        if draft.date is None or draft.date.mention.value.future:
            return None
        # The day of a rumour or a plan is the day it was told, not the day of the financing.
        if stage != "completed" and len(draft.date.mention.value.value) == len("2018-05-31"):
            return None
        found, rule, _ = draft.date
        sure = confidence(self.model, "date", rule)
        self.explain(deal, "date", found.value.value, rule, found.start, found.end, sure)
        return records.DateSlot(value=found.value.value, confidence=sure, evidence=[[found.start, found.end]])


def deal_rule(draft: Draft) -> str:
    """What a deal rests on, for the confidence of the deal as a whole."""
    parts: list[str] = [draft.kind]
    parts += [name for name, value in (("amount", draft.amount), ("round", draft.round)) if value]
    if not (draft.amount or draft.round):
        parts.append("investor" if draft.investors else "valuation")
    if draft.company is None and not draft.companies:
        parts.append("unnamed")
    elif draft.company is not None and draft.company.rule in LAST_RESORTS:
        parts.append("guessed")
    parts.append("repeated" if len(draft.stretches) > 1 else "once")
    return "+".join(parts)


class DealsComponent:
    """Writes the deals of a Doc, its mentions and entities, and the reasons."""

    def __init__(
        self, confidence: str = "rules", roles: Roles | None = None, factuality: FactualityModel | None = None
    ) -> None:
        self.confidence = confidence
        self.roles = roles
        self.factuality = factuality

    def __call__(self, doc: Doc) -> Doc:
        """Assemble the deals of a Doc."""
        builder = Builder(doc, self.confidence, self.factuality)
        drafts = self.roles.drafts(doc) if self.roles else find_deals(doc)
        doc._.deals = [builder.deal(n, d) for n, d in enumerate(drafts, 1)]
        doc._.dealspan_mentions = builder.mentions
        doc._.dealspan_entities = builder.entities
        doc._.dealspan_explanations = builder.explanations
        return doc


def record_of(article: records.Article, doc: Doc) -> records.Record:
    """The record of a document whose Doc went through the pipeline."""
    return records.Record(
        schema_version=records.SCHEMA_VERSION,
        document=records.Document(
            id=article.id,
            source=article.source,
            title=article.title,
            published=article.published.isoformat() if article.published else None,
            language=article.language,
            characters=len(article.text),
            sha256=hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest(),
        ),
        mentions=doc._.dealspan_mentions,
        entities=doc._.dealspan_entities,
        deals=doc._.deals,
    )


@Language.factory(
    "dealspan_deals",
    requires=["doc._.dealspan_money", "doc._.dealspan_names"],
    assigns=["doc._.deals", "doc._.dealspan_mentions", "doc._.dealspan_entities", "doc._.dealspan_explanations"],
    default_config={"confidence": "rules", "roles": None, "factuality": None},
)
def make_deals(nlp: Language, name: str, confidence: str, roles: str | None, factuality: str | None) -> DealsComponent:
    """Build the component.

    `confidence` names the model whose counts the confidences are read from; `roles` and `factuality` name shipped
    models that decide, or are files of your own; without them the rules do.
    """
    return DealsComponent(
        confidence,
        read_roles(model_file(roles)) if roles else None,
        read_model(model_file(factuality)) if factuality else None,
    )
