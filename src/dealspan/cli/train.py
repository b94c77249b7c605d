"""`dealspan train`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.corpus.reading import Archive, Folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dealspan.corpus.collection import Corpus
    from dealspan.corpus.gold import GoldArticle


def train(
    folder: Folder = Path("corpus"),
    press: Archive = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", help="The teacher's labels, as `dealspan teach` writes them.", show_default=False),
    ] = None,
    extra: Annotated[
        list[Path] | None,
        typer.Option(
            "--extra",
            help="Gold to train on beside the corpus, JSONL, as `dealspan review export` writes it; may be repeated.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="A configuration in place of the package's own (names.cfg).", show_default=False),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder of the models and their card; made where it is missing.")
    ] = Path("models"),
) -> None:
    """Train the models on the corpus, and write them with their card (README.md).

    Without --press only the written part is used; without --labels nothing is learned from a teacher. The same corpus,
    extra gold, labels and configuration give the same models on the same machine.
    """
    from dealspan.cli.corpus.reading import read_folder
    from dealspan.cli.failures import CommandError, complain
    from dealspan.cli.progress import counted, tracked
    from dealspan.components.names import read_model
    from dealspan.components.names.tagger import write_tagger
    from dealspan.corpus.collection import gold_articles, unannotated
    from dealspan.corpus.gold import is_real
    from dealspan.corpus.standoff import StandOffError
    from dealspan.loglinear import write_models
    from dealspan.pipeline import load
    from dealspan.training import candidates, confidence, cues, factuality, gate, names, roles
    from dealspan.training.card import (
        card,
        confidence_section,
        factuality_section,
        gate_section,
        names_section,
        roles_section,
        scores,
    )
    from dealspan.training.labels import read_labels

    corpus = read_folder(folder)
    try:
        articles = list(gold_articles(corpus, press, "train"))
        held_back = list(gold_articles(corpus, press, "dev"))
        others = list(unannotated(corpus, press)) if press and labels else []
        settings = names.settings(config)
        taught, learned_from = read_labels(labels) if labels else ({}, [])
    except (StandOffError, ValueError) as error:
        raise CommandError(str(error)) from None
    if not articles:
        raise CommandError(f"{folder}: has no article of the training part; nothing to train on")
    added = _extra(extra or [], corpus)
    # What a person has annotated is not learned from the teacher as well.
    annotated = {article.text for article in added}
    others = [text for text in others if text not in annotated]
    # Variants of the corpus alone, so that they stay those that the teacher labelled.
    texts = [
        *names.taught_first(articles, learned_from, names.VARIANTS),
        *(names.marked(article) for article in added),
    ]
    every = [*articles, *added]
    examples = list(tracked(names.examples(texts, others, taught), "Reading", len(texts) + len(others)))
    with counted(settings["training"]["epochs"], "Training") as tell:
        fitted = names.train(examples, settings, tell)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "names.tagger"
    write_tagger(fitted, path)
    write_models({"kinds": candidates.train(names.marked(article) for article in every)}, out / "names.npz")
    model = read_model(str(path))
    parts = {"written": [a for a in held_back if not is_real(a)], "real": [a for a in held_back if is_real(a)]}
    figures = {name: (scores(part, None), scores(part, model)) for name, part in parts.items() if part}
    read = list(tracked(roles.examples(every, model), "Roles", roles.VIEWS * len(every)))
    write_models(roles.train(read), out / "roles.npz")
    folds = [cues.fold_of(article) for article in every for _ in range(roles.VIEWS)]
    hedging = factuality.train(every, path, roles.train_apart(read, folds, cues.FOLDS))
    write_models(hedging.models, out / "factuality.npz")
    # On articles that nothing was trained on: on its own a model is always sure.
    (out / "confidence.npz").unlink(missing_ok=True)
    nlp = load(out)
    found = [list(confidence.examples(nlp, [article])) for article in held_back]
    everything = [one for article in found for one in article]
    if everything:
        write_models(confidence.train(everything), out / "confidence.npz")
    held = list(tracked(gate.annotated(nlp, every), "Gate", len(every)))
    gated = gate.train(held, list(gate.others(nlp, others)))
    write_models(gated.gate._asdict(), out / "gate.npz")
    sections = [
        names_section(articles, added, examples, figures, settings, size=path.stat().st_size),
        roles_section(size=(out / "roles.npz").stat().st_size),
        factuality_section(hedging),
        *([confidence_section(len(found), len(everything), confidence.error(found))] if everything else []),
        gate_section(
            gated.paragraphs,
            sum(one.deals for one in held),
            gated.lost,
            size=(out / "gate.npz").stat().st_size,
        ),
    ]
    (out / "README.md").write_text(card(sections), encoding="utf-8")
    complain(f"{out}: names.tagger trained on {len(examples)} texts, the others on {len(every)}")


def _extra(paths: "Sequence[Path]", corpus: "Corpus") -> "list[GoldArticle]":
    """Read gold to train on beside the corpus; anything wrong in it is named, and ends the command."""
    from dealspan.cli.failures import CommandError, complain
    from dealspan.corpus.formats import FormatError
    from dealspan.training.extra import read_extra

    articles, problems = [], 0
    for found in read_extra(paths, corpus):
        if isinstance(found, FormatError):
            problems += 1
            complain(found)
        else:
            articles.append(found)
    if problems:
        raise CommandError(f"{problems} of the extra articles cannot be trained on; nothing is trained")
    return articles
