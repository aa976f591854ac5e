"""The devices of this machine that can film, found without PyTorch: it takes seconds to load, and only a
device's own process may.

NVIDIA's devices are asked for through its driver's tool. Where that is not there, or the devices are parts
of one, or not NVIDIA's, a short process with PyTorch in it says what it sees (`seen.py`).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import msgspec

from mutoscope.catalog.rules import listed
from mutoscope.compute.memory import main_memory
from mutoscope.config import Gpu
from mutoscope.engines.diffusion import nvidia
from mutoscope.errors import Missing

_TIMEOUT = 60.0  # seconds for a process that looks; a cold PyTorch needs a few
_FRESH = 30.0  # seconds for which what was seen counts
VISIBLE = "CUDA_VISIBLE_DEVICES"

#: The driver that CUDA of a PyTorch needs, by its major version; NVIDIA's table of compatibility (from
#: memory, not read again).
_DRIVERS = {"12": 525, "13": 580}


@dataclass(frozen=True, slots=True)
class Device:
    """`name` is what the settings call it, "cuda:0", "cpu"; `memory` and `free` are bytes, `visible` what
    `CUDA_VISIBLE_DEVICES` is in its process. `capability` and `driver` are empty where not known, and for
    the CPU."""

    name: str
    title: str
    memory: int = 0
    free: int = 0
    capability: tuple[int, ...] = ()
    driver: str = ""
    visible: str = ""

    @property
    def cpu(self) -> bool:
        return self.name.startswith("cpu")


@dataclass(frozen=True, slots=True)
class Build:
    """The PyTorch that is installed: its version, and those of CUDA or ROCm that it was built with."""

    version: str
    cuda: str = ""
    hip: str = ""


class Seen(msgspec.Struct, frozen=True):
    """One device as PyTorch sees it."""

    title: str
    memory: int
    free: int
    capability: tuple[int, int]


def devices(settings: Gpu) -> tuple[Device, ...]:
    """The devices that film: those that the settings name, else every GPU, else the CPU. One that is named
    twice is two ("cpu:0", "cpu:1"). Raises Missing for one that is not here."""
    gpus, cpu = here()
    if not settings.devices:
        return gpus or (cpu,)
    by_name = {one.name: one for one in (*gpus, cpu)} | ({"cuda": gpus[0]} if gpus else {})
    found = []
    for name in settings.devices:
        one = by_name.get("cpu" if re.fullmatch(r"cpu:\d+", name) else name)
        if one is None:
            raise Missing(
                f"gpu.devices names {name}, which is not here; there are {listed(sorted(by_name))}"
                + (f" ({why})" if (why := unusable()) else "")
            )
        found.append(one)
    return tuple(_numbered(found))


def here() -> tuple[tuple[Device, ...], Device]:
    """Every GPU that PyTorch can use, and the CPU; what was seen half a minute ago counts."""
    key = (os.environ.get(VISIBLE), os.environ.get("PATH", ""), int(time.monotonic() / _FRESH))
    return _here(key)


def build() -> Build | None:
    """The installed PyTorch, read from its files; None where there is none."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return None
    try:
        text = Path(spec.origin).with_name("version.py").read_text("utf-8")
    except OSError:
        return Build("")
    said = dict(re.findall(r"""^(\w+)(?:: [^=]+)? = ['"]([^'"]*)['"]""", text, re.MULTILINE))
    return Build(said.get("__version__", ""), said.get("cuda", ""), said.get("hip", ""))


def unusable() -> str:
    """Why a GPU that is here cannot be used, as a sentence with its mend; "" where none is, or all can."""
    torch, cards = build(), nvidia.cards()
    if torch is None or not cards:
        return ""
    name, driver = cards[0].title, cards[0].driver
    if not torch.cuda:
        return (
            f"PyTorch {torch.version} here is built without CUDA, so {name} is not used: "
            "install a build with CUDA (pytorch.org/get-started)"
        )
    least = _DRIVERS.get(torch.cuda.split(".")[0], 0)
    if driver.split(".")[0].isdigit() and int(driver.split(".")[0]) < least:
        return (
            f"PyTorch {torch.version} needs NVIDIA's driver {least} or later, and {name} has {driver}: "
            "update the driver"
        )
    return ""


@lru_cache(maxsize=2)
def _here(key: object) -> tuple[tuple[Device, ...], Device]:
    torch = build()
    gpus: tuple[Device, ...] = ()
    if torch is not None and (torch.cuda or torch.hip) and not unusable():
        gpus = tuple(_by_nvidia()) if torch.cuda else ()
        gpus = gpus or tuple(_by_torch())
    total, free = main_memory()
    return gpus, Device("cpu", _processor(), total or 0, free or 0)


def _by_nvidia() -> Iterator[Device]:
    """By NVIDIA's tool; nothing where it cannot tell."""
    cards, chosen = nvidia.cards(), os.environ.get(VISIBLE)
    if any(card.parted or not card.memory for card in cards):
        return  # parts of one, or memory that is the machine's own: PyTorch knows
    known = {str(number): card for number, card in enumerate(cards)}
    names = list(known)
    if chosen is not None:
        known |= {card.uuid: card for card in cards}
        names = [one.strip() for one in chosen.split(",") if one.strip()]
        if any(one not in known for one in names):
            return  # parts of a device, shortened names: PyTorch knows
    for number, name in enumerate(names):
        card = known[name]
        yield Device(
            f"cuda:{number}", card.title, card.memory, card.free, card.capability, card.driver,
            card.uuid,
        )  # fmt: skip


def seen() -> list[Seen]:
    """The GPUs that PyTorch sees, told by a process of its own; none where it cannot say."""
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "mutoscope.engines.diffusion.seen"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=True,
        )  # fmt: skip
        return msgspec.json.decode(answer.stdout.splitlines()[-1], type=list[Seen])
    except (OSError, subprocess.SubprocessError, IndexError, msgspec.MsgspecError):
        return []


def _by_torch() -> Iterator[Device]:
    """By a process with PyTorch in it."""
    chosen = [one.strip() for one in os.environ.get(VISIBLE, "").split(",") if one.strip()]
    for number, one in enumerate(seen()):
        visible = chosen[number] if number < len(chosen) else str(number)
        yield Device(
            f"cuda:{number}", one.title, one.memory, one.free, one.capability, visible=visible
        )


def _numbered(found: list[Device]) -> Iterator[Device]:
    """A GPU counts once; the CPU as often as it stands there, told apart by a number."""
    cpus = sum(one.cpu for one in found)
    number = 0
    for one in dict.fromkeys(one for one in found if not one.cpu):
        yield one
    for one in found:
        if one.cpu:
            yield replace(one, name=f"cpu:{number}") if cpus > 1 else one
            number += 1


def _processor() -> str:
    """What the CPU is called, and how many cores of it this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    title = ""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)  # fmt: skip
        title = found[1].strip() if found else ""
    except OSError:
        pass
    return f"{title or 'CPU'}, {cores} core{'s' if cores != 1 else ''}"
