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
        total, free = min(total, limit), min(free, max(0, limit - used + _cached()))
    except (OSError, ValueError):  # no cgroup, or "max"
        pass
    return total, free


def _cached() -> int:
    """Bytes that the container has of files that were read, and that are given up when memory is wanted: a
    model's weights, mostly."""
    try:
        lines = Path("/sys/fs/cgroup/memory.stat").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("inactive_file ")))
    except (OSError, ValueError, IndexError, StopIteration):
        return 0


def _pages(name: str) -> int | None:
    """Where there is no /proc."""
    try:
        return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
