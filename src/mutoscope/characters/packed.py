"""A character as one file: a ZIP whose `manifest.json` says what it is and what its other members hold.

::

    manifest.json     Manifest: name, description, consent, origin, frames; SHA-256 of every member
    source.mp4        the film it was made from
    pictures/0.png    or the pictures, as they were sent
    frames/0.jpg      its reference frames, the best first
    cutouts/0.png     and their cut-outs, each as large as its frame

What belongs to one house stays there: the id, the project, ids at engines elsewhere. The same character
gives the same bytes, wherever it is exported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from mutoscope.characters.model import Kind, LeftOut

FORMAT, VERSION = "mutoscope-character", 1
ENDING, TYPE = ".mutochar", "application/zip"
MANIFEST = "manifest.json"
MOST_FRAMES, MOST_PICTURES = 32, 64
MOST_MEMBERS = 2 * MOST_FRAMES + MOST_PICTURES + 2
#: The names that a member may have: nothing that leads out of the file's own rooms.
NAME = re.compile(r"manifest\.json|source\.[a-z0-9]{1,5}|(?:frames|cutouts|pictures)/\d{1,2}\.[a-z0-9]{1,5}")  # fmt: skip
#: media type → a file's ending
ENDINGS = {
    "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "video/x-matroska": "mkv",
    "video/x-msvideo": "avi", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp",
    "image/avif": "avif", "image/heic": "heic", "image/tiff": "tif", "image/gif": "gif",
}  # fmt: skip

Part = Annotated[float, msgspec.Meta(ge=0, le=1)]
Time = Annotated[float, msgspec.Meta(ge=0, le=1e6)]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    type: str
    length: Annotated[int, msgspec.Meta(ge=1)]


class PackedFrame(msgspec.Struct, frozen=True, kw_only=True):
    """`model.Frame`, its files by their members' names."""

    picture: str
    cutout: str
    at: Time
    box: tuple[Part, Part, Part, Part]
    cut: tuple[Literal["left", "top", "right", "bottom"], ...] = ()
    sharpness: Part = 0.0
    exposure: Part = 0.0
    whole: Part = 0.0
    steady: Part = 0.0
    score: Part = 0.0
    faces: Annotated[int, msgspec.Meta(ge=0)] | None = None


class PackedOrigin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`model.Origin` before it was exported first."""

    kind: Kind
    url: str = ""
    job: str = ""
    filenames: tuple[str, ...] = ()
    part: tuple[Time, Time] | None = None
    left_out: tuple[LeftOut, ...] = ()


class PackedConsent(msgspec.Struct, frozen=True, kw_only=True):
    """`consent.Consent`; it is checked as one that was sent."""

    person: str
    given_by: str
    at: str
    uses: tuple[str, ...]
    until: str = ""
    note: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: Literal["mutoscope-character"]
    version: int
    name: str
    description: str = ""
    consent: PackedConsent | None = None
    origin: PackedOrigin
    source: str | None = None
    pictures: tuple[str, ...] = ()
    frames: tuple[PackedFrame, ...]
    members: dict[str, Member]

    def named(self) -> list[str]:
        """The members that the character is made of."""
        framed = [one for frame in self.frames for one in (frame.picture, frame.cutout)]
        return [*([self.source] if self.source else []), *self.pictures, *framed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The most bytes of a picture, of the film, and of all together."""

    image: int = 50 << 20
    film: int = 512 << 20
    whole: int = 640 << 20
    manifest: int = 1 << 20
