"""The canvas: the legal size that a model paints on, and how the asked frame lies on it. Pure geometry.

A canvas whose shape is within SQUEEZED of the frame's shows the whole of it: pictures are squeezed onto it
by that much as they are sampled, and the film is brought back, so nothing is lost and no shape is changed.
On any other, and where there is no picture to squeeze, the frame is a window of the canvas.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mutoscope.catalog.checkpoint import Checkpoint, Tier
from mutoscope.images.plan import Box
from mutoscope.shot import Quality, Size

#: How far two shapes may be apart (as a ratio, less 1) to be taken as one.
SQUEEZED = 0.03
#: A canvas of the model's own shapes is taken where its shape is this near to the frame's.
OWN_SHAPE = 0.035
#: What a shape that cannot be squeezed costs beside a wrong size, in the search for a canvas.
_SHAPE = 10.0
#: Beyond that an enlarged film looks soft; below that part of its own area a model makes less of a picture.
SOFT, FAR = 1.25, 0.4


@dataclass(frozen=True, slots=True)
class Canvas:
    """`size` is what the model makes; its part `window` (in its pixels) becomes the frame, `target`."""

    size: Size
    target: Size
    window: Box

    @property
    def whole(self) -> bool:
        """Whether all of the canvas is shown."""
        return (self.window.width, self.window.height) == (self.size.width, self.size.height)

    @property
    def same(self) -> bool:
        """Whether the canvas is the frame, pixel for pixel."""
        return self.whole and self.size == self.target

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the frame for one of the canvas, across and down."""
        return self.target.width / self.window.width, self.target.height / self.window.height

    def says(self) -> str:
        """What is done to bring the canvas to the frame, "" where nothing is."""
        if self.same:
            return ""
        across, down = self.scale
        if self.whole:
            if round(across, 3) == round(down, 3):
                return f"made at {self.size}, scaled to {self.target}"
            more, way = (down / across, "taller") if down > across else (across / down, "wider")
            return (
                f"made at {self.size}, scaled to {self.target} ({more - 1:.1%} {way}, as much as the "
                "pictures were squeezed: nothing is cut off)"
            )
        wide, tall = round(self.size.width * across), round(self.size.height * down)
        scaled = "" if (wide, tall) == _sides(self.size) else f"scaled to {wide}x{tall}, "
        return f"made at {self.size}, {scaled}cropped to {self.target}"


def canvas(target: Size, checkpoint: Checkpoint, quality: Quality, *, pictured: bool) -> Canvas:
    """The canvas for a frame of `target` pixels. `pictured`: pictures are laid on it.

    It is as large as the frame, at `best` as large as the model can; within the tier's area and the
    model's sides always. One of the model's own shapes is taken where the frame has that shape."""
    tier = tier_of(checkpoint, quality)
    wanted = _wanted(target, checkpoint, tier, quality)
    size = _own(target, wanted, checkpoint, tier) or _nearest(target, wanted, checkpoint, tier)
    return placed(size, target, pictured=pictured)


def placed(size: Size, target: Size, *, pictured: bool) -> Canvas:
    """The frame on a canvas of that size."""
    ratio = (size.width / size.height) / (target.width / target.height)
    if max(ratio, 1 / ratio) - 1 <= (SQUEEZED if pictured else 1e-9):
        return Canvas(size, target, Box(0, 0, size.width, size.height))
    wide = min(size.width, size.height * target.width / target.height)
    tall = min(size.height, size.width * target.height / target.width)
    left, top = (size.width - wide) / 2, (size.height - tall) / 2
    return Canvas(size, target, Box(left, top, left + wide, top + tall))


def notes(made: Canvas, checkpoint: Checkpoint, quality: Quality) -> tuple[str, ...]:
    """What will be seen of the canvas as a lack of quality."""
    most = limit(checkpoint, tier_of(checkpoint, quality))
    said = []
    if max(made.scale) > SOFT:
        said.append(
            f"the model made {made.size} and the film was enlarged {max(made.scale):.1f} times: it is "
            "softer than one of that size"
        )
    if (area := made.size.width * made.size.height) < FAR * most:
        best = " or ".join(checkpoint.shapes) or f"about {_megapixels(checkpoint.area)}"
        said.append(
            f"made at {made.size} ({_megapixels(area)}), far below what the model makes best ({best})"
        )
    if _unlike(made.size, checkpoint) > 0:
        said.append(
            f"the shape {made.size} is far from what the model makes best "
            f"({' or '.join(checkpoint.shapes)})"
        )
    return tuple(said)


def tier_of(checkpoint: Checkpoint, quality: Quality) -> Tier:
    """How the checkpoint makes a quality."""
    return next(tier for name, tier in checkpoint.tiers.items() if name == quality.value)


def limit(checkpoint: Checkpoint, tier: Tier) -> int:
    """The most pixels of a canvas."""
    return tier.area or checkpoint.area


def _wanted(target: Size, checkpoint: Checkpoint, tier: Tier, quality: Quality) -> float:
    """The area to make: the frame's own, within what the model can."""
    most = limit(checkpoint, tier)
    return most if quality is Quality.BEST else min(most, target.width * target.height)


def _own(target: Size, wanted: float, checkpoint: Checkpoint, tier: Tier) -> Size | None:
    """The model's own shape that is the frame's, where one of its area is wanted."""
    sizes = [Size(*map(int, one.split("x"))) for one in checkpoint.shapes]
    fits = [
        one
        for one in sizes
        if _apart(one, target) <= OWN_SHAPE
        and one.width * one.height <= limit(checkpoint, tier)
        and wanted >= 0.8 * one.width * one.height
    ]
    return min(fits, key=lambda one: (_apart(one, target), one.width), default=None)


def _nearest(target: Size, wanted: float, checkpoint: Checkpoint, tier: Tier) -> Size:
    """The legal canvas that costs the least: shape before size."""
    scale = math.sqrt(wanted / (target.width * target.height))
    wide, tall = target.width * scale, target.height * scale
    most = limit(checkpoint, tier)

    def cost(size: Size) -> tuple[float, float, int]:
        off = abs(math.log(size.width / wide)) + abs(math.log(size.height / tall))
        return (
            max(0.0, size.width * size.height / most - 1) * 100,
            off + _apart(size, target) + _SHAPE * max(0.0, _apart(size, target) - SQUEEZED),
            size.width,
        )

    return min(_near(wide, tall, checkpoint), key=cost)


def _near(wide: float, tall: float, checkpoint: Checkpoint) -> Iterator[Size]:
    """Legal sizes about one."""
    for width in _legal(wide, checkpoint, 3):
        for height in _legal(tall, checkpoint, 3):
            yield Size(width, height)


def _legal(side: float, checkpoint: Checkpoint, reach: int) -> Iterator[int]:
    rule = checkpoint.sides
    first, last = -(-(rule.low - rule.b) // rule.a), (rule.high - rule.b) // rule.a
    middle = min(max(round((side - rule.b) / rule.a), first), last)
    # downward further than up: where the one side is at its least, the other may have to give way
    for step in range(max(first, middle - 8 * reach), min(last, middle + reach) + 1):
        yield step * rule.a + rule.b


def _apart(one: Size, other: Size) -> float:
    """How far two shapes are apart: their ratio, less 1."""
    ratio = (one.width / one.height) / (other.width / other.height)
    return max(ratio, 1 / ratio) - 1


def _unlike(size: Size, checkpoint: Checkpoint) -> float:
    """How much longer or squarer than any of the model's own shapes: 0 for one that it should know."""
    if not checkpoint.shapes:
        return 0.0
    longest = max(
        max(wide, tall) / min(wide, tall)
        for wide, tall in (map(int, one.split("x")) for one in checkpoint.shapes)
    )
    mine = max(size.width, size.height) / min(size.width, size.height)
    return max(0.0, mine / longest - 1.15)


def _sides(size: Size) -> tuple[int, int]:
    return size.width, size.height


def _megapixels(area: int) -> str:
    return f"{area / 1e6:.2g} megapixels"
