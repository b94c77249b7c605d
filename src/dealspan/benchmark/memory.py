"""How much memory processes have held."""

import re
from pathlib import Path

_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


def peak() -> float | None:
    """Return the most that this process and those that it runs have held, each at its own time, in MiB.

    Linux tells; elsewhere it is None. It is not what `getrusage` gives: that counts what the process that started this
    one held until then (Linux, where a program is started by vfork).
    """
    tasks = Path("/proc/self/task")
    if not tasks.is_dir():
        return None
    processes = ["self", *(pid for task in tasks.iterdir() for pid in _read(task / "children").split())]
    found = (_PEAK.search(_read(Path(f"/proc/{process}/status"))) for process in processes)
    return sum(int(one[1]) for one in found if one) / 1024


def _read(path: Path) -> str:
    """Return what a file of /proc holds; nothing where its thread or process has ended meanwhile."""
    try:
        return path.read_text()
    except OSError:
        return ""
