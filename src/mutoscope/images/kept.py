"""Subjects that were found before: their mattes, kept beside the scenes by what they depend on.

One file a photograph: the length of a line of JSON (4 bytes), that line, the matte as PNG.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import IO

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope import __version__, weights
from mutoscope.storage import cache

MOST_BYTES = 64 * 1024 * 1024
#: To be raised with every change of how a subject is found.
FOUND_LIKE = 1

Mask = npt.NDArray[np.uint8]
Found = tuple[Mask, float, float]


def place(sha256: str) -> Path | None:
    """Where the subject of a photograph is kept; None where nothing is, or without matte weights."""
    folder, path = cache.folder("subjects"), weights.find("matte")
    if folder is None or path is None:
        return None
    stat = path.stat()
    told = [FOUND_LIKE, __version__, sha256, str(path), stat.st_size, stat.st_mtime_ns]
    threads = len(os.sched_getaffinity(0))
    return folder / hashlib.sha256(json.dumps([told, threads]).encode()).hexdigest()


def load(path: Path) -> Found | None:
    """The matte (h×w, 0..255), its quality and its cover; None where there is none, or no whole one."""
    try:
        raw = path.read_bytes()
        start = 4 + int.from_bytes(raw[:4], "little")
        head = json.loads(raw[4:start])
        if hashlib.blake2b(raw[start:], digest_size=16).hexdigest() != head["digest"]:
            return None
        alpha = cv2.imdecode(np.frombuffer(raw[start:], np.uint8), cv2.IMREAD_GRAYSCALE)
        found = np.asarray(alpha, np.uint8), float(head["quality"]), float(head["cover"])
        os.utime(path)
    except (OSError, ValueError, KeyError, TypeError, cv2.error):
        return None
    return found


def store(path: Path, found: Found) -> None:
    """Keep a subject."""
    alpha, quality, cover = found
    picture = cv2.imencode(".png", alpha)[1].tobytes()
    digest = hashlib.blake2b(picture, digest_size=16).hexdigest()
    head = json.dumps({"quality": quality, "cover": cover, "digest": digest}).encode()

    def write(file: IO[bytes]) -> None:
        file.write(len(head).to_bytes(4, "little") + head + picture)

    cache.keep(path, write, MOST_BYTES)
