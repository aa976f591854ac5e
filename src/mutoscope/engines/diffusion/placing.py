"""Where a model's parts go on a device: all of them on it, or as many as there is room for.

======= ============================================================ ======================
offload on the device                                                beside it
======= ============================================================ ======================
none    every part                                                   nothing
words   every part but what reads the words, once it has read them   the text encoder
model   one part at a time                                           the others
layers  the layers at work                                           everything
======= ============================================================ ======================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.compute.memory import main_memory
from mutoscope.config import Gpu
from mutoscope.engines.diffusion.brief import Brief
from mutoscope.engines.diffusion.devices import Device
from mutoscope.engines.diffusion.measured import Film, peak, ran_out
from mutoscope.engines.diffusion.parts import Part, parts
from mutoscope.engines.diffusion.worker.place import OFFLOADS, Offload

#: Of a device's memory: what CUDA itself takes, and the share that is left for what nobody counts.
_CONTEXT, _SPARE = 800 << 20, 0.04
#: The share of a contract's estimate that grows with the film, where the parts are not known.
_GROWS = 0.3
#: The share of a model's largest part that its layers take while each is moved in ahead of its turn.
_LAYERS = 0.12


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model goes onto a device: `needs` bytes of it and `beside` bytes of main memory. `offload` is
    None where it does not, `reason` says why, as the end of a sentence about the model, and `short` of
    which memory there is too little."""

    offload: Offload | None
    dtype: str = "bfloat16"
    needs: int = 0
    beside: int = 0
    known: bool = False  # measured here, not estimated
    reason: str = ""
    short: Literal["", "device", "main"] = ""


def fit(
    checkpoint: Checkpoint,
    folder: Path | None,
    device: Device,
    settings: Gpu,
    *,
    volume: int | None = None,
    known: Sequence[Film] = (),
) -> Fit:
    """How the model goes there for a film of `volume` (frames times pixels; None: of its own largest), the
    fastest way that there is room for. `known` are the films that it made on such a device."""
    found = parts(folder) if folder is not None else ()
    if device.cpu:
        return _on_cpu(checkpoint, found, device, settings)
    least = None
    levels = OFFLOADS if settings.offload == "auto" else (settings.offload,)
    for offload in levels:
        one = _needed(checkpoint, found, offload, volume, known)
        if settings.offload != "auto":
            return one  # the owner knows better
        if ran_out(known, offload, one.dtype, volume or largest(checkpoint)):
            continue
        if one.needs <= room(device, settings) and one.beside <= _main():
            return one
        least = one
    return _refused(least, device, settings)


def largest(checkpoint: Checkpoint) -> int:
    """The volume of the model's own largest film."""
    return int(checkpoint.frames.high) * checkpoint.area


def volume_of(brief: Brief) -> int:
    """Its frames times the pixels of one."""
    return brief.frames * brief.size.width * brief.size.height


def room(device: Device, settings: Gpu) -> int:
    """Bytes of the device that films may use."""
    allowed = int(min(device.memory, settings.memory or device.memory) * (1 - _SPARE))
    return allowed if device.cpu else max(0, allowed - _CONTEXT)


def _needed(
    checkpoint: Checkpoint,
    found: tuple[Part, ...],
    offload: Offload,
    volume: int | None,
    known: Sequence[Film],
) -> Fit:
    own = largest(checkpoint)
    scale = (volume or own) / own
    said = peak(known, offload, "bfloat16", volume or own)
    beside = _beside(checkpoint, found, offload)
    if said is not None:
        return Fit(offload, needs=said, beside=beside, known=True)
    estimate = {
        "none": checkpoint.memory.whole,
        "words": (checkpoint.memory.whole + checkpoint.memory.model) // 2,
        "model": checkpoint.memory.model,
        "layers": checkpoint.memory.layers,
    }[offload]
    if found:
        rest = _resting(found, offload)
        # what the estimate has beyond the weights is the film's own
        grows = max(checkpoint.memory.whole - _resting(found, "none"), int(rest * _GROWS / 4))
        return Fit(offload, needs=rest + int(grows * scale), beside=beside)
    return Fit(offload, needs=int(estimate * (1 - _GROWS + _GROWS * scale)), beside=beside)


def _resting(found: tuple[Part, ...], offload: Offload) -> int:
    """Bytes of weights that are on the device at a time."""
    sizes = [one.bytes(2) for one in found]
    readers = [one.bytes(2) for one in found if one.reads]
    if offload == "none":
        return sum(sizes)
    if offload == "words":
        return max(sum(sizes) - sum(readers), *readers, 0)
    return max(sizes) if offload == "model" else int(max(sizes) * _LAYERS)


def _beside(checkpoint: Checkpoint, found: tuple[Part, ...], offload: Offload) -> int:
    if offload == "none":
        return 0
    if not found:
        return checkpoint.memory.main
    return sum(one.bytes(2) for one in found if one.reads or offload != "words")


def _on_cpu(checkpoint: Checkpoint, found: tuple[Part, ...], device: Device, settings: Gpu) -> Fit:
    """In float32 where main memory has room for it, else in bfloat16, which is slower there."""
    own = sum(one.bytes(2) for one in found) or checkpoint.memory.whole
    whole = sum(one.bytes(4) for one in found) or 2 * own
    grows = max(checkpoint.memory.whole - own, own // 10) if own > 1 << 30 else 0
    most = room(device, settings) or 1 << 62
    if whole + grows <= most:
        return Fit("none", "float32", whole + grows)
    if own + grows <= most:
        return Fit("none", "bfloat16", own + grows)
    allowed = " may be used (gpu.memory)" if settings.memory else " are there"
    have = min(device.memory, settings.memory or device.memory)
    return Fit(None, needs=own + grows, reason=f"needs {gibibytes(own + grows)} of main memory, and {gibibytes(have)}{allowed}")  # fmt: skip


def _refused(least: Fit | None, device: Device, settings: Gpu) -> Fit:
    if least is None:
        return Fit(None, reason=f"ran out of memory on {device.name} in every way; ask for a smaller or shorter film")  # fmt: skip
    if least.needs > room(device, settings):
        allowed = " of it may be used (gpu.memory)" if settings.memory else ""
        have = min(device.memory, settings.memory or device.memory)
        return Fit(
            None,
            needs=least.needs,
            short="device",
            reason=f"needs {gibibytes(least.needs)} of a GPU's memory even with its layers moved in one by "
            f"one, and {device.name} has {gibibytes(have)}{allowed}",
        )
    return Fit(
        None,
        needs=least.needs,
        beside=least.beside,
        short="main",
        reason=f"fits {device.name} only with parts in main memory, {gibibytes(least.beside)} of it, "
        f"and {gibibytes(_main())} are there",
    )


def _main() -> int:
    """Bytes of main memory that parts may take."""
    total, _ = main_memory()
    return int(total * 0.9) if total is not None else 1 << 62


def gibibytes(count: int) -> str:
    """As memory is counted: "24 GiB"."""
    amount = count / 2**30
    return f"{amount:.0f} GiB" if amount >= 10 else f"{amount:.1f} GiB"
