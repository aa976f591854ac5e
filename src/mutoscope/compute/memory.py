"""How much memory this machine has, a container's limit counted."""

from __future__ import annotations

import os
from pathlib import Path


def main_memory() -> tuple[int | None, int | None]:
    """Bytes in all and free; None where that is not known."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
        total, free = sizes["MemTotal"], sizes["MemAvailable"]
    except (OSError, KeyError, ValueError, IndexError):
        return _pages("SC_PHYS_PAGES"), _pages("SC_AVPHYS_PAGES")
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        total, free = min(total, limit), min(free, max(0, limit - used))
    except (OSError, ValueError):  # no cgroup, or "max"
        pass
    return total, free


def _pages(name: str) -> int | None:
    """Where there is no /proc."""
    try:
        return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
