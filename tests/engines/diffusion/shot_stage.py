"""A stage without a model: orders whose pictures carry numbers, and a film of numbered frames for each brief."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import numpy.typing as npt
from PIL import Image

from mutoscope.catalog.checkpoint import Checkpoint, Condition, Licence, Memory, Tier
from mutoscope.catalog.rules import Sides, Steps
from mutoscope.direction.model import Direction
from mutoscope.direction.parse import direct
from mutoscope.engines.base import CastMember, Footage, Instruction, Order, Still
from mutoscope.engines.diffusion.brief import Brief, Made, Rgb
from mutoscope.engines.diffusion.shot.finishing import finished
from mutoscope.engines.diffusion.shot.project import Project
from mutoscope.engines.diffusion.shot.writing import written
from mutoscope.finish.encode import Mp4Writer
from mutoscope.finish.frame import rgb_frame
from mutoscope.finish.rgb import rgb
from mutoscope.images.decode import open_photo
from mutoscope.images.framing import framed
from mutoscope.shot import Anchor, Kind, Media, Quality, Role, Shot, Size

SIZE = Size(96, 64)
BITS = 10


class Quiet:
    """A Watch that nobody looks at."""

    def step(self, done: int, of: int, preview: Callable[[], Rgb] | None = None) -> None: ...

    def stage(self, name: str, fraction: float = 0.0) -> None: ...


def checkpoint(*conditions: Condition, **changes: Any) -> Checkpoint:
    """A model of 16 frames a second, 4·k + 1 of them up to 17, on canvases of 96x64 pixels' area."""
    found = Checkpoint(
        family="wan", repository="test/test", bytes=0,
        frames=Steps(a=4, b=1, low=5, high=17), fps=16, sides=Sides(a=16, low=32, high=192),
        area=SIZE.width * SIZE.height, conditions=frozenset(conditions),
        licence=Licence(name="test", source="test"),
        memory=Memory(whole=0, model=0, layers=0, main=0, source="test"),
        tiers={
            "draft": Tier(steps=2, guidance=1.0), "standard": Tier(steps=4, guidance=5.0),
            "best": Tier(steps=8, guidance=5.0),
        },
    )  # fmt: skip
    return msgspec.structs.replace(found, **changes)


def numbered(number: int, size: Size = SIZE) -> Rgb:
    """A picture that says a number: two rows of blocks, dark for 0 and light for 1, on a slope of grey."""
    made = np.empty((size.height, size.width, 3), np.uint8)
    made[:] = np.linspace(90, 150, size.width)[None, :, None]
    for bit in range(BITS):
        left, top, right, bottom = _block(bit, size)
        made[top:bottom, left:right] = 225 if number >> bit & 1 else 30
    return made


def number(picture: Rgb) -> int:
    """The number that a picture says."""
    size = Size(picture.shape[1] // 2 * 2, picture.shape[0] // 2 * 2)
    said = 0
    for bit in range(BITS):
        left, top, right, bottom = _block(bit, size)
        third, fourth = (right - left) // 3, (bottom - top) // 3
        said |= (
            int(picture[top + fourth : bottom - fourth, left + third : right - third].mean() > 128)
            << bit
        )
    return said


def sharp(picture: Rgb) -> float:
    """How far its blocks are from grey, at the least: near 0 for a frame between two."""
    size = Size(picture.shape[1] // 2 * 2, picture.shape[0] // 2 * 2)
    found = []
    for bit in range(BITS):
        left, top, right, bottom = _block(bit, size)
        third, fourth = (right - left) // 3, (bottom - top) // 3
        part = picture[top + fourth : bottom - fourth, left + third : right - third]
        found.append(abs(float(part.mean()) - 128))
    return min(found)


def _block(bit: int, size: Size) -> tuple[int, int, int, int]:
    across, down = size.width / 7, size.height / 4
    left, top = across * (1 + bit % 5), down * (1 + bit // 5)
    return round(left), round(top), round(left + across), round(top + down)


@dataclass
class Numbers:
    """A model that counts: each frame says one more than the one before; pictures that it is given stand at
    their frames. `seen` are its briefs. `tone`: a sound of so many hertz; `warm`: codes by which its
    colours are off."""

    tone: float = 0.0
    warm: int = 0
    seen: list[Brief] = field(default_factory=list)

    def film(self, brief: Brief) -> Made:
        self.seen.append(brief)
        given = {one.frame: one.image for one in brief.keyframes}
        count = len(brief.lead) if brief.lead is not None else 0
        begin = number(brief.lead[0]) if brief.lead is not None else 0
        begin = number(given[0]) if 0 in given else begin
        frames = np.stack([numbered(begin + n, brief.size) for n in range(brief.frames)])
        if brief.video is not None:
            frames = np.array(brief.video)
            if brief.mask is not None:
                frames[brief.mask > 127] = (200, 40, 40)
        if brief.lead is not None:
            frames[:count] = brief.lead
        for at, image in given.items():
            frames[at] = image
        if self.warm:  # all of it goes on from colours that are off already
            off = float(given[0].mean()) - float(numbered(begin, brief.size).mean())
            own = frames.astype(np.float32) + off + self.warm
            own[0] -= off
            frames = np.clip(np.rint(own), 0, 255).astype(np.uint8)
        sound, rate = None, 0
        if self.tone:
            rate = 16_000
            times = np.arange(round(brief.frames / brief.fps * rate)) / rate
            sound = np.sin(times * self.tone * 2 * np.pi).astype(np.float32)[:, None] * np.float32(
                0.3
            )
        return Made(frames, sound, rate)


def picture(folder: Path, number: int, size: Size = SIZE) -> Path:
    path = folder / f"picture-{number}-{size}.png"
    Image.fromarray(numbered(number, size)).save(path)
    return path


def clip(folder: Path, numbers: Sequence[int], fps: float = 16, size: Size = SIZE, name: str = "clip") -> Path:  # fmt: skip
    """A film that says these numbers."""
    path = folder / f"{name}.mp4"
    with Mp4Writer(path, size, fps, crf=8) as film:
        for one in numbers:
            film.write(rgb_frame(np.ascontiguousarray(numbered(one, size))))
    return path


def media(path: Path) -> Media:
    data = path.read_bytes()
    kind = "video/mp4" if path.suffix == ".mp4" else "image/png"
    return Media(hashlib.sha256(data).hexdigest(), kind, len(data))


def order(
    folder: Path,
    files: Mapping[Path, Role | tuple[Role, dict[str, Any]]] | None = None,
    *,
    direction: Direction | None = None,
    masks: Mapping[int, Path] | None = None,
    tracks: Mapping[int, Path] | None = None,
    cast: Mapping[str, CastMember] | None = None,
    **fields: Any,
) -> Order:
    """An order of these files, each with its role (and what else an Anchor has)."""
    anchors, paths = [], []
    for path, given in (files or {}).items():
        role, more = given if isinstance(given, tuple) else (given, {})
        anchors.append(Anchor(media(path), role, **more))
        paths.append(path)
    values: dict[str, Any] = {
        "size": SIZE, "seconds": 1.0, "fps": 16.0, "anchors": tuple(anchors),
        "quality": Quality.DRAFT,  # frames between are computed without the network, in a blink
    }  # fmt: skip
    shot = replace(Shot(), **values | fields)
    stills = {
        at: Still(path, framed(open_photo(path), shot, shot.anchors[at]))
        for at, path in enumerate(paths)
        if not shot.anchors[at].film
    }
    clips = {at: path for at, path in enumerate(paths) if shot.anchors[at].film}
    out = folder / "out"
    out.mkdir(exist_ok=True)
    film = shot.kind is not Kind.CREATE
    read = direction or shot.direction or direct(shot.prompt, seconds=shot.seconds, film=film)
    return Order(shot, read, out, stills, masks or {}, clips, tracks or {}, cast or {})


@dataclass
class Played:
    """What came of an order: its project, its footage, the film's frames, what was said."""

    project: Project
    footage: Footage
    model: Numbers

    @property
    def frames(self) -> list[npt.NDArray[np.uint8]]:
        return decoded(self.footage.path)

    @property
    def numbers(self) -> list[int]:
        return [number(one) for one in self.frames]

    @property
    def said(self) -> dict[str, tuple[str, str]]:
        return {one.words: (one.outcome, one.how) for one in self.footage.instructions}


def played(given: Order, model: Checkpoint, numbers: Numbers | None = None) -> Played:
    """The order, made with a model that counts."""
    counting = numbers or Numbers()
    project = written(given, model, "test-model")
    made: list[Made] = []
    for place in range(project.parts):
        made.append(counting.film(project.brief(place, made[-1] if made else None)))
        assert len(made[-1].frames) == counting.seen[-1].frames
    footage = finished(given, project, made, {}, Quiet())
    return Played(project, footage, counting)


def decoded(path: Path) -> list[npt.NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [rgb(frame) for frame in container.decode(video=0)]


def rate_of(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(container.streams.video[0].average_rate or 0)


def instructions(footage: Footage) -> tuple[Instruction, ...]:
    return footage.instructions
