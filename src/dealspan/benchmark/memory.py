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
    processes = ["self", *(pid for task in tasks.glob("*/children") for pid in task.read_text().split())]
    return sum(_peak(process) for process in processes) / 1024


def _peak(process: str) -> int:
    try:
        found = _PEAK.search(Path(f"/proc/{process}/status").read_text())
    except OSError:  # it has ended
        return 0
    return int(found[1]) if found else 0
