"""Functions that turn what a source holds into the file that is wanted.

An entry of the manifest names one by its key here (`convert = "…"`). A converter reads `raw`, whose
SHA-256 was checked, and writes `out`, whose SHA-256 will be: it must give the same bytes every time.
No entry needs one yet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Converter = Callable[[Path, Path], None]  # raw, out

CONVERTERS: dict[str, Converter] = {}
