"""Annotated articles in the formats of other tools; each writer says what its format cannot hold."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from dealspan.corpus.gold import GoldArticle, GoldMention

Losses = list[str]


def write_jsonl(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write the gold form, a line for each article: the input of `dealspan extract` and `dealspan evaluate`."""
    with out.open("wb") as file:
        for article in articles:
            file.write(msgspec.json.encode(article) + b"\n")
    return []


def _span(doc: Doc, mention: GoldMention) -> Span:
    """The tokens that a mention touches."""
    span = doc.char_span(mention.start, mention.end, label=mention.label, alignment_mode="expand")
    assert span is not None  # a mention covers at least one token
    return span


def _tokenizer() -> Language:
    nlp = spacy.blank("en")
    nlp.max_length = 10**9  # no part needs memory per token here
    return nlp


def _widened(article: GoldArticle, mention: GoldMention, span: Span) -> Losses:
    """Say that a mention ends inside a token, where it does."""
    if span.text == mention.text:
        return []
    return [f"{article.id}: {mention.label} {mention.text!r} ends inside a token; the span is {span.text!r}"]


def write_docbin(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write a spaCy DocBin: mentions in `doc.spans["gold"]`, the article as JSON in `doc.user_data["gold"]`."""
    nlp = _tokenizer()
    docs = DocBin(store_user_data=True)
    losses: Losses = []
    for article in articles:
        doc = nlp.make_doc(article.text)
        group = SpanGroup(doc, name="gold")
        for mention in article.mentions:
            span = _span(doc, mention)
            losses += _widened(article, mention, span)
            group.append(span)
        doc.spans["gold"] = group
        doc.user_data["gold"] = msgspec.json.encode(article).decode()
        docs.add(doc)
    docs.to_disk(out)
    return losses


def write_conll(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write a token a line with its offsets, the BIO tag of its mention and that of its hedge; no deals."""
    nlp = _tokenizer()
    losses: Losses = []
    deals = 0
    with out.open("w", encoding="utf-8") as file:
        for article in articles:
            deals += len(article.deals)
            doc = nlp.make_doc(article.text)
            columns: list[list[str]] = []
            for hedges in (False, True):
                tags = ["O"] * len(doc)
                for mention in article.mentions:
                    if (mention.label == "HEDGE") is hedges:
                        span = _span(doc, mention)
                        losses += _widened(article, mention, span)
                        for token in span:
                            tags[token.i] = f"{'B' if token.i == span.start else 'I'}-{mention.label}"
                columns.append(tags)
            file.write(f"# id = {article.id}\n")
            for token, *tags in zip(doc, *columns, strict=True):
                if token.is_space:
                    if "\n" in token.text:
                        file.write("\n")
                    continue
                end = token.idx + len(token)
                file.write("\t".join([token.text, str(token.idx), str(end), *tags]) + "\n")
            file.write("\n")
    return [*losses, f"CoNLL holds neither deals ({deals} left out) nor title, date and source of an article"]


def write_brat(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write `<id>.txt` and `<id>.ann` into a folder: mentions as text-bound annotations, deals as notes in JSON.

    Raises
    ------
    FileExistsError
        Where the folder already holds annotations.

    """
    out.mkdir(parents=True, exist_ok=True)
    if any(out.glob("*.ann")):
        raise FileExistsError(f"{out}: holds brat annotations already; name another folder")
    for article in articles:
        name = article.id.replace("/", "__")
        (out / f"{name}.txt").write_text(article.text, encoding="utf-8", newline="")
        lines = [f"T{n}\t{m.label} {m.start} {m.end}\t{m.text}" for n, m in enumerate(article.mentions, 1)]
        for number, deal in enumerate(article.deals, 1):
            anchor = next((n for n, m in enumerate(article.mentions, 1) if m.text in deal.names), 1)
            lines.append(f"#{number}\tAnnotatorNotes T{anchor}\t{json.dumps(msgspec.to_builtins(deal))}")
        (out / f"{name}.ann").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    return ["brat holds neither title, date nor source of an article; its deals are notes"]


WRITERS: dict[str, Callable[[Iterable[GoldArticle], Path], Losses]] = {
    "jsonl": write_jsonl,
    "docbin": write_docbin,
    "conll": write_conll,
    "brat": write_brat,
}
