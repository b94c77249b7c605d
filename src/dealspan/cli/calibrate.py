"""`dealspan calibrate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.options import Model

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from dealspan.evaluation.precision import Counts, Fired


def calibrate(
    gold: Annotated[Path, typer.Argument(help="Gold documents, JSONL.", show_default=False)],
    model: Model = "rules",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write to this file, which appears only when it is complete.")
    ] = None,
) -> None:
    """Count on gold documents how often each rule is right: the table that confidences are read from.

    The tables that dealspan ships are src/dealspan/deals/confidence-MODEL.json; make them anew when rules or a model
    have changed.
    """
    from tempfile import TemporaryDirectory

    from dealspan.cli.failures import USAGE, CommandError
    from dealspan.cli.runs import Run, language
    from dealspan.cli.streams import destination
    from dealspan.evaluation import EvaluationError, load
    from dealspan.evaluation.precision import precision, read_attributions

    if out and out.resolve() == gold.resolve():
        raise CommandError(f"{out}: is an input too; name another file with --out", USAGE)
    try:
        expected = load(gold)
    except EvaluationError as error:
        raise CommandError(str(error)) from None
    from dealspan.pipeline import record_of
    from dealspan.records import encode

    run = Run(language(None, model), [str(gold)])
    fired = {}
    with TemporaryDirectory() as folder:
        records = Path(folder) / "records.jsonl"
        with records.open("wb") as lines:
            for article, doc in run.documents(progress=True):
                lines.write(encode(record_of(article, doc)) + b"\n")
                fired[article.id] = _fired(doc)
        run.finish()
        predicted = load(records)
    counts = precision(expected, predicted, fired, read_attributions(gold))
    with destination(out) as stream:
        stream.write(_table(gold, len(expected), counts))


def _fired(doc: "Doc") -> "Fired":
    """Return the rules behind the mentions and the deals of a Doc."""
    from typing import get_args

    from dealspan import annotations
    from dealspan.deals.assembly import deal_rule, find_deals
    from dealspan.evaluation.precision import Fired, FiredDeal, Reason
    from dealspan.evaluation.reading import Span
    from dealspan.pipeline import explain
    from dealspan.records import Label

    reasons: dict[str, list[Reason]] = {deal.id: [] for deal in doc._.deals}
    for one in explain(doc):
        # The role of an investor stands behind the name of the slot.
        reasons[one.deal].append(Reason(one.slot.partition(" (")[0], one.value, one.rule))
    mentions = [
        (Span(found.label, found.start, found.end), found.rule)
        for layer in ("money", "rounds", "names", "cues")
        for found in annotations.read(doc, layer)
        if found.label in get_args(Label)
    ]
    rules = [deal_rule(draft) for draft in find_deals(doc)]
    deals = [FiredDeal(rule, made) for rule, made in zip(rules, reasons.values(), strict=True)]
    return Fired(mentions, deals)


def _table(gold: Path, documents: int, counts: "Counts") -> str:
    """Return the counts as JSON, each rule on one line."""
    import hashlib
    import json
    import re
    from datetime import date

    table = {
        "gold": gold.name,
        "digest": hashlib.sha256(gold.read_bytes()).hexdigest(),
        "date": date.today().isoformat(),
        "documents": documents,
        "slots": counts,
    }
    text = json.dumps(table, ensure_ascii=False, indent=1, sort_keys=True)
    return re.sub(r"\[\s+(\d+),\s+(\d+)\s+\]", r"[\1, \2]", text) + "\n"
