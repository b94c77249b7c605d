"""`dealspan corpus stories`."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealspan.cli.corpus.reading import Folder
from dealspan.cli.options import Model


def stories(
    folder: Folder = Path("corpus"),
    split: Annotated[Literal["train", "dev", "test"] | None, typer.Option(help="Only one split.")] = None,
    model: Model = "trained",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score `dealspan merge` on the stories of the corpus: pairwise and B³ precision, recall and F1.

    Each split is merged as one archive: once the deals of gold, and once those that the pipeline finds in the articles.
    """
    from dealspan.cli.failures import CommandError
    from dealspan.cli.runs import language
    from dealspan.cli.streams import standard_output
    from dealspan.corpus.articles import ArticleError
    from dealspan.corpus.gold import SPLITS
    from dealspan.corpus.merging import score
    from dealspan.corpus.stories import read_stories

    try:
        told = {name: list(read_stories(folder, name)) for name in SPLITS if split in (None, name)}
    except ArticleError as error:
        raise CommandError(str(error)) from None
    told = {name: held for name, held in told.items() if held}
    if not told:
        raise CommandError(f"{folder}: has no such stories (stories/*.md); name the folder of the corpus")
    nlp = language(None, model)
    rows = [
        (name, deals, len(held), score(held, pipeline))
        for name, held in told.items()
        for deals, pipeline in (("gold", None), (model, nlp))
    ]
    stream = standard_output()
    if as_json:
        found = [
            {
                "split": name,
                "deals": deals,
                "stories": count,
                "pairwise": {**one.pairs._asdict(), "f1": one.pairs.f1},
                "b_cubed": {**one.b_cubed._asdict(), "f1": one.b_cubed.f1},
                "gold": one.gold,
                "predicted": one.predicted,
            }
            for name, deals, count, one in rows
        ]
        stream.write(json.dumps(found) + "\n")
        return
    stream.write("split  deals    stories  gold  predicted   pairs P     R    F1    B³ P     R    F1\n")
    for name, deals, count, one in rows:
        figures = [value for part in (one.pairs, one.b_cubed) for value in (*part, part.f1)]
        pairs, b_cubed = (" ".join(f"{value:.3f}" for value in part) for part in (figures[:3], figures[3:]))
        stream.write(f"{name:<6} {deals:<8} {count:>7}  {one.gold:>4}  {one.predicted:>9}     {pairs}   {b_cubed}\n")
