"""One order filmed in a device's process: shot → briefs → the model → footage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.compute.base import Cancel, Progress
from mutoscope.config import Gpu
from mutoscope.engines.base import Footage, Order
from mutoscope.engines.diffusion.brief import Made

if TYPE_CHECKING:
    from mutoscope.engines.diffusion.devices import Device

#: The latest picture of a film that is being made, below the order's folder.
PREVIEW = "preview.webp"
ON_CPU = "filmed on the CPU, which takes many times as long as a GPU"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which model films, and how: `folder` is the checkpoint's, `device` the device's name, "" for any, and
    `here` the device itself."""

    engine: str
    model: str
    folder: Path
    checkpoint: Checkpoint
    settings: Gpu
    device: str = ""
    here: Device | None = None


def filmed(order: Order, wanted: Wanted, progress: Progress, cancel: Cancel) -> Footage:
    """In the device's process. Raises what the shot's own steps raise; Cancelled; EngineFailed. The footage's
    `seconds_spent`: `load` until the model stands on its device, `first_step` from the start until the
    first step begins, `film` for all that the model makes, `finish`."""
    from mutoscope.engines.diffusion.shot.finishing import finished
    from mutoscope.engines.diffusion.shot.writing import written
    from mutoscope.engines.diffusion.worker.watching import Watching

    begun = time.perf_counter()
    spent: dict[str, float] = {}
    project = written(order, wanted.checkpoint, wanted.engine)
    watch = Watching(order.folder, progress, cancel, project, wanted.settings.preview_steps)
    watch.stage("load")
    made: list[Made] = []
    ready = None
    if project.parts:
        from mutoscope.engines.diffusion.worker.resident import resident

        brief = project.brief(0, None)
        with _timed(spent, "load"):
            watch.part(0, brief.steps)
            ready = resident(wanted, brief, watch)
        with _timed(spent, "film"):
            for place in range(project.parts):
                brief = project.brief(place, made[-1]) if place else brief
                watch.part(place, brief.steps)
                made.append(ready.film(brief, watch))
        if watch.first_step is not None:
            spent["first_step"] = round(watch.first_step - begun, 3)
    with _timed(spent, "finish"):
        footage = finished(order, project, made, spent, watch)
    with suppress(OSError):
        (order.folder / PREVIEW).unlink(missing_ok=True)
    if ready is not None:
        ready.remember(watch, spent["finish"] / project.parts)
    notes = (ON_CPU,) if ready is not None and ready.place.device == "cpu" else ()
    return replace(
        footage,
        notes=(*footage.notes, *notes),
        seconds_spent=dict(footage.seconds_spent) | spent,
    )


@contextmanager
def _timed(spent: dict[str, float], name: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    spent[name] = round(time.perf_counter() - begun, 3)
