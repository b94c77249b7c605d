"""Which hedges of a text bear on which deal: what the model says of them, and how it is trained."""

from pathlib import Path
from time import thread_time

import numpy as np
import pytest
from msgspec import structs
from spacy.language import Language
from spacy.tokens import Doc

import dealspan
from dealspan.corpus.collection import gold_articles, read_corpus
from dealspan.deals.assembly import DealsComponent
from dealspan.deals.drafts import Draft
from dealspan.deals.hedging import BEARS, MOST, Surroundings, bearing
from dealspan.deals.roles import read_roles
from dealspan.loglinear import BUCKETS, LogLinear, model_file
from dealspan.training.factuality import bearings, layers, paired

CORPUS = Path(__file__).parents[1] / "corpus"
RUMOUR = (
    "Kettl in talks on money\n\n"
    "Kettl GmbH, a maker of heat pumps, is in talks to raise $40 million from Quorline Capital, people familiar with "
    "the matter said.\n\n"
    "The company of Ulm has 80 employees.\n\n"
)
TALKS = f"{RUMOUR}The financing may still fall apart, the people said. A spokesman declined to comment."
NOTHING = LogLinear(BEARS, np.zeros((BUCKETS, 2), np.float32), np.array([0, -9], np.float32))
"""A model by which nothing bears on anything."""


@pytest.fixture(scope="module")
def trained() -> Language:
    return dealspan.load("trained")


def read_by(nlp: Language, text: str) -> tuple[list[Draft], Doc]:
    doc = nlp(text)
    component = nlp.get_pipe("dealspan_deals")
    assert isinstance(component, DealsComponent)
    return component.drafts(doc), doc


def test_a_hedge_sentences_away_bears_on_the_deal(trained: Language) -> None:
    (deal,) = trained(TALKS)._.deals
    told = [hedge.text for hedge in deal.hedges]
    assert told[-2:] == ["may", "the people said"]
    assert "people familiar with the matter said" in told


def test_a_source_named_sentences_away_is_one_of_the_deal(trained: Language) -> None:
    (deal,) = trained(f"{RUMOUR}The round could close next month, The Ledger reported.")._.deals
    assert [source.value for source in deal.attribution] == ["Ledger"]


@pytest.mark.parametrize(
    ("told", "source"),
    [
        ("two people briefed on the talks told the Lakehead Post", "Lakehead Post"),
        ("the Gothenburg weekly Lastbladet wrote on Tuesday", "Lastbladet"),
        ("according to the Gazeta do Forno", "Gazeta do Forno"),
        ("according to PitchBook", "PitchBook"),
    ],
)
def test_a_source_is_named_whole(told: str, source: str, trained: Language) -> None:
    (deal,) = trained(f"Kettl GmbH of Ulm is seeking $40 million in a Series B, {told}.")._.deals
    assert [one.value for one in deal.attribution] == [source]
    assert deal.hedges[-1].text == told


def test_a_source_that_has_counted_a_deal_that_is_done_is_kept(trained: Language) -> None:
    text = "Kettl GmbH of Ulm raised a Series A of €9 million in March, PitchBook data show, and hired 40 people."
    (deal,) = trained(text)._.deals
    assert (deal.stage.value, [one.value for one in deal.attribution]) == ("completed", ["PitchBook"])


def test_a_deal_that_is_done_has_no_hedge(trained: Language) -> None:
    text = f"{TALKS}\n\nNovena Robotics raised $9 million in a seed round led by Alder Ventures in March."
    rumoured, done = trained(text)._.deals
    assert rumoured.hedges
    assert (done.stage.value, done.certainty.value, done.hedges) == ("completed", "asserted", [])


def test_each_rumour_has_its_own_hedges(trained: Language) -> None:
    text = (
        "Kettl GmbH is in talks to raise $40 million, The Ledger reported.\n\n"
        "Novena Robotics is weighing a Series B of $90 million, Dealbord reported."
    )
    one, other = trained(text)._.deals
    middle = text.index("Novena")
    assert one.hedges and all(hedge.end <= middle for hedge in one.hedges)
    assert other.hedges and all(hedge.start >= middle for hedge in other.hedges)


def test_the_evidence_of_a_reading_is_a_hedge_that_bears_on_the_deal(trained: Language) -> None:
    doc = trained(TALKS)
    (deal,) = doc._.deals
    mentions = {mention.id: mention for mention in doc._.dealspan_mentions}
    own = {(hedge.start, hedge.end) for hedge in deal.hedges}
    for slot in (deal.stage, deal.certainty):
        (evidence,) = (mentions[id] for id in slot.evidence)
        assert evidence.label == "HEDGE"
        assert (evidence.start, evidence.end) in own


def test_a_phrase_of_your_own_bears_on_what_stands_in_its_scope(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text('[[cues]]\nphrase = "the grapevine has it that"\nkind = "denial"\n')
    text = "The grapevine has it that Kettl raised $2 million in a seed round from Alder Ventures."
    drafts, doc = read_by(dealspan.load("trained", rules=file), text)
    assert bearing(NOTHING, doc, drafts, {0: True}) == {0: [0]}
    drafts, doc = read_by(dealspan.load("trained"), TALKS)
    assert bearing(NOTHING, doc, drafts, {0: True}) == {0: []}
    assert bearing(NOTHING, doc, drafts, {}) == {}


def test_of_very_many_hedges_the_nearest_are_looked_at(trained: Language) -> None:
    far = "Kettl could raise $5m, people familiar with the matter said. "
    drafts, doc = read_by(trained, far * MOST + TALKS)
    around = Surroundings(doc, drafts)
    last = max(range(len(drafts)), key=lambda i: drafts[i].start)
    found = around.candidates(last)
    assert len(found) == MOST
    assert found == sorted(found)
    assert max(i for i, cue in enumerate(around.cues) if cue.label == "HEDGE") in found
    assert len(list(around.features(last))) == MOST


def test_time_is_linear(trained: Language) -> None:
    def seconds(times: int) -> float:
        drafts, doc = read_by(trained, "It is said to be in talks to raise $5m, and Kettl may raise $7m. " * times)
        model = trained.get_pipe("dealspan_deals").factuality.hedge  # type: ignore[attr-defined]
        started = thread_time()
        bearing(model, doc, drafts, dict.fromkeys(range(len(drafts)), True))
        return thread_time() - started

    short = min(seconds(50) for _ in range(3))
    assert min(seconds(400) for _ in range(2)) < 20 * short


def test_an_example_says_whether_gold_lays_the_hedge_to_the_deal() -> None:
    nlp = layers(model_file("names", ".tagger"))
    component = nlp.get_pipe("dealspan_deals")
    assert isinstance(component, DealsComponent)
    component.roles = read_roles(model_file("roles"))
    articles = [a for a in gold_articles(read_corpus(CORPUS), None, "train") if a.genre == "rumour"][:6]
    found = list(bearings(paired(nlp, articles)))
    assert {one.bears for one in found} == {False, True}
    without = [structs.replace(a, deals=[structs.replace(d, hedges=[]) for d in a.deals]) for a in articles]
    assert len(found) == len(list(bearings(paired(nlp, without))))
    assert not any(one.bears for one in bearings(paired(nlp, without)))
    done = [
        structs.replace(a, deals=[structs.replace(d, stage="completed", certainty="asserted") for d in a.deals])
        for a in articles
    ]
    assert list(bearings(paired(nlp, done))) == []
