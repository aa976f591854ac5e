"""A device and its process."""

from __future__ import annotations

import os
from pathlib import Path

from mutoscope.compute.processes import Processes
from mutoscope.config import Gpu
from mutoscope.engines.diffusion.devices import VISIBLE, Device
from mutoscope.engines.diffusion.worker.work import Wanted

#: Seconds that a film which is cancelled has to come to its next step: a step of a large model may take a
#: quarter of a minute and its decoding a whole one, and a process that is killed must load all again.
GRACE = 180.0

#: Nothing is ever downloaded while filming, and nothing is told to anybody; memory that is freed can be
#: used for pieces of any size.
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "DIFFUSERS_VERBOSITY": "error",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTORCH_ALLOC_CONF": "expandable_segments:True",
}


class Seat:
    """`busy` while an order has it, and the models that its process has filmed with, the last one last.
    Only the fleet changes it, under its lock."""

    def __init__(self, device: Device, settings: Gpu, cpus: int, scratch: Path | None) -> None:
        self.device = device
        self.busy = False
        self._models: list[str] = []
        self._pids: tuple[int, ...] = ()
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        self.pool = Processes(
            1, seconds=settings.job_seconds, nice=0, name=f"film on {device.name}", eager=False,
            threads=max(1, cores // cpus) if device.cpu else None, grace=GRACE, scratch=scratch,
            idle_seconds=settings.idle_seconds, setting="gpu.job_seconds",
            variables=ENVIRONMENT | {VISIBLE: device.visible},
        )  # fmt: skip

    def take(self, wanted: Wanted) -> None:
        """An order for that model is its."""
        self.busy = True
        self._forget_the_dead()
        model = str(wanted.folder)
        self._models = [one for one in self._models if one != model] + [model]

    def worth(self, wanted: Wanted) -> int:
        """How much the model speaks for this device: most where it was used last, -1 where another would be
        pushed out for it, 0 where the device is empty."""
        self._forget_the_dead()
        model = str(wanted.folder)
        if model in self._models:
            return 1 + self._models.index(model)
        return -1 if self._models else 0

    def _forget_the_dead(self) -> None:
        """A process that was started again has nothing yet."""
        pids = self.pool.pids
        if self._pids and pids != self._pids:
            self._models = []
        self._pids = pids
