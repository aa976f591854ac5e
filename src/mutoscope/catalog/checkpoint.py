"""What an open-weight model's contract says beside the shot: its checkpoint, and how it is run.

The contract itself says what a caller may ask for; here is what the model really makes, to which every
shot is brought and from which it is brought back (`engines/diffusion`).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from mutoscope.catalog.rules import Sides, Steps

Bytes = Annotated[int, msgspec.Meta(ge=0)]

#: What a model can be given beside words; see `engines/diffusion/brief.py`.
Condition = Literal[
    "first",  # a picture that the film begins with
    "last",  # one that it ends with
    "frame",  # pictures at any frame
    "lead",  # several frames that it goes on from
    "references",  # pictures of a figure, a style, a place
    "video",  # a film that is made anew, more or less (strength)
    "mask",  # a part of a film that is made anew: inpaint, outpaint
]


class Licence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The weights' licence. `consent`: nothing is loaded before the owner has accepted it
    (`mutoscope models accept NAME`). `conditions` are sentences for people; `mark` is what must be seen
    on every film, "" for nothing; `source` says where it was read, and whether that was verified."""

    name: str  # an SPDX id, or the licence's own name
    page: str = ""
    consent: bool = False
    conditions: tuple[str, ...] = ()
    mark: str = ""
    regions_excluded: tuple[str, ...] = ()  # "EU", "UK", "KR", "US"
    source: str


class Memory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bytes of device memory for one film of the model's own size and length, in bfloat16 and decoded in tiles: with
    all parts on the device (`whole`), with only the part at work on it (`model`, one component at a time), and
    with layers moved in as they are needed (`layers`). `main` is the machine's own memory that the offloaded
    parts need. Of these a film has, beside the weights, `work` while it is denoised and `tiled` while it is
    decoded; in one piece that is `decode`, for `decode_frames` at a time (0: all of them). Estimates until a
    machine has measured its own; `source` says what they rest on."""

    whole: Bytes
    model: Bytes
    layers: Bytes
    main: Bytes
    work: Bytes = 0  # not counted, where there is no `decode`
    decode: Bytes = 0
    tiled: Bytes = 0
    decode_frames: Annotated[int, msgspec.Meta(ge=0)] = 0
    source: str


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a quality (`draft`, `standard`, `best`) is made. `guidance` 1: without the second, unconditional
    pass. `guidance_low`: of the second expert, where there are two. `area`: the most pixels of a frame; 0:
    the checkpoint's own. `lora`: the name of one of the checkpoint's. `cache`: a step cache by its name in
    `engines/diffusion/caches.toml`."""

    steps: Annotated[int, msgspec.Meta(ge=1, le=200)]
    guidance: float
    guidance_low: float | None = None
    shift: float | None = None  # of the noise schedule; None: the checkpoint's own
    area: int = 0
    lora: str = ""
    cache: str = ""


class Lora(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights laid over the checkpoint's. `files`: by the component that each is for ("transformer").
    `sigmas`: as the checkpoint's."""

    repository: str
    revision: str = "main"
    files: dict[str, str]
    licence: Licence
    bytes: Bytes = 0
    sigmas: tuple[float, ...] = ()


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model's weights and what it makes with them. `frames` is the rule a·k + b for the frames of one
    film of the model's, `fps` their rate, `sides` what its frame's sides must be multiples of, `area` the
    pixels of a frame that it was trained on. `revision`: "main" is pinned to a commit when it is pulled.
    `options` are numbers for the family's adapter, under names that it knows (and refuses others)."""

    family: str  # the adapter in engines/diffusion/families
    repository: str
    revision: str = "main"
    weights: str = ""  # the model that these weights are pulled and kept as; "": this one
    bytes: Bytes  # to download; 0: not known
    files: tuple[str, ...] = ()  # patterns of those that are needed; none: what the pipeline loads
    frames: Steps
    fps: float
    rates: tuple[float, float] | None = None  # slowest and fastest it can be told; None: only fps
    sides: Sides
    area: int
    shapes: tuple[str, ...] = ()  # sizes that it makes best, "1280x704"; none: any of that area
    conditions: frozenset[Condition]
    lead_frames: int = 1  # the most frames that it goes on from
    keyframes: Steps | None = None  # "frame": where pictures may be but at the ends; None: anywhere
    strength: bool = False  # its pictures can be made to count less than whole
    references: int = 0  # the most reference pictures
    sound: bool = False
    words_alone: bool = False  # films words without any picture
    negative: str = ""  # a negative prompt that its makers recommend where the shot has none
    longest: float = 0.0  # seconds that parts, each going on from the last, may make; 0: one alone
    licence: Licence
    memory: Memory
    sigmas: tuple[float, ...] = ()  # the noise levels it was distilled for; none: the scheduler's
    options: dict[str, float] = {}
    tiers: dict[Literal["draft", "standard", "best"], Tier]
    loras: dict[str, Lora] = {}
