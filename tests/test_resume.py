"""`dealspan extract --resume`: whatever ended a run, the next one makes of its output what an unbroken one makes."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.extraction import Extraction, environment, mixed, until

linux = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE and tmpfs as on Linux")


@pytest.fixture
def extract(tmp_path: Path) -> Extraction:
    (tmp_path / "site").mkdir()
    return Extraction(tmp_path, environment(tmp_path / "site"))


def archive(extract: Extraction, number: int = 240) -> str:
    """Write an archive of which some cannot be read or analysed."""
    texts = mixed(number, slow=True)
    for at in range(5, number, 40):
        texts[at], texts[at + 7] = "!unreadable", "!crash"
    return extract.articles(texts)


def killed(extract: Extraction, options: tuple[object, ...], size: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Run the command until its output has a size, and kill it."""
    part = extract.folder / f"{options[options.index('-o') + 1]}.part"
    with extract.started(*options) as process:
        until(lambda: process.poll() is not None or (part.exists() and part.stat().st_size >= size))
        os.killpg(process.pid, by)
        process.communicate()
    assert process.returncode == (143 if by == signal.SIGTERM else -by), "it was over before"


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_killed_again_and_again(extract: Extraction, ending: str) -> None:
    name = archive(extract)
    assert extract(name, "-o", f"whole.{ending}", "--errors", "whole.errors").returncode == 1
    whole = extract.read(f"whole.{ending}")
    options = (name, "-o", f"o.{ending}", "--errors", "errors")
    for number, jobs in enumerate((1, 2, 1, 3)):
        more = ("--resume",) if number else ()
        killed(extract, (*options, "-j", jobs, *more), len(whole) * (number * 2 + 1) // 14)
    done = extract(*options, "-j", 2, "--resume")
    assert done.returncode == 1, "what failed before the run was killed has failed"
    assert extract.read(f"o.{ending}") == whole
    assert extract.read("errors") == extract.read("whole.errors")
    assert sorted(path.name for path in extract.folder.glob("o.*")) == [f"o.{ending}"]


@linux
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk(extract: Extraction, jobs: int) -> None:
    name = extract.articles(mixed(200))
    assert extract(name, "-o", "whole.jsonl").returncode == 0
    whole = extract.read("whole.jsonl")
    limit = len(whole) // 2 + 17

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    options = (name, "-j", jobs, "-o", "o.jsonl")
    found = extract(*options, preexec_fn=limited)
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1] == "dealspan: output: File too large; check the disk and the permissions"
    part = extract.read("o.jsonl.part")
    assert whole.startswith(part) and part.endswith(b"\n")
    # As much as there was room for, and no half of a record.
    assert len(part) <= limit < len(part) + len(whole[len(part) :].splitlines(keepends=True)[0])
    assert extract(*options, "--resume").returncode == 0
    assert extract.read("o.jsonl") == whole


@linux
@pytest.mark.parametrize("mode", ["wb", "ab"])
def test_a_full_disk_behind_standard_output(extract: Extraction, mode: str) -> None:
    name = extract.articles(mixed(200))
    whole = extract(name).stdout.encode()
    head = b'{"earlier": true}\n'
    limit = len(head) + len(whole) // 2 + 17

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    (extract.folder / "o.jsonl").write_bytes(head)
    with (extract.folder / "o.jsonl").open(mode) as file:
        found = extract(name, preexec_fn=limited, stdout=file)
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1] == "dealspan: output: File too large; check the disk and the permissions"
    written = extract.read("o.jsonl")
    if mode == "wb":
        assert whole.startswith(written) and written.endswith(b"\n")
        assert len(written) <= limit < len(written) + len(whole[len(written) :].splitlines(keepends=True)[0])
    else:  # others may append to it too: nothing is cut off
        assert written.startswith(head) and (head + whole).startswith(written)
        assert len(written) == limit


@linux
def test_a_disk_that_is_full_at_the_last_line(extract: Extraction) -> None:
    name = extract.articles(mixed(20))
    limit = len(extract(name, "-f", "json").stdout.encode()) - 1

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with (extract.folder / "o.json").open("wb") as file:
        found = extract(name, "-f", "json", preexec_fn=limited, stdout=file)
    assert found.returncode == 1
    assert "File too large" in found.stderr


@linux
def test_a_disk_that_has_no_room_for_the_journal_either(extract: Extraction) -> None:
    disk = extract.folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        name = extract.articles(mixed(200))
        assert extract(name, "-o", "whole.jsonl").returncode == 0
        whole = extract.read("whole.jsonl")
        assert len(whole) > 2**16
        found = extract(name, "-o", "disk/o.jsonl")
        assert found.returncode == 1
        assert "No space left on device" in found.stderr
        part = extract.read("disk/o.jsonl.part")
        assert whole.startswith(part) and part.endswith(b"\n")
        subprocess.run([*mount[:4], "remount,size=1m", *mount[5:]], check=True)
        assert extract(name, "-o", "disk/o.jsonl", "--resume").returncode == 0
        assert extract.read("disk/o.jsonl") == whole
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def broken(extract: Extraction) -> Extraction:
    """A run of `a.jsonl` into `o.jsonl` that broke off."""
    name = extract.articles(mixed(100, slow=True))
    killed(extract, (name, "-o", "o.jsonl"), 30_000, signal.SIGTERM)
    return extract


def test_nothing_to_resume(extract: Extraction) -> None:
    name = extract.articles(mixed(3))
    found = extract(name, "-o", "o.jsonl", "--resume")
    assert (found.returncode, found.stderr) == (0, "dealspan: o.jsonl: nothing to resume; starting afresh\n")
    assert extract.read("o.jsonl").count(b"\n") == 3


def test_without_the_option_a_run_starts_afresh(broken: Extraction) -> None:
    broken.articles(mixed(2))
    assert broken("a.jsonl", "-o", "o.jsonl").returncode == 0
    assert broken.read("o.jsonl").count(b"\n") == 2
    assert not list(broken.folder.glob("o.jsonl.*"))


def test_other_options_are_refused(broken: Extraction) -> None:
    (broken.folder / "my.toml").write_text("")
    before = broken.read("o.jsonl.part")
    for options, message in (
        (("--min-confidence", "0.5"), "made with another --min-confidence (0.0, now 0.5); give the same, or leave out"),
        (("--only", "hedged"), "made with another --only (none, now hedged)"),
        (("--model", "rules"), "made with another --model (trained, now rules)"),
        (("--rules", "my.toml"), "made with another --rules (none, now "),
        (("--published", "2024-01-01"), "made with another --published (none, now 2024-01-01)"),
        (("--fields", "text=title"), "made with another --fields"),
        (("--errors", "e"), "made with another --errors (none, now e)"),
        (("-f", "csv"), "made with another --format (jsonl, now csv)"),
        (("-f", "table"), "--resume goes on with a file of jsonl or csv; name one with --out"),
    ):
        found = broken("a.jsonl", "-o", "o.jsonl", "--resume", *options)
        assert found.returncode == 2
        assert message in found.stderr
        assert broken.read("o.jsonl.part") == before


def test_other_inputs_are_refused(broken: Extraction) -> None:
    texts = mixed(100, slow=True)
    documents = json.loads(broken.read("o.jsonl.journal"))["documents"]
    broken.articles(["Another.", *texts[1:]], "b.jsonl")
    broken.articles(texts[: documents - 1], "c.jsonl")
    for name in ("b.jsonl", "c.jsonl"):
        found = broken(name, "-o", "o.jsonl", "--resume")
        assert found.returncode == 1
        assert "the inputs have changed, their first" in found.stderr
    # What comes behind may have: the output is that of the inputs as they are now.
    broken.articles([*texts, "One more."])
    assert broken("a.jsonl", "-o", "o.jsonl", "--resume").returncode == 0
    assert broken.read("o.jsonl").count(b"\n") == 101


def test_an_output_that_lost_something_is_refused(broken: Extraction) -> None:
    (broken.folder / "o.jsonl.part").write_text("")
    found = broken("a.jsonl", "-o", "o.jsonl", "--resume")
    assert found.returncode == 1
    assert "o.jsonl.part: has lost what was done; leave out --resume to start afresh" in found.stderr
    (broken.folder / "o.jsonl.journal").write_text("{")
    found = broken("a.jsonl", "-o", "o.jsonl", "--resume")
    assert found.returncode == 1
    assert "o.jsonl.journal: cannot be read" in found.stderr


def test_standard_output_cannot_be_resumed(extract: Extraction) -> None:
    found = extract(extract.articles(mixed(3)), "--resume")
    assert found.returncode == 2
    assert "name one with --out" in found.stderr
