"""Where checkpoints lie: one folder per user, `MUTOSCOPE_MODELS` to have it elsewhere.

::

    wan2.2-ti2v-5b/          a whole checkpoint; it has this name only when every file is verified
    wan2.2-ti2v-5b.json      its record: repository, commit, files with their SHA-256, when
    NAME+LORA/               one of its LoRAs, with such a record beside it
    accepted.json            the licences that were accepted, and when
    .pull/NAME/              a pull at work, or one that was cut off: what was asked for (plan.json) and
                             what came (files/); its lock is .pull/NAME.lock
"""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """Where the checkpoints lie; it need not exist yet."""
    if set_by_owner := os.environ.get("MUTOSCOPE_MODELS"):
        return Path(set_by_owner).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("mutoscope") / "models"


def place(key: str) -> Path:
    """The folder that a whole checkpoint or LoRA has."""
    return folder() / key


def record(key: str) -> Path:
    """The record beside it."""
    return folder() / f"{key}.json"


def work(key: str) -> Path:
    """Where it is while it is pulled."""
    return folder() / ".pull" / key


def arriving(key: str) -> Path:
    """The files of a pull at work; one that is whole and verified has its own name there."""
    return work(key) / "files"


def lock(key: str) -> Path:
    """The file that whoever pulls or removes it holds locked."""
    return folder() / ".pull" / f"{key}.lock"


def accepted() -> Path:
    """The licences that were accepted."""
    return folder() / "accepted.json"
