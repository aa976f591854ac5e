"""A family: the adapter between a Brief and one kind of pipeline. Its modules import torch, so only the
process of a device imports them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief, Made, Watch

if TYPE_CHECKING:
    from mutoscope.engines.diffusion.worker.place import Place

#: family → the module of its adapter, which has `FAMILY`
FAMILIES = {
    "wan": "mutoscope.engines.diffusion.families.wan",
    "wan_vace": "mutoscope.engines.diffusion.families.wan_vace",
    "ltx2": "mutoscope.engines.diffusion.families.ltx2",
    "hunyuan15": "mutoscope.engines.diffusion.families.hunyuan15",
    "kandinsky5": "mutoscope.engines.diffusion.families.kandinsky5",
}


class Family(Protocol):
    """`load` reads a checkpoint's folder into a pipeline (on the CPU, in `place.dtype`; `shared` are
    components by name that another resident model has already, to be passed on as they are). `film` makes
    what the brief says; `pipe` is what `load` returned, brought to the device by the worker, and `words`
    what `encode` made of the brief's, on the device, None where the pipeline is to read them itself."""

    def load(
        self, folder: Path, checkpoint: Checkpoint, place: Place, shared: dict[str, Any]
    ) -> Any: ...

    def film(
        self,
        pipe: Any,
        brief: Brief,
        checkpoint: Checkpoint,
        watch: Watch,
        words: Mapping[str, Any] | None = None,
    ) -> Made: ...


@runtime_checkable
class Reading(Protocol):
    """A family whose words can be read apart, so that they are read once, and that the text encoder can be
    off the device while the model films."""

    def encode(self, pipe: Any, prompt: str, negative: str) -> dict[str, Any]: ...


@runtime_checkable
class Wearing(Protocol):
    """A family whose models can wear a LoRA: `files` by the component that each is for; "" takes it off, and
    leaves the weights as they were to the last bit."""

    def wear(self, pipe: Any, name: str, files: Mapping[str, Path]) -> None: ...


def family(name: str) -> Family:
    """The adapter of that name. Raises ImportError where a library of the gpu extra is missing."""
    found: Family = import_module(FAMILIES[name]).FAMILY
    return found
