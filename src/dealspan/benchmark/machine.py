"""On what was measured: nothing that names the machine or its owner."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    """Return the processor, its cores that this process may use, and the memory."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}"
    return f"{_processor()}, {cores} core{'s' if cores > 1 else ''}, {memory:.0f} GiB of memory, {system}"


def versions() -> str:
    """Return the versions of what the speed depends on."""
    packages = ", ".join(f"{name} {version(name.lower())}" for name in ("spaCy", "dealspan"))
    return f"Python {platform.python_version()}, {packages}"


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or "unknown processor"
