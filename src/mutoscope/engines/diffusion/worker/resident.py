"""Models that stay in this process from one order to the next.

The device holds as many as there is room for; the one that was used the longest ago makes room, into main
memory where that has some, else altogether. Parts that two models have in common are there once.
"""

from __future__ import annotations

import gc
import json
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from mutoscope.engines.diffusion import measured
from mutoscope.engines.diffusion.brief import Brief
from mutoscope.engines.diffusion.devices import Device
from mutoscope.engines.diffusion.family import Family, family
from mutoscope.engines.diffusion.parts import parts as parts_of
from mutoscope.engines.diffusion.placing import Fit, fit, room, volume_of
from mutoscope.engines.diffusion.worker import memory, speed, staging
from mutoscope.engines.diffusion.worker.model import Model, shareable
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.engines.diffusion.worker.ready import Ready, device_of, possible, torch_name
from mutoscope.engines.diffusion.worker.watching import Watching
from mutoscope.engines.diffusion.worker.work import Wanted
from mutoscope.errors import EngineFailed, Missing, MutoscopeError

#: Of main memory, what a model that makes room must leave free.
_MAIN_SPARE = 4 << 30
_WIDE = {"float32": 4, "bfloat16": 2}


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
        device = device_of(wanted)
        known = measured.films(measured.key(wanted.model, wanted.folder), device.title)
        volume = volume_of(brief)
        area = brief.size.width * brief.size.height
        found = fit(
            wanted.checkpoint, wanted.folder, device, wanted.settings, volume=volume, area=area, known=known,
        )  # fmt: skip
        if found.offload is None:
            raise EngineFailed(f"{wanted.model} {found.reason}", code="out_of_memory")
        watch.pace = measured.pace(known, found.offload, volume, guided=brief.guidance != 1)
        ready = Ready(self, self._model(wanted, found, device, watch), wanted, device)
        place = Place(torch_name(device), found.dtype, possible(found.offload, ready.model))
        ready.stand(place, tiled=found.tiled)
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
            begun = time.perf_counter()
            model = self._models[key] = self._loaded(key, wanted, found.dtype, device)
            model.took = time.perf_counter() - begun
        self._models.move_to_end(key)
        watch.stage("load", 1.0)
        return model

    def _loaded(self, key: str, wanted: Wanted, dtype: str, device: Device) -> Model:
        adapter = _adapter(wanted)
        names = _names(wanted.folder)
        parts = {
            name: f"{names[name]} {one}"
            for name, one in shareable(wanted.folder, dtype, list(names)).items()
        }
        shared = {
            name: getattr(other.pipe, name)
            for other in self._models.values() if other.dtype == dtype and not other.alone
            for name, one in parts.items() if other.shared.get(name) == one
        }  # fmt: skip
        if not device.cpu:
            self._clear_main(sum(one.bytes(_WIDE[dtype]) for one in parts_of(wanted.folder)))
        _settle_libraries()
        pipe = _read(adapter, wanted, Place(torch_name(device), dtype), shared)
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
            self._make_way(key, device, but)

    def settle(self, model: Model, place: Place) -> None:
        """Before the model stands there: who shares parts with it leaves, unless all of them are to be on the
        device anyway. What moves a part for one must not move it for another."""
        for other in [one for one in self._models.values() if one is not model and one.place]:
            if not other.parts & model.parts or (other.place == place and place.offload == "none"):
                continue
            if other.alone or place.offload == "layers":
                self.drop(other.key)
            else:
                other.leave()
            model.place = None

    def standing(self, but: str) -> int:
        """Bytes of the device that the models have, all but one; what it shares with them is its own."""
        its = self._parts(but)
        there = [one for key, one in self._models.items() if key != but and one.place]
        found = {id(part): part for one in there for part in staging.modules(one.pipe).values()}
        return memory.weight(part for key, part in found.items() if key not in its)

    def _parts(self, key: str) -> frozenset[int]:
        return self._models[key].parts if key in self._models else frozenset()

    def _make_way(self, key: str, device: Device, but: str) -> None:
        model = self._models[key]
        spare = not device.cpu and memory.free("cpu") > model.bytes + _MAIN_SPARE
        if model.place is None and spare:
            return
        if spare and not model.alone:
            model.leave(self._parts(but))
            memory.give_back()
        else:
            del model
            self.drop(key)

    def drop(self, key: str) -> None:
        """Forget that model altogether."""
        model = self._models.pop(key)
        speed.restored(model.pipe)
        model.pipe = None
        del model
        memory.give_back()

    def _clear_main(self, needs: int) -> None:
        """Models that are in main memory alone go, the oldest first, until there is room to load another."""
        for key in [key for key, one in self._models.items() if one.place is None]:
            if memory.free("cpu") > needs + _MAIN_SPARE:
                return
            self.drop(key)

    def clear_device(self, device: Device, but: str) -> None:
        """No model is on the device, but one."""
        for key in [one for one in self._models if one != but]:
            self._make_way(key, device, but)
        memory.give_back()

    def clear(self, but: str = "") -> None:
        """Forget every model, or all but one."""
        for key in [one for one in self._models if one != but]:
            self.drop(key)


_shelf = Shelf()


def resident(wanted: Wanted, brief: Brief, watch: Watching) -> Ready:
    """The model, loaded where it is not here yet, and ready on its device for such a brief. Raises Missing
    where PyTorch does not start."""
    _started()
    return _shelf.ready(wanted, brief, watch)


def _started() -> None:
    """It may be installed and broken: a library of CUDA's that is not there, half an update."""
    try:
        import torch  # noqa: F401
    except (ImportError, OSError) as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise Missing(
            f"PyTorch is installed here but does not start ({said}); install it again: "
            'pip install --force-reinstall "mutoscope[gpu]"'
        ) from None


def _settle_libraries() -> None:
    """What the libraries are made of is not looked through whenever a model makes room: half a second each
    time. Only before the first model, for what is settled is never freed."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


def _adapter(wanted: Wanted) -> Family:
    try:
        found = family(wanted.checkpoint.family)
        _quiet()
        return found
    except ImportError as error:
        raise Missing(
            f"{wanted.model} needs {error.name or 'a library'}, which is not installed here: "
            'pip install "mutoscope[gpu]"'
        ) from None


def _quiet() -> None:
    """No bars: nobody sees them, and what a process that dies printed last is worth more."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    of_diffusers.disable_progress_bar()
    of_transformers.disable_progress_bar()


def _read(adapter: Family, wanted: Wanted, place: Place, shared: dict[str, Any]) -> Any:
    """The pipeline. Raises EngineFailed for a checkpoint that cannot be read, or is larger than memory."""
    try:
        return adapter.load(wanted.folder, wanted.checkpoint, place, shared)
    except MutoscopeError:
        raise
    except Exception as error:
        full, said = memory.ran_out(error), f"{type(error).__name__}: {error}".splitlines()[0]
    memory.give_back()
    if full:
        raise EngineFailed(
            f"{wanted.model} does not fit into this machine's main memory while it is loaded; give it more",
            code="out_of_memory",
        )
    raise EngineFailed(
        f"the checkpoint of {wanted.model} in {wanted.folder} cannot be loaded: {said}; "
        f"`mutoscope models verify {wanted.model}` says what is damaged",
        code="checkpoint_broken",
    )


def _free(device: Device, shelf: Shelf, but: str) -> int:
    """Bytes of the device that could be had, were the model `but` not there."""
    model = shelf._models.get(but)
    own = model.bytes if model is not None and model.place is not None else 0
    return memory.free(torch_name(device)) + own


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
