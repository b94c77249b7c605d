"""The model card: what the models were trained on, and how they read the development part beside the rules."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from dealspan import annotations
from dealspan.components.names import NameModel, NamesComponent
from dealspan.components.names.lexicon import load
from dealspan.components.names.tagger import LABELS
from dealspan.corpus.gold import GoldArticle
from dealspan.training import cues
from dealspan.training import factuality as hedging
from dealspan.training.names import Example, layers

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


def names_section(
    trained_on: Sequence[GoldArticle],
    extra: Sequence[GoldArticle],
    examples: Sequence[Example],
    figures: Mapping[str, tuple[Scores, Scores]],
    config: Mapping[str, Mapping[str, Any]],
    *,
    size: int,
) -> str:
    """What the card says of the names.

    `trained_on` are the articles of the corpus, `extra` those beside it; `figures` holds for each part of the
    development articles rules and model.
    """
    annotated = [example for example in examples if example.tags is not None]
    tokens = sum(len(example.table) for example in examples)
    labelled = len(examples) - len(annotated)
    variants = len(annotated) - len(trained_on) - len(extra)
    taught = sum(example.taught is not None for example in annotated)
    return f"""## names.tagger and names.npz

The tagger says of every token how likely it is part of the name of a company or of an investor: a small convolutional
network over the words and over what the rules say of the place ({config["model"]["width"]} wide,
{config["model"]["depth"]} windows deep; `dealspan_names`). Where it is not sure, names.npz is asked too, a log-linear
model of the candidates of the rules, which sees more of the text around and of the whole article; it is trained on the
same articles alone.

- {size / 1e6:.1f} MB, trained on {len(examples):,} texts, {tokens:,} tokens: {len(trained_on)} articles of the training
  part of [the corpus](../corpus/README.md), {variants:,} variants of them (other names, other
  casing, headlines alone), and {labelled:,} press releases that the teacher labelled.{_beside(extra)}
- The teacher labelled {taught:,} of the articles and variants too. It is the encoder all-MiniLM-L6-v2 (Apache 2.0),
  fine-tuned on the same articles with three seeds after it was adapted to the press releases (CC0, from
  Newsworthyai/press-release-archive): see [how the models are trained](../docs/training.md). accurate.onnx is such an
  encoder, taught by these, with weights of 8 bits; wordpieces.json is its vocabulary.
- SHA-256 of the articles: {digest(trained_on)}.
- {config["training"]["epochs"]} epochs, seed {config["training"]["seed"]}; the settings are those of
  `src/dealspan/training/names.cfg`.

Exact spans on the development part of the corpus, rules and then the model:

| part | label | rules P | rules R | rules F1 | model P | model R | model F1 |
|---|---|---:|---:|---:|---:|---:|---:|
{"".join(_rows(figures))}"""


def _beside(extra: Sequence[GoldArticle]) -> str:
    """What the card says of articles that are not of the corpus."""
    if not extra:
        return ""
    return f"""
- {len(extra)} articles beside the corpus (`--extra`), without variants, which all models but that of confidence were
  trained on too. SHA-256: {digest(extra)}."""


def roles_section(*, size: int) -> str:
    """What the card says of the models of roles."""
    return f"""## roles.npz

Says which amounts, round types and companies state a financing, whose it is, which of them are one financing, which of
those is a deal, who invests in it and when it was: log-linear models over hashed features of the words around, of
distances, and of what the rules make of the text (`dealspan_deals`). Trained on the same articles, each seen once with
the names that the rules find and once with those of the model above; {size / 1000:,.0f} kB.
"""


def factuality_section(trained: hedging.Trained) -> str:
    """What the card says of the models of cues, stage and certainty."""
    return f"""## factuality.npz

Eight log-linear models that tell how far a deal has come, how sure the text is of it and where it says so, and whether
it is one (`dealspan_cues`, `dealspan_deals`):

- `gate`, `tags`, `cue` and `cue_kind` find the cues ("is said to be", "plans to") and what each of them says; what
  patterns find are candidates too. Trained on the {trained.hedges:,} hedges of the same articles. Gold names no kinds:
  a deal's stage and certainty say which its hedges can be.
- `stage` and `certainty` read each deal from all its statements. Trained on {trained.deals:,} deals,
  {trained.hedged:,} of them not asserted or not completed.
- `deal` looks at each deal once more: at its statements, its slots, what the models above made of them, and the other
  deals of the text. Trained on {trained.drafts:,} deals as the pipeline finds them, with names by the rules and by the
  model, right and wrong ones.
- `hedge` says which of the hedges of a text bear on a deal that it does not vouch for, from where they stand beside its
  statements and those of other deals, who is named there, and their words. Trained on {trained.bearings:,} pairs of a
  hedge and a deal.
- The last four see cues and roles from models that had not seen their article.
- Settings: inverse penalties {hedging.PENALTY} (stage, certainty), {hedging.DEAL_PENALTY} (deal),
  {hedging.HEDGE_PENALTY} (hedge), {cues.TAGS_PENALTY} (tags), {cues.CUE_PENALTY} (cue) and {cues.KIND_PENALTY}
  (cue_kind); a deal of a real text counts {hedging.REAL} for `deal`, `stage` and `certainty`; L-BFGS, no randomness.
"""


def confidence_section(articles: int, found: int, error: float) -> str:
    """What the card says of the model of confidence."""
    return f"""## confidence.npz

The probability that a mention, a slot or a deal is right, from the rule behind it and the probabilities of the models
above (`dealspan_deals`): log-linear, fitted on {found:,} of them in the {articles} articles of the development part,
which the others were not trained on. Expected calibration error of the slots of articles left out of its fit:
{error:.3f}.
"""


def gate_section(paragraphs: int, deals: int, lost: int, *, size: int) -> str:
    """What the card says of the model of the gate."""
    return f"""## gate.npz

How likely a paragraph of raw text holds a financing (`dealspan.gate`): `words` is log-linear over its words, pairs of
them and the words around sums; `context` over what that model and phrases make of the paragraph and of the others of
its text. Trained on {paragraphs:,} paragraphs, those of the same articles and of the press releases in which the
pipeline finds no deal; {size / 1000:,.0f} kB. Of the {deals:,} deals that the pipeline rightly finds in the articles,
the gate stays shut before {lost} in articles left out of its fit.
"""


def _rows(figures: Mapping[str, tuple[Scores, Scores]]) -> Iterator[str]:
    for part, (rules, model) in figures.items():
        for label in LABELS:
            values = " | ".join(f"{value:.3f}" for value in (*rules[label], *model[label]))
            yield f"| {part} | {label} | {values} |\n"


def card(sections: Sequence[str]) -> str:
    """The page with what is said of each model."""
    return f"""# Models

This page is written by `dealspan train`, with the models, on {date.today().isoformat()}. It is no part of what is
edited by hand. The models are used by `dealspan.load("trained")` and `dealspan extract --model trained`.

What was said of the corpus holds for the models: it was annotated by a language model, and its invented part is denser
than the news. Names that your own rules list are left to these.

{chr(10).join(sections)}"""
