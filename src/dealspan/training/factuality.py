"""The models of cues, stage and certainty, and of what is a deal at all, trained on annotated articles.

Stage and certainty are learned from the drafts of the pipeline that are paired with a deal of gold, and from the
sentences of those deals that no draft found: half of the hedged deals are among these. What is a deal is learned from
all drafts. Cues and roles of an article come from models that have not seen it: others would promise too much.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import spacy
from msgspec import UNSET
from spacy.language import Language
from spacy.tokens import Doc

from dealspan import annotations
from dealspan.components.cues import CuesComponent
from dealspan.components.names import NamesComponent
from dealspan.corpus.gold import GoldArticle, GoldDeal, is_real
from dealspan.deals.assembly import DealsComponent, record_of
from dealspan.deals.drafts import Draft, Filled
from dealspan.deals.factuality import CERTAINTIES, DEAL, STAGES, context_of, features
from dealspan.deals.hedging import BEARS, Surroundings
from dealspan.deals.roles import Roles
from dealspan.deals.slot_features import slot_features
from dealspan.evaluation.align import pairs
from dealspan.evaluation.reading import parse
from dealspan.loglinear import LogLinear
from dealspan.pipeline import process
from dealspan.records import Article, Certainty, Stage, encode
from dealspan.training import cues
from dealspan.training.excerpts import excerpts
from dealspan.training.loglinear import fit

PENALTY = 0.1
"""The inverse strength of the L2 penalty; 0.3 gives the same accuracies within 0.005 (cross-validation by author)."""
DEAL_PENALTY = 0.03
"""The same where the question is what is a deal; with 0.02 and 0.05 no F1 of deals on the development part differs by
more than 0.01."""
HEDGE_PENALTY = 0.1
"""The same where the question is whether a hedge bears on a deal; with 0.03 and 0.3 no F1 of the hedges of deals on the
development part differs by more than 0.01."""
REAL = 2.0
"""How much a deal of a real text counts: they are a quarter of the deals, and what is read are real texts."""


class Example(NamedTuple):
    """A deal: what the models see of it, and what gold says."""

    features: list[str]
    stage: Stage
    certainty: Certainty
    real: bool


class Verdict(NamedTuple):
    """A draft: what the model sees of it, and whether gold has that deal."""

    features: list[str]
    right: bool
    real: bool


class Borne(NamedTuple):
    """A hedge and a deal: what the model sees of them, and whether the one bears on the other."""

    features: list[str]
    bears: bool


class Paired(NamedTuple):
    """An article as the pipeline reads it: its drafts, and for each deal of gold that has one its index."""

    article: GoldArticle
    doc: Doc
    drafts: list[Draft]
    draft_of: dict[int, int]


class Trained(NamedTuple):
    """The models by their names in the file, and what they were trained on."""

    models: dict[str, LogLinear]
    hedges: int
    deals: int
    hedged: int
    drafts: int
    bearings: int


def layers(names: Path) -> Language:
    """The pipeline with the trained names and rules for all else."""
    nlp = spacy.blank("en")
    nlp.tokenizer.rules = {}  # type: ignore[union-attr]
    settings = {"names": {"model": str(names)}}
    for name in ("sections", "money", "amount_roles", "rounds", "names", "dates", "cues", "factuality", "deals"):
        nlp.add_pipe(f"dealspan_{name}", config=settings.get(name, {}))
    return nlp


def train(articles: Sequence[GoldArticle], names: Path, roles: Sequence[Roles]) -> Trained:
    """Fit the models.

    Parameters
    ----------
    articles
        What to learn from.
    names
        The file of the tagger of names.
    roles
        For each part of the articles (see `cues.fold_of`), roles that were learned from the others.

    Raises
    ------
    ImportError
        Where scikit-learn (extra `train`) is not installed.

    """
    nlp = layers(names)
    component, deals, namer = (nlp.get_pipe(f"dealspan_{name}") for name in ("cues", "deals", "names"))
    assert isinstance(component, CuesComponent)
    assert isinstance(deals, DealsComponent)
    assert isinstance(namer, NamesComponent)
    words = component.cues.financing_words
    read = [cues.Read(a, doc, annotations.read(doc, "cues"), cues.fold_of(a)) for a, doc in _docs(nlp, articles)]
    whole, apart = cues.train(read, words)
    found: list[Example] = []
    judged: list[Verdict] = []
    borne: list[Borne] = []
    model = namer.model
    for fold, (heard, held) in enumerate(zip(apart, roles, strict=True)):
        component.use(heard)
        deals.roles = held
        part = [one.gold for one in read if one.fold == fold]
        whole_texts = list(paired(nlp, part))
        found += examples(whole_texts)
        judged += verdicts(whole_texts)
        borne += bearings(whole_texts)
        # What is known of a short text must be learned from some.
        judged += verdicts(paired(nlp, (one for article in part for one in excerpts(article))))
        # Once more with names by rules: the model of names, which has seen the article, errs less there than elsewhere.
        namer.model = None
        judged += verdicts(paired(nlp, part))
        namer.model = model
    rows = [one.features for one in found]
    weights = [REAL if one.real else 1.0 for one in found]
    stage = fit(rows, [one.stage for one in found], penalty=PENALTY, classes=STAGES, weights=weights)
    certainty = fit(rows, [one.certainty for one in found], penalty=PENALTY, classes=CERTAINTIES, weights=weights)
    deal = fit(
        [one.features for one in judged],
        [DEAL[one.right] for one in judged],
        penalty=DEAL_PENALTY,
        classes=DEAL,
        weights=[REAL if one.real else 1.0 for one in judged],
    )
    hedge = fit(
        [one.features for one in borne],
        [BEARS[one.bears] for one in borne],
        penalty=HEDGE_PENALTY,
        classes=BEARS,
    )
    return Trained(
        {
            "gate": whole.gate,
            "tags": whole.tags,
            "cue": whole.cue,
            "cue_kind": whole.kind,
            "stage": stage,
            "certainty": certainty,
            "deal": deal,
            "hedge": hedge,
        },
        hedges=sum(m.label == "HEDGE" for a in articles for m in a.mentions),
        deals=len(found),
        hedged=sum(one.stage != "completed" or one.certainty != "asserted" for one in found),
        drafts=len(judged),
        bearings=len(borne),
    )


def _docs(nlp: Language, articles: Iterable[GoldArticle]) -> Iterator[tuple[GoldArticle, Doc]]:
    articles = list(articles)
    plain = [Article(id=a.id, text=a.text, published=a.published) for a in articles]
    for article, (_, doc) in zip(articles, process(nlp, plain), strict=True):
        yield article, doc


def examples(texts: Iterable[Paired]) -> Iterator[Example]:
    """Yield an example for each deal of gold that a draft is paired with or that a sentence states."""
    for article, doc, drafts, draft_of in texts:
        context = context_of(doc)
        for number, deal in enumerate(article.deals):
            draft = drafts[draft_of[number]] if number in draft_of else stated(doc, deal)
            if draft:
                yield Example(features(draft, context), deal.stage, deal.certainty, is_real(article))


def verdicts(texts: Iterable[Paired]) -> Iterator[Verdict]:
    """Yield a verdict on each draft: right is one that a deal of gold is paired with."""
    for article, doc, drafts, draft_of in texts:
        context, right = context_of(doc), set(draft_of.values())
        for number, (draft, slots) in enumerate(zip(drafts, slot_features(drafts, context.first_line), strict=True)):
            yield Verdict([*features(draft, context), *slots], number in right, is_real(article))


def bearings(texts: Iterable[Paired]) -> Iterator[Borne]:
    """Yield each hedge beside each deal that gold has too and does not vouch for.

    Gold names the hedges of a deal by their words: a hedge is one of them where it overlaps a mention of such words.
    """
    for article, doc, drafts, draft_of in texts:
        around = Surroundings(doc, drafts)
        for number, draft in draft_of.items():
            deal = article.deals[number]
            if not deal.hedged:
                continue
            own = [(m.start, m.end) for m in article.mentions if m.label == "HEDGE" and m.text in deal.hedges]
            for i, seen in zip(around.candidates(draft), around.features(draft), strict=True):
                cue = around.cues[i]
                yield Borne(seen, any(start < cue.end and cue.start < end for start, end in own))


def paired(nlp: Language, articles: Iterable[GoldArticle]) -> Iterator[Paired]:
    """Yield each article with its drafts, paired with the deals of gold."""
    component = nlp.get_pipe("dealspan_deals")
    assert isinstance(component, DealsComponent)
    for article, doc in _docs(nlp, articles):
        plain = Article(id=article.id, text=article.text)
        gold, predicted = (parse(line)[1] for line in (msgspec.json.encode(article), encode(record_of(plain, doc))))
        yield Paired(article, doc, component.drafts(doc), dict(pairs(gold.deals, predicted.deals)))


def stated(doc: Doc, deal: GoldDeal) -> Draft | None:
    """A draft of the sentences that hold the sum of a deal, or its round type and company where it has no sum."""
    claims = {(claim.start, claim.end): claim for claim in annotations.read(doc, "claims")}
    headlines = [s for s in annotations.read(doc, "sections") if s.label == "HEADLINE"]
    draft = Draft(deal.kind, 0, 0, 0)
    for start, end in annotations.sentences_of(doc):
        found = next(_anchors(doc, deal, start, end), None)
        if found is None:
            continue
        draft.stretches.append((start, end))
        if found.label == "MONEY":
            draft.amount = draft.amount or Filled(found, "gold")
        else:
            draft.round = draft.round or Filled(found, "gold")
        if claim := claims.get((found.start, found.end)):
            headline = any(s.start <= start < s.end for s in headlines)
            (draft.headline_claims if headline else draft.claims).append(claim)
    return draft if draft.stretches else None


def _anchors(doc: Doc, deal: GoldDeal, start: int, end: int) -> Iterator[annotations.Found[object]]:
    """Yield the amounts of a sentence that are the sum of a deal, else its round types beside its company."""
    if deal.amount:
        bounds = {deal.amount.min, deal.amount.max} - {None}
        for money in annotations.read(doc, "money"):
            amount = money.value.amount
            same = amount.currency == deal.amount.currency and bounds & {amount.min, amount.max}
            if same and start <= money.start < end:
                yield money
        return
    company = deal.company or (deal.companies[0] if deal.companies is not UNSET and deal.companies else None)
    words = company.split() if company else []
    if words and words[0] in annotations.text_of(doc)[start:end]:
        for found in annotations.read(doc, "rounds"):
            if start <= found.start < end and found.value.value == deal.round_type:
                yield found
