"""`dealspan calibrate`."""

from pathlib import Path
from typing import TYPE_CHECKING

from dealspan.cli.options import Gold, Model, Out

if TYPE_CHECKING:
    from dealspan.evaluation.precision import Counts


def calibrate(
    gold: Gold,
    model: Model = "rules",
    out: Out = None,
) -> None:
    """Learn from gold documents how often what was found is right: what confidences are read from.

    For rules it is a table of counts, src/dealspan/deals/confidence-rules.json; for trained models a model of its own,
    models/confidence.npz (needs the extra `train`). Make them anew when rules or models have changed.
    """
    from importlib.util import find_spec
    from tempfile import TemporaryDirectory

    from dealspan.cli.corpus.reading import missing_extra
    from dealspan.cli.failures import USAGE, CommandError, complain
    from dealspan.cli.runs import Run, language
    from dealspan.cli.streams import destination, must_not_be_input
    from dealspan.evaluation import EvaluationError, load
    from dealspan.evaluation.precision import counts, judged, read_attributions

    must_not_be_input(out, [str(gold)])
    if model != "rules" and out is None:
        raise CommandError("a model of confidence is no text; name its file with --out", USAGE)
    if model != "rules" and find_spec("sklearn") is None:
        raise missing_extra("scikit-learn", "train")
    try:
        expected = load(gold)
    except EvaluationError as error:
        raise CommandError(str(error)) from None
    from dealspan.pipeline import record_of
    from dealspan.records import encode
    from dealspan.training.confidence import fired_in, train

    run = Run(language(None, model), [str(gold)])
    fired = {}
    with TemporaryDirectory() as folder:
        records = Path(folder) / "records.jsonl"
        with records.open("wb") as lines:
            for article, doc in run.documents(progress=True):
                lines.write(encode(record_of(article, doc)) + b"\n")
                fired[article.id] = fired_in(doc)
        run.finish()
        predicted = load(records)
    found = list(judged(expected, predicted, fired, read_attributions(gold)))
    if out is None or model == "rules":
        with destination(out) as stream:
            stream.write(_table(gold, len(expected), counts((slot, one.rule, right) for slot, one, right in found)))
        return
    from dealspan.loglinear import write_models

    write_models(train(found), out)
    complain(f"{out}: fitted on {len(found)} mentions, slots and deals of {len(expected)} documents")


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
