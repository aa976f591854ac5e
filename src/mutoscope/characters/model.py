"""A character as values: what it was made from, its reference frames, and who agreed to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from mutoscope.characters.consent import Consent
from mutoscope.errors import BadInput, BadShot
from mutoscope.jobs.job import Problem
from mutoscope.shot import Media

PREFIX = "char_"
MAX_NAME, MAX_DESCRIPTION = 80, 4000  # characters
Status = Literal["preparing", "ready", "failed"]
Kind = Literal["upload", "url", "job", "pictures", "import"]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A reference frame: `media` is the picture, `matte` the cut-out of the same size (PNG with alpha).
    `at` in seconds of the clip, of pictures which one, from 0; `box` in fractions of the frame, `cut` the
    edges of the frame that the figure runs off, scores 0..1; `faces` how many it shows, None where nobody
    looked."""

    media: Media
    matte: Media
    at: float
    box: tuple[float, float, float, float]
    cut: tuple[str, ...] = ()
    sharpness: float = 0.0
    exposure: float = 0.0
    whole: float = 0.0
    steady: float = 0.0
    score: float = 0.0
    faces: int | None = None


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A picture, by its place from 0, that gave no reference frame, and why."""

    picture: int
    why: str


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a character was made from. `url` without its query, which may hold a key; `job` the video's
    id; `part` from and to in seconds; `pictures` as they were sent; `of`: what it was made from before
    it was exported."""

    kind: Kind
    url: str = ""
    job: str = ""
    filenames: tuple[str, ...] = ()
    part: tuple[float, float] | None = None
    pictures: tuple[Media, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    of: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One row of `storage.tables.characters`, read. `source` is the film it was made from, None until one
    at an address was fetched, and where it was made from pictures (`origin.pictures`); `frames` are the
    best first; `registered`: its ids at engines elsewhere, by account."""

    id: str
    project: str
    name: str
    description: str
    status: Status
    source: Media | None
    frames: tuple[Frame, ...]
    error: Problem | None
    created: float
    origin: Origin | None = None
    consent: Consent | None = None
    registered: dict[str, str] = field(default_factory=dict)
    updated: float | None = None

    @property
    def faces(self) -> bool | None:
        """Whether a reference frame shows a face; None where nobody could look."""
        counts = [frame.faces for frame in self.frames if frame.faces is not None]
        return any(counts) if counts else None

    def media(self) -> tuple[Media, ...]:
        """Everything that it needs kept."""
        return kept(self.source, self.frames, self.origin)


def kept(
    source: Media | None, frames: tuple[Frame, ...], origin: Origin | None
) -> tuple[Media, ...]:
    """The media of a character: its source, its frames and their cut-outs."""
    sources = (() if source is None else (source,), () if origin is None else origin.pictures)
    framed = (one for frame in frames for one in (frame.media, frame.matte))
    return tuple(dict.fromkeys((*sources[0], *sources[1], *framed)))


def checked_name(name: object) -> str:
    """The name without blanks around it. Raises BadInput unless it is 1 to 80 printable characters."""
    if not isinstance(name, str):
        raise BadInput(
            f"Invalid type for 'name': expected a string of 1 to {MAX_NAME} characters.",
            field="name",
            code="invalid_type",
        )
    name = " ".join(name.split())
    spoken = any(letter.isalnum() for letter in name)
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable() or not spoken:
        raise BadInput(
            f"Invalid 'name': it has {len(name)} characters; it must be 1 to {MAX_NAME} that can be "
            "printed, a letter or digit among them, such as 'Roller Pan'",
            field="name",
            code="invalid_value",
        )
    return name


def checked_description(text: object) -> str:
    """The description. Raises BadInput beyond 4,000 characters."""
    if not isinstance(text, str):
        raise BadInput(
            "Invalid type for 'description': expected a string.",
            field="description",
            code="invalid_type",
        )
    if len(text) > MAX_DESCRIPTION:
        raise BadShot.of("description", text, f"at most {MAX_DESCRIPTION:,} characters")
    return text
