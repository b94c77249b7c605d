"""Run `dealspan extract` as a process, with a pipeline that needs no spaCy and breaks on request.

The stand-in is put in place by a `sitecustomize` on the path, in the command and in its workers alike. Beside what
`tests.samples.pipeline` does, a text with `!kill` ends the process that reads it, one with `!stuck` is stuck in C code
that never gives way to another thread, and each `!slow` takes 10 ms.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dealspan.records import Article, Record
from tests.samples import TEXT, pipeline

ROOT = Path(__file__).parents[1]
DEALSPAN = [sys.executable, "-c", "from dealspan.cli import main; main()"]
COMMAND = [*DEALSPAN, "extract"]
CUSTOMIZE = f"""
import sys
sys.path += {[str(ROOT), str(ROOT / "src")]!r}
if "pip" not in sys.argv[0]:
    from tests.extraction import stand_in
    stand_in()
"""


def stand_in() -> None:
    """Put the stand-in in the place of the pipeline."""
    module = pipeline()
    load, record_of = module.load, module.record_of

    def process(nlp: Any, articles: Iterator[Article]) -> Iterator[tuple[Article, Article]]:
        for article in articles:
            if "!crash" in article.text:
                raise RuntimeError("no such rule")
            yield article, article

    def breaking(article: Article, doc: Article) -> Record:
        if "!kill" in article.text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "!stuck" in article.text:
            import re

            re.match(r"(a+)+$", "a" * 60 + "b")
        time.sleep(0.01 * article.text.count("!slow"))
        return record_of(article, doc)

    def loaded(model: str, *, rules: Any = None) -> Any:
        if model == "stillborn":
            os.kill(os.getpid(), signal.SIGKILL)
        return load(model, rules=rules)

    module.__dict__.update(load=loaded, process=process, record_of=breaking)
    sys.modules["dealspan.pipeline"] = module


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which the pipeline is the stand-in; the folder is for the file that does it."""
    (folder / "sitecustomize.py").write_text(CUSTOMIZE)
    return os.environ | {"PYTHONPATH": os.pathsep.join((str(folder), str(ROOT / "src"))), "COLUMNS": "100"}


class Extraction:
    """Runs the command in a folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def articles(self, texts: list[str], name: str = "a.jsonl") -> str:
        """Write articles, one a line, that are called by their number; a text `!unreadable` is no article."""
        lines = (
            "no JSON" if text == "!unreadable" else json.dumps({"id": f"d{number}", "text": text})
            for number, text in enumerate(texts)
        )
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines))
        return name

    def __call__(self, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            **{"stdout": subprocess.PIPE, **options},
        )

    def started(self, *arguments: object, command: str = "extract") -> "subprocess.Popen[str]":
        """Start it, in a group of its own, so that signals reach it as from a terminal."""
        return subprocess.Popen(
            [*DEALSPAN, command, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def errors(self, name: str = "errors.jsonl") -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.read(name).splitlines()]


def mixed(number: int, *, slow: bool = False) -> list[str]:
    """Return texts with and without deals."""
    kinds = (TEXT, "Kettl raised money.", "Nothing to see.", "Café Ünal raised 5 €.")
    # What is slow is no `TEXT` any more, which the stand-in knows by its words.
    return [f"{kinds[at % 4]}{' !slow' if slow and at % 4 else ''}" for at in range(number)]


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == process and words[0] != "Z":
            found.append(int(status.parent.name))
    return found


def running(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Wait for something to become true, and return it."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)
    return value
