"""spaCy's tokens of a text, and the tokens that a mention touches, for the formats that know no smaller unit."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from dealspan.corpus.formats.entries import Losses
from dealspan.corpus.gold import GoldArticle, GoldMention


@cache
def tokenizer() -> Language:
    """The tokenizer of English, for texts of any length."""
    nlp = spacy.blank("en")
    nlp.max_length = 10**9  # no part needs memory per token here
    return nlp


class Tokens:
    """Where the tokens of a text begin and end."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._starts = [token.idx for token in doc]
        self._ends = [token.idx + len(token) for token in doc]

    def touched(self, mention: GoldMention) -> Span | None:
        """The tokens that a mention touches; None where it covers nothing but the space between two."""
        # Not Doc.char_span, which gives an empty span for a mention that begins in the space after a token.
        first, last = bisect_right(self._ends, mention.start), bisect_left(self._starts, mention.end)
        return Span(self._doc, first, last, label=mention.label) if first < last else None

    def spans(self, article: GoldArticle, losses: Losses) -> Iterator[tuple[GoldMention, Span]]:
        """Yield the mentions with the tokens they touch, and add to the losses where these are not the same words."""
        for mention in article.mentions:
            span = self.touched(mention)
            if span is None:
                losses.append(f"{article.id}: {mention.label} at {mention.start} covers no word; it is left out")
                continue
            if span.text != mention.text:
                losses.append(
                    f"{article.id}: {mention.label} {mention.text!r} ends inside a token; the span is {span.text!r}"
                )
            yield mention, span
