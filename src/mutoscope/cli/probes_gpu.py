"""What `mutoscope doctor` says of models with open weights: the devices, their libraries, and which models go
onto which device."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from mutoscope.catalog.checkpoint import Licence
from mutoscope.cli.finding import Finding
from mutoscope.config import Gpu
from mutoscope.engines.diffusion.devices import Device
from mutoscope.engines.diffusion.placing import Fit
from mutoscope.models.told import demands

#: How a model's parts lie, for people.
WAYS = {
    "none": "fit whole",
    "words": "fit without text encoder",
    "model": "fit part by part",
    "layers": "fit layer by layer",
}
NOWHERE = ("too large for the GPU", "too large for memory")


def gpu() -> Iterator[Finding]:
    """The libraries, the devices, the models. Nothing here is needed: without it the embedded engine films."""
    from mutoscope.configure import load as configured
    from mutoscope.engines.diffusion.devices import build, devices
    from mutoscope.engines.diffusion.readiness import INSTALL, libraries
    from mutoscope.errors import MutoscopeError

    torch, lacking = build(), libraries()
    if torch is None or lacking:
        said = ", ".join(["PyTorch", *lacking] if torch is None else lacking)
        yield Finding(
            name="libraries", state="note", mend=INSTALL,
            detail=f"models with open weights are not filmed here: no {said.replace('PyTorch, torch', 'PyTorch')}",
        )  # fmt: skip
        return
    built = f"CUDA {torch.cuda}" if torch.cuda else f"ROCm {torch.hip}" if torch.hip else "CPU only"
    yield Finding(name="PyTorch", state="ok", detail=f"{torch.version} ({built})")
    yield _diffusers()
    try:
        settings = configured()[0].gpu
        here = devices(settings)
    except MutoscopeError as error:
        yield Finding(name="devices", state="broken", detail=error.message)
        return
    yield from _devices(here)
    yield from _models(here, settings)


def _diffusers() -> Finding:
    found = []
    for name in ("diffusers", "transformers"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return Finding(name="libraries", state="ok", detail=", ".join(found))


def _devices(here: tuple[Device, ...]) -> Iterator[Finding]:
    from mutoscope.engines.diffusion.devices import seen, unusable
    from mutoscope.engines.diffusion.placing import gibibytes

    for one in here:
        detail = f"{one.title}, {gibibytes(one.memory)}, {gibibytes(one.free)} free"
        if one.driver:
            detail += f", driver {one.driver}"
        if one.capability:
            detail += f", compute {'.'.join(map(str, one.capability))}"
        slow = (
            "a film takes minutes to hours on the CPU; a GPU seconds to minutes" if one.cpu else ""
        )
        yield Finding(name=one.name, state="note" if slow else "ok", detail=detail, mend=slow)
    if why := unusable():
        yield Finding(name="GPU", state="note", detail="not used", mend=why)
    elif any(not one.cpu for one in here) and not seen():
        yield Finding(
            name="GPU", state="broken", detail="PyTorch sees none of them",
            mend="look at: python -c 'import torch; torch.zeros(1).cuda()'",
        )  # fmt: skip


def _models(here: tuple[Device, ...], settings: Gpu) -> Iterator[Finding]:
    """A line for each model that is here; the others together, by the way in which they would fit."""
    from mutoscope import models
    from mutoscope.catalog import load
    from mutoscope.engines.diffusion.readiness import fitted

    others: dict[str, list[str]] = {}
    consents: list[str] = []
    for contract in load.contracts("diffusion"):
        name, checkpoint = contract.model, contract.checkpoint
        if checkpoint is None:
            continue
        folder, lacks = models.find(name), models.lacking(name)
        fits = [(one, fitted(name, checkpoint, folder, one, settings)) for one in here]
        device, best = min(fits, key=lambda pair: _rank(pair[1]))
        if folder is not None:
            fine = best.offload is not None and not lacks
            said = (_fitting(device, best), *_conditions(checkpoint.licence))
            yield Finding(
                name=name, state="ok" if fine else "note", detail="; ".join(said), mend=lacks
            )  # fmt: skip
            continue
        way = WAYS.get(best.offload or "", NOWHERE[best.short == "main" or here[0].cpu])
        others.setdefault(way, []).append(f"{name} {_amount(best)}")
        if checkpoint.licence.consent and "licence" in lacks:
            consents.append(name)
    for way in (*WAYS.values(), *NOWHERE):
        if way in others:
            mend = "" if way in NOWHERE else "mutoscope models pull NAME"
            yield Finding(name=way, state="note", detail=", ".join(others[way]), mend=mend)
    if consents:
        yield Finding(
            name="licences", state="note", detail=f"ask for your consent: {', '.join(consents)}",
            mend="mutoscope models accept NAME shows what they say",
        )  # fmt: skip


def _conditions(licence: Licence) -> Iterator[str]:
    """Under which licence its films are, where that asks for something, and what in short."""
    if not (licence.consent or demands(licence)):
        return
    yield f"under the {licence.name}"
    if licence.regions_excluded:
        yield f"not in {', '.join(licence.regions_excluded)}"
    if licence.mark:
        yield f"every film shows “{licence.mark}”"


def _rank(found: Fit) -> int:
    return list(WAYS).index(found.offload) if found.offload is not None else len(WAYS)


def _amount(found: Fit) -> str:
    from mutoscope.engines.diffusion.placing import gibibytes

    needs = found.beside if found.short == "main" and found.beside else found.needs
    return f"({gibibytes(needs)})" if needs else ""


def _fitting(device: Device, found: Fit) -> str:
    from mutoscope.engines.diffusion.placing import gibibytes

    if found.offload is None:
        return f"here, and does not fit: it {found.reason}"
    how = "measured" if found.known else "estimated"
    way = "" if device.cpu else f" {WAYS[found.offload].removeprefix('fit ')}"
    return f"here; fits {device.name}{way}, {gibibytes(found.needs)} ({how})"
