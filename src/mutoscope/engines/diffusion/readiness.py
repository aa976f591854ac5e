"""Whether a model can be used on this machine, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.config import Gpu
from mutoscope.engines.base import Readiness
from mutoscope.engines.diffusion import measured
from mutoscope.engines.diffusion.devices import Device, devices, unusable
from mutoscope.engines.diffusion.parts import parts
from mutoscope.engines.diffusion.placing import Fit, fit, gibibytes, largest
from mutoscope.engines.diffusion.worker.place import OFFLOADS
from mutoscope.errors import Missing
from mutoscope.shot import Shot

if TYPE_CHECKING:
    from mutoscope.engines.diffusion.engine import DiffusionEngine

LIBRARIES = ("torch", "diffusers", "transformers", "accelerate", "ftfy", "sentencepiece", "peft")
INSTALL = 'pip install "mutoscope[gpu]"'

#: What a core of a CPU computes in a second, float32 (an estimate).
_CORE = 3e10
#: What beyond a film's weights each way of keeping parts off the device costs, for people.
_OFF = {
    "words": "the text encoder is kept off it between films",
    "model": "its parts take turns on it, which takes some seconds a film",
    "layers": "its layers are moved in one by one, which is slow",
}


def readiness(engine: DiffusionEngine) -> Readiness:
    """Reasons are sentences, each with its mend."""
    reasons: list[str] = []
    limits: list[str] = []
    if lacking := libraries():
        reasons.append(f"{', '.join(lacking)} not installed here; {INSTALL}")
    folder = None
    try:
        folder = engine.folder()
    except Missing as error:
        reasons.append(error.message)
    try:
        here = devices(engine.settings)
    except Missing as error:
        reasons.append(error.message)
    else:
        fits = {one: fitted(engine.model, engine.checkpoint, folder, one, engine.settings) for one in here}  # fmt: skip
        if all(found.offload is None for found in fits.values()):
            reasons.append(f"{engine.model} {next(iter(fits.values())).reason}")
        limits += _limits(engine, folder, fits)
    return Readiness(ready=not reasons, reasons=tuple(reasons), limits=tuple(dict.fromkeys(limits)))


def libraries() -> list[str]:
    """The libraries of the gpu extra that are not installed."""
    return [name for name in LIBRARIES if find_spec(name) is None]


def fitting(engine: DiffusionEngine, shot: Shot) -> dict[str, int]:
    """The names of the devices that the model goes onto for such a shot, each with how slow it is there: 0 with
    all of it on the device, more with less. None where it fits nowhere: the device that tries says why."""
    folder, checkpoint = engine.folder(), engine.checkpoint
    tier = checkpoint.tiers[shot.quality.value]
    frames = min(checkpoint.frames.high, round(shot.seconds * checkpoint.fps) + 1)
    found = {}
    for one in devices(engine.settings):
        known = measured.films(measured.key(engine.model, folder), one.title)
        area = tier.area or checkpoint.area
        volume = int(frames * area)
        place = fit(checkpoint, folder, one, engine.settings, volume=volume, area=area, known=known)
        if place.offload is not None:
            found[one.name] = OFFLOADS.index(place.offload) + (len(OFFLOADS) if one.cpu else 0)
    return found


def fitted(
    model: str, checkpoint: Checkpoint, folder: Path | None, device: Device, settings: Gpu
) -> Fit:
    """How the model goes onto the device for a film of its smallest quality, which is the least that it must be
    able to make."""
    area = min(tier.area or checkpoint.area for tier in checkpoint.tiers.values())
    known = measured.films(measured.key(model, folder), device.title) if folder else ()
    volume = int(checkpoint.frames.high) * area
    return fit(checkpoint, folder, device, settings, volume=volume, area=area, known=known)


def step_seconds(
    model: str, checkpoint: Checkpoint, folder: Path | None, device: Device, cores: int
) -> tuple[float, bool]:
    """Seconds for one step of the model's own largest film on the CPU, and whether that was measured here;
    0 where there is nothing to tell it by. The estimate is the weights' multiplications alone."""
    known = measured.films(measured.key(model, folder), device.title) if folder else ()
    pace = measured.pace(known, "none", largest(checkpoint))
    if pace.step:
        return pace.step, True
    numbers = (
        sum(one.numbers for one in parts(folder) if one.name == "transformer") if folder else 0
    )
    words = largest(checkpoint) / (checkpoint.frames.a * checkpoint.sides.a**2)
    return 2 * numbers * words * 2 / (_CORE * cores), False


def _limits(engine: DiffusionEngine, folder: Path | None, fits: dict[Device, Fit]) -> Iterator[str]:
    import os

    for device, found in fits.items():
        if found.offload is None:
            if len(fits) > 1:
                yield f"not on {device.name}: it {found.reason}"
        elif device.cpu:
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
            seconds, known = step_seconds(engine.model, engine.checkpoint, folder, device, cores)
            how = f"about {seconds:.0f} s a step of its longest film" if seconds >= 1 else "slowly"
            yield f"on the CPU: {how}" + ("" if known or seconds < 1 else ", an estimate")
        else:
            if found.offload != "none":
                yield f"on {device.name}, {gibibytes(device.memory)}: {_OFF[found.offload]}"
            if device.capability and device.capability < (8, 0):
                yield f"{device.name} computes bfloat16 in software: it is slow"
    if why := unusable():
        yield why
