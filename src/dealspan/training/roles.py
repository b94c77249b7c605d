"""The models of roles, trained on annotated articles.

A model decides on what those before it found: it is trained on what they say of articles that they were not trained on
(cross-fitting).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from dealspan.annotations import AmountRole
from dealspan.components.names import NameModel, NamesComponent
from dealspan.components.names.lexicon import load as load_names
from dealspan.corpus.gold import GoldArticle, GoldDeal
from dealspan.deals.roles import Roles
from dealspan.deals.roles.anchors import Anchor
from dealspan.deals.roles.attaching import date_rows, investor_rows, places
from dealspan.deals.roles.company_features import company_features
from dealspan.deals.roles.grouping import (
    KINDS,
    NO,
    SORTS,
    YES,
    Group,
    company_candidates,
    deal_rows,
    group,
    judge,
    name_companies,
    pair_rows,
    partners,
)
from dealspan.deals.roles.statement_features import anchor_features
from dealspan.evaluation.align import same_name
from dealspan.loglinear import LogLinear
from dealspan.pipeline import load, prepare
from dealspan.records import Article
from dealspan.training.alignment import Read, of_company, read
from dealspan.training.loglinear import fit

PENALTIES = {
    "money": 0.4,
    "round": 0.3,
    "act": 0.4,
    "company": 0.3,
    "same": 0.3,
    "deal": 0.2,
    "investor": 0.1,
    "date": 0.2,
}
"""The inverse strength of the L2 penalty of each model; a quarter of all of them costs 0.013 F1 of deals on the written
development part. For investors 0.05 and 0.2 give the same F1 within 0.01 on training articles left out."""
CLASSES = {
    "money": sorted(get_args(AmountRole)),
    "round": ("other", "raised"),
    "act": ("other", "raised"),
}
FOLDS = 3
VIEWS = 2
"""How many times each article is seen, see `examples`."""


def folds(number: int, views: int = 1) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the parts of so many texts to train on and those left out, by index; views of one article stay together."""
    for k in range(FOLDS):
        yield (
            [i for i in range(number) if i // views % FOLDS != k],
            [i for i in range(number) if i // views % FOLDS == k],
        )


def examples(articles: Iterable[GoldArticle], model: NameModel) -> Iterator[Read]:
    """Yield each article as the pipeline sees it, twice: with other names the roles hold better on other articles.

    Once the names are found by the rules, once by the model, which makes fewer errors on the articles that it was
    trained on than it will elsewhere.
    """
    nlp = load("rules")
    nlp.remove_pipe("dealspan_deals")
    finders = NamesComponent(load_names()), NamesComponent(load_names(), model)
    for gold in articles:
        for finder in finders:
            doc = prepare(nlp, Article(id=gold.id, text=gold.text, title=gold.title, published=gold.published))
            for name, component in nlp.pipeline:
                doc = finder(doc) if name == "dealspan_names" else component(doc)
            yield read(doc, gold)


def train(texts: Sequence[Read]) -> dict[str, LogLinear]:
    """Fit the models; raises `ImportError` where scikit-learn (extra `train`) is not installed."""
    for sorts in SORTS:
        for inside, outside in folds(len(texts), VIEWS):
            judges = _fit_anchors([texts[i] for i in inside], sorts)
            for i in outside:
                judge(texts[i].outline, texts[i].anchors, sorts, judges)
    kept = [[a for a in text.anchors if a.role != "other"] for text in texts]
    for inside, outside in folds(len(texts), VIEWS):
        company = _fit_companies([texts[i] for i in inside], [kept[i] for i in inside])
        for i in outside:
            name_companies(texts[i].outline, kept[i], {"company": company})
    grouped: list[list[Group]] = [[] for _ in texts]
    for inside, outside in folds(len(texts), VIEWS):
        same = _fit_pairs([texts[i] for i in inside], [kept[i] for i in inside])
        for i in outside:
            grouped[i] = group(texts[i].outline, kept[i], {"same": same})
    return {
        **_fit_anchors(texts, [sort for sorts in SORTS for sort in sorts]),
        "company": _fit_companies(texts, kept),
        "same": _fit_pairs(texts, kept),
        "deal": _fit_deals(texts, grouped),
        "investor": _fit_investors(texts, grouped),
        "date": _fit_dates(texts, grouped),
    }


def train_apart(texts: Sequence[Read], parts: Sequence[int], number: int) -> list[Roles]:
    """For each of a number of parts the roles learned from the others; `parts` says of each text which it is in."""
    return [
        Roles(train([text for text, one in zip(texts, parts, strict=True) if one != part])) for part in range(number)
    ]


def _fit_anchors(texts: Sequence[Read], sorts: Sequence[str]) -> dict[str, LogLinear]:
    """The models that say what an anchor is."""
    rows: dict[str, tuple[list[list[str]], list[str]]] = {sort: ([], []) for sort in sorts}
    for text in texts:
        for i, (anchor, one) in enumerate(zip(text.anchors, text.aligned, strict=True)):
            if anchor.sort in sorts:
                features, answers = rows[anchor.sort]
                features.append(anchor_features(text.outline, anchor, i, text.anchors))
                answers.append(one.role)
    return {sort: fit(x, y, penalty=PENALTIES[sort], classes=CLASSES[sort]) for sort, (x, y) in rows.items()}


def _fit_companies(texts: Sequence[Read], kept: Sequence[Sequence[Anchor]]) -> LogLinear:
    """The model that says whose a financing is."""
    rows, answers = [], []
    for text, anchors in zip(texts, kept, strict=True):
        deal_of = text.deal_of()
        for anchor in anchors:
            deal = deal_of[id(anchor)]
            if deal < 0 or anchor.sort == "act":
                continue
            for entity, near in company_candidates(text.outline, anchor).items():
                rows.append(company_features(text.outline, anchor, entity, near))
                answers.append(_answer(of_company(entity, text.deals[deal])))
    return _fit("company", rows, answers)


def _fit_pairs(texts: Sequence[Read], kept: Sequence[Sequence[Anchor]]) -> LogLinear:
    """The model that says whether two anchors are of one financing."""
    rows, answers = [], []
    for text, anchors in zip(texts, kept, strict=True):
        deal_of = text.deal_of()
        deals = [deal_of[id(anchor)] for anchor in anchors]
        pairs = [(i, j) for j in range(len(anchors)) for i in partners(anchors, j) if deals[i] >= 0 or deals[j] >= 0]
        rows += pair_rows(text.outline, anchors, pairs)
        answers += [_answer(deals[i] == deals[j]) for i, j in pairs]
    return _fit("same", rows, answers)


def _fit_deals(texts: Sequence[Read], grouped: Sequence[Sequence[Group]]) -> LogLinear:
    """The model that says which group is a deal: of several of one deal the one with its sum, then the largest."""
    rows, answers = [], []
    for text, groups in zip(texts, grouped, strict=True):
        best: dict[str, tuple[bool, int, int]] = {}
        for i, (one, home) in enumerate(zip(groups, _homes(text, groups), strict=True)):
            if home is not None and one.kind == home.kind:
                rank = any(a.sort == "money" for a in one.anchors), len(one.anchors), -i
                best[home.id] = max(best.get(home.id, rank), rank)
        chosen = {-i for _, _, i in best.values()}
        rows += deal_rows(text.outline, groups)
        answers += [_answer(i in chosen) for i in range(len(groups))]
    return _fit("deal", rows, answers)


def _fit_investors(texts: Sequence[Read], grouped: Sequence[Sequence[Group]]) -> LogLinear:
    """The model of investors, of which only one occurrence need say what they do.

    Of the occurrences of an investor of a deal the first model takes the nearest, the second the one that the first
    finds the likeliest (multiple-instance learning); of those that have no part in it all count.
    """
    rows: list[list[str]] = []
    answers: list[str] = []
    bags: list[tuple[int, int, str]] = []
    for number, (text, groups) in enumerate(zip(texts, grouped, strict=True)):
        homes = _homes(text, groups)
        for i, named, features in investor_rows(text.outline, groups, places(groups)):
            entity, home = named.found.value.entity, homes[i]
            investors = home.investors if home else ()
            rows.append(features)
            answers.append(next((one.role for one in investors if same_name(one.name, entity)), NO))
            bags.append((number, i, entity))
    chosen: dict[tuple[int, int, str], int] = {}
    for row, bag in enumerate(bags):
        chosen.setdefault(bag, row)
    first = _fit_chosen(rows, answers, [answers[row] == NO or chosen[bag] == row for row, bag in enumerate(bags)])
    table = first.log_probabilities(rows)
    for row, bag in enumerate(bags):
        column = first.classes.index(answers[row])
        if table[row, column] > table[chosen[bag], column]:
            chosen[bag] = row
    return _fit_chosen(rows, answers, [answers[row] == NO or chosen[bag] == row for row, bag in enumerate(bags)])


def _fit_chosen(rows: Sequence[list[str]], answers: Sequence[str], chosen: Sequence[bool]) -> LogLinear:
    used = [row for row, take in enumerate(chosen) if take]
    return fit(
        [rows[row] for row in used],
        [answers[row] for row in used],
        penalty=PENALTIES["investor"],
        classes=(NO, "lead", "participant"),
    )


def _fit_dates(texts: Sequence[Read], grouped: Sequence[Sequence[Group]]) -> LogLinear:
    """The model that says when a financing was."""
    rows, answers = [], []
    for text, groups in zip(texts, grouped, strict=True):
        homes = _homes(text, groups)
        for i, found, features in date_rows(text.outline, groups, places(groups)):
            home = homes[i]
            rows.append(features)
            answers.append(_answer(bool(home and home.date and home.date[:7] == found.value.value[:7])))
    return _fit("date", rows, answers)


def _homes(text: Read, groups: Iterable[Group]) -> list[GoldDeal | None]:
    """The gold deal that most anchors of each group are of, a sum counting twice."""
    deal_of = text.deal_of()
    homes: list[GoldDeal | None] = []
    for one in groups:
        votes: dict[int, int] = {}
        for anchor in one.anchors:
            if (deal := deal_of[id(anchor)]) >= 0:
                votes[deal] = votes.get(deal, 0) + 1 + (anchor.sort == "money" and anchor.role in KINDS)
        homes.append(text.deals[max(votes, key=lambda deal: votes[deal])] if votes else None)
    return homes


def _answer(right: bool) -> str:
    return YES if right else NO


def _fit(name: str, rows: Sequence[list[str]], answers: Sequence[str]) -> LogLinear:
    return fit(rows, answers, penalty=PENALTIES[name], classes=(NO, YES))
