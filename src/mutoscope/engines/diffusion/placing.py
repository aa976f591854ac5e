"""Where a model's parts go on a device: all of them on it, or as many as there is room for.

======= ============================================================ ======================
offload on the device                                                beside it
======= ============================================================ ======================
none    every part                                                   nothing
words   every part but what reads the words, once it has read them   the text encoder
model   one part at a time                                           the others
layers  the layers at work                                           everything
======= ============================================================ ======================

Beside the weights a film has work of its own, and the most of it is often not in its steps but in its
decoding: whole where there is room for that, else in tiles, which cost a little time and are blended.
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
from mutoscope.engines.diffusion.worker.place import Offload

#: Of a device's memory: what CUDA itself takes, and the share that is left for what nobody counts.
_CONTEXT, _SPARE = 800 << 20, 0.04
#: The share of a contract's estimate that grows with the film, where the parts are not known.
_GROWS = 0.3
#: The share of a model's largest part that its layers take while each is moved in ahead of its turn.
_LAYERS = 0.12
#: In which order the ways are tried, and whether the film is decoded in tiles: tiles are seen, if at all, and
#: a text encoder that comes and goes only costs seconds.
_WAYS: tuple[tuple[Offload, bool], ...] = (
    ("none", False), ("words", False), ("none", True), ("words", True), ("model", False), ("model", True),
    ("layers", True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model goes onto a device: `needs` bytes of it and `beside` bytes of main memory; `tiled`: its
    films are decoded in tiles. `offload` is None where it does not, `reason` says why, as the end of a
    sentence about the model, and `short` of which memory there is too little."""

    offload: Offload | None
    dtype: str = "bfloat16"
    needs: int = 0
    beside: int = 0
    tiled: bool = False
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
    area: int | None = None,
    known: Sequence[Film] = (),
) -> Fit:
    """How the model goes there for a film of `volume` (frames times pixels; None: of its own largest) with
    frames of `area` pixels (None: its own), the fastest way that there is room for. `known` are the films
    that it made on such a device."""
    found = parts(folder) if folder is not None else ()
    if device.cpu:
        return _on_cpu(checkpoint, found, device, settings)
    least = None
    auto = settings.offload == "auto"
    for offload, tiled in _WAYS:
        if not auto and offload != settings.offload:
            continue
        one = _needed(checkpoint, found, offload, tiled, volume, area, known)
        least = one
        if ran_out(known, offload, one.dtype, volume or largest(checkpoint), tiled=tiled):
            continue
        if one.needs <= room(device, settings) and (one.beside <= _main() or not auto):
            return one
    if least is not None and not auto:
        return least  # the owner knows better
    if least is not None and ran_out(known, "layers", least.dtype, volume or largest(checkpoint), tiled=True):  # fmt: skip
        least = None
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
    tiled: bool,
    volume: int | None,
    area: int | None,
    known: Sequence[Film],
) -> Fit:
    own = largest(checkpoint)
    volume, area = volume or own, area or checkpoint.area
    counted = bool(found and checkpoint.memory.decode)
    # a short film takes as much to be decoded as a long one, where that goes by its frames: what is counted is
    # nearer to the truth than what is reckoned from a film of another length
    said = peak(known, offload, "bfloat16", volume, tiled=tiled, area=area, beyond=not counted)
    beside = _beside(checkpoint, found, offload)
    if said is not None:
        return Fit(offload, needs=said, beside=beside, tiled=tiled, known=True)
    if found:
        work, decoded = _work(checkpoint, found, tiled, volume, area)
        needs = _resting(found, offload, work, decoded)
        return Fit(offload, needs=needs, beside=beside, tiled=tiled)
    estimate = {
        "none": checkpoint.memory.whole,
        "words": (checkpoint.memory.whole + checkpoint.memory.model) // 2,
        "model": checkpoint.memory.model,
        "layers": checkpoint.memory.layers,
    }[offload]
    if not tiled:  # the contract's are of films that are decoded in tiles
        estimate += max(
            0, checkpoint.memory.decode - max(checkpoint.memory.work, checkpoint.memory.tiled)
        )
    needs = int(estimate * (1 - _GROWS + _GROWS * volume / own))
    return Fit(offload, needs=needs, beside=beside, tiled=tiled)


def _work(
    checkpoint: Checkpoint, found: tuple[Part, ...], tiled: bool, volume: int, area: int
) -> tuple[int, int]:
    """Bytes that a film has beside the weights while it is denoised, and while it is decoded."""
    memory, own = checkpoint.memory, largest(checkpoint)
    if not memory.decode:  # not counted: what the estimate has beyond the weights
        weights = sum(one.bytes(2) for one in found)
        grows = max(memory.whole - weights, int(weights * _GROWS / 4)) if found else 0
        return (int(grows * volume / own),) * 2
    work = int(memory.work * volume / own)
    if tiled:
        return work, int(memory.tiled * volume / own)
    frames, most = volume / area, checkpoint.frames.high
    at_once = memory.decode_frames or max(frames, most)
    share = area * min(frames, at_once) / (checkpoint.area * min(most, at_once))
    return work, int(memory.decode * share)


def _resting(found: tuple[Part, ...], offload: Offload, work: int, decoded: int) -> int:
    """The most bytes that are on the device at a time: weights, and the film's own `work` while it is
    denoised and `decoded` while it is decoded."""
    sizes = [one.bytes(2) for one in found]
    readers = [one.bytes(2) for one in found if one.reads]
    decoder = sum(one.bytes(2) for one in found if one.name == "vae")
    others = [one.bytes(2) for one in found if not one.reads and one.name != "vae"]
    if offload == "none":
        return sum(sizes) + max(work, decoded)
    if offload == "words":
        return max(sum(sizes) - sum(readers) + max(work, decoded), *readers, 0)
    # a decoder that has read a picture stays while the film is denoised
    moved = max(others, default=0)
    if offload == "layers":
        moved = int(max(sizes) * _LAYERS)
    return max(
        moved + decoder + work, decoder + decoded, *(readers if offload == "model" else ()), 0
    )


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
