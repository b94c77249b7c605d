"""The learned roles: what makes a deal, who and what belongs to it, and what the models are trained on."""

from datetime import date
from pathlib import Path
from time import thread_time
from typing import Any

import pytest
from spacy.language import Language
from spacy.tokens import Doc

import dealspan
from dealspan import pipeline
from dealspan.corpus.gold import GoldAmount, GoldDeal, GoldInvestor
from dealspan.deals.drafts import Draft
from dealspan.deals.roles import MODELS, Roles, read_roles
from dealspan.deals.roles.anchors import Anchor, find_anchors
from dealspan.deals.roles.outline import Outline
from dealspan.loglinear import model_file, read_models
from dealspan.records import Article, Valuation
from dealspan.training.alignment import Aligned, align
from dealspan.training.loglinear import fit
from dealspan.training.roles import folds

TEXT = (
    "Kettl raises $5 million\n\n"
    "Lending startup Kettl has raised $5 million in a seed round. The round was led by Alder Ventures, with"
    " participation from Quorline Capital and Bo Partners. In 2019 Kettl raised $1 million from Hazel Capital."
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return dealspan.load("trained")


def read(nlp: Language, text: str) -> Doc:
    ((_, doc),) = pipeline.process(nlp, [Article(id="a", text=text, title=None, published=date(2024, 5, 2))])
    return doc


def anchors_of(nlp: Language, text: str) -> list[Anchor]:
    return list(find_anchors(Outline(read(nlp, text))))


# What the models decide


def test_investors_come_from_the_sentence_after_the_sum(nlp: Language) -> None:
    first, earlier = read(nlp, TEXT)._.deals
    assert first.amount.value.min == 5e6
    assert first.company.value == "Kettl"
    assert {(i.value, i.role) for i in first.investors} == {
        ("Alder Ventures", "lead"),
        ("Quorline Capital", "participant"),
        ("Bo Partners", "participant"),
    }
    assert earlier.amount.value.min == 1e6
    assert [i.value for i in earlier.investors] == ["Hazel Capital"]
    assert earlier.date.value == "2019"


def test_sums_that_nobody_raises_are_no_deal(nlp: Language) -> None:
    text = "Kettl, a lender, said revenue rose to $5 million last year. Its cheapest plan costs $20 a month."
    assert read(nlp, text)._.deals == []


def test_each_slot_has_evidence_and_an_explanation(nlp: Language) -> None:
    doc = read(nlp, TEXT)
    mentions = {mention.id for mention in doc._.dealspan_mentions}
    for deal in doc._.deals:
        for slot in (deal.company, deal.amount, *deal.investors):
            assert set(slot.evidence) <= mentions
            assert slot.evidence
    told = {(one.slot, one.value) for one in pipeline.explain(doc)}
    assert {("company", "Kettl"), ("investor (lead)", "Alder Ventures"), ("amount", "$5 million")} <= told


def test_drafts_carry_the_likelihood_of_what_they_hold() -> None:
    roles = read_roles(model_file("roles"))
    drafts: list[Draft] = roles.drafts(read(dealspan.load("trained"), TEXT))
    for draft in drafts:
        assert draft.company
        assert draft.amount
        sure = [draft.sure, draft.company.sure, draft.amount.sure, *(i.sure for i in draft.investors)]
        assert all(value is not None and 0 < value <= 1 for value in sure)


def test_rules_alone_give_no_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the rules need no model")

    monkeypatch.setattr(Roles, "drafts", refuse)
    assert len(read(dealspan.load("rules"), TEXT)._.deals) == 2


@pytest.mark.parametrize("text", ["", "Nothing happened.", "$5 million", "Kettl", "\n\n", "Series A"])
def test_texts_with_little_in_them(nlp: Language, text: str) -> None:
    assert all(deal.evidence for deal in read(nlp, text)._.deals)


@pytest.mark.parametrize("unit", ["Kettl raised $5 million. ", "Alder Ventures, ", "$5 million Series A, "])
def test_time_is_linear(nlp: Language, unit: str) -> None:
    roles = nlp.get_pipe("dealspan_deals").roles  # type: ignore[attr-defined]

    def seconds(times: int) -> float:
        doc = read(nlp, unit * times)
        started = thread_time()
        roles.drafts(doc)
        return thread_time() - started

    short = min(seconds(200) for _ in range(3))
    assert min(seconds(1_600) for _ in range(2)) < 30 * short


# The outline and its anchors


def test_anchors_are_amounts_round_types_and_backed_companies(nlp: Language) -> None:
    text = "Kettl raised $5 million in a seed round. Alder Ventures has also invested in Novena Robotics Inc."
    assert [(a.sort, text[a.mention.start : a.mention.end]) for a in anchors_of(nlp, text)] == [
        ("money", "$5 million"),
        ("round", "seed"),
        ("act", "Novena Robotics Inc."),
    ]


def test_the_drafts_of_the_rules_stay_as_they_are_when_they_are_merged(nlp: Language) -> None:
    outline = Outline(read(nlp, TEXT))
    drafts = [draft for drafts in outline.drafts.values() for draft in drafts]
    assert len(outline.by_rules) < len(drafts)
    assert all(draft.parts == [] for draft in drafts)
    assert [deal.parts[0] in drafts for deal in outline.by_rules] == [True] * len(outline.by_rules)


# What they are trained on


def deal(**slots: Any) -> GoldDeal:
    return GoldDeal(**{"id": "d1", "kind": "round", "stage": "completed", "certainty": "asserted"} | slots)


def test_anchors_are_aligned_by_value(nlp: Language) -> None:
    text = (
        "Kettl raised $5 million in a seed round at a valuation of $20 million. Kettl has raised $9 million in total."
        " It counts 5 million users and paid $3 million for a rival. Alder Ventures also invested in Oslo Foods Inc."
    )
    deals = [
        deal(
            company="Kettl",
            amount=GoldAmount(min=5e6, max=5e6, currency="USD", text="$5 million"),
            round_type="seed",
            valuation=Valuation(amount=2e7, currency="USD", kind="unspecified"),
        ),
        deal(id="d2", kind="total", company="Kettl", amount=GoldAmount(min=9e6, max=9e6, currency="USD", text="$9m")),
        deal(id="d3", company="Oslo Foods", investors=[GoldInvestor(name="Alder Ventures", role="participant")]),
    ]
    anchors = anchors_of(nlp, text)
    found = zip(anchors, align(anchors, deals), strict=True)
    assert {text[anchor.mention.start : anchor.mention.end]: one for anchor, one in found} == {
        "$5 million": Aligned(0, "raised"),
        "seed": Aligned(0, "raised"),
        "$20 million": Aligned(0, "valuation"),
        "$9 million": Aligned(1, "total"),
        "$3 million": Aligned(-1, "other"),
        "Oslo Foods Inc.": Aligned(2, "raised"),
    }


def test_of_two_deals_with_one_sum_the_one_that_is_named(nlp: Language) -> None:
    amount = GoldAmount(min=5e6, max=5e6, currency="USD", text="$5 million")
    deals = [deal(company="Novena", amount=amount), deal(id="d2", company="Kettl", amount=amount)]
    anchors = anchors_of(nlp, "Lending startup Kettl raised $5 million.")
    assert align(anchors, deals) == [Aligned(1, "raised")]


def test_views_of_an_article_are_left_out_together() -> None:
    for inside, outside in folds(12, 2):
        assert {i // 2 for i in inside}.isdisjoint({i // 2 for i in outside})
        assert sorted(inside + outside) == list(range(12))


def test_one_answer_is_learned_without_weights() -> None:
    model = fit([["a"], ["b"]], ["no", "no"], penalty=1.0, classes=("no", "yes"))
    assert model.log_probabilities([["a"], []])[:, 0].tolist() == pytest.approx([0, 0], abs=1e-6)


# The file


def test_the_shipped_models() -> None:
    path = model_file("roles")
    assert set(read_models(path)) == set(MODELS)
    assert path.stat().st_size < 3_000_000


def test_a_file_without_roles(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"names.npz: holds no models of roles; make them with `dealspan train`"):
        read_roles(model_file("names"))
    with pytest.raises(ValueError, match=r"none.npz: holds no models"):
        read_roles(tmp_path / "none.npz")
