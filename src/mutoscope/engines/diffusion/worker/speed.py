"""How a loaded model is made fast, and how each film is: attention, compiled blocks, step caches.

    notes = prepared(pipe, wanted, place)      # once, after loading and moving
    with for_brief(pipe, brief) as said:
        made = family.film(pipe, brief, checkpoint, watch)

What is chosen hangs on the device, the model, the settings and the brief, never on what was filmed before: the
same brief gives the same film. On the CPU a model is left as it is but for the step cache, and but for what
the settings ask for by name.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mutoscope.config import Gpu
from mutoscope.engines.diffusion.brief import Brief
from mutoscope.engines.diffusion.worker import attention, compiling
from mutoscope.engines.diffusion.worker.caches import cached, transformers
from mutoscope.engines.diffusion.worker.place import Place

_log = logging.getLogger("mutoscope.compute")


@dataclass(slots=True)
class _Prepared:
    settings: Gpu
    capability: tuple[int, int] | None  # of the GPU; None: the CPU
    layers: bool = False  # that layers are moved to the GPU as they are needed
    blocks: compiling.Blocks | None = None
    told: bool = False  # that compiling failed


_prepared: weakref.WeakKeyDictionary[Any, _Prepared] = weakref.WeakKeyDictionary()


def prepared(pipe: Any, wanted: Any, place: Place) -> tuple[str, ...]:
    """Make a loaded pipeline fast on its device. `wanted` is the worker's Wanted. Sentences on what turned
    out otherwise than it should; what was chosen goes to the log. Raises EngineFailed where `gpu.attention` names
    what cannot be used."""
    settings: Gpu = wanted.settings
    restored(pipe)
    capability = _capability(place.device)
    state = _prepared[pipe] = _Prepared(settings, capability, place.offload == "layers")
    said: list[str] = []
    if capability is not None:
        _tensor_cores()
    if capability is not None or settings.attention != "auto":
        order = attention.candidates(capability or (0, 0))
        for part in transformers(pipe):
            told = attention.attend(part, place.device, settings.attention, order)
            for sentence in told:
                _log.info("%s", sentence)
            said += [sentence for sentence in told if attention.INEXACT in sentence]
    if state.layers:  # each block is wrapped by what moves it, in an order that it has learnt
        if settings.compile == "on":
            said.append("blocks are not compiled while layers are moved to the GPU one by one")
    elif settings.compile == "on" or (settings.compile == "auto" and capability is not None):
        compiling.keep_on_disk()
        compiling.allow_shapes()
        state.blocks = compiling.Blocks(pipe)
    return tuple(dict.fromkeys(said))


@contextmanager
def for_brief(pipe: Any, brief: Brief) -> Iterator[list[str]]:
    """Around one film. What it gives is filled with sentences for the film's notes, at the latest when the
    film is done. Raises EngineFailed where the brief's step cache is not known to act on the model."""
    said: list[str] = []
    state = _prepared.get(pipe)
    name = brief.cache if state is None or (state.settings.cache and not state.layers) else ""
    blocks = state.blocks if state is not None else None
    if state is not None and blocks is not None and _worth(pipe, brief, state):
        blocks.shape(compiling.shape_of(brief))
        blocks.on = True
    try:
        with cached(pipe, name, brief.steps) as skipped:
            yield said
        said += skipped
    finally:
        if blocks is not None:
            blocks.on = False
    if state is not None and blocks is not None and blocks.failure and not state.told:
        state.told = True
        said.append(
            f"the model's blocks could not be compiled and ran as they are: {blocks.failure}"
        )


def restored(pipe: Any) -> None:
    """Undo `prepared`: the pipeline is as diffusers made it."""
    state = _prepared.pop(pipe, None)
    if state is None:
        return
    if state.blocks is not None:
        state.blocks.remove()
    for part in transformers(pipe):
        attention.plain(part)


def _worth(pipe: Any, brief: Brief, state: _Prepared) -> bool:
    """Whether this film's blocks run compiled."""
    if state.blocks is None or state.blocks.failure or not len(state.blocks):
        return False
    if state.settings.compile == "on" or state.capability is None or _sparse(pipe):
        return True
    return compiling.seconds(pipe, brief, state.capability) >= compiling.WORTH_SECONDS


def _sparse(pipe: Any) -> bool:
    """Whether its attention leaves most pairs out. Uncompiled it computes every pair, and keeps them all: tens of
    gigabytes."""
    return any(part.config.get("attention_type") == "nabla" for part in transformers(pipe))


def _capability(device: str) -> tuple[int, int] | None:
    import torch

    if not device.startswith("cuda"):
        return None
    major, minor = torch.cuda.get_device_capability(device)
    return int(major), int(minor)


def _tensor_cores() -> None:
    """What a bfloat16 model computes in float32 (embeddings of time, a VAE) may use the GPU's TF32: an error
    of some 3e-4, below bfloat16's own of 4e-3. cuDNN is not let search for its fastest kernel: that would
    choose by the clock, and the same brief could give another film."""
    import torch

    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.allow_tf32 = True
