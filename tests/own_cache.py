"""A cache for the tests alone: nothing of the user's is read, and nothing is left there."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

pytest_plugins = ["databases", "official", "scenes", "torch_apart"]

_made: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Before any test; processes that tests start, and other workers, have the same folder."""
    if not hasattr(config, "workerinput"):
        _made.append(tempfile.mkdtemp(prefix="mutoscope-tests-"))
        os.environ["MUTOSCOPE_CACHE"] = _made[0]


def pytest_unconfigure() -> None:
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
