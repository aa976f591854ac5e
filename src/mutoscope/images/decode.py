"""Opening a photograph: header first, bounded, and always seen as upright sRGB.

Nothing is decoded before the header has passed. Pixels come from `sample`, which takes the part and
the size that is wanted, so that a decoder may leave the rest out.
"""

from __future__ import annotations

import hashlib
import logging
import math
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from mutoscope.errors import BadImage
from mutoscope.images import orient
from mutoscope.images.header import field, profile_name
from mutoscope.images.sniff import (
    ALLOWED,
    AVIF,
    GIF,
    HEAD_BYTES,
    HEIC,
    JPEG,
    PNG,
    TIFF,
    Format,
    sniff,
)
from mutoscope.shot import Size

# libvips remembers results by file name: a file that changed in between would come back old.
pyvips.cache_set_max(0)
# Its warnings speak of the library's insides; what matters to a person becomes a BadImage.
logging.getLogger("pyvips").addHandler(logging.NullHandler())

Rgb = npt.NDArray[np.uint8]  # H×W×3

MAX_BYTES = 50_000_000
MAX_PIXELS = 200_000_000
#: Where the decoder holds the whole picture at once.
MAX_PIXELS_WHOLE = 80_000_000
MAX_SIDE = 30_000


#: The most pixels that a byte can stand for: less data than that is no picture. JPEG has at least two
#: bits for a block of 64; deflate makes at most 1,032 bytes of one, of eight pixels each.
_MOST_PER_BYTE = {JPEG: 300, PNG: 8300}


class Photo:
    """A photograph whose header was read and found good; see `open_photo`.

    ============== ==========================================================================
    width, height  pixels, upright
    format         "JPEG", "PNG", ...
    orientation    1-8 as in EXIF: how the file's pixels are turned
    focal_35mm     millimetres as on 35 mm film, where the camera wrote it
    notes          what was seen in the header and what is done about it, for the report
    name           for messages: the file's name, or "the picture"
    ============== ==========================================================================
    """

    def __init__(
        self,
        source: Path | bytes,
        name: str,
        kind: Format,
        length: int,
        background: tuple[int, int, int],
    ) -> None:
        self.source = source
        self.name = name
        self.kind = kind
        self.length = length
        self.background = background
        header = self.load()
        self.stored = Size(header.width, header.height)
        self._check(header)
        self.orientation = orient.orientation(header) if kind is not HEIC else 1
        self.focal_35mm = _focal(header)
        upright = orient.upright(self.stored, self.orientation)
        self.width, self.height = upright.width, upright.height
        self.notes = tuple(_notes(self, header))

    @property
    def format(self) -> str:
        return self.kind.name

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    def load(self, shrink: int = 1, *, lenient: bool = False) -> Any:
        """The pixels as stored, lazily, as a libvips image; `shrink` (1, 2, 4, 8) is for JPEG.

        A JPEG decoder warns where it fills in for data that is missing, and of oddities that cost
        nothing: `lenient` lets its warnings pass."""
        strict = "warning" if self.kind is JPEG and not lenient else "error"
        options: dict[str, Any] = {"access": "sequential", "fail_on": strict}
        if shrink > 1:
            options["shrink"] = shrink
        try:
            if isinstance(self.source, bytes):
                call = getattr(pyvips.Image, f"{self.kind.loader}_buffer")
                return call(self.source, **options)
            return getattr(pyvips.Image, self.kind.loader)(str(self.source), **options)
        except pyvips.Error as error:
            raise self.damaged(error) from None

    def harmless(self, error: Exception) -> bool:
        """Whether a JPEG decoder's warning says nothing about missing pixels."""
        text = str(error).lower()
        lost = "premature" in text or ("corrupt jpeg" in text and "extraneous" not in text)
        return self.kind is JPEG and not lost

    def damaged(self, error: Exception | None = None) -> BadImage:
        """What a decoder's error means to the person whose file it is."""
        text = str(error or "").lower()
        if self.kind is HEIC and ("unsupported" in text or "codec" in text or "plugin" in text):
            return BadImage(
                f"{self.name} is HEIC with HEVC inside, which this build cannot read; "
                "export it as JPEG, PNG or AVIF"
            )
        if "limit" in text or "too large" in text or "dimension" in text:
            return BadImage(
                f"{self.name} claims to be larger than its decoder allows; it must be at most "
                f"{MAX_SIDE} pixels a side and {MAX_PIXELS_WHOLE // 10**6} megapixels"
            )
        return BadImage(
            f"{self.name} is damaged or cut short ({self.format}); export or copy it again"
        )

    def thumbnail(self, long_side: int) -> Rgb:
        """The whole picture, upright sRGB, H×W×3 uint8, its longer side `long_side` pixels (never
        enlarged). Raises BadImage where the data is damaged."""
        from mutoscope.images.sample import whole

        return whole(self, long_side)

    @cached_property
    def sha256(self) -> str:
        """Of the file, as hexadecimal digits."""
        if isinstance(self.source, bytes):
            return hashlib.sha256(self.source).hexdigest()
        with self.source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _check(self, header: Any) -> None:
        width, height = self.stored.width, self.stored.height
        whole = self.kind not in (JPEG, PNG, TIFF) or bool(field(header, "interlaced"))
        most = MAX_PIXELS_WHOLE if whole else MAX_PIXELS
        if width > MAX_SIDE or height > MAX_SIDE or width * height > most:
            raise BadImage(
                f"{self.name} claims to be {width}×{height} pixels; it must be at most {MAX_SIDE} a "
                f"side and {most // 10**6} megapixels"
            )
        if width * height > _MOST_PER_BYTE.get(self.kind, math.inf) * self.length:
            raise self.damaged()
        pages = _pages(self, header)
        if pages > 1 and self.kind is TIFF:
            raise BadImage(f"{self.name} has {pages} pages; it must be one picture: save one page")
        if pages > 1:
            raise BadImage(f"{self.name} is animated; it must be one still: save one frame")


def open_photo(
    source: Path | bytes,
    *,
    max_bytes: int = MAX_BYTES,
    background: tuple[int, int, int] = (255, 255, 255),
    name: str = "",
) -> Photo:
    """A photograph from a file or its bytes: the header alone is read, within bounds.

    JPEG, PNG, WebP, AVIF, TIFF and still GIF, told by their bytes. `background` (R, G, B) is what
    transparent parts lie over. Raises BadImage, in one sentence, where there is no such file, it is
    empty, larger than `max_bytes`, not a picture, animated, of several pages, or over 30,000 pixels a
    side or 200 megapixels. Data that turns out to be damaged raises BadImage when it is decoded.
    """
    if isinstance(source, bytes):
        name = name or "the picture"
        head, length = source[:HEAD_BYTES], len(source)
    else:
        name = name or source.name
        head, length = _head(source)
    if length > max_bytes:
        raise BadImage(
            f"{name} has {length / 1e6:.1f} MB; it must be at most {max_bytes / 1e6:g} MB: "
            "save it smaller or at a lower quality"
        )
    return Photo(source, name, sniff(head, name), length, background)


def _head(path: Path) -> tuple[bytes, int]:
    try:
        if path.is_dir():
            raise BadImage(f"{path} is a folder; it must be {ALLOWED}")
        if path.exists() and not path.is_file():
            raise BadImage(f"{path} is not a plain file; it must be {ALLOWED}")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            return head, file.seek(0, 2)
    except FileNotFoundError:
        raise BadImage(f"{path}: there is no such file") from None
    except OSError as error:
        raise BadImage(f"{path} cannot be read: {error.strerror}") from None


def _pages(photo: Photo, header: Any) -> int:
    """More than one for a document or an animation; what the readers do not tell is looked for."""
    if photo.kind is HEIC:
        return 1  # a burst, or a set of sizes: the primary one is taken
    if photo.kind is AVIF and b"avis" in _start(photo)[:HEAD_BYTES]:
        return 2
    if photo.kind is PNG:  # an animation says so in a chunk before the first pixels
        return 2 if b"acTL" in _start(photo).split(b"IDAT", 1)[0] else 1
    return int(field(header, "n-pages") or 1)


def _start(photo: Photo) -> bytes:
    if isinstance(photo.source, bytes):
        return photo.source[:65536]
    with photo.source.open("rb") as file:
        return file.read(65536)


def _focal(header: Any) -> float | None:
    """EXIF FocalLengthIn35mmFilm; libvips gives it as '28 (28, Short, 1 components, 2 bytes)'."""
    text = field(header, "exif-ifd2-FocalLengthIn35mmFilm")
    try:
        millimetres = float(str(text).split(" ", 1)[0])
    except ValueError:
        return None
    return millimetres if 5 <= millimetres <= 2000 else None


def _notes(photo: Photo, header: Any) -> list[str]:
    notes = []
    path = photo.source if isinstance(photo.source, Path) else None
    suffix = path.suffix.lower() if path else ""
    if suffix and suffix not in photo.kind.suffixes:
        notes.append(f"the name ends in {suffix}, the file is {photo.format}: read as that")
    if photo.orientation != 1:
        notes.append(f"turned upright by its EXIF orientation {photo.orientation}")
    if header.interpretation == "cmyk":
        notes.append("CMYK converted to sRGB")
    elif name := profile_name(header):
        notes.append(f"colours converted to sRGB from the profile {name}")
    if header.format != "uchar":
        notes.append("reduced to 8 bits a channel")
    if header.hasalpha() and photo.kind is not GIF:
        notes.append("transparent parts laid over #{:02x}{:02x}{:02x}".format(*photo.background))
    return notes
