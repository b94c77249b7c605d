"""How long it takes to start, in fresh interpreters."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from dealspan.benchmark.processes import MeasuringError
from dealspan.benchmark.samples import funding_news

IMPORT, HELP, LOAD, FIRST = (
    "`import spacy`",
    "`dealspan --help`",
    "`dealspan.load()` with all imports",
    "`dealspan extract` of one short file, first result",
)
STARTS = 5
"""How many interpreters are started for each: each takes seconds."""
_PYTHON = (sys.executable, "-P")
_TORCH = """\
from pathlib import Path

Path(__file__).with_suffix(".imported").touch()
raise ImportError("stands in the place of torch")
"""


def starts(model: str) -> dict[str, float]:
    """Return the seconds from the start of an interpreter to its first line of output, each at its shortest."""
    with TemporaryDirectory(prefix="dealspan-benchmark-") as folder:
        commands = _commands(model, Path(folder))
        # In turn, so that a slow phase of the machine is not that of one of them.
        times = [{name: _until_first_line(command) for name, command in commands.items()} for _ in range(STARTS)]
    return {name: min(one[name] for one in times) for name in commands}


def imports_torch(model: str) -> bool:
    """Whether `dealspan extract` imports torch where it is installed: a file that tells stands in its place."""
    with TemporaryDirectory(prefix="dealspan-benchmark-") as name:
        folder = Path(name)
        (folder / "torch.py").write_text(_TORCH, encoding="utf-8")
        path = os.pathsep.join([name, *filter(None, [os.environ.get("PYTHONPATH")])])
        command = _commands(model, folder)[FIRST]
        _until_first_line(command, PYTHONPATH=path)
        return (folder / "torch.imported").exists()


def _commands(model: str, folder: Path) -> dict[str, list[str]]:
    short = folder / "short.txt"
    (article,) = funding_news(1)
    short.write_text(article.text, encoding="utf-8")
    return {
        IMPORT: [*_PYTHON, "-c", "import spacy; print()"],
        HELP: [*_PYTHON, "-m", "dealspan", "--help"],
        LOAD: [*_PYTHON, "-c", "import sys, dealspan; dealspan.load(sys.argv[1]); print()", model],
        FIRST: [*_PYTHON, "-m", "dealspan", "extract", str(short), "--model", model],
    }


def _until_first_line(command: list[str], **environment: str) -> float:
    started = perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=os.environ | environment
    ) as process:
        assert process.stdout
        process.stdout.readline()
        spent = perf_counter() - started
        process.stdout.read()
    if process.returncode:
        raise MeasuringError(f"`{' '.join(command[2:])}` ended with status {process.returncode}")
    return spent
