"""How a loaded model is made fast, and how each film is: attention, compiled blocks, step caches.

    notes = prepared(pipe, wanted, place)      # once, after loading and moving
    with for_brief(pipe, brief, checkpoint) as said:
        made = family.film(pipe, brief, checkpoint, watch)

On the CPU the first does nothing; a step cache acts everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief
from mutoscope.engines.diffusion.worker.place import Place


def prepared(pipe: Any, wanted: Any, place: Place) -> tuple[str, ...]:
    """Make a loaded pipeline fast on its device; `wanted` is the worker's Wanted. What was chosen, and
    what could not be had, in sentences."""
    return ()


@contextmanager
def for_brief(pipe: Any, brief: Brief, checkpoint: Checkpoint) -> Iterator[list[str]]:
    """Around one film. What it gives is filled with sentences for the film's notes."""
    yield []
