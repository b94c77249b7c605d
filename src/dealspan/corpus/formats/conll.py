"""CoNLL columns: a token a line with its offsets, the BIO tag of its mention and that of its hedge; written only."""

from collections.abc import Iterable
from pathlib import Path

from dealspan.corpus.formats.entries import Losses
from dealspan.corpus.formats.tokens import Tokens, tokenizer
from dealspan.corpus.gold import GoldArticle


def write(articles: Iterable[GoldArticle], out: Path) -> Losses:
    """Write a token a line, a blank line where the text has a line break; no deals."""
    nlp = tokenizer()
    losses: Losses = []
    deals = 0
    with out.open("w", encoding="utf-8", newline="") as file:
        for article in articles:
            deals += len(article.deals)
            doc = nlp.make_doc(article.text)
            columns = {hedge: ["O"] * len(doc) for hedge in (False, True)}
            for mention, span in Tokens(doc).spans(article, losses):
                tags = columns[mention.label == "HEDGE"]
                if any(tags[token.i] != "O" for token in span):
                    losses.append(f"{article.id}: {mention.label} {mention.text!r} overlaps another; it is left out")
                    continue
                if any(token.is_space for token in span):
                    losses.append(f"{article.id}: {mention.label} {mention.text!r} crosses a line break or wide space")
                for token in span:
                    tags[token.i] = f"{'B' if token.i == span.start else 'I'}-{mention.label}"
            file.write(f"# id = {' '.join(article.id.split())}\n")
            for token, *tags in zip(doc, *columns.values(), strict=True):
                if token.is_space:
                    if "\n" in token.text:
                        file.write("\n")
                    continue
                end = token.idx + len(token)
                file.write("\t".join([token.text, str(token.idx), str(end), *tags]) + "\n")
            file.write("\n")
    return [*losses, f"CoNLL holds neither deals ({deals} left out) nor title, date and source of an article"]
