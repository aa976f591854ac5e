"""A prepared still as a file's bytes, and bytes as a file that is whole or not there."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pyvips

from mutoscope.errors import BadShot, CannotWrite
from mutoscope.images.decode import Rgb

#: format → (ending, libvips' saver, its settings but for the quality)
FORMATS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "jpeg": (".jpg", "jpegsave_buffer", {}),
    "png": (".png", "pngsave_buffer", {"compression": 6}),
    "webp": (".webp", "webpsave_buffer", {"effort": 4}),
}
QUALITY = 95


def checked(form: str, quality: int) -> None:
    """Raises BadShot for a format that is not written, or a quality out of 1..100."""
    if form not in FORMATS:
        raise BadShot.of("format", form, f"one of {', '.join(FORMATS)}")
    if not 1 <= quality <= 100:
        raise BadShot.of("quality", quality, "from 1 to 100")


def encoded(rgb: Rgb, form: str = "jpeg", quality: int = QUALITY) -> bytes:
    """H×W×3 sRGB uint8 as a file. JPEG has colour at half resolution, as film has, up to quality 95,
    and in full beyond; PNG is lossless, and so is WebP at 100. None of the source's metadata goes
    with it."""
    checked(form, quality)
    _, saver, settings = FORMATS[form]
    options = dict(settings)
    if form == "webp" and quality == 100:
        options["lossless"] = True
    elif form != "png":
        options["Q"] = quality
    if form == "jpeg":
        options["subsample_mode"] = "on" if quality <= QUALITY else "off"
    image = pyvips.Image.new_from_array(rgb).copy(interpretation="srgb")
    content: bytes = getattr(image, saver)(**options)
    return content


def put(content: bytes, path: Path) -> None:
    """Write a file beside its place and give it its name at the end. Raises CannotWrite."""
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(content)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror or error}") from error
