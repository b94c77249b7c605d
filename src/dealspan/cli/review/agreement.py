"""`dealspan review agreement`."""

from dealspan.cli.review.options import DEFAULT_STORE, StoreFile, open_store


def agreement(store: StoreFile = DEFAULT_STORE) -> None:
    """Say how far reviewers agree, two by two, on the documents that both have finished.

    Span and slot F1, and Cohen's kappa of stage and certainty. Needs the extra `corpus`.
    """
    from itertools import combinations

    import msgspec

    from dealspan.cli.corpus.reading import missing_extra
    from dealspan.cli.failures import CommandError
    from dealspan.cli.streams import standard_output
    from dealspan.corpus.agreement import agreement as compare
    from dealspan.corpus.agreement import report
    from dealspan.evaluation.reading import ScoredDocument, parse
    from dealspan.review.export import readings

    held = open_store(store)
    by_reviewer: dict[str, dict[str, ScoredDocument]] = {name: {} for name in held.reviewers()}
    for document in held.documents():
        for reviewer, article in readings(held, document).items():
            if reviewer in by_reviewer:
                by_reviewer[reviewer][document] = parse(msgspec.json.encode(article))[1]
    sections = []
    for one, other in combinations(by_reviewer, 2):
        first, second = by_reviewer[one], by_reviewer[other]
        if both := [document for document in first if document in second]:
            try:
                found = compare({name: first[name] for name in both}, {name: second[name] for name in both})
            except ImportError:
                raise missing_extra("scikit-learn") from None
            sections.append(f"{one} and {other}: {report(found)}")
    if not sections:
        raise CommandError(
            f"{store}: no document was finished by two reviewers; let another review it with --reviewer NAME"
        )
    standard_output().write("\n".join(sections))
