"""`dealspan corpus stats`."""

from pathlib import Path

from dealspan.cli.corpus.reading import Folder, read_folder


def stats(folder: Folder = Path("corpus")) -> None:
    """Count articles, mentions and deals by genre, split, stage and certainty, as Markdown tables."""
    from dealspan.cli.streams import standard_output
    from dealspan.corpus.stats import report

    standard_output().write(report(read_folder(folder)))
