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

import re
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from mutoscope.checks import MAX_WHOLE, items, member, number, text, unknown, whole
from mutoscope.direction.model import Direction
from mutoscope.errors import BadShot
from mutoscope.finish.formats import DEFAULT, PASSES, named

MAX_PROMPT = 32_000  # characters, as the OpenAI Videos API allowed
MAX_SIDE = 2**31 - 1  # pixels: what an image's header can claim
MAX_SECONDS = 86_400
MAX_FPS = 1_000
MAX_TAKES = 100

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
_COLOUR = re.compile(r"|blur|#[0-9a-fA-F]{6}")


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
    """Width and height in pixels, whole and above 0."""

    width: int
    height: int

    def __post_init__(self) -> None:
        for side, value in (("width", self.width), ("height", self.height)):
            whole(f"size.{side}", value, 1, MAX_SIDE)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a picture that is used, as fractions of its width and height, before any fit."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def __post_init__(self) -> None:
        for edge in ("left", "top", "right", "bottom"):
            number(self, edge, "a fraction from 0 to 1", low=0.0, high=1.0, prefix="crop.")
        for low, high in (("left", "right"), ("top", "bottom")):
            start, end = getattr(self, low), getattr(self, high)
            if not start < end:
                raise BadShot.of(
                    f"crop.{high}", end, f"greater than crop.{low}, which is {start:g}"
                )


@dataclass(frozen=True, slots=True)
class Media:
    """A handle to a file in the media store: its SHA-256, media type and length in bytes."""

    sha256: str
    type: str
    length: int

    def __post_init__(self) -> None:
        if not (isinstance(self.sha256, str) and _SHA256.fullmatch(self.sha256)):
            raise BadShot.of("media.sha256", self.sha256, "64 characters, each 0-9 or a-f")
        if not (isinstance(self.type, str) and _MEDIA_TYPE.fullmatch(self.type)):
            raise BadShot.of("media.type", self.type, 'a media type such as "image/png"')
        whole("media.length", self.length, 0, MAX_WHOLE)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A picture or clip with a role. `frame` is for `Role.FRAME` alone; `strength` is 0..1."""

    media: Media
    role: Role = Role.REFERENCE
    frame: int | None = None
    strength: float = 1.0
    crop: Crop | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.media, Media):
            raise BadShot.of("anchor.media", self.media, "a Media handle")
        member(self, "role", Role, prefix="anchor.")
        if self.role is Role.FRAME:
            if self.frame is None:
                raise BadShot.of(
                    "anchor.frame", None, 'the frame\'s number, for the role is "frame"'
                )
            whole("anchor.frame", self.frame, 0, MAX_WHOLE)
        elif self.frame is not None:
            raise BadShot.of(
                "anchor.frame", self.frame, f'left out, for the role is "{self.role}"',
                'the role "frame" anchors a picture at a frame\'s number',
            )  # fmt: skip
        number(self, "strength", "a number from 0 to 1", low=0.0, high=1.0, prefix="anchor.")
        if not (self.crop is None or isinstance(self.crop, Crop)):
            raise BadShot.of("anchor.crop", self.crop, "a Crop, or left out")

    @property
    def film(self) -> bool:
        """Whether it is a film: one to start from, or one to go by."""
        by = self.role is Role.REFERENCE and self.media.type.startswith("video/")
        return by or self.role is Role.SOURCE


@dataclass(frozen=True, slots=True)
class Region:
    """Where in the first picture something may move: a mask of the picture's shape (white moves), or
    a point (x, y) in fractions of its width and height to grow from."""

    kind: str  # "water", "clouds", "hair": a surface of docs/flipbook-nature.md, or a word for one
    mask: Media | None = None
    point: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        text("region.kind", self.kind, 40, least=1)
        if not (self.mask is None or isinstance(self.mask, Media)):
            raise BadShot.of("region.mask", self.mask, "a Media handle, or left out")
        if (self.mask is None) == (self.point is None):
            raise BadShot.of("region", self.kind, "marked by a mask or by a point, one of the two")
        if self.point is None:
            return
        point = self.point
        if not (
            isinstance(point, list | tuple)
            and len(point) == 2
            and all(isinstance(value, int | float) and 0.0 <= value <= 1.0 for value in point)
        ):
            raise BadShot.of("region.point", point, "two fractions from 0 to 1, across and down")
        object.__setattr__(self, "point", tuple(map(float, point)))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the film is delivered as: a format by name and the ending of its file. `alpha`: the subject
    alone, over transparency. `passes`: what is written beside it for a compositing program."""

    format: str = DEFAULT
    suffix: str = ".mp4"
    alpha: bool = False
    passes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.format, self.suffix, self.alpha, self.passes) == (DEFAULT, ".mp4", False, ()):
            return  # as nearly always: the table need not be read
        form = named(self.format)
        if self.suffix not in form.suffixes:
            allowed = " or ".join(form.suffixes) or "no ending"
            raise BadShot.of("delivery.suffix", self.suffix, f"{allowed}, for {form.says}")
        if not isinstance(self.alpha, bool):
            raise BadShot.of("delivery.alpha", self.alpha, "true or false")
        form.of(self.alpha)
        object.__setattr__(self, "passes", items("delivery.passes", self.passes))
        for name in self.passes:
            if name not in PASSES:
                raise BadShot.of("delivery.passes", name, f"of {', '.join(PASSES)}")

    @property
    def layered(self) -> bool:
        """Whether the layers are wanted apart."""
        return self.alpha or bool(self.passes)


class TrackRole(StrEnum):
    MUSIC = "music"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Track:
    """A sound file of the owner's and what it is: music runs below the whole film, a voice begins with
    it. `level` is in dB beside what is usual for its role."""

    media: Media
    role: TrackRole = TrackRole.MUSIC
    level: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.media, Media):
            raise BadShot.of("track.media", self.media, "a Media handle")
        member(self, "role", TrackRole, prefix="track.")
        number(self, "level", "from -40 to 12 dB", low=-40.0, high=12.0, prefix="track.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One request for a clip; see the module's table. Sizes in pixels, times in seconds. `seconds` is
    the clip's length; where the kind is extend, of what is added to the source.

    Whatever breaks a rule that holds for every engine is a `BadShot` here; what one engine or vendor
    can take is its contract's to say (`mutoscope.catalog.check`).
    """

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
    regions: tuple[Region, ...] = ()  # marked by the caller
    direction: Direction | None = None
    cast: tuple[str, ...] = ()
    delivery: Delivery = Delivery()
    tracks: tuple[Track, ...] = ()  # the owner's own music and voice

    def __post_init__(self) -> None:
        for name in ("prompt", "negative_prompt"):
            text(name, getattr(self, name), MAX_PROMPT)
        text("model", self.model, 200, least=1)
        for name, choice in (("kind", Kind), ("fit", Fit), ("quality", Quality)):
            member(self, name, choice)
        if not isinstance(self.size, Size) or self.size.width % 2 or self.size.height % 2:
            raise BadShot.of("size", str(self.size), "an even width and height, as 1280x720")
        number(self, "seconds", f"above 0 and at most {MAX_SECONDS:,}", above=0.0, high=MAX_SECONDS)
        number(self, "fps", f"above 0 and at most {MAX_FPS}", above=0.0, high=MAX_FPS)
        whole("seed", self.seed, 0, MAX_WHOLE)
        whole("takes", self.takes, 1, MAX_TAKES)
        for name in ("loop", "sound"):
            if not isinstance(getattr(self, name), bool):
                raise BadShot.of(name, getattr(self, name), "true or false")
        if not (isinstance(self.pad_colour, str) and _COLOUR.fullmatch(self.pad_colour)):
            raise BadShot.of("pad_colour", self.pad_colour, 'a colour "#rrggbb", "blur", or empty')
        if not (self.direction is None or isinstance(self.direction, Direction)):
            raise BadShot.of("direction", self.direction, "a Direction, or left out")
        if not isinstance(self.delivery, Delivery):
            raise BadShot.of("delivery", self.delivery, "a Delivery, or left out")
        for name in ("anchors", "regions", "cast", "tracks"):
            object.__setattr__(self, name, items(name, getattr(self, name)))
        self._check_regions()
        self._check_tracks()
        self._check_cast()
        self._check_anchors()

    def _check_regions(self) -> None:
        for region in self.regions:
            if not isinstance(region, Region):
                raise BadShot.of("regions", region, "Regions: a kind, and a mask or a point")

    def _check_tracks(self) -> None:
        roles: list[TrackRole] = []
        for track in self.tracks:
            if not isinstance(track, Track):
                raise BadShot.of("tracks", track, "Tracks: a file with the role music or voice")
            if track.role in roles:
                raise BadShot.of("tracks", f"a second {track.role}", f"at most one {track.role}")
            roles.append(track.role)

    def _check_cast(self) -> None:
        for name in self.cast:
            text("cast", name, 200, least=1)
        if twice := [name for name in self.cast if self.cast.count(name) > 1]:
            raise BadShot.of("cast", twice[0], "named once")

    def _check_anchors(self) -> None:
        taken: dict[int, str] = {}
        roles: list[Role] = []
        for anchor in self.anchors:
            if not isinstance(anchor, Anchor):
                raise BadShot.of("anchors", anchor, "Anchors: pictures or clips with a role")
            role = anchor.role
            if role in (Role.FIRST_FRAME, Role.LAST_FRAME, Role.SOURCE) and role in roles:
                raise BadShot.of("anchors", f"a second {role}", f"at most one {role}")
            roles.append(role)
            if role is Role.FRAME and anchor.frame is not None and anchor.frame >= self.frames:
                raise BadShot.of(
                    "anchor.frame", anchor.frame, f"from 0 to {self.frames - 1}",
                    f"the clip has {self.frames} frames",
                )  # fmt: skip
            frame = {Role.FIRST_FRAME: 0, Role.LAST_FRAME: self.frames - 1}.get(role, anchor.frame)
            if frame is None:
                continue
            if frame in taken:
                raise BadShot.of("anchors", f"{role} at frame {frame}",
                                 f"at a frame of its own; {taken[frame]} is there already")  # fmt: skip
            taken[frame] = f"the {role}" if role is not Role.FRAME else "another picture"
        if self.kind is not Kind.CREATE and Role.SOURCE not in roles:
            raise BadShot.of(
                "kind", str(self.kind), '"create" where there is no clip to start from',
                'give that clip as an anchor with the role "source"',
            )  # fmt: skip

    @property
    def frames(self) -> int:
        """The exact number of frames of the clip."""
        return max(1, round(self.seconds * self.fps))

    def to_json(self) -> bytes:
        """The whole shot as JSON, defaults too, so that a later version reads the same shot."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes | str) -> Shot:
        """The shot that `to_json` wrote. `BadShot` for what is no shot, or has fields unknown here."""
        try:
            raw = msgspec.json.decode(data)
            shot = msgspec.convert(raw, cls)
        except msgspec.MsgspecError as error:
            raise BadShot(f"this is not a shot as JSON: {error}") from None
        if extra := unknown(raw, msgspec.to_builtins(shot)):
            raise BadShot(f"this shot as JSON has a field unknown here: {extra}", field=extra)
        return shot
