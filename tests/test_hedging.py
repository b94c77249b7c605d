"""The trained models of cues, stage and certainty: what they read that patterns miss, and how they are trained."""

from pathlib import Path
from time import process_time, thread_time

import numpy as np
import pytest
from msgspec import structs
from spacy.language import Language

import dealspan
from dealspan.annotations import read
from dealspan.components.cues import CuesComponent, learned
from dealspan.components.cues.model import read_model as read_cue_model
from dealspan.corpus.collection import gold_articles, read_corpus
from dealspan.corpus.gold import GoldArticle
from dealspan.deals.assembly import DealsComponent
from dealspan.deals.factuality import DEAL, KEPT, STAGES, read_model
from dealspan.deals.roles import Roles, read_roles
from dealspan.deals.slot_features import COMPARED, slot_features
from dealspan.loglinear import BUCKETS, LogLinear, model_file
from dealspan.pipeline import explain
from dealspan.training.cues import FOLDS
from dealspan.training.excerpts import excerpts
from dealspan.training.factuality import examples, layers, paired, stated, train, verdicts
from dealspan.training.loglinear import fit

CORPUS = Path(__file__).parents[1] / "corpus"
RUMOUR = (
    "Kettl in search of money\n\nThe lending startup Kettl is shopping a Series B of $40 million around, two bankers"
    " told this paper.\nKettl raised a Series A of $9 million from Quorline Capital in 2021."
)


@pytest.fixture(scope="module")
def trained() -> Language:
    return dealspan.load("trained")


@pytest.fixture(scope="module")
def articles() -> list[GoldArticle]:
    return [a for a in gold_articles(read_corpus(CORPUS), None, "train") if a.genre == "rumour"][:6]


NAMES = model_file("names", ".tagger")
"""The shipped model of names."""


@pytest.fixture(scope="module")
def roles() -> list[Roles]:
    """The shipped roles in the place of those that were learned from other parts."""
    return [read_roles(model_file("roles"))] * FOLDS


@pytest.fixture
def layered(roles: list[Roles]) -> Language:
    """The pipeline that stage, certainty and what is a deal are learned from."""
    nlp = layers(NAMES)
    component = nlp.get_pipe("dealspan_deals")
    assert isinstance(component, DealsComponent)
    component.roles = roles[0]
    return nlp


# Cues


def test_cues_for_which_there_is_no_pattern(trained: Language) -> None:
    doc = trained(RUMOUR)
    assert not read(dealspan.load("rules")(RUMOUR), "cues")
    cues = [f for f in read(doc, "cues") if f.label == "HEDGE"]
    assert "is shopping" in [RUMOUR[f.start : f.end] for f in cues]
    assert all(f.rule == learned.LEARNED and f.value.probability >= learned.ACCEPTED for f in cues)
    assert all(f.value.scope_start <= f.start < f.value.scope_end for f in cues)


def test_a_cue_of_your_own_is_kept(trained: Language, tmp_path: Path) -> None:
    text = "Lending startup Kettl raised $5 million, cross our hearts."
    file = tmp_path / "my.toml"
    file.write_text('[[cues]]\nphrase = "cross our hearts"\nkind = "rumor"\n')
    assert not read(trained(text), "cues")
    (cue,) = read(dealspan.load("trained", rules=file)(text), "cues")
    assert (text[cue.start : cue.end], cue.value.kind) == ("cross our hearts", "rumor")


def test_what_the_user_says_of_a_phrase_is_not_overridden(tmp_path: Path) -> None:
    text = "The grapevine has it that Kettl raised $2 million in a seed round from Alder Ventures."
    file = tmp_path / "my.toml"
    file.write_text('[[cues]]\nphrase = "the grapevine has it that"\nkind = "denial"\n')
    doc = dealspan.load("trained", rules=file)(text)
    (cue,) = [f for f in read(doc, "cues") if f.rule == "user_0"]
    assert (text[cue.start : cue.end], cue.value.kind) == ("The grapevine has it that", "denial")
    assert [deal.certainty.value for deal in doc._.deals] == ["denied"]


def test_a_cancellation_is_left_to_the_patterns(trained: Language) -> None:
    text = "Lending startup Kettl called off its Series B of $40 million."
    assert [f.label for f in read(trained(text), "cues")] == ["CANCEL"]
    (deal,) = trained(text)._.deals
    assert deal.stage.value == "cancelled"


def test_a_text_without_money_has_no_learned_cue(trained: Language) -> None:
    assert not read(trained("Two bankers told this paper that Kettl is shopping for a chef."), "cues")


def test_a_sentence_far_from_any_financing_is_read_where_another_holds_a_hedge(trained: Language) -> None:
    component = trained.get_pipe("dealspan_cues")
    assert isinstance(component, CuesComponent)
    assert component.level
    far = "Sunday was calm. It rained. Terms could still change, the people said."
    for first, hedges in (
        ("Kettl is in talks to raise $5 million, the people said. ", ["in talks to", "the people said", "could"]),
        ("Kettl raised $5 million from Alder Ventures. ", []),
    ):
        doc = trained(first + far)
        assert learned.gated(doc, (), component.level, component.cues.financing_words) == ([0] if hedges else [], [3])
        found = [doc.text[f.start : f.end] for f in read(doc, "cues")]
        assert found[: len(hedges)] == hedges
        assert bool(found) == bool(hedges)


@pytest.mark.parametrize("unit", ["it is said to be in talks to raise $5m and ", "Kettl could raise $5m. "])
def test_time_is_linear(unit: str, trained: Language) -> None:
    component = trained.get_pipe("dealspan_cues")

    def seconds(times: int) -> float:
        doc = trained(unit * times)
        started = thread_time()
        component(doc)
        return thread_time() - started

    short = min(seconds(50) for _ in range(3))
    assert min(seconds(400) for _ in range(2)) < 20 * short


# Stage and certainty


def test_the_deals_of_a_rumour(trained: Language) -> None:
    doc = trained(RUMOUR)
    rumoured, done = doc._.deals
    assert rumoured.stage.value == "in_progress"
    assert (done.stage.value, done.certainty.value) == ("completed", "asserted")
    labels = {m.id: m.label for m in doc._.dealspan_mentions}
    assert labels[rumoured.stage.evidence[0]] == "HEDGE"
    assert labels[done.stage.evidence[0]] in ("MONEY", "ROUND")


@pytest.mark.parametrize(
    "text",
    [
        "Novena is close to raising $90 million from Quorline Capital, people familiar with the matter said. "
        "The deal could value the battery maker at $700 million.",
        pytest.param(
            "Kettl is said to be raising at least $600 million, according to The Ledger, two bankers told it. "
            "The round could value the company at $4 billion.",
            marks=pytest.mark.xfail(strict=True, reason="'could value' is mostly taken for a doubt of the round"),
        ),
    ],
)
def test_a_doubt_of_the_terms_is_none_of_the_deal(text: str, trained: Language) -> None:
    (deal,) = trained(text)._.deals
    assert deal.certainty.value == "rumored"
    assert "could" in [hedge.text for hedge in deal.hedges]


def test_what_unnamed_sources_tell_is_a_rumour(trained: Language) -> None:
    rumoured, _ = trained(RUMOUR)._.deals
    assert rumoured.certainty.value == "rumored"


def test_the_confidence_is_the_probability_of_the_value(trained: Language) -> None:
    doc = trained(RUMOUR)
    said = {(e.deal, e.slot): e for e in explain(doc)}
    for deal in doc._.deals:
        for slot, value in (("stage", deal.stage), ("certainty", deal.certainty)):
            assert 0 < value.confidence < 1
            assert said[deal.id, slot].confidence == value.confidence
            assert (said[deal.id, slot].value, bool(said[deal.id, slot].rule)) == (value.value, True)


# Whether it is a deal


def test_what_is_no_deal_after_all_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = dealspan.load("trained")
    component = nlp.get_pipe("dealspan_deals")
    assert isinstance(component, DealsComponent)
    assert component.factuality
    assert [deal.id for deal in nlp(RUMOUR)._.deals] == ["d1", "d2"]
    bias = np.array([5.0, 0.0], dtype=np.float32)
    never = LogLinear(DEAL, np.zeros((BUCKETS, 2), dtype=np.float32), bias)
    monkeypatch.setattr(component, "factuality", component.factuality._replace(deal=never))
    assert nlp(RUMOUR)._.deals == []


def test_each_deal_is_likely_enough(trained: Language, articles: list[GoldArticle]) -> None:
    likely = [whole.sure for a in articles for whole, _ in trained(a.text)._.dealspan_grounds]
    assert len(likely) > len(articles)
    assert KEPT <= min(likely) < max(likely) < 1


def test_a_deal_is_compared_with_so_many_others(trained: Language) -> None:
    text = "".join(f"Kettl{n} Inc. raised ${n}m in a Series A.\n\n" for n in range(1, 301))
    deals = trained.get_pipe("dealspan_deals")
    assert isinstance(deals, DealsComponent)
    drafts = deals.drafts(trained(text))
    assert len(drafts) > 2 * COMPARED

    def seconds(times: int) -> float:
        started = process_time()
        slot_features(drafts * times, [])
        return process_time() - started

    assert min(seconds(8) for _ in range(3)) < 6 * min(seconds(2) for _ in range(3))


# The file


def test_a_file_that_holds_other_models() -> None:
    for reads in (read_model, read_cue_model):
        with pytest.raises(ValueError, match=r"names.npz: holds no model of (factuality|cues); make one with"):
            reads(model_file("names"))


def test_the_shipped_model_is_small() -> None:
    assert model_file("factuality").stat().st_size < 3_000_000


# Training


def test_the_same_articles_give_the_same_models(articles: list[GoldArticle], roles: list[Roles]) -> None:
    first, again = train(articles, NAMES, roles), train(articles, NAMES, roles)
    assert list(first.models) == ["gate", "tags", "cue", "cue_kind", "stage", "certainty", "deal", "hedge"]
    assert first.hedges == sum(m.label == "HEDGE" for a in articles for m in a.mentions)
    assert 0 < first.hedged < first.deals
    assert first.deals <= first.drafts
    for name, model in first.models.items():
        assert (model.weights == again.models[name].weights).all()
        assert (model.bias == again.models[name].bias).all()
    assert first.models["stage"].classes == STAGES


def test_deals_that_no_draft_found_are_examples_too(articles: list[GoldArticle], layered: Language) -> None:
    component = layered.get_pipe("dealspan_deals")
    assert isinstance(component, DealsComponent)
    with_drafts = list(examples(paired(layered, articles)))
    component.drafts = lambda doc: []  # type: ignore[method-assign]
    without = list(examples(paired(layered, articles)))
    assert 0 < len(without) <= len(with_drafts) <= sum(len(a.deals) for a in articles)


def test_a_verdict_says_whether_gold_has_the_deal(articles: list[GoldArticle], layered: Language) -> None:
    (one,) = verdicts(paired(layered, [structs.replace(articles[0], text="Kettl raised $5m in a Series A.", deals=[])]))
    assert not one.right
    assert "by rules alone False" in one.features
    found = [list(verdicts(paired(layered, [article]))) for article in articles]
    assert all(sum(one.right for one in of) <= len(a.deals) for of, a in zip(found, articles, strict=True))
    assert any(one.right for of in found for one in of)


def test_short_texts_are_learned_from_too(articles: list[GoldArticle]) -> None:
    article = articles[0]
    headline, paragraph = excerpts(article)
    assert headline.text == article.text.partition("\n")[0]
    assert paragraph.text in article.text.split("\n")[1:]
    sums = [article.text[m.start : m.end] for m in article.mentions if m.label == "MONEY"]
    assert any(one in paragraph.text for one in sums)
    assert headline.deals == paragraph.deals == article.deals
    assert [one.text for one in excerpts(headline)] == [headline.text, ""]


@pytest.mark.parametrize(
    "text",
    ["Kettl raised $5 million on Monday.", "Kettl raises $5m", "Kettl raises Rs 40 crore", "Kettl bags Rs 40 crore"],
)
def test_a_short_text_is_read_too(text: str, trained: Language) -> None:
    (deal,) = trained(text)._.deals
    assert deal.company.value == "Kettl"


def test_the_sentences_of_a_deal(articles: list[GoldArticle], layered: Language) -> None:
    with_sum = [(a, d) for a in articles for d in a.deals if d.amount]
    drafts = [(stated(layered(a.text), d), a, d) for a, d in with_sum]
    found = [(draft, a, d) for draft, a, d in drafts if draft]
    assert len(found) > len(with_sum) / 2
    for draft, a, d in found:
        assert draft.kind == d.kind
        assert draft.amount
        assert all(any(c.isdigit() for c in a.text[start:end]) for start, end in draft.stretches)


def test_one_class_alone_is_never_doubted() -> None:
    model = fit([["a"], ["b"]], ["yes", "yes"], penalty=1.0, classes=("no", "yes"))
    assert (model.log_probabilities([["a"], ["new"], []])[:, 1] > -1e-6).all()
