"""The table beside a workflow: `wan.toml` beside `wan.json` says what the nodes do not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

import msgspec

from mutoscope.errors import BadInput
from mutoscope.shot import Kind, Quality, Size

_RULE = re.compile(r"(?:(\d+)\s*\*?\s*k)?\s*\+?\s*(\d+)?")

Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every entry may be left out.

    ========= ======================================================================================
    title     what people call it
    kinds     of shot that it films: create, and with a source edit and remix where nothing is said
    output    the node whose file is the film, where a graph writes several
    multiple  of width and height, in pixels
    pixels    the most of a frame: a larger film is made smaller and scaled
    frames    the counts that its model can make, as "4k+1"
    fps       the rate that its model films at; 0: the shot's
    seconds   the shortest and the longest film
    sound     its films have sound
    minutes   that a film takes, about
    quality   tier → values of placeholders of one's own: [quality.draft] steps = 4
    ========= ======================================================================================
    """

    title: str = ""
    kinds: tuple[Kind, ...] = ()
    output: str = ""
    multiple: Positive = 2
    pixels: Count = 0
    frames: str = ""
    fps: Annotated[float, msgspec.Meta(ge=0, le=240)] = 0.0
    seconds: tuple[float, float] = (0.04, 3600.0)
    sound: bool = False
    minutes: float | None = None
    quality: dict[Quality, dict[str, str | int | float | bool]] = {}

    def __post_init__(self) -> None:
        if not 0 < self.seconds[0] <= self.seconds[1]:
            raise ValueError("seconds are the shortest and the longest film, as [1, 5]")
        rule(self.frames)
        names = [set(values) for values in self.quality.values()]
        if any(one != names[0] for one in names):
            raise ValueError("each tier under quality must give the same names a value")

    @property
    def tiers(self) -> frozenset[str]:
        """The placeholders that have a value for each quality."""
        return frozenset(name for values in self.quality.values() for name in values)

    def size(self, asked: Size) -> Size:
        """The size to film at: sides that are multiples, near the asked shape, within `pixels`."""
        width, height = float(asked.width), float(asked.height)
        if self.pixels and width * height > self.pixels:
            shrunk = (self.pixels / (width * height)) ** 0.5
            width, height = width * shrunk, height * shrunk
        step = self.multiple if self.multiple % 2 == 0 else 2 * self.multiple
        sides = [max(step, round(side / step) * step) for side in (width, height)]
        while self.pixels and sides[0] * sides[1] > self.pixels and max(sides) > step:
            sides[sides.index(max(sides))] -= step
        return Size(*sides)

    def count(self, wanted: float) -> int:
        """The least count of frames that its model can make and that is enough."""
        a, b = rule(self.frames)
        whole = max(1, round(wanted))
        return whole if whole <= b else b + -(-(whole - b) // a) * a


def rule(text: str) -> tuple[int, int]:
    """`a` and `b` of "ak+b"; 1 and 0 for "". Raises ValueError."""
    if not text.strip():
        return 1, 0
    found = _RULE.fullmatch(text.strip())
    if found is None or found[1] is None or int(found[1]) < 1:
        raise ValueError(f'frames is {text!r}; it must be a rule such as "4k+1"')
    return int(found[1]), int(found[2] or 0)


def read(path: Path) -> Table:
    """The table; an empty one where there is no such file. Raises BadInput, with the file and key."""
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Table()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from None
    try:
        return msgspec.convert(values, Table)
    except msgspec.ValidationError as error:
        raise BadInput(f"{path}: {error}") from None
