"""Where tests with torch are left out, the modules that import it are not even read: it takes seconds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_NEEDS = re.compile(r'^(?:torch = )?pytest\.importorskip\("torch"\)', re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """True for a module that cannot do without torch; None: as the others decide."""
    if "not torch" not in config.getoption("markexpr") or collection_path.suffix != ".py":
        return None
    return True if _NEEDS.search(collection_path.read_text("utf-8")) else None
