"""One order filmed in a device's process: shot → briefs → the model → footage."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.compute.base import Cancel, Progress
from mutoscope.config import Gpu
from mutoscope.engines.base import Footage, Order
from mutoscope.engines.diffusion.brief import Made


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which model films, and how: `folder` is the checkpoint's, `device` torch's name, "" for any."""

    engine: str
    model: str
    folder: Path
    checkpoint: Checkpoint
    settings: Gpu
    device: str = ""


def filmed(order: Order, wanted: Wanted, progress: Progress, cancel: Cancel) -> Footage:
    """In the device's process. Raises what the shot's own steps raise; Cancelled; EngineFailed."""
    from mutoscope.engines.diffusion.shot.finishing import finished
    from mutoscope.engines.diffusion.shot.writing import written
    from mutoscope.engines.diffusion.worker.resident import resident
    from mutoscope.engines.diffusion.worker.watching import Watching

    begun = time.perf_counter()
    project = written(order, wanted.checkpoint, wanted.engine)
    watch = Watching(order.folder, progress, cancel, project, wanted.settings.preview_steps)
    spent: dict[str, float] = {}
    made: list[Made] = []
    with resident(wanted, project, watch) as model:
        spent["load"] = round(time.perf_counter() - begun, 3)
        for place in range(project.parts):
            watch.part(place)
            brief = project.brief(place, made[-1] if made else None)
            made.append(model.film(brief, watch))
    spent["film"] = round(time.perf_counter() - begun - spent["load"], 3)
    return finished(order, project, made, spent, watch)
