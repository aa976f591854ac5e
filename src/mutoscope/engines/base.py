"""The one door every engine comes in through.

An engine starts an Order and hands back an Operation: a small JSON value that survives a restart.
``status`` and ``fetch`` take the Operation alone, so that another process can go on with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from mutoscope.direction.model import Direction
from mutoscope.finish.formats import DEFAULT
from mutoscope.images.plan import Plan
from mutoscope.shot import Shot, Size

if TYPE_CHECKING:
    from mutoscope.catalog.model import Contract
    from mutoscope.compute.base import Compute
    from mutoscope.config import Settings

#: How a submission that was cut off is found again.
Recovery = Literal["repeatable", "idempotent", "listable", "none"]
State = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Still:
    """One of the shot's pictures: the file as it was given, and how it lands in the frame.

    `prepared` is the lossless upright sRGB file of exactly the shot's size, where an engine's contract
    asks for a file; engines that work on pixels read `original` through `plan`.
    """

    original: Path
    plan: Plan
    prepared: Path | None = None


@dataclass(frozen=True, slots=True)
class CastMember:
    """A character of the shot, with all that an engine may take of it; each takes the form that it can.

    `cutouts` (the figure alone, PNG with alpha) and `pictures` (the whole frames) are pairs, the best
    first. `clip` is the film that it was made from. `strength` 0..1: how closely to keep to it. `id` is
    its id here; `registered` its id at the account that the order goes to, or "", and `unregistered`
    why it has none there."""

    name: str
    description: str = ""
    cutouts: tuple[Path, ...] = ()
    pictures: tuple[Path, ...] = ()
    clip: Path | None = None
    strength: float = 1.0
    id: str = ""
    registered: str = ""
    unregistered: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What an engine gets. `stills` and `clips` (files of films) are keyed by the anchor's place in
    `shot.anchors`, `masks` by the region's place in `shot.regions`, `tracks` (files of sound) by theirs in `shot.tracks`. `cast` are the characters by
    their names within the shot. The engine writes only below `folder`. `key` is the job's
    name for an engine that can tell a repeated order from a new one; `deadline` is seconds since 1970."""

    shot: Shot
    direction: Direction
    folder: Path
    stills: Mapping[int, Still] = field(default_factory=dict)
    masks: Mapping[int, Path] = field(default_factory=dict)
    clips: Mapping[int, Path] = field(default_factory=dict)
    tracks: Mapping[int, Path] = field(default_factory=dict)
    cast: Mapping[str, CastMember] = field(default_factory=dict)
    key: str = ""
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A started order: the engine's name and what that engine needs to find it again (JSON)."""

    engine: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Instruction:
    """One thing that was asked for, and what became of it. `how` finishes the sentence."""

    words: str
    outcome: Literal["done", "approximated", "not_possible"]
    how: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    state: State
    progress: float = 0.0  # 0..1
    stage: str = ""  # "scene", "render": what it is at, for a progress bar
    error: str = ""
    code: str = ""  # the error's code, where the engine or its vendor has one
    wait: float | None = None  # seconds after which to ask again, where the engine says so
    left: float | None = None  # seconds it will still take, where the engine can tell
    preview: Path | None = (
        None  # a small picture of what there is already; it may be another next time
    )
    known: bool = True  # false: its word for the state is in no table, and counts as running


@dataclass(frozen=True, slots=True)
class Footage:
    """The raw file that a take made, and the truth about it. `fps` and `size` where they are not the
    shot's: an edit keeps its source's, a server may give another."""

    path: Path
    frames: int
    instructions: tuple[Instruction, ...] = ()
    notes: tuple[str, ...] = ()
    seconds_spent: Mapping[str, float] = field(default_factory=dict)
    fps: float | None = None
    size: Size | None = None
    format: str = DEFAULT  # what `path` is; where another was ordered, it is written again as that
    passes: Mapping[str, Path] = field(default_factory=dict)  # beside it, below the folder, too


@dataclass(frozen=True, slots=True)
class Readiness:
    """`ready`, or the reasons why not, each with how to mend it."""

    ready: bool
    reasons: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()  # ready, but less able: "no matte weights: one layer only"


class Engine(Protocol):
    """See the module. `name` is the entry point's name and the native model name."""

    name: str
    recovery: Recovery

    def check(self) -> Readiness: ...

    def start(self, order: Order) -> Operation: ...

    def status(self, operation: Operation) -> Status: ...

    def fetch(self, operation: Operation) -> Footage: ...

    def cancel(self, operation: Operation) -> None: ...


@runtime_checkable
class Layering(Protocol):
    """An engine that knows its film's layers has `layers`: it can deliver the subject alone and clean
    passes. To any other such a shot is not given."""

    layers: bool


class AsyncEngine(Protocol):
    """An engine somewhere else: the same door, awaited, so that ten thousand waiting operations hold
    no thread. `start` sends a paid order once and never again by itself: it raises `NotAccepted` only
    where it is certain that nothing was accepted, and `Unconfirmed` where that cannot be known."""

    name: str
    recovery: Recovery

    def check(self) -> Readiness: ...

    async def start(self, order: Order) -> Operation: ...

    async def status(self, operation: Operation) -> Status: ...

    async def fetch(self, operation: Operation, folder: Path) -> Footage: ...

    async def cancel(self, operation: Operation) -> None: ...


@runtime_checkable
class Finding(Protocol):
    """An AsyncEngine whose recovery is `listable` also has `find`: the operation that an earlier
    `start` of this order made, or None where there is none."""

    async def find(self, order: Order) -> Operation | None: ...


@runtime_checkable
class Introducing(Protocol):
    """An AsyncEngine whose account may keep characters of its own has `introduces`, true where it does."""

    introduces: bool

    async def introduce(self, member: CastMember, *, again: bool, instead: str) -> str:
        """Register the character, once → its id there. `again`: an earlier try may have done so, so look
        first where that is possible; `instead` is an id that is no longer known there. Raises
        NotAccepted or Unconfirmed as `start` does."""
        ...

    async def knows(self, id: str) -> bool:
        """Whether the account has a character of that id. Raises EngineFailed where it cannot be asked."""
        ...


@runtime_checkable
class Telling(Protocol):
    """An AsyncEngine may also have `statuses`: what has become of many operations in few questions (a
    vendor's list). An operation that could not be told of has the error in its place."""

    async def statuses(
        self, operations: Sequence[Operation]
    ) -> Sequence[Status | BaseException]: ...


@runtime_checkable
class Contracting(Protocol):
    """An engine with several models also has `contract_of`: what the model of that name can take, where that
    can be told."""

    def contract_of(self, model: str) -> Contract | None: ...


@runtime_checkable
class Local(Protocol):
    """An engine that works on this machine also has `on`: the same engine with its work done there."""

    def on(self, compute: Compute) -> Engine: ...


@runtime_checkable
class Configured(Protocol):
    """An engine that goes by the server's settings also has `under`: the same engine, going by them."""

    def under(self, settings: Settings) -> Engine: ...


@runtime_checkable
class Lacking(Protocol):
    """An engine that is ready may yet have `lacking`: what it lacks for one shot of those that it films, as a
    sentence with its mend, "" for nothing. It blocks no longer than it takes to look at files."""

    def lacking(self, shot: Shot) -> str: ...


class Loading(Protocol):
    """Loading that has begun."""

    def stop(self) -> None: ...


@runtime_checkable
class Warming(Protocol):
    """An engine may also have `warm`: it begins to load what it needs beside the caller, and returns."""

    def warm(self) -> Loading: ...
