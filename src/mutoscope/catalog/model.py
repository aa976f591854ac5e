"""A Contract: what one vendor's model name accepts, as data, with the source of each figure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.catalog.rules import Rule, SizeRule
from mutoscope.shot import Kind, Role

#: How a figure is known: captured from the real client, read in its source, in the vendor's published
#: specification or documentation, in a second-hand source, not verified, or this project's own.
Mark = Literal["cap", "src", "spec", "doc", "2nd", "unverified", "own"]
Feature = Literal[
    "seed", "loop", "sound", "tracks", "negative_prompt", "strength", "crop", "regions", "direction",
    "cast", "cast_alone", "batch",
]  # fmt: skip
Form = Literal[
    "file", "file_id", "url", "data_url", "bytes", "gcs_uri", "upload_uri", "generation_id"
]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class Source(NamedTuple):
    """Where a figure comes from. In TOML: ["doc", "the model's page"]."""

    mark: Mark
    where: str


class Inputs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an input picture must be, and the forms in which the vendor takes it."""

    types: tuple[str, ...]
    max_bytes: int | None = None
    exact_size: bool = False  # the picture must have the clip's size to the pixel
    faces: bool = True  # False: pictures with human faces are refused
    forms: tuple[Form, ...] = ()


class Score(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published figure of quality, in per cent."""

    measure: str
    value: Annotated[float, msgspec.Meta(ge=0, le=100)]
    source: Source


class VendorText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vendor's own error. `{value}` is what was given, `{values}` the quoted values it takes."""

    message: str
    code: str
    source: Source


class Contract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the module. Times in seconds, sizes in pixels. None: no figure is known, so none is checked."""

    vendor: str
    model: str
    title: str
    native: bool = False  # an engine's own name: its limits hold whatever `compat` says
    snapshots: tuple[str, ...] = ()  # dated names with the same contract
    aliases: tuple[str, ...] = ()  # other names that programs have for it
    retires: date | None = None  # the day from which the vendor no longer serves it
    kinds: tuple[Kind, ...] = (Kind.CREATE,)
    seconds: Rule
    default_seconds: float
    size: SizeRule | None = None
    default_size: str = ""
    fps: Rule | None = None
    takes: Rule | None = None
    prompt_limit: int | None = None
    prompt_unit: Literal["characters", "utf16"] = "characters"
    images: Rule | None = None  # how many pictures in all
    roles: dict[Role, Count]  # the most of each; 0: no number is published
    cast: Count = 0  # the most characters in one prompt
    extensions: Count = 0  # how often a clip can be extended
    extended_seconds: float | None = None  # the longest that it can become
    features: frozenset[Feature] = frozenset()
    inputs: Inputs
    minutes: float | None = None  # typical wait
    scores: tuple[Score, ...] = ()
    errors: dict[str, VendorText] = {}  # field → the vendor's own words
    sources: dict[str, Source]  # field → where its figure comes from
    checkpoint: Checkpoint | None = None  # of an open-weight model that is run here

    def __post_init__(self) -> None:
        if bare := [name for name in FIGURES if getattr(self, name) and name not in self.sources]:
            raise ValueError(f"no source for {', '.join(bare)}")

    @property
    def name(self) -> str:
        """How messages and tables call it."""
        return self.model if self.native else f"{self.vendor}/{self.model}"

    @property
    def names(self) -> tuple[str, ...]:
        """All names that mean it."""
        return (self.model, *self.snapshots, *self.aliases)

    def retired(self, on: date) -> bool:
        """Whether the vendor no longer serves it on that day."""
        return self.retires is not None and on >= self.retires


#: The fields that are figures of the vendor's, each of which needs a source.
FIGURES = (
    "retires", "kinds", "seconds", "size", "fps", "takes", "prompt_limit", "images", "roles", "cast",
    "extensions", "extended_seconds", "features", "inputs", "minutes",
)  # fmt: skip


class Vendor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contract file, read."""

    title: str
    contracts: dict[str, Contract]
