"""`dealspan_deals`: the financings of an article, one record each, with every slot tied to its evidence."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations, records
from dealspan.annotations import Claim, Cue, Explanation, Found
from dealspan.deals.confidence import Confidence, Grounds, confidence_of
from dealspan.deals.drafts import Draft, Filled
from dealspan.deals.factuality import (
    KEPT,
    LEARNED,
    UNMARKED,
    FactualityModel,
    Read,
    by_rules,
    context_of,
    means,
    read_model,
)
from dealspan.deals.grounds import grounds_of_deal, grounds_of_mention
from dealspan.deals.hedging import bearing, covering
from dealspan.deals.merging import clean_name, merge
from dealspan.deals.roles import Roles, read_roles
from dealspan.deals.statements import stated
from dealspan.loglinear import model_file

_MENTION_LAYERS = {"money": "money", "rounds": "rounds", "names": "names", "cues": "cues"}


def find_deals(doc: Doc) -> list[Draft]:
    """The merged drafts of a Doc."""
    drafts = [draft for _, drafts in stated(doc) for draft in drafts]
    return [d for d in merge(drafts) if d.says_something()]


class Builder:
    """Turns the layers and drafts of one Doc into record values."""

    def __init__(self, doc: Doc, confidence: Confidence, factuality: FactualityModel | None = None) -> None:
        self._confidence = confidence
        self._factuality_model = factuality
        self._doc = doc
        self.text = annotations.text_of(doc)
        self.cues: Sequence[Found[Cue]] = annotations.read(doc, "cues")
        self.mentions: list[records.Mention] = []
        self.entities: list[records.Entity] = []
        self.explanations: list[Explanation] = []
        self.grounds: list[tuple[Grounds, list[tuple[str, Grounds]]]] = []
        self._of_deal = Grounds("deal", "")
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
                    confidence=self._confidence(grounds_of_mention(f)),
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

    def explain(self, deal: str, slot: str, value: str, grounds: Grounds, start: int, end: int) -> float:
        """Note why a slot has its value; return the confidence."""
        grounds = grounds._replace(deal=self._of_deal.sure)
        sure = self._confidence(grounds)
        self.grounds[-1][1].append((value, grounds))
        self.explanations.append(Explanation(deal, slot, value, grounds.rule, self.text[start:end], start, end, sure))
        return sure

    def deals(self, drafts: Sequence[Draft]) -> list[records.Deal]:
        """The drafts as record values, without those that the models take for no deal.

        The models read all at once, which costs half of one by one.
        """
        factuality = self._factuality_model
        if factuality is None:
            return [self._deal(n, draft, None, sorted(covering(draft))) for n, draft in enumerate(drafts, 1)]
        read = factuality.read(drafts, context_of(self._doc))
        kept = [i for i, one in enumerate(read) if one.likely >= KEPT]
        for i in kept:
            drafts[i].sure = read[i].likely
        hedges = bearing(factuality.hedge, self._doc, drafts, {i: read[i].hedged for i in kept})
        return [self._deal(n, drafts[i], read[i], hedges[i]) for n, i in enumerate(kept, 1)]

    def _deal(self, number: int, draft: Draft, read: Read | None, cues: Sequence[int]) -> records.Deal:
        """One draft as a record value.

        `read` is what the models say of its stage and certainty, `cues` are the numbers of those that bear on it.
        """
        deal_id = f"d{number}"
        self._of_deal = grounds_of_deal(draft)
        self.grounds.append((self._of_deal, []))
        claims = draft.claims or draft.headline_claims
        stage, certainty = self._factuality(deal_id, draft, claims, read, cues)
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
            confidence=self._confidence(self._of_deal),
            evidence=[list(s) for s in sorted(set(draft.stretches))],
        )
        return deal

    def _name(self, deal: str, slot: str, filled: Filled | None) -> records.NameSlot | None:
        if filled is None:
            return None
        name = clean_name(filled.mention.value.entity)
        grounds = Grounds(slot, filled.rule, filled.sure, name=filled.mention.value.sure)
        sure = self.explain(deal, slot, name, grounds, filled.mention.start, filled.mention.end)
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
        grounds = Grounds("amount", draft.amount.rule, draft.amount.sure)
        sure = self.explain(deal, "amount", words, grounds, money.start, money.end)
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
        found, rule, likely = draft.round
        grounds = Grounds("round_type", rule, likely)
        sure = self.explain(deal, "round_type", found.value.value, grounds, found.start, found.end)
        return records.RoundSlot(value=found.value.value, confidence=sure, evidence=[self.mention_id(found)])

    def _valuation(self, deal: str, draft: Draft) -> records.ValuationSlot | None:
        if draft.valuation is None:
            return None
        found, kind, rule, likely = draft.valuation
        numbers = found.value.amount
        amount = numbers.min if numbers.min is not None else numbers.max
        if amount is None:
            return None
        words, grounds = f"{amount:,.0f} {numbers.currency} {kind}", Grounds("valuation", rule, likely)
        sure = self.explain(deal, "valuation", words, grounds, found.start, found.end)
        return records.ValuationSlot(
            value=records.Valuation(amount=amount, currency=numbers.currency, kind=kind),
            confidence=sure,
            evidence=[self.mention_id(found)],
        )

    def _investor(self, deal: str, investor: Any) -> records.InvestorSlot:
        name = clean_name(investor.mention.value.entity)
        mention = investor.mention
        grounds = Grounds("investor", investor.rule, investor.sure, name=mention.value.sure)
        sure = self.explain(deal, f"investor ({investor.role})", name, grounds, mention.start, mention.end)
        return records.InvestorSlot(
            value=name,
            entity=self._entity_ids[mention.value.entity],
            role=investor.role,
            confidence=sure,
            evidence=[self.mention_id(mention)],
        )

    def _factuality(
        self, deal: str, draft: Draft, claims: Sequence[Found[Claim]], read: Read | None, cues: Sequence[int]
    ) -> tuple[records.StageSlot, records.CertaintySlot]:
        """Stage and certainty over the statements of a deal."""
        staged, sure_of = by_rules(claims)
        by_stage, by_certainty = (found.value if found else UNMARKED for found in (staged, sure_of))
        stage, certainty = by_stage.stage, by_certainty.certainty
        sure: list[float | None] = [None, None]
        if read:
            (stage, sure[0]), (certainty, sure[1]) = read.stage, read.certainty
            if by_certainty.certainty_rule.startswith("user_"):  # the user knows what a phrase of theirs says
                certainty, sure[1] = by_certainty.certainty, None
            if by_stage.stage_rule.startswith("user_"):
                stage, sure[0] = by_stage.stage, None
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
            reasons.append(self._reason(deal, slot, value, rule, claim, draft, known, cues))
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
        cues: Sequence[int],
    ) -> tuple[list[str], float]:
        """The mention that a reading rests on, the cue where there is one, and how sure it is.

        `known` is the probability that a model gives it, `cues` are those that bear on the deal.
        """
        anchor = self._anchor(draft)
        if rule == LEARNED:
            claim = None
            near = (*cues, *covering(draft))
            cue = next((self.cues[i] for i in near if means(self.cues[i]) == value), None)
        else:
            over = [self.cues[i] for i in claim.value.cues] if claim else []
            cue = next((c for c in over if c.rule == rule or (c.label == "CANCEL" and rule == "cancelled")), None)
        words = cue or claim or anchor
        sure = self.explain(deal, slot, value, Grounds(slot, rule, known), words.start, words.end)
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
            if name not in out:
                grounds = Grounds("attribution", hedge.rule, hedge.value.probability)
                sure = self.explain(deal, "attribution", name, grounds, start, end)
                out[name] = records.Attribution(value=name, confidence=sure, start=start, end=end)
        return list(out.values())

    def _date(self, deal: str, draft: Draft, stage: records.Stage) -> records.DateSlot | None:
        if draft.date is None or draft.date.mention.value.future:
            return None
        # The day of a rumour or a plan is the day it was told, not the day of the financing.
        if stage != "completed" and len(draft.date.mention.value.value) == len("2018-05-31"):
            return None
        found, rule, likely = draft.date
        sure = self.explain(deal, "date", found.value.value, Grounds("date", rule, likely), found.start, found.end)
        return records.DateSlot(value=found.value.value, confidence=sure, evidence=[[found.start, found.end]])


class DealsComponent:
    """Writes the deals of a Doc, its mentions and entities, and the reasons."""

    def __init__(
        self, confidence: Confidence, roles: Roles | None = None, factuality: FactualityModel | None = None
    ) -> None:
        self.confidence = confidence
        self.roles = roles
        self.factuality = factuality

    def drafts(self, doc: Doc) -> list[Draft]:
        """The deals of a Doc before they are records, in their order."""
        return self.roles.drafts(doc) if self.roles else find_deals(doc)

    def __call__(self, doc: Doc) -> Doc:
        """Assemble the deals of a Doc."""
        builder = Builder(doc, self.confidence, self.factuality)
        doc._.deals = builder.deals(self.drafts(doc))
        doc._.dealspan_mentions = builder.mentions
        doc._.dealspan_entities = builder.entities
        doc._.dealspan_explanations = builder.explanations
        doc._.dealspan_grounds = builder.grounds
        return doc


def record_of(article: records.Article, doc: Doc | None = None) -> records.Record:
    """The record of a document whose Doc went through the pipeline; without a Doc, of one that holds nothing."""
    return records.Record(
        schema_version=records.SCHEMA_VERSION,
        document=records.Document(
            id=article.id,
            source=article.source,
            title=article.title,
            published=article.published.isoformat() if article.published else None,
            language=article.language,
            characters=len(article.text),
            sha256=records.digest(article.text),
        ),
        mentions=doc._.dealspan_mentions if doc is not None else [],
        entities=doc._.dealspan_entities if doc is not None else [],
        deals=doc._.deals if doc is not None else [],
    )


@Language.factory(
    "dealspan_deals",
    requires=["doc._.dealspan_money", "doc._.dealspan_names"],
    assigns=[
        "doc._.deals",
        "doc._.dealspan_mentions",
        "doc._.dealspan_entities",
        "doc._.dealspan_explanations",
        "doc._.dealspan_grounds",
    ],
    default_config={"confidence": "rules", "roles": None, "factuality": None},
)
def make_deals(nlp: Language, name: str, confidence: str, roles: str | None, factuality: str | None) -> DealsComponent:
    """Build the component.

    `confidence` is "rules" for the counts of the rules, or names a model of confidence; `roles` and `factuality` name
    shipped models that decide, or are files of your own; without them the rules do.
    """
    return DealsComponent(
        confidence_of(confidence),
        read_roles(model_file(roles)) if roles else None,
        read_model(model_file(factuality)) if factuality else None,
    )
