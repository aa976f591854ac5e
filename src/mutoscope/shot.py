"""A Shot: what is wanted, in the field's own words.

Every dialect becomes a Shot, and everything behind the dialects sees nothing else.

========== =========================================================================
kind       create, extend, edit, remix, reframe
anchors    pictures or clips with a role: reference, first_frame, last_frame, frame
           (at frame n) or source (the clip that an edit or extension starts from)
media      handles into the media store, never bytes
direction  the prompt as a Direction, in place of words
========== =========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mutoscope.direction.model import Direction


class Kind(StrEnum):
    CREATE = "create"
    EXTEND = "extend"
    EDIT = "edit"
    REMIX = "remix"
    REFRAME = "reframe"


class Role(StrEnum):
    REFERENCE = "reference"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    FRAME = "frame"
    SOURCE = "source"


class Fit(StrEnum):
    AUTO = "auto"
    COVER = "cover"
    PAD = "pad"
    STRETCH = "stretch"
    STRICT = "strict"


class Quality(StrEnum):
    DRAFT = "draft"
    STANDARD = "standard"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a picture that is used, as fractions of its width and height, before any fit."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0


@dataclass(frozen=True, slots=True)
class Media:
    """A handle to a file in the media store: its SHA-256, media type and length in bytes."""

    sha256: str
    type: str
    length: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A picture or clip with a role. `frame` is for `Role.FRAME` alone; `strength` is 0..1."""

    media: Media
    role: Role = Role.REFERENCE
    frame: int | None = None
    strength: float = 1.0
    crop: Crop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One request for a clip; see the module's table. Sizes in pixels, times in seconds."""

    prompt: str = ""
    kind: Kind = Kind.CREATE
    model: str = "flipbook"
    negative_prompt: str = ""
    size: Size = Size(1280, 720)
    seconds: float = 4.0
    fps: float = 24.0
    seed: int = 0
    loop: bool = False
    sound: bool = False
    fit: Fit = Fit.AUTO
    pad_colour: str = ""
    quality: Quality = Quality.STANDARD
    takes: int = 1
    anchors: tuple[Anchor, ...] = ()
    regions: tuple[tuple[str, Media], ...] = ()  # ("water", mask): marked by the caller
    direction: Direction | None = None
    cast: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """The exact number of frames of the clip."""
        return max(1, round(self.seconds * self.fps))
