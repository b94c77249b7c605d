"""Variants of annotated texts: other names, casing, the headline alone; labels and offsets move along."""

from pathlib import Path
from random import Random

import pytest

from dealspan.corpus.collection import read_corpus
from dealspan.training.variants import (
    Marked,
    headline_alone,
    invented_name,
    name_words,
    variants,
    with_other_casing,
    with_other_names,
)

TEXT = "Kettl raises $5m from Alder Ventures\nKettl Oy, led by Alder, said Kettl’s “seed” was done."
SPANS = (
    ("COMPANY", 0, 5),
    ("MONEY", 13, 16),
    ("INVESTOR", 22, 36),
    ("COMPANY", 37, 45),
    ("INVESTOR", 54, 59),
    ("COMPANY", 66, 71),
    ("ROUND", 75, 79),
)
MARKED = Marked(TEXT, SPANS)
WRITTEN = read_corpus(Path(__file__).parents[1] / "corpus").written[::25]


def words(marked: Marked) -> list[tuple[str, str]]:
    return [(label, marked.text[start:end]) for label, start, end in marked.spans]


@pytest.mark.parametrize("seed", range(20))
def test_names_change_together(seed: int) -> None:
    found = words(with_other_names(MARKED, Random(seed)))
    labels = [label for label, _ in found]
    first, money, firm, full, short, again, kind = (name for _, name in found)
    assert labels == [label for label, _, _ in SPANS]
    assert (money, kind) == ("$5m", "seed")
    assert "Kettl" not in first
    assert "Alder" not in short
    assert firm == f"{short} Ventures"
    assert full.startswith(first.split(",")[0].split(" ")[0])
    assert again.split(" ")[0] == first.split(" ")[0]


def test_what_is_no_name_stays() -> None:
    other = with_other_names(MARKED, Random(1))
    assert other.text.endswith("’s “seed” was done.")
    assert " raises $5m from " in other.text


@pytest.mark.parametrize("item", WRITTEN, ids=lambda item: item.gold.id)
def test_spans_of_the_corpus_move_along(item: object) -> None:
    gold = item.gold  # type: ignore[attr-defined]
    marked = Marked(gold.text, tuple((m.label, m.start, m.end) for m in gold.mentions))
    first, second, headline = variants(marked, Random(3), ["Wexholm", "Obermay"])
    for old, new in zip(words(marked), words(first), strict=True):
        assert old[0] == new[0]
        named = any(
            start < e and s < end
            for label, start, end in marked.spans
            if label in ("COMPANY", "INVESTOR")
            for la, s, e in marked.spans
            if (la, marked.text[s:e]) == old
        )
        assert named or old == new
    assert len(second.spans) == len(marked.spans)
    assert headline.text == second.text.partition("\n")[0]
    assert all(end <= len(headline.text) for _, _, end in headline.spans)


def test_casing_keeps_every_offset() -> None:
    made = [with_other_casing(MARKED, Random(seed)) for seed in range(30)]
    assert all(len(one.text) == len(TEXT) and one.spans == SPANS for one in made)
    assert {one.text.partition("\n")[0] for one in made} == {
        "Kettl raises $5m from Alder Ventures",
        "KETTL RAISES $5M FROM ALDER VENTURES",
        "Kettl Raises $5m From Alder Ventures",
    }
    assert any('Kettl\'s "seed"' in one.text for one in made)


def test_the_headline_alone() -> None:
    assert headline_alone(MARKED) == Marked("Kettl raises $5m from Alder Ventures", SPANS[:3])
    assert headline_alone(Marked("One line", ())) == Marked("One line", ())


def test_the_words_of_names() -> None:
    assert name_words([MARKED]) == ["Alder", "Kettl"]


def test_the_same_seed_gives_the_same_variants() -> None:
    assert list(variants(MARKED, Random(5), [])) == list(variants(MARKED, Random(5), []))
    assert list(variants(MARKED, Random(5), [])) != list(variants(MARKED, Random(6), []))


def test_names_have_many_shapes() -> None:
    random = Random(0)
    names = [invented_name(random, [], company=True) for _ in range(500)]
    assert any(name.islower() for name in names)
    assert any("." in name for name in names)
    assert any("&" in name for name in names)
    assert any(name[0].isdigit() for name in names)
    assert any(name.isalpha() and name[1:] != name[1:].lower() for name in names)
    assert len(set(names)) > 400
