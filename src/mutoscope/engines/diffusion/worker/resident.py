"""Models that stay in this process from one order to the next.

The device holds as many as there is room for; the one that was used the longest ago makes room, into main
memory where that has some, else altogether. Parts that two models have in common are there once.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

from mutoscope.engines.diffusion import measured
from mutoscope.engines.diffusion.brief import Brief, Made
from mutoscope.engines.diffusion.devices import Device
from mutoscope.engines.diffusion.family import family
from mutoscope.engines.diffusion.placing import Fit, fit, room
from mutoscope.engines.diffusion.worker import memory
from mutoscope.engines.diffusion.worker.model import Model, shareable
from mutoscope.engines.diffusion.worker.place import OFFLOADS, Offload, Place
from mutoscope.engines.diffusion.worker.watching import Watching
from mutoscope.engines.diffusion.worker.work import Wanted
from mutoscope.errors import EngineFailed, MutoscopeError

#: Of main memory, what a model that makes room must leave free.
_MAIN_SPARE = 4 << 30


class Shelf:
    """The models of this process, the one that was used last at the end."""

    def __init__(self) -> None:
        self._models: OrderedDict[str, Model] = OrderedDict()

    def __len__(self) -> int:
        return len(self._models)

    def __contains__(self, key: str) -> bool:
        return key in self._models

    def ready(self, wanted: Wanted, brief: Brief, watch: Watching) -> Ready:
        """The model on its device for such a brief, loaded where it is not here. Raises EngineFailed where it
        does not fit."""
        device = _device(wanted)
        known = measured.films(measured.key(wanted.model, wanted.folder), device.title)
        volume = volume_of(brief)
        found = fit(wanted.checkpoint, wanted.folder, device, wanted.settings, volume=volume, known=known)  # fmt: skip
        if found.offload is None:
            raise EngineFailed(f"{wanted.model} {found.reason}", code="out_of_memory")
        watch.pace = measured.pace(known, found.offload, volume, guided=brief.guidance != 1)
        ready = Ready(self, self._model(wanted, found, device, watch), wanted, device)
        place = Place(_torch_name(device), found.dtype, _possible(found.offload, ready.model))
        ready.stand(place, tiled=place.offload in ("model", "layers"))
        return ready

    def _model(self, wanted: Wanted, found: Fit, device: Device, watch: Watching) -> Model:
        key = f"{wanted.folder.resolve()} {wanted.checkpoint.family} {found.dtype}"
        model = self._models.get(key)
        if model is not None and model.alone and model.place.offload != found.offload:  # type: ignore[union-attr]
            self.drop(key)
            model = None
        self.make_room(found.needs, device, wanted, but=key)
        if model is None:
            watch.stage("load")
            model = self._models[key] = self._loaded(key, wanted, found.dtype, device)
        self._models.move_to_end(key)
        watch.stage("load", 1.0)
        return model

    def _loaded(self, key: str, wanted: Wanted, dtype: str, device: Device) -> Model:
        adapter = family(wanted.checkpoint.family)
        names = _names(wanted.folder)
        parts = {
            name: f"{names[name]} {one}"
            for name, one in shareable(wanted.folder, dtype, list(names)).items()
        }
        shared = {}
        for other in self._models.values():
            if other.dtype != dtype or other.alone:
                continue
            for name, one in parts.items():
                if other.shared.get(name) == one and hasattr(other.pipe, name):
                    other.leave()  # what moves its parts must not move them for another
                    shared[name] = getattr(other.pipe, name)
        pipe = adapter.load(
            wanted.folder, wanted.checkpoint, Place(_torch_name(device), dtype), shared
        )
        if hasattr(pipe, "set_progress_bar_config"):
            pipe.set_progress_bar_config(disable=True)
        return Model(key, wanted, adapter, pipe, dtype, parts)

    def make_room(self, needs: int, device: Device, wanted: Wanted, but: str) -> None:
        """Until `needs` bytes of the device are left beside the models that stay, or none is left but one."""
        most = room(device, wanted.settings)
        for key in [one for one in self._models if one != but]:
            if needs + self.standing(but) <= most and (
                device.cpu or needs <= _free(device, self, but)
            ):
                return
            self._make_way(key, device)

    def standing(self, but: str) -> int:
        """Bytes of the device that the models have, all but one."""
        return sum(one.bytes for key, one in self._models.items() if key != but and one.place)

    def _make_way(self, key: str, device: Device) -> None:
        model = self._models[key]
        spare = not device.cpu and memory.free("cpu") > model.bytes + _MAIN_SPARE
        if model.place is None and spare:
            return
        if spare and not model.alone:
            model.leave()
        else:
            self.drop(key)
        del model
        memory.give_back()

    def drop(self, key: str) -> None:
        """Forget that model altogether."""
        model = self._models.pop(key)
        model.leave()
        model.pipe = None
        del model
        memory.give_back()

    def clear(self, but: str = "") -> None:
        """Forget every model, or all but one."""
        for key in [one for one in self._models if one != but]:
            self.drop(key)


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
                raise self._too_large(brief)
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
            raise self._too_large(None)
        self._again = True
        self._shelf.clear(but=self.model.key)
        memory.give_back()
        lower = place.offload
        if not self._device.cpu and self._wanted.settings.offload == "auto":
            lower = OFFLOADS[min(OFFLOADS.index(place.offload) + 1, len(OFFLOADS) - 1)]
        lower = _possible(lower, self.model)
        if not self._tried(lambda: self.model.stand(replace(place, offload=lower), tiled=True)):
            raise self._too_large(None)

    def _tried(self, work: Any) -> bool:
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
            offload=self.place.offload, dtype=self.place.dtype, volume=volume_of(brief),
            guided=brief.guidance != 1, peak=max(0, self.peak - others),
            rest=max(0, self.rest - others), step=steps[len(steps) // 2],
            decode=max(watch.decode_seconds, default=0.0), finish=finish,
        )  # fmt: skip
        measured.keep(self._key, self._device.title, film)

    def _remember_failure(self, place: Place, brief: Brief) -> None:
        film = measured.Film(
            offload=place.offload, dtype=place.dtype, volume=volume_of(brief), failed=True
        )
        if not self._device.cpu:
            measured.keep(self._key, self._device.title, film)

    def _too_large(self, brief: Brief | None) -> MutoscopeError:
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


_shelf = Shelf()


def resident(wanted: Wanted, brief: Brief, watch: Watching) -> Ready:
    """The model, loaded where it is not here yet, and ready on its device for such a brief."""
    return _shelf.ready(wanted, brief, watch)


def _possible(offload: Offload, model: Model) -> Offload:
    """Words can be read apart only where the family has a way to."""
    apart = hasattr(model.family, "encode")
    return "model" if offload == "words" and not apart else offload


def volume_of(brief: Brief) -> int:
    """Its frames times the pixels of one."""
    return brief.frames * brief.size.width * brief.size.height


def _free(device: Device, shelf: Shelf, but: str) -> int:
    """Bytes of the device that could be had, were the model `but` not there."""
    model = shelf._models.get(but)
    own = model.bytes if model is not None and model.place is not None else 0
    return memory.free(_torch_name(device)) + own


def _torch_name(device: Device) -> str:
    """Its process sees no other GPU."""
    return "cpu" if device.cpu else "cuda:0"


def _device(wanted: Wanted) -> Device:
    """The device of this process; its memory as PyTorch sees it."""
    import torch

    if wanted.here is not None and (wanted.here.cpu or torch.cuda.is_available()):
        return wanted.here
    if wanted.here is not None:
        raise EngineFailed(
            f"PyTorch {torch.__version__} sees no GPU in the process of {wanted.here.name}: "
            "mutoscope doctor says what is there",
            code="device_failed",
        )
    from mutoscope.engines.diffusion.devices import here

    gpus, cpu = here()
    return gpus[0] if gpus and torch.cuda.is_available() else cpu


def _names(folder: Path) -> dict[str, str]:
    """Part → its class, by the checkpoint's `model_index.json`."""
    try:
        index = json.loads((folder / "model_index.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return {
        name: str(kind[1]) for name, kind in index.items()
        if isinstance(kind, list) and len(kind) == 2 and kind[1]
    }  # fmt: skip
