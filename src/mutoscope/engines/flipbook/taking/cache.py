"""Scenes that were made before, so that a second film from the same still starts at once.

One file a scene, `KEY.scene`: a line of JSON that says where each array lies, then the arrays as they
are in memory. The oldest go when the folder holds more than `MOST_BYTES`; a file that is damaged is a
scene that was never made.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mutoscope import weights
from mutoscope.engines.flipbook.scene import Scene, Subject
from mutoscope.images.plan import Plan
from mutoscope.storage import cache

MOST_BYTES = 512 * 1024 * 1024
#: To be raised with every change of what a scene is made like.
MADE_LIKE = 5
_MAGIC = b"mutoscope scene 1\n"
_ALIGN = 64
_ARRAYS = ("plate", "plate_disparity", "still", "colour", "alpha", "disparity")


def folder() -> Path | None:
    """Where scenes are kept; None where nothing is."""
    return cache.folder("scenes")


def key(sha256: str, plan: Plan, quality: str, focal_35mm: float | None, how: str = "") -> str:
    """A name for everything that a scene depends on; `how`: what of it is painted, and how wide it is."""
    from mutoscope import __version__

    models = []
    for name in ("matte", "inpaint", "depth"):
        path = weights.find(name)
        stat = path.stat() if path else None
        models.append([name, str(path), stat.st_size, stat.st_mtime_ns] if stat else [name])
    told = [MADE_LIKE, __version__, sha256, asdict(plan), quality, focal_35mm, how, models]
    threads = len(os.sched_getaffinity(0))
    return hashlib.sha256(json.dumps([told, threads], default=str).encode()).hexdigest()


def load(key: str) -> Scene | None:
    """The scene of that key, its arrays mapped from the file; None where there is none."""
    place = folder()
    if place is None:
        return None
    path = place / f"{key}.scene"
    try:
        # copy-on-write: compiled kernels take no read-only arrays, and the file stays as it is
        scene = _read(np.memmap(path, np.uint8, "c"))
        os.utime(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return scene


def store(key: str, scene: Scene) -> None:
    """Keep a scene. A folder that cannot be written, or a full disk, is no reason to fail."""
    place = folder()
    if place is not None:
        cache.keep(place / f"{key}.scene", lambda file: _write(file, scene), MOST_BYTES)


def _write(file: Any, scene: Scene) -> None:
    subject = scene.subject
    arrays: dict[str, npt.NDArray[Any]] = {
        "plate": scene.plate,
        "plate_disparity": scene.plate_disparity,
        "still": scene.still,
    }
    if subject is not None:
        arrays |= {
            "colour": subject.colour,
            "alpha": subject.alpha,
            "disparity": subject.disparity,
        }
    head: dict[str, Any] = {
        "width": scene.width,
        "height": scene.height,
        "margin_x": scene.margin_x,
        "margin_y": scene.margin_y,
        "hfov": scene.hfov,
        "pivot": scene.pivot,
        "real": scene.real,
        "notes": scene.notes,
        "at": [subject.x, subject.y] if subject else None,
        "arrays": {name: [str(a.dtype), list(a.shape)] for name, a in arrays.items()},
    }
    body = hashlib.blake2b(digest_size=16)
    for array in arrays.values():
        body.update(_sampled(array))
    head["digest"] = body.hexdigest()
    text = json.dumps(head).encode()
    start = _MAGIC + len(text).to_bytes(4, "little") + text
    file.write(start + b" " * (-len(start) % _ALIGN))
    for array in arrays.values():
        raw = np.ascontiguousarray(array)
        file.write(raw.data)
        file.write(b" " * (-raw.nbytes % _ALIGN))


def _sampled(array: npt.NDArray[Any]) -> bytes:
    """Every sixteenth part of an array's rows: enough to tell a damaged file, and quick."""
    return array[:: max(1, len(array) // 16)].tobytes()


def _read(raw: npt.NDArray[np.uint8]) -> Scene:
    """Raises ValueError or KeyError where the bytes are not a whole scene."""
    first = len(_MAGIC)
    if raw[:first].tobytes() != _MAGIC:
        raise ValueError("not a scene")
    length = int.from_bytes(raw[first : first + 4].tobytes(), "little")
    head = json.loads(raw[first + 4 : first + 4 + length].tobytes())
    at = first + 4 + length
    at += -at % _ALIGN
    arrays: dict[str, npt.NDArray[Any]] = {}
    body = hashlib.blake2b(digest_size=16)
    for name, (kind, shape) in head["arrays"].items():
        if name not in _ARRAYS:
            raise ValueError("not a scene")
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        if at + size > raw.size:
            raise ValueError("cut short")
        array = raw[at : at + size].view(kind).reshape(shape)
        body.update(_sampled(array))
        arrays[name] = array
        at += size + -size % _ALIGN
    if body.hexdigest() != head["digest"]:
        raise ValueError("damaged")
    subject = None
    if head["at"] is not None:
        subject = Subject(
            x=head["at"][0],
            y=head["at"][1],
            colour=arrays["colour"],
            alpha=arrays["alpha"],
            disparity=arrays["disparity"],
        )
    return Scene(
        width=head["width"],
        height=head["height"],
        margin_x=head["margin_x"],
        margin_y=head["margin_y"],
        plate=arrays["plate"],
        plate_disparity=arrays["plate_disparity"],
        still=arrays["still"],
        subject=subject,
        hfov=head["hfov"],
        pivot=head["pivot"],
        real=_sides(head["real"]),
        notes=tuple(head["notes"]),
    )


def _sides(values: list[int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = map(int, values)
    return left, top, right, bottom
