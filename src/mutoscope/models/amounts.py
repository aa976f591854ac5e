"""Numbers of bytes as people read them."""

from __future__ import annotations


def amount(length: int) -> str:
    """34200000000 → "34.2 GB", as disks are sold and hubs count: a GB is 10⁹ bytes."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if length >= size:
            return f"{length / size:.1f} {unit}"
    return f"{length} B"
