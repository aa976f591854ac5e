"""The stand-in vendor of the tests, as the far end of what a gateway passes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from benchmarks.served import ROOT  # puts the tests' folder on the path
from vendor_process import VendorProcess


@contextlib.contextmanager
def vendor(takes: float, manner: str = "sora") -> Iterator[VendorProcess]:
    """A vendor whose jobs take so many seconds, on the core of whoever starts it."""
    assert (ROOT / "tests" / "standin" / "vendor.py").exists()
    with VendorProcess(manner, takes=takes) as process:
        yield process
