"""The stories of several articles: how merging is scored, and the floors on those held out."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealspan.archive import claims, group, merge
from dealspan.archive.claims import days
from dealspan.cli import app
from dealspan.corpus.articles import ArticleError
from dealspan.corpus.merging import gold_records, score
from dealspan.corpus.stories import read_stories, read_story
from dealspan.evaluation.clusters import Grouping, grouping
from dealspan.pipeline import load
from dealspan.records import RoundType
from tests.archives import claim

CORPUS = Path(__file__).parents[1] / "corpus"


def test_scores_of_groups_by_hand() -> None:
    a, b, c, d = [("x", "d1"), ("y", "d1"), ("z", "d1"), ("x", "d2")]
    gold = {a: "one", b: "one", c: "one", d: "other"}
    found = grouping(gold, [[a, b], [c, d]])
    assert found.pairs == (1 / 2, 1 / 3)
    # Precision (1 + 1 + 1/2 + 1/2) / 4, recall (2/3 + 2/3 + 1/3 + 1) / 4.
    assert found.b_cubed == pytest.approx((3 / 4, 2 / 3))
    assert grouping(gold, [[a, b, c], [d]]).b_cubed.f1 == 1
    # One deal that gold does not have, put with one that it has; d was not found.
    spurious = ("y", "d9")
    odd = grouping(gold, [[a, b, c], [spurious]], {a: a, b: b, c: c})
    assert odd.b_cubed == (3 / 4, 3 / 4) and odd.pairs == (1, 1)


def test_stories_are_many_and_of_several_articles() -> None:
    told = list(read_stories(CORPUS))
    assert len(told) >= 60
    assert all(2 <= len(story.articles) <= 5 for story in told)
    names = Counter(name for story in told for name in {n for a, _ in story.articles for d in a.deals for n in d.names})
    splits: dict[str, set[str]] = {}
    for story in told:
        for article, _ in story.articles:
            for deal in article.deals:
                for name in deal.names:
                    splits.setdefault(name, set()).add(story.front.split)
    assert all(len(found) == 1 for found in splits.values()), "a name in two splits"
    assert names.most_common(1)[0][1] == 1, "a name in two stories"


def test_a_story_that_is_none_is_named(tmp_path: Path) -> None:
    source = (CORPUS / "stories" / "a01.md").read_text(encoding="utf-8")
    path = tmp_path / "a01.md"
    for wrong in (source.rpartition("+++\n")[0], source.replace('"a01"', '"a02"'), "# nothing", source + "[MONEY "):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(ArticleError, match="a01"):
            read_story(path)


FLOORS = {"gold": (0.9, 0.95), "trained": (0.8, 0.88)}
"""Least pairwise and B³ F1 on the held-out stories."""


@pytest.fixture(scope="module")
def held_out() -> dict[str, Grouping]:
    told = list(read_stories(CORPUS, "test"))
    return {"gold": score(told), "trained": score(told, load())}


@pytest.mark.parametrize("deals", FLOORS)
def test_floors_on_the_held_out_stories(deals: str, held_out: dict[str, Grouping]) -> None:
    found = held_out[deals]
    assert found.pairs.f1 >= FLOORS[deals][0] and found.b_cubed.f1 >= FLOORS[deals][1]


def test_the_command_prints_the_scores() -> None:
    result = CliRunner().invoke(app, ["corpus", "stories", str(CORPUS), "--split", "dev", "--json"])
    assert result.exit_code == 0
    gold, extracted = json.loads(result.stdout)
    assert gold["deals"] == "gold" and gold["pairwise"]["f1"] > 0.9
    assert extracted["deals"] == "trained" and 0 < extracted["b_cubed"]["f1"] <= 1


def test_gold_of_a_story_gives_the_conversion_of_a_sum() -> None:
    story = read_story(CORPUS / "stories" / "a07.md")
    (first,) = claims(gold_records([story])[0])
    assert [amount.currency for amount in first.amounts] == ["NOK", "USD"]
    assert first.said == days(date(2024, 6, 11).isoformat())
    assert [len(members) for members in group(c for r in gold_records([story]) for c in claims(r))] == [3]


def test_rounds_of_every_letter_stay_apart() -> None:
    letters: list[RoundType] = ["seed", "series_a", "series_b", "series_c", "series_d"]
    told = [claim(name, "Kettl", round_type=name) for name in letters]
    assert len(merge(told)) == len(letters)
