"""The model card: what a model was trained on, and how it reads the development part beside the rules."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from dealspan import annotations
from dealspan.components.names import NamesComponent
from dealspan.components.names.lexicon import load
from dealspan.components.names.model import NameModel
from dealspan.corpus.gold import GoldArticle
from dealspan.training.names import PENALTY, Example, layers

LABELS = ("COMPANY", "INVESTOR")
Scores = dict[str, tuple[float, float, float]]
"""Precision, recall and F1 of the exact spans, by label."""


def scores(articles: Sequence[GoldArticle], model: NameModel | None) -> Scores:
    """Score the names of some articles, as a model or, without one, the rules find them."""
    nlp, component = layers(), NamesComponent(load(), model)
    counts = {label: [0, 0, 0] for label in LABELS}
    for article in articles:
        doc = nlp(article.text)
        found = {(f.label, f.start, f.end) for f in annotations.read(component(doc), "names")}
        gold = {(m.label, m.start, m.end) for m in article.mentions}
        for label, count in counts.items():
            mine, theirs = ({span for span in spans if span[0] == label} for spans in (found, gold))
            for i, number in enumerate((len(mine & theirs), len(mine), len(theirs))):
                count[i] += number
    return {
        label: (both / max(1, mine), both / max(1, theirs), 2 * both / max(1, mine + theirs))
        for label, (both, mine, theirs) in counts.items()
    }


def digest(articles: Sequence[GoldArticle]) -> str:
    """The SHA-256 of some annotated articles."""
    return hashlib.sha256(b"".join(msgspec.json.encode(article) for article in articles)).hexdigest()


def card(
    trained_on: Sequence[GoldArticle],
    examples: Sequence[Example],
    figures: Mapping[str, tuple[Scores, Scores]],
    *,
    sizes: tuple[int, int],
) -> str:
    """Write the card.

    `figures` holds for each part of the development articles the scores of rules and of model; `sizes` are those of the
    two files in bytes.
    """
    classes = [value for example in examples for value in example.classes]
    rows = [
        f"| {part} | {label} | {' | '.join(f'{value:.3f}' for value in (*rules[label], *model[label]))} |"
        for part, (rules, model) in figures.items()
        for label in LABELS
    ]
    table = "\n".join(rows)
    companies, investors = classes.count("company"), classes.count("investor")
    return f"""# Models

This page is written by `dealspan train`, with the model. It is no part of what is edited by hand.

## names.npz

Decides for every candidate of the names component whether it is a company, an investor or neither: a log-linear model
over hashed features of the name, its surroundings, and the evidence of the rules. It is used by
`dealspan.load("trained")` and `dealspan extract --model trained`; names of the lists of facts and of your own rules are
left to the rules.

- Made on {date.today().isoformat()}, {sizes[0] / 1000:,.0f} kB.
- Trained on {len(trained_on)} articles of the training part of [the corpus](../corpus/README.md), and nothing else:
  {len(classes):,} candidates, of which {companies:,} are companies and {investors:,} investors. SHA-256 of the
  articles: {digest(trained_on)}.
- Settings: inverse penalty {PENALTY}; L-BFGS, no randomness.

Exact spans on the development part of the corpus, rules and then the model:

| part | label | rules P | rules R | rules F1 | model P | model R | model F1 |
|---|---|---:|---:|---:|---:|---:|---:|
{table}

It finds no name that the rules do not hold for a candidate: capitalised stretches, and names in lower case where the
text says that they raise money. About one company or investor in ten is lost there. What was said of the corpus holds
for the model: it was annotated by a language model, and its invented part is denser than the news.

## roles.npz

Says which amounts, round types and companies state a financing, whose it is, which of them are one financing, which of
those is a deal, who invests in it and when it was: log-linear models over hashed features of the words around, of
distances, and of what the rules make of the text. They take what names.npz found, on the same articles: once as found
by models of names that were not trained on the article, once by the one above. {sizes[1] / 1000:,.0f} kB.
"""
