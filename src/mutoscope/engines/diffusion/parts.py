"""The parts of a checkpoint's folder, read from the heads of its files: how large each is, and which one it
is, so that a part that two models share is loaded once. No library of the gpu extra is needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_HEAD = 64 << 20  # bytes of a file's head at most: more is no head
_SAMPLES, _SAMPLE = (
    64,
    4096,
)  # pieces of a file that are read to tell it from another, bytes of each
_WIDE = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1,
         "F8_E4M3": 1, "F8_E5M2": 1, "BOOL": 1}  # fmt: skip

#: Parts that stay in float32 whatever the others are in: a decoder in half precision shows, and so
#: does what a picture is read by (Wan 2.1).
PRECISE = ("vae", "audio_vae", "vocoder", "image_encoder")
#: Parts that read words, and have nothing to do once they have read them.
READERS = ("text_encoder", "tokenizer", "image_encoder", "connectors")


@dataclass(frozen=True, slots=True)
class Part:
    """`numbers` is how many its weights have, `stored` their bytes on disk."""

    name: str
    numbers: int
    stored: int

    def bytes(self, wide: int) -> int:
        """In memory, where a number is `wide` bytes."""
        return self.numbers * (max(wide, 4) if self.name in PRECISE else wide)

    @property
    def reads(self) -> bool:
        return self.name.startswith("text_encoder")


def parts(folder: Path) -> tuple[Part, ...]:
    """Those with weights, in the order of their names; none where the folder has none that can be read.
    What was read of an unchanged folder counts."""
    return _parts(folder, _changed(folder))


@lru_cache(maxsize=64)
def _parts(folder: Path, changed: object) -> tuple[Part, ...]:
    found = []
    for place in sorted(one for one in _listed(folder) if one.is_dir()):
        files = list(_weights(place))
        if files:
            numbers = sum(_numbers(file) for file in files)
            found.append(Part(place.name, numbers, sum(file.stat().st_size for file in files)))
    return tuple(found)


def identity(folder: Path, name: str, dtype: str) -> str:
    """What tells this part from every other: its configuration, and its weights by size, head and pieces
    spread over them (a whole text encoder takes half a minute to read). Links to one file are one file.
    "" for a part that is not there."""
    place = folder / name
    if not place.is_dir():
        return ""
    return _identity(place, name.rstrip("_0123456789"), dtype, _changed(place))


@lru_cache(maxsize=256)
def _identity(place: Path, kind: str, dtype: str, changed: object) -> str:
    told = hashlib.sha256(f"{kind} {dtype} ".encode())
    weights = set(_weights(place))
    for file in sorted(one for one in place.rglob("*") if one.is_file()):
        if file in weights:
            told.update(f"{file.name} ".encode() + _spread(file))
        elif file.stat().st_size <= _HEAD:
            told.update(f"{file.name} ".encode() + _plain(file))
    return told.hexdigest()


def _plain(file: Path) -> bytes:
    """A small file's content, without what says only where it came from."""
    content = file.read_bytes()
    if file.name == "config.json":
        try:
            config = {k: v for k, v in json.loads(content).items() if not k.startswith("_name")}
        except ValueError:
            return content
        return json.dumps(config, sort_keys=True).encode()
    return content


def _spread(file: Path) -> bytes:
    size = file.stat().st_size
    told = hashlib.sha256(str(size).encode())
    with file.open("rb") as opened:
        told.update(opened.read(1 << 16))
        for at in range(_SAMPLES):
            opened.seek(size * at // _SAMPLES)
            told.update(opened.read(_SAMPLE))
    return told.digest()


def _weights(place: Path) -> Iterator[Path]:
    yield from sorted(place.glob("*.safetensors"))


def _numbers(file: Path) -> int:
    """How many numbers a safetensors file holds: its head is JSON, after eight bytes of its length."""
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            head: dict[str, Any] = json.loads(opened.read(length)) if length <= _HEAD else {}
    except (OSError, ValueError):
        return 0
    count = 0
    for name, one in head.items():
        if name == "__metadata__":
            continue
        begin, end = one["data_offsets"]
        count += (end - begin) // _WIDE.get(one["dtype"], 2)
    return count


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _changed(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What shows that a folder is not what it was."""
    found = []
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        try:
            if file.is_file():
                stat = file.stat()
                found.append((str(file), stat.st_size, stat.st_mtime_ns))
        except OSError:
            continue
    return tuple(found)
