"""Typed rules: which values of a field a contract takes.

======== ==================================================== =============================
rule     TOML                                                 takes
======== ==================================================== =============================
set      {rule = "set", values = [4, 8, 12]}                  these values
range    {rule = "range", low = 0.5, high = 60}               every number between the two
steps    {rule = "steps", a = 8, b = 1, low = 9, high = 121}  a·k + b between the two
set      {rule = "sizes", values = ["1280x720"]}              these sizes
sides    {rule = "sides", a = 2, b = 0, low = 64, high = 4096} sizes whose sides are a·k + b
ratios   {rule = "ratios", ratios = ["16:9"], short = [720]}  these shapes with these short sides
======== ==================================================== =============================
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from mutoscope.shot import Size

#: How far a size's shape may be from its ratio: sides are rounded to even pixels (854x480 is 16:9).
SHAPE_TOLERANCE = 0.02


class _Rule(msgspec.Struct, frozen=True, tag_field="rule", forbid_unknown_fields=True):
    pass


class Set(_Rule, frozen=True, tag="set"):
    """`values`, and `also`: values that the live service took beyond those its schema lists."""

    values: tuple[float, ...]
    also: tuple[float, ...] = ()

    def allows(self, value: float) -> bool:
        return value in self.values or value in self.also

    def nearest(self, value: float) -> float:
        return min(self.values + self.also, key=lambda one: (abs(one - value), one))

    def words(self) -> str:
        return listed([f"{one:g}" for one in sorted(self.values + self.also)])


class Range(_Rule, frozen=True, tag="range"):
    low: float
    high: float

    def allows(self, value: float) -> bool:
        return self.low <= value <= self.high

    def nearest(self, value: float) -> float:
        return min(max(value, self.low), self.high)

    def words(self) -> str:
        return f"{self.low:g} to {self.high:g}" if self.low < self.high else f"{self.low:g}"


class Steps(_Rule, frozen=True, tag="steps"):
    """a·k + b for whole k, between `low` and `high`."""

    a: int
    low: int
    high: int
    b: int = 0

    def allows(self, value: float) -> bool:
        return self.low <= value <= self.high and (value - self.b) % self.a == 0

    def nearest(self, value: float) -> float:
        step = round((value - self.b) / self.a)
        first, last = -(-(self.low - self.b) // self.a), (self.high - self.b) // self.a
        return min(max(step, first), last) * self.a + self.b

    def words(self) -> str:
        if (self.a, self.b) == (1, 0):
            return f"whole numbers from {self.low} to {self.high}"
        if (self.a, self.b) == (2, 0):
            return f"even numbers from {self.low} to {self.high}"
        return f"{self.a}·k{f' + {self.b}' if self.b else ''} from {self.low} to {self.high}"


Rule: TypeAlias = Set | Range | Steps


class Sizes(_Rule, frozen=True, tag="sizes"):
    """These sizes, as "WxH"."""

    values: tuple[str, ...]

    def allows(self, size: Size) -> bool:
        return str(size) in self.values

    def words(self) -> str:
        return listed(list(self.values))


class Sides(_Rule, frozen=True, tag="sides"):
    """Any size whose width and height are a·k + b between `low` and `high` pixels."""

    a: int
    low: int
    high: int
    b: int = 0

    def allows(self, size: Size) -> bool:
        side = Steps(self.a, self.low, self.high, self.b)
        return side.allows(size.width) and side.allows(size.height)

    def words(self) -> str:
        return f"sides that are {Steps(self.a, self.low, self.high, self.b).words()} px"


class Ratios(_Rule, frozen=True, tag="ratios"):
    """Sizes of one of these shapes ("16:9") with one of these short sides in pixels."""

    ratios: tuple[str, ...]
    short: tuple[int, ...]

    def allows(self, size: Size) -> bool:
        shape = size.width / size.height
        near = any(abs(shape / _quotient(ratio) - 1) <= SHAPE_TOLERANCE for ratio in self.ratios)
        return near and min(size.width, size.height) in self.short

    def words(self) -> str:
        heights = listed(["4k" if side == 2160 else f"{side}p" for side in self.short])
        return f"{listed(list(self.ratios))} at {heights}"


SizeRule: TypeAlias = Sizes | Sides | Ratios


def listed(words: list[str], last: str = "or") -> str:
    """["a", "b", "c"] → "a, b or c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _quotient(ratio: str) -> float:
    width, _, height = ratio.partition(":")
    return float(width) / float(height)
