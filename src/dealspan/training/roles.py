"""The models of roles, trained on annotated articles: what is right comes from aligning what was found with gold."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spacy.tokens import Doc

from dealspan.corpus.gold import GoldArticle, GoldDeal
from dealspan.deals.anchors import Anchor, find_anchors
from dealspan.deals.evidence import anchor_features, company_features
from dealspan.deals.merging import same_sum
from dealspan.deals.outline import Outline
from dealspan.deals.roles import (
    NO,
    SORTS,
    Group,
    Roles,
    company_candidates,
    date_rows,
    deal_rows,
    group,
    investor_rows,
    judge,
    name_companies,
    pair_rows,
    partners,
    places,
)
from dealspan.evaluation.align import close, same_name
from dealspan.loglinear import LogLinear
from dealspan.training.loglinear import fit

PENALTIES = {"money": 0.4, "round": 0.3, "act": 0.4, "company": 0.3, "same": 0.3, "investor": 0.1, "date": 0.2, "deal": 0.2}
FOLDS = 3
_ROLE_OF = {"round": "raised", "total": "total", "fund": "fund"}
_VALUED = {"pre": "valuation_pre", "post": "valuation_post", "unspecified": "valuation"}


class Aligned(NamedTuple):
    """An anchor with the index of its gold deal, -1 where there is none, and its role there."""

    anchor: Anchor
    deal: int
    role: str


class Read(NamedTuple):
    """An article as found, and what gold says."""

    outline: Outline
    anchors: list[Anchor]
    aligned: list[Aligned]
    deals: list[GoldDeal]


def _is_sum(anchor: Anchor, deal: GoldDeal) -> bool:
    found, gold = anchor.mention.value.amount, deal.amount
    if gold is None or gold.currency != found.currency:
        return False
    if close(found.min, gold.min) and close(found.max, gold.max):
        return True
    return any(
        x is not None and y is not None and abs(x - y) <= 0.02 * max(x, y)
        for x in (found.min, found.max)
        for y in (gold.min, gold.max)
    )


def _is_valuation(anchor: Anchor, deal: GoldDeal) -> bool:
    found, gold = anchor.mention.value.amount, deal.valuation
    if gold is None or gold.currency != found.currency:
        return False
    return close(found.min if found.min is not None else found.max, gold.amount)


def _votes(outline: Outline, anchor: Anchor, deal: GoldDeal, text_date: bool = True) -> float:
    """How much of a deal stands in the sentence of an anchor."""
    names = {n.value.entity for n in anchor.sentence.names if n.label in ("COMPANY", "INVESTOR")}
    score = sum(2.0 for name in deal.names if any(same_name(name, one) for one in names))
    score += sum(1.0 for r in anchor.sentence.rounds if r.value.value == deal.round_type)
    score += sum(1.0 for d in anchor.sentence.dates if deal.date and d.value.value[:7] == deal.date[:7])
    if deal.company is None and not deal.names:
        score += 0.5
    return score


def align(outline: Outline, anchors: Sequence[Anchor], deals: Sequence[GoldDeal]) -> list[Aligned]:
    """Say of each anchor which gold deal it is of."""
    out: list[Aligned] = []
    homes: dict[int, list[int]] = {}
    for anchor in anchors:
        if anchor.sort != "money":
            continue
        options = [(i, _ROLE_OF[d.kind]) for i, d in enumerate(deals) if _is_sum(anchor, d)]
        options += [(i, _VALUED[d.valuation.kind]) for i, d in enumerate(deals) if d.valuation and _is_valuation(anchor, d)]
        if options:
            best = max(
                options,
                key=lambda o: _votes(outline, anchor, deals[o[0]]) + 1.5 * (o[1].partition("_")[0] == anchor.rule_role.partition("_")[0]),
            )
            homes.setdefault(best[0], []).append(anchor.sentence.number)
            out.append(Aligned(anchor, *best))
        else:
            out.append(Aligned(anchor, -1, "other"))
    several = len({d.company for d in deals}) > 1
    for anchor in anchors:
        if anchor.sort == "round":
            rated = []
            for i, deal in enumerate(deals):
                if deal.round_type == anchor.mention.value.value and deal.kind == "round":
                    votes = _votes(outline, anchor, deal) + any(
                        n == anchor.sentence.number for n in homes.get(i, ())
                    ) * 3.0
                    gap = min((abs(n - anchor.sentence.number) for n in homes.get(i, ())), default=9)
                    rated.append((votes - gap / 10, votes, i))
            if rated and (max(rated)[1] > 1 or not several):
                out.append(Aligned(anchor, max(rated)[2], "raised"))
            else:
                out.append(Aligned(anchor, -1, "other"))
        elif anchor.sort == "act":
            rated = []
            entity = anchor.mention.value.entity
            names = {n.value.entity for n in anchor.sentence.names if n.value.entity != entity}
            for i, deal in enumerate(deals):
                companies = [*([deal.company] if deal.company else []), *(deal.companies or ())]
                if deal.kind == "total" or not any(same_name(entity, c) for c in companies):
                    continue
                shared = sum(any(same_name(v.name, n) for n in names) for v in deal.investors)
                bare = deal.amount is None and deal.round_type is None
                if shared or bare:
                    rated.append((shared + bare, -i))
            if rated:
                out.append(Aligned(anchor, -max(rated)[1], "raised"))
            else:
                out.append(Aligned(anchor, -1, "other"))
    by_id = {id(a.anchor): a for a in out}
    return [by_id[id(anchor)] for anchor in anchors]


def read_doc(doc: Doc, article: GoldArticle) -> Read:
    """An article as the pipeline saw it, aligned with gold."""
    outline = Outline(doc)
    anchors = list(find_anchors(outline))
    return Read(outline, anchors, align(outline, anchors, article.deals), article.deals)


def fit_anchors(texts: Sequence[Read], sorts: Sequence[str]) -> dict[str, LogLinear]:
    """The models that say what an anchor is."""
    rows: dict[str, tuple[list[list[str]], list[str]]] = {sort: ([], []) for sort in sorts}
    for text in texts:
        for i, one in enumerate(text.aligned):
            if one.anchor.sort not in sorts:
                continue
            features, answers = rows[one.anchor.sort]
            features.append(anchor_features(text.outline, one.anchor, i, text.anchors))
            answers.append(one.role)
    return {sort: fit(x, y, penalty=PENALTIES[sort]) for sort, (x, y) in rows.items()}


def _right_company(entity: str, deal: GoldDeal) -> bool:
    return any(same_name(entity, c) for c in (*([deal.company] if deal.company else []), *(deal.companies or ())))


def fit_companies(texts: Sequence[Read], kept: Sequence[Sequence[Anchor]]) -> LogLinear:
    """The model that says whose a financing is."""
    rows, answers = [], []
    for text, anchors in zip(texts, kept, strict=True):
        home = {id(one.anchor): one.deal for one in text.aligned}
        for anchor in anchors:
            deal = home[id(anchor)]
            if deal < 0 or anchor.sort == "act":
                continue
            for entity, near in company_candidates(text.outline, anchor).items():
                rows.append(company_features(text.outline, anchor, entity, near))
                answers.append("yes" if _right_company(entity, text.deals[deal]) else NO)
    return fit(rows, answers, penalty=PENALTIES["company"], classes=(NO, "yes"))


def fit_pairs(texts: Sequence[Read], kept: Sequence[Sequence[Anchor]]) -> LogLinear:
    """The model that says whether two anchors are of one financing."""
    rows, answers = [], []
    for text, anchors in zip(texts, kept, strict=True):
        home = {id(one.anchor): one.deal for one in text.aligned}
        deals = [home[id(anchor)] for anchor in anchors]
        pairs = [(i, j) for j in range(len(anchors)) for i in partners(anchors, j) if deals[i] >= 0 or deals[j] >= 0]
        rows += pair_rows(text.outline, anchors, pairs)
        answers += ["yes" if deals[i] == deals[j] else NO for i, j in pairs]
    return fit(rows, answers, penalty=PENALTIES["same"], classes=(NO, "yes"))


def home_of(text: Read, one: Group) -> GoldDeal | None:
    """The gold deal that most anchors of a group are of."""
    home = {id(a.anchor): a.deal for a in text.aligned}
    votes: dict[int, float] = {}
    for anchor in one.anchors:
        deal = home[id(anchor)]
        if deal >= 0:
            votes[deal] = votes.get(deal, 0.0) + (2.0 if anchor.sort == "money" and anchor.role in _ROLE_OF.values() else 1.0)
    return text.deals[max(votes, key=lambda d: votes[d])] if votes else None


def _fit_bags(
    rows: Sequence[list[str]], answers: Sequence[str], bags: Sequence[tuple[int, int, str]]
) -> LogLinear:
    """The model of investors, of which only one occurrence need say what they do.

    Of the occurrences of an investor of a deal the first model takes the nearest, the second the one that the first
    finds the likeliest (multiple-instance learning); where gold knows of no part all occurrences count.
    """
    chosen: dict[tuple[int, int, str], int] = {}
    for row, bag in enumerate(bags):
        chosen.setdefault(bag, row)
    for _ in range(2):
        used = [row for row, bag in enumerate(bags) if answers[row] == NO or chosen[bag] == row]
        model = fit(
            [rows[row] for row in used],
            [answers[row] for row in used],
            penalty=PENALTIES["investor"],
            classes=(NO, "lead", "participant"),
        )
        table = model.log_probabilities(rows)
        for row, bag in enumerate(bags):
            column = model.classes.index(answers[row])
            if table[row, column] > table[chosen[bag], column]:
                chosen[bag] = row
    return model


def _chosen(groups: Sequence[Group], homes: Sequence[GoldDeal | None]) -> list[bool]:
    """Which groups are a deal: of several of one deal the one that has a sum of its kind, then the largest."""
    best: dict[str, tuple[bool, int, int]] = {}
    for i, (one, home) in enumerate(zip(groups, homes, strict=True)):
        if home is not None and one.kind == home.kind:
            rank = (any(a.sort == "money" for a in one.anchors), len(one.anchors), -i)
            best[home.id] = max(best.get(home.id, rank), rank)
    chosen = {-i for _, _, i in best.values()}
    return [i in chosen for i in range(len(groups))]


def fit_attachments(texts: Sequence[Read], grouped: Sequence[Sequence[Group]]) -> dict[str, LogLinear]:
    """The models that say who invests in a deal and when it was."""
    rows: list[list[str]] = []
    answers: list[str] = []
    bags: list[tuple[int, int, str]] = []
    date_x: list[list[str]] = []
    deal_x: list[list[str]] = []
    deal_y: list[str] = []
    date_y: list[str] = []
    for text, groups in zip(texts, grouped, strict=True):
        at = places(groups)
        homes = [home_of(text, one) for one in groups]
        deal_x += deal_rows(text.outline, groups)
        deal_y += ["yes" if chosen else NO for chosen in _chosen(groups, homes)]
        for i, named, features in investor_rows(text.outline, groups, at):
            deal, entity = homes[i], named.found.value.entity
            bags.append((id(text), i, entity))
            role = next((v.role for v in deal.investors if same_name(v.name, entity)), NO) if deal else NO
            rows.append(features)
            answers.append(role)
        for i, found, features in date_rows(text.outline, groups, at):
            deal = homes[i]
            right = deal is not None and deal.date is not None and deal.date[:7] == found.value.value[:7]
            date_x.append(features)
            date_y.append("yes" if right else NO)
    return {
        "investor": _fit_bags(rows, answers, bags),
        "deal": fit(deal_x, deal_y, penalty=PENALTIES["deal"], classes=(NO, "yes")),
        "date": fit(date_x, date_y, penalty=PENALTIES["date"], classes=(NO, "yes")),
    }


def folds(texts: Sequence[Read]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the parts to train on and those left out, by index."""
    for k in range(FOLDS):
        yield [i for i in range(len(texts)) if i % FOLDS != k], [i for i in range(len(texts)) if i % FOLDS == k]


def train(texts: Sequence[Read]) -> dict[str, LogLinear]:
    """Fit the models; each is trained on what the ones before it say of articles that they were not trained on."""
    for sorts in SORTS:
        for inside, outside in folds(texts):
            models = fit_anchors([texts[i] for i in inside], sorts)
            for i in outside:
                judge(texts[i].outline, texts[i].anchors, sorts, models)
    kept = [[a for a in text.anchors if a.role != "other"] for text in texts]
    for inside, outside in folds(texts):
        company = fit_companies([texts[i] for i in inside], [kept[i] for i in inside])
        for i in outside:
            name_companies(texts[i].outline, kept[i], {"company": company})
    grouped: list[list[Group]] = [[] for _ in texts]
    for inside, outside in folds(texts):
        same = fit_pairs([texts[i] for i in inside], [kept[i] for i in inside])
        for i in outside:
            grouped[i] = group(texts[i].outline, kept[i], {"same": same})
    return {
        **fit_anchors(texts, [sort for sorts in SORTS for sort in sorts]),
        "company": fit_companies(texts, kept),
        "same": fit_pairs(texts, kept),
        **fit_attachments(texts, grouped),
    }
