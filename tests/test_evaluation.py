import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dealspan.evaluation import EvaluationError, confusion, groups, intervals, load, score
from dealspan.evaluation.align import normal, same_name, same_phrase, same_sum
from dealspan.evaluation.reading import Sum
from dealspan.evaluation.scores import calibration_error
from dealspan.evaluation.worst import CONTEXT, read_texts, worst
from dealspan.records import encode
from tests.samples import TEXT, hedged
from tests.test_output import RUMOUR

SHARED = Path(__file__).parents[2] / "shared" / "gold"
Json = dict[str, Any]

GOLD: Json = {
    "id": "a.txt",
    "text": TEXT,
    "mentions": [{"label": "COMPANY", "text": "Novena Robotics", "start": 0, "end": 15}],
    "deals": [
        {
            "kind": "round",
            "company": "Novena Robotics",
            "amount": {"min": 60e6, "max": None, "currency": "USD", "text": "at least $60 million"},
            "round_type": "series_c",
            "valuation": {"amount": 2e9, "currency": "USD", "kind": "unspecified"},
            "investors": [{"name": "Harbour Point", "role": "lead"}],
            "stage": "in_progress",
            "certainty": "rumored",
            "date": "2018-05",
        }
    ],
}


def file(path: Path, *documents: Json) -> Path:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return path


def record(**changes: Any) -> Json:
    found: Json = json.loads(encode(hedged(RUMOUR)))
    found["deals"][0].update(changes)
    return found


def scored(tmp_path: Path, gold: Json, predicted: Json) -> tuple[Json, list[str]]:
    figures, found = score(load(file(tmp_path / "g.jsonl", gold)), load(file(tmp_path / "p.jsonl", predicted)))
    return figures, [one.what for one in found]


# A record against its gold


def test_a_right_record_has_no_disagreement(tmp_path: Path) -> None:
    figures, found = scored(tmp_path, GOLD, record())
    assert found == []
    assert figures["slots_micro"]["f1"] == figures["deals"]["f1"] == figures["hedged"]["f1"] == 1
    assert figures["mentions"]["COMPANY"]["exact"]["f1"] == 1
    assert figures["mentions"]["MONEY"]["exact"] == {"p": 0.0, "r": 0.0, "f1": 0.0, "gold": 0, "predicted": 2}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"company": {"value": "Kettl", "confidence": 0.5}}, ["missed company", "spurious company"]),
        ({"round_type": None}, ["missed round_type"]),
        ({"date": {"value": "2018-05-31", "confidence": 0.5}}, []),
        ({"date": {"value": "2018", "confidence": 0.5}}, ["missed date", "spurious date"]),
        ({"stage": {"value": "planned"}}, ["stage: gold in_progress, predicted planned"]),
        ({"certainty": {"value": "asserted"}}, ["certainty: gold rumored, predicted asserted"]),
        ({"investors": []}, ["missed investor", "missed lead"]),
        ({"investors": [{"value": "Harbour Point", "role": "participant", "confidence": 0.5}]}, ["missed lead"]),
        ({"kind": "total"}, ["missed deal", "spurious deal"]),
    ],
)
def test_each_difference_is_named(tmp_path: Path, changes: Json, what: list[str]) -> None:
    assert scored(tmp_path, GOLD, record(**changes))[1] == what


def test_the_hedges_and_sources_of_a_deal_that_is_found_are_counted(tmp_path: Path) -> None:
    told = {"hedges": ["are said to be seeking", "the people said", "the people said"], "attribution": ["The Ledger"]}
    gold = GOLD | {"deals": [GOLD["deals"][0] | told]}
    found = [{"text": "said to be seeking"}, {"text": "The people said"}, {"text": "could"}]
    figures, _ = scored(tmp_path, gold, record(hedges=found, attribution=[{"value": "Ledger", "confidence": 0.5}]))
    assert figures["deal_hedges"] == {"p": 0.6667, "r": 0.6667, "f1": 0.6667, "gold": 3, "predicted": 3}
    assert figures["deal_sources"]["f1"] == 1
    other = record(hedges=found, kind="total")
    assert scored(tmp_path, gold, other)[0]["deal_hedges"]["gold"] == 0


def test_a_missing_document_counts_as_missed(tmp_path: Path) -> None:
    figures, found = scored(tmp_path, GOLD | {"id": "other"}, record())
    assert figures["missing"] == ["other"]
    assert found == ["missed deal"]
    assert figures["hedged"]["r"] == 0


# Parts


@pytest.mark.parametrize(
    ("same", "a", "b", "expected"),
    [
        (same_name, "Novena Robotics, Inc.", "novena robotics", True),
        (same_name, "Novena", "Novena Robotics", True),
        (same_name, "Robotics", "Novena Robotics", True),
        (same_name, "Novena’s", "Novena", True),
        (same_name, "Novena", "Kettl", False),
        (same_name, "Group", "group", True),
        (same_name, "", "Novena", False),
        (same_name, "", "", True),
        (same_name, "A Novena B", "Novena", False),
        (same_phrase, "is said to be", "Is Said to Be", True),
        (same_phrase, "according to the people", "according to the people familiar with it", True),
        (same_phrase, "could", "could,", True),
        (same_phrase, "could", "coulds", False),
        (same_phrase, "people said", "people have said", False),
    ],
)
def test_names_and_phrases(same: Callable[[str, str], bool], a: str, b: str, expected: bool) -> None:
    assert same(a, b) == same(b, a) == expected


def test_a_name_of_legal_words_only_is_kept() -> None:
    assert normal("The Company") == "the company"


def test_sums_agree_within_half_a_percent() -> None:
    assert same_sum(Sum("USD", 1000.0, None), Sum("USD", 1004.0, None))
    assert not same_sum(Sum("USD", 1000.0, None), Sum("USD", 1010.0, None))
    assert not same_sum(Sum("USD", 1000.0, None), Sum("EUR", 1000.0, None))
    assert not same_sum(Sum("USD", 1000.0, None), Sum("USD", 1000.0, 1000.0))


def test_calibration_error() -> None:
    assert calibration_error([]) is None
    assert calibration_error([(0.8, 1)] * 8 + [(0.8, 0)] * 2, bins=1) == 0
    assert calibration_error([(1.0, 0)] * 10) == 1


# Files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("{broken\n", ":1: is neither gold nor a record"),
        ('{"id": "a", "deals": []}\n', "missing required field `mentions`"),
        ('{"mentions": [], "deals": []}\n', "has neither `id`"),
        (
            '{"id": "a", "mentions": [], "deals": []}\n\n{"id": "a", "mentions": [], "deals": []}\n',
            ":3: the id 'a' occurs",
        ),
        ('{"id": "a", "mentions": [], "deals": [{"amount": 5}]}\n', "Expected `object | null`"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(content)
    with pytest.raises(EvaluationError) as error:
        load(path)
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be read"):
        load(tmp_path / "none.jsonl")


# The same figures as the reference scorer


def perturbed(gold: Json, chance: random.Random) -> Json:
    """A prediction that is wrong here and there in every way a prediction can be."""

    def wrapped(value: Any) -> Json | None:
        return None if value is None else {"value": value, "confidence": round(chance.random(), 3)}

    def garbled(name: str) -> str:
        return chance.choice([name, name, name, f"{name} Inc.", name.split()[0], "Kettl", f"the {name}"])

    mentions = [
        m | {"end": m["end"] + chance.choice([0, 0, 0, 2])} for m in gold["mentions"] if chance.random() < 0.9
    ] + [{"label": "MONEY", "start": 1, "end": 9}]
    deals = []
    for deal in [d for d in gold["deals"] for _ in range(chance.choice([0, 1, 1, 1, 1, 2]))]:
        amount = deal["amount"] and deal["amount"] | {"min": chance.choice([deal["amount"]["min"]] * 3 + [None, 1.0])}
        companies = [wrapped(garbled(name)) for name in deal.get("companies") or []]
        deals.append(
            {
                "kind": chance.choice([deal["kind"]] * 9 + ["total"]),
                "company": wrapped(deal["company"] and garbled(deal["company"])),
                "companies": companies or None,
                "amount": wrapped(chance.choice([amount] * 5 + [None])),
                "round_type": wrapped(chance.choice([deal["round_type"]] * 4 + [None, "seed"])),
                "valuation": wrapped(deal["valuation"]),
                "investors": [
                    {
                        "value": garbled(i["name"]),
                        "role": chance.choice(["lead", i["role"]]),
                        "confidence": chance.random(),
                    }
                    for i in deal["investors"]
                    if chance.random() < 0.9
                ],
                "stage": wrapped(chance.choice([deal["stage"]] * 4 + ["planned"])),
                "certainty": wrapped(chance.choice([deal["certainty"]] * 4 + ["rumored"])),
                "date": wrapped(chance.choice([deal["date"]] * 4 + ["2019-02"])),
            }
        )
    return {"document": {"id": gold["id"]}, "mentions": mentions, "deals": deals}


@pytest.mark.parametrize("seed", range(4))
def test_figures_equal_those_of_the_reference_scorer(tmp_path: Path, seed: int) -> None:
    if not (SHARED / "score.py").exists():
        pytest.skip("the gold articles and their scorer are not part of the repository")
    chance = random.Random(seed)
    gold = [json.loads(line) for line in (SHARED / "dev.jsonl").read_text().splitlines()]
    predicted = file(tmp_path / "p.jsonl", *[perturbed(d, chance) for d in gold if seed == 0 or chance.random() < 0.95])
    command = [sys.executable, str(SHARED / "score.py"), str(SHARED / "dev.jsonl"), str(predicted), "--json"]
    expected = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    figures, _ = score(load(SHARED / "dev.jsonl"), load(predicted))
    assert {name: figures[name] for name in expected} == expected
    assert 0.3 < figures["slots_micro"]["f1"] < 0.95


# Views


def both(tmp_path: Path, *documents: tuple[Json, Json]) -> tuple[Any, Any]:
    gold = [{**g, "id": f"{n}.txt"} for n, (g, _) in enumerate(documents)]
    predicted = [{**p, "document": {**p["document"], "id": f"{n}.txt"}} for n, (_, p) in enumerate(documents)]
    return load(file(tmp_path / "g.jsonl", *gold)), load(file(tmp_path / "p.jsonl", *predicted))


def test_intervals_lie_around_the_figure_and_narrow_with_more_documents(tmp_path: Path) -> None:
    right, wrong = (GOLD, record()), (GOLD, record(amount=None))
    few = intervals(*both(tmp_path, right, right, wrong, wrong))["slot amount"]
    many = intervals(*both(tmp_path, *[right, wrong] * 40))["slot amount"]
    figure = score(*both(tmp_path, *[right, wrong] * 40))[0]["slots"]["amount"]["f1"]
    assert few[0] < many[0] < figure < many[1] < few[1]
    assert intervals(*both(tmp_path, right, right))["slot amount"] == (1.0, 1.0)
    assert "slot date" in intervals(*both(tmp_path, right))
    assert "HEDGE exact" not in intervals(*both(tmp_path, ({**GOLD, "mentions": []}, {**record(), "mentions": []})))


def test_confusion(tmp_path: Path) -> None:
    company, investor, money = ({"label": label, "start": 0, "end": 15} for label in ("COMPANY", "INVESTOR", "MONEY"))
    predicted = {**record(stage={"value": "planned", "confidence": 0.5, "evidence": []}), "mentions": [investor, money]}
    tables = confusion(*both(tmp_path, ({**GOLD, "mentions": [company]}, predicted)))
    assert tables["label"] == {("COMPANY", "INVESTOR"): 1, ("nothing", "MONEY"): 1}
    assert tables["stage"] == {("in_progress", "planned"): 1}
    assert tables["certainty"] == {("rumored", "rumored"): 1}


def test_the_same_label_comes_before_another_that_overlaps(tmp_path: Path) -> None:
    spans = [{"label": "COMPANY", "start": 0, "end": 6}, {"label": "INVESTOR", "start": 0, "end": 6}]
    tables = confusion(*both(tmp_path, ({**GOLD, "mentions": spans}, {**record(), "mentions": spans[::-1]})))
    assert tables["label"] == {("COMPANY", "COMPANY"): 1, ("INVESTOR", "INVESTOR"): 1}


def test_the_worst_documents_come_first_with_their_words(tmp_path: Path) -> None:
    right = {**record(), "mentions": GOLD["mentions"]}
    gold, predicted = both(tmp_path, (GOLD, right), (GOLD, {**record(amount=None), "mentions": []}))
    (bad,) = worst(gold, predicted, read_texts(tmp_path / "g.jsonl"), 1)
    assert bad.document == "1.txt"
    assert bad.lines[0] == "missed amount: USD 60000000.."
    (missed,) = [line for line in bad.lines if line.startswith("missed COMPANY")]
    assert missed.startswith("missed COMPANY: …[Novena Robotics] ")
    assert len(missed) <= len("missed COMPANY: …[Novena Robotics]…") + CONTEXT
    assert worst(gold, gold, {}, 5) == []


def test_groups(tmp_path: Path) -> None:
    path = file(tmp_path / "g.jsonl", *({**GOLD, "id": str(n), "genre": "ab"[n // 2]} for n in range(3)))
    assert groups(path, "genre") == {"a": ["0", "1"], "b": ["2"]}
    records = file(tmp_path / "p.jsonl", {**record(), "genre": "a"})
    assert groups(records, "genre") == {"a": ["a.txt"]}
    with pytest.raises(EvaluationError, match=r"g.jsonl:1: 'year' is no field of text; there are: genre, id"):
        groups(path, "year")
