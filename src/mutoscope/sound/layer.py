"""What sources are made of, read from sources.toml."""

from __future__ import annotations

import os.path
import tomllib
from functools import cache
from typing import Any

import msgspec


class Layer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One layer of a source: noise in a spectrum. See sources.toml for what each means."""

    curve: tuple[tuple[float, float], ...]  # hertz, dB of the density
    level: float = 0.0  # dB beside the source's other layers
    clicks: float = 0.0  # a second; 0: dense noise
    spread: float = 6.0  # dB, of the clicks' heights
    ring: float = 0.002  # seconds in which a click dies away by 8.7 dB
    edges: tuple[float, ...] = ()  # hertz: where its bands part
    way: str = ""  # how its bands rise and fall: a name in `ways`
    depth: tuple[float, ...] = ()  # dB for each band
    low: float = 0.06  # hertz: the slowest and the fastest change
    high: float = 0.8
    slope: float = 5 / 3
    own: float = 0.3  # of a band's change, what it does not share with the others
    every: float = 0.0  # seconds between events of a way that has events
    ears: float = 0.3  # metres between left and right
    room: float = 0.0  # seconds: the echo of clicks
    wet: float = -6.0  # dB: its strength


class Voice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Single sounds of a source: `kind` is a name in `grains`."""

    kind: str
    level: float = 0.0
    rate: float = 1.0  # a second
    room: float = 0.0
    wet: float = -6.0
    params: dict[str, float] = {}
    way: str = ""  # as for a layer
    depth: tuple[float, ...] = (0.0,)
    every: float = 0.0


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who talks in a source; see talkers.py."""

    count: int
    level: float = 0.0
    room: float = 0.6
    wet: float = -5.0


class Made(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source: its layers and voices, and `gain`, dB that bring it to -23 LUFS."""

    about: str  # where its figures come from
    gain: float = 0.0
    layers: tuple[Layer, ...] = ()
    voices: tuple[Voice, ...] = ()
    people: People | None = None


@cache
def sources() -> dict[str, Made]:
    """Every source by its name."""
    path = os.path.join(os.path.dirname(__file__), "sources.toml")
    with open(path, "rb") as file:
        held: dict[str, Any] = tomllib.load(file)
    return msgspec.convert(held, dict[str, Made])
