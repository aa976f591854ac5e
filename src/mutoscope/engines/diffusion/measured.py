"""What films took on this machine: the most memory that a model had, and how long its steps were. Kept in the
user's cache, so that what was an estimate once is known the next time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from mutoscope.storage import cache

_KEPT = 32  # films of a model on a device
_MOST = 4 << 20  # bytes of all files
_REMEMBERED = 86_400.0  # seconds for which memory that ran out is remembered


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """One film: `volume` is its frames times the pixels of one, `peak` and `rest` the most bytes of the device
    and those before it began. `tiled`: it was decoded in tiles. `failed`: memory ran out, at `when` (seconds
    since 1970). Times in seconds; `decode` of the whole film."""

    offload: str
    dtype: str
    volume: int
    area: int = 0  # pixels of a frame; 0: not known
    tiled: bool = False
    peak: int = 0
    rest: int = 0
    failed: bool = False
    when: float = 0.0
    guided: bool = True  # each step is made twice: with the words, and without
    step: float = 0.0
    decode: float = 0.0
    finish: float = 0.0
    load: float = 0.0  # of the model, where it was not here yet


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that a film will take: a step, decoding a part, finishing one; loading the model. 0: not
    known."""

    step: float = 0.0
    decode: float = 0.0
    finish: float = 0.0
    load: float = 0.0


def key(model: str, folder: Path) -> str:
    """What films of a model are remembered by: another checkpoint of the same name is another model."""
    return f"{model} {folder}"


def films(model: str, device: str) -> tuple[Film, ...]:
    """Those of a model (by its `key`) on a kind of device, the oldest first."""
    path = _path(model, device)
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Film, ...]) if path else ()
    except (OSError, msgspec.MsgspecError):
        return ()


def keep(model: str, device: str, film: Film) -> None:
    """Remember a film; another of the same volume, kept off the device in the same way, is forgotten."""
    path = _path(model, device)
    if path is None:
        return
    others = [one for one in films(model, device) if _kind(one) != _kind(film)]
    said = msgspec.json.encode((*others, film)[-_KEPT:])
    cache.keep(path, partial(_write, said), _MOST)


def peak(
    known: Sequence[Film],
    offload: str,
    dtype: str,
    volume: int,
    *,
    tiled: bool = False,
    area: int = 0,
    beyond: bool = True,
) -> int | None:
    """The bytes that a film will have at most, by those that were made in the same way: of the next larger
    one, with frames as large at the least; else, where `beyond`, from the largest onwards in proportion.
    None where there is nothing to tell it by."""
    way = (offload, dtype, tiled)
    alike = sorted(
        (one for one in known if _way(one) == way and not one.failed), key=lambda one: one.volume
    )
    for one in alike:
        if one.volume >= volume and (one.area >= area or not one.area):
            return one.peak
    if not alike or not beyond:
        return None
    last = alike[-1]
    return last.rest + int((last.peak - last.rest) * max(1.0, volume / last.volume))


def ran_out(
    known: Sequence[Film], offload: str, dtype: str, volume: int, *, tiled: bool = False
) -> bool:
    """Whether memory ran out with a film as large within the last day, and no larger one was made: another
    program may have had it."""
    late = time.time() - _REMEMBERED
    alike = [one for one in known if _way(one) == (offload, dtype, tiled)]
    out = [one.volume for one in alike if one.failed and one.when > late]
    made = [one.volume for one in alike if not one.failed]
    return bool(out) and volume >= min(out) and volume > max(made, default=0)


def pace(known: Sequence[Film], offload: str, volume: int, *, guided: bool = True) -> Pace:
    """How fast a film will be made, by the one that is most like it, in proportion to its volume."""
    alike = [one for one in known if one.step and one.offload == offload and one.guided == guided]
    if not alike:
        return Pace()
    nearest = min(alike, key=lambda one: abs(one.volume - volume))
    scale = volume / nearest.volume
    loads = [one.load for one in known if one.load]
    return Pace(
        nearest.step * scale,
        nearest.decode * scale,
        nearest.finish * scale,
        loads[-1] if loads else 0.0,
    )


def _way(one: Film) -> tuple[str, str, bool]:
    return one.offload, one.dtype, one.tiled


def _kind(one: Film) -> tuple[object, ...]:
    return *_way(one), one.volume, one.area, one.guided


def _write(said: bytes, file: IO[bytes]) -> None:
    file.write(said)


def _path(model: str, device: str) -> Path | None:
    folder = cache.folder("gpu")
    name = hashlib.sha256(f"{model}\0{device}".encode()).hexdigest()[:32]
    return None if folder is None else folder / f"{name}.json"
