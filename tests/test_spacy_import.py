"""spaCy is imported without its own commands, which are there for whoever asks for them."""

import subprocess
import sys
from pathlib import Path

import pytest


def _run(code: str, *folders: Path) -> str:
    code = f"import sys; sys.path[:0] = {[str(one) for one in folders]}\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_its_commands_are_imported_by_whoever_asks_for_them() -> None:
    printed = _run(
        "from dealspan.jobs.spacy_import import import_spacy\n"
        "import_spacy()\n"
        "import spacy\n"
        "print('requests' in sys.modules, 'spacy.cli' in sys.modules)\n"
        "print(spacy.info(silent=True)['spacy_version'] == spacy.__version__)\n"
        "import spacy.cli\n"
        "print(spacy.cli.train.__name__)\n"
    )
    assert printed.split() == ["False", "False", "True", "spacy.cli.train"]


def test_one_that_is_imported_already_is_left_alone() -> None:
    printed = _run(
        "import spacy\n"
        "held = dict(sys.modules)\n"
        "from dealspan.jobs.spacy_import import import_spacy\n"
        "import_spacy()\n"
        "print(all(sys.modules.get(name) is module for name, module in held.items()))\n"
    )
    assert printed.strip() == "True"


@pytest.mark.parametrize(
    ("top", "loaded"),
    [
        ("from .cli import app as held", "the app"),  # wants more of its commands
        ("from . import cli\nheld = cli.app", "the app"),
        ("held = 'none'", "none"),  # wants none
    ],
)
def test_another_spacy_gets_what_it_wants(tmp_path: Path, top: str, loaded: str) -> None:
    package = tmp_path / "spacy"
    (package / "cli").mkdir(parents=True)
    (package / "__init__.py").write_text(f"{top}\n", encoding="utf-8")
    (package / "cli" / "__init__.py").write_text("app = 'the app'\n", encoding="utf-8")
    printed = _run(
        "from dealspan.jobs.spacy_import import import_spacy\nimport_spacy()\nimport spacy\nprint(spacy.held)\n"
        "import spacy.cli\nprint(spacy.cli.app)",
        tmp_path,
    )
    assert printed.splitlines() == [loaded, "the app"]


def test_what_fails_in_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "spacy.py").write_text("import none_such\n", encoding="utf-8")
    printed = _run(
        "from dealspan.jobs.spacy_import import import_spacy\n"
        "try: import_spacy()\n"
        "except ImportError as error: print(error.name, 'spacy.cli' in sys.modules)",
        tmp_path,
    )
    assert printed.split() == ["none_such", "False"]
