"""One order on one engine, from start to footage, with somebody waiting for it."""

from __future__ import annotations

import time

from mutoscope.compute.threads import Cancel, Progress
from mutoscope.engines.base import Engine, Footage, Order
from mutoscope.errors import Cancelled

_PAUSE = 0.02  # seconds between looks: short, because a draft takes three seconds in all


def run(engine: Engine, order: Order, progress: Progress, cancel: Cancel) -> Footage:
    """Start the order, tell `progress` what it is at, and fetch it. Raises what the engine raised,
    or Cancelled; whoever interrupts the wait interrupts the engine too."""
    operation = engine.start(order)
    try:
        while (status := engine.status(operation)).state in ("queued", "running"):
            progress(status.stage, status.progress)
            if cancel():
                raise Cancelled("stopped; nothing half-written was left")
            time.sleep(_PAUSE)
    except BaseException:
        engine.cancel(operation)
        raise
    return engine.fetch(operation)
