"""A model that stands on its device, for one order: what it films is tried twice where memory runs out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mutoscope.engines.diffusion import measured
from mutoscope.engines.diffusion.brief import Brief, Made
from mutoscope.engines.diffusion.devices import Device
from mutoscope.engines.diffusion.family import Reading
from mutoscope.engines.diffusion.placing import volume_of
from mutoscope.engines.diffusion.worker import memory, staging
from mutoscope.engines.diffusion.worker.model import Model
from mutoscope.engines.diffusion.worker.place import OFFLOADS, Offload, Place
from mutoscope.engines.diffusion.worker.watching import Watching
from mutoscope.engines.diffusion.worker.work import Wanted
from mutoscope.errors import EngineFailed, MutoscopeError

if TYPE_CHECKING:
    from mutoscope.engines.diffusion.worker.resident import Shelf


class Ready:
    """A model that stands on its device, for one order."""

    def __init__(self, shelf: Shelf, model: Model, wanted: Wanted, device: Device) -> None:
        self._shelf, self.model, self._wanted, self._device = shelf, model, wanted, device
        self._key = measured.key(wanted.model, wanted.folder)
        self._again = False  # memory ran out once already
        self._brief: Brief | None = None
        self.peak = self.rest = 0

    @property
    def place(self) -> Place:
        """Where the model is."""
        assert self.model.place is not None
        return self.model.place

    def stand(self, place: Place, tiled: bool) -> None:
        """Bring the model to its place; where memory runs out over that, to the next one."""
        self._shelf.settle(self.model, place)
        if not self._tried(lambda: self.model.stand(place, tiled)):
            self._step_down(place)

    def film(self, brief: Brief, watch: Watching) -> Made:
        """What the model makes of the brief. Where memory runs out it is tried once more, with as much as can
        be kept off the device. Raises EngineFailed (`out_of_memory`) where that is not enough."""
        made: list[Made] = []
        self._brief = brief
        self.rest = memory.begin(self.place.device)
        if not self._tried(lambda: made.append(self.model.film(brief, self._wanted, watch))):
            place = self.place
            self._remember_failure(place, brief)
            self._step_down(place)
            self.rest = memory.begin(self.place.device)
            watch.again()
            if not self._tried(lambda: made.append(self.model.film(brief, self._wanted, watch))):
                self._remember_failure(self.place, brief)
                raise self._given_up(brief)
        self.peak = max(self.peak, memory.most(self.place.device), self.rest)
        watch.made()
        return self._told(made[0])

    def _told(self, made: Made) -> Made:
        said = self.model.notes
        if self._again:
            how = "with parts kept off the device" if self.place.offload != "none" else "in tiles"
            said = (*said, f"memory ran out once, and the film was made again {how}")
        return replace(made, notes=tuple(dict.fromkeys((*made.notes, *said))))

    def _step_down(self, place: Place) -> None:
        """To the next place that needs less, and all other models away."""
        if self._again:
            raise self._given_up(None)
        self._again = True
        self._shelf.clear_device(self._device, but=self.model.key)
        lower = place.offload
        if not self._device.cpu and self._wanted.settings.offload == "auto":
            lower = OFFLOADS[min(OFFLOADS.index(place.offload) + 1, len(OFFLOADS) - 1)]
        lower = possible(lower, self.model)
        if not self._tried(lambda: self.model.stand(replace(place, offload=lower), tiled=True)):
            raise self._given_up(None)

    def _tried(self, work: Callable[[], object]) -> bool:
        """False where memory ran out. Nothing of the failure is kept: it would hold what it could not have."""
        try:
            work()
        except Exception as error:
            if memory.broke(error):
                said = f"{self._device.name} does nothing more: {error}".splitlines()[0]
            elif memory.ran_out(error):
                said = ""
            else:
                raise
        else:
            return True
        memory.give_back()
        if said:
            raise EngineFailed(said, code="device_failed")
        return False

    def remember(self, watch: Watching, finish: float) -> None:
        """What the film took, for the next one. `finish`: seconds a part."""
        brief, others = self._brief, self._shelf.standing(but=self.model.key)
        if brief is None or not watch.step_seconds:
            return
        steps = sorted(watch.step_seconds[1:] or watch.step_seconds)
        film = measured.Film(
            offload=self.place.offload, dtype=self.place.dtype, tiled=self.model.tiled, volume=volume_of(brief), area=brief.size.width * brief.size.height,
            guided=brief.guidance != 1, peak=max(0, self.peak - others),
            rest=max(0, self.rest - others), step=steps[len(steps) // 2],
            decode=max(watch.decode_seconds, default=0.0), finish=finish, load=self.model.took,
        )  # fmt: skip
        measured.keep(self._key, self._device.title, film)

    def _remember_failure(self, place: Place, brief: Brief) -> None:
        film = measured.Film(
            offload=place.offload,
            dtype=place.dtype,
            tiled=self.model.tiled,
            volume=volume_of(brief),
            area=brief.size.width * brief.size.height,
            failed=True,
            when=time.time(),
        )
        if not self._device.cpu:
            measured.keep(self._key, self._device.title, film)

    def _given_up(self, brief: Brief | None) -> MutoscopeError:
        """The error; the model is in main memory alone, and the device is free for the next film."""
        if self._device.cpu or self.model.alone:
            self._shelf.drop(self.model.key)
        else:
            staging.unstaged(self.model.pipe)
            self.model.place = None
            memory.give_back()
        asked = "" if brief is None else f" with {brief.frames} frames of {brief.size}"
        if self._device.cpu:
            mend = "ask for a smaller or shorter film, or give the machine more memory"
        elif self._wanted.settings.offload not in ("auto", "layers"):
            mend = "set gpu.offload to auto, or ask for a smaller or shorter film"
        else:
            mend = "ask for a smaller or shorter film, or for the draft quality"
        return EngineFailed(
            f"{self._wanted.model}{asked} ran out of memory on {self._device.name}, also with its parts kept "
            f"off it; {mend}",
            code="out_of_memory", hint=mend,
        )  # fmt: skip


def possible(offload: Offload, model: Model) -> Offload:
    """Words can be read apart only where the family has a way to."""
    apart = isinstance(model.family, Reading)
    return "model" if offload == "words" and not apart else offload


def torch_name(device: Device) -> str:
    """What PyTorch calls it in its process, which sees no other GPU."""
    return "cpu" if device.cpu else "cuda:0"


def device_of(wanted: Wanted) -> Device:
    """The device of this process; its memory as PyTorch sees it."""
    import torch

    if wanted.here is not None and wanted.here.cpu:
        return wanted.here
    if wanted.here is not None and torch.cuda.is_available():
        if wanted.settings.memory:
            memory.bound("cuda:0", wanted.settings.memory)
        # what other programs have of it now is not ours
        return replace(wanted.here, memory=min(wanted.here.memory, memory.reach("cuda:0")))
    if wanted.here is not None:
        raise EngineFailed(
            f"PyTorch {torch.__version__} sees no GPU in the process of {wanted.here.name}: "
            "mutoscope doctor says what is there",
            code="device_failed",
        )
    from mutoscope.engines.diffusion.devices import here

    gpus, cpu = here()
    return gpus[0] if gpus and torch.cuda.is_available() else cpu
