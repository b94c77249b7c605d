"""`dealspan train`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.corpus.reading import Archive, Folder

if TYPE_CHECKING:
    from dealspan.corpus.gold import GoldArticle


def train(
    folder: Folder = Path("corpus"),
    press: Archive = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder of the models and their card; made where it is missing.")
    ] = Path("models"),
) -> None:
    """Train the models of names and roles on the corpus, and write them with their card (*.npz, README.md).

    Without --press only the written part is used. The same corpus gives the same models. Needs the extra `train`.
    """
    from importlib.util import find_spec

    from dealspan.cli.corpus.reading import missing_extra, read_folder
    from dealspan.cli.failures import CommandError, complain
    from dealspan.components.names.model import read_model
    from dealspan.corpus.collection import gold_articles
    from dealspan.corpus.standoff import StandOffError
    from dealspan.loglinear import write_models
    from dealspan.training import names, roles
    from dealspan.training.card import card, scores

    if find_spec("sklearn") is None:
        raise missing_extra("scikit-learn", "train")
    corpus = read_folder(folder)
    try:
        articles = list(gold_articles(corpus, press, "train"))
        held_back = list(gold_articles(corpus, press, "dev"))
    except StandOffError as error:
        raise CommandError(str(error)) from None
    if not articles:
        raise CommandError(f"{folder}: has no article of the training part; nothing to train on")
    examples = list(names.examples(_tracked(articles, "Names")))
    fitted = names.train(examples)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "names.npz"
    write_models({"kinds": fitted.kinds}, path)
    model = read_model(path)
    texts = list(roles.examples(_tracked(articles, "Roles"), examples, model))
    roles_path = out / "roles.npz"
    write_models(roles.train(texts), roles_path)
    sizes = path.stat().st_size, roles_path.stat().st_size
    parts = {"written": [a for a in held_back if not _real(a)], "real": [a for a in held_back if _real(a)]}
    figures = {name: (scores(part, None), scores(part, model)) for name, part in parts.items() if part}
    (out / "README.md").write_text(card(articles, examples, figures, sizes=sizes), encoding="utf-8")
    complain(f"{path} and {roles_path.name} trained on {len(articles)} articles")


def _real(article: "GoldArticle") -> bool:
    from typing import get_args

    from dealspan.corpus.gold import RealGenre

    return article.genre in get_args(RealGenre)


def _tracked(articles: "list[GoldArticle]", what: str) -> "Iterable[GoldArticle]":
    """Show progress on a terminal."""
    import sys

    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(articles, what, console=console, disable=not sys.stderr.isatty(), transient=True)
