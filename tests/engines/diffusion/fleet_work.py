"""Work for the fleet's tests: what a device's process can import."""

from __future__ import annotations

import os
import signal
import time

from mutoscope.compute.base import Cancel, Progress
from mutoscope.engines.base import Footage, Order
from mutoscope.engines.diffusion.worker.work import Wanted
from mutoscope.errors import Cancelled


def shown(order: Order, wanted: Wanted, progress: Progress, cancel: Cancel) -> Footage:
    """Which device and process it was on, in the footage's notes."""
    names = ("CUDA_VISIBLE_DEVICES", "HF_HUB_OFFLINE", "HF_TOKEN", "OMP_NUM_THREADS")
    said = [f"{name}={os.environ.get(name)}" for name in names]
    return Footage(order.folder, 1, notes=(wanted.device, str(os.getpid()), *said))


def held(order: Order, wanted: Wanted, progress: Progress, cancel: Cancel) -> Footage:
    """Until somebody makes the file `go` in the order's folder."""
    progress("held", 0.5)
    while not (order.folder / "go").exists():
        if cancel():
            raise Cancelled("stopped at its next step")
        time.sleep(0.005)
    return shown(order, wanted, progress, cancel)


def killed(order: Order, wanted: Wanted, progress: Progress, cancel: Cancel) -> Footage:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def crashed(order: Order, wanted: Wanted, progress: Progress, cancel: Cancel) -> Footage:
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError
