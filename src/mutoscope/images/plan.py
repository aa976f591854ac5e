"""Where a picture's pixels go in the frame: pure geometry, computed once, before any pixel is read."""

from __future__ import annotations

from dataclasses import dataclass

from mutoscope.errors import BadShot, ContractRefused
from mutoscope.shot import Crop, Fit, Size

#: What the vendor of this field's first hosted model answered, to the letter.
STRICT_MISMATCH = "Inpaint image must match the requested width and height"

#: `auto` covers while it loses at most this part of the picture.
MOST_LOST = 0.15
#: Of the frame's height, kept free above a subject.
HEAD_ROOM = 0.06
#: Pixels: below the first a picture looks soft whatever is done; the second is comfortable.
LEAST_SHORT_SIDE, GOOD_SHORT_SIDE = 512, 1024
#: Enlarging beyond this shows.
MOST_ENLARGED = 1.5

#: Kinds of pictures, and what `auto` does with each.
COVERED_KINDS = ("portrait", "screenshot")
PADDED_KINDS = ("product", "art")
KINDS = ("", *COVERED_KINDS, *PADDED_KINDS)

BLUR = "blur"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, right and bottom exclusive; fractions of a pixel are allowed."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Plan:
    """The part `crop` of the upright source lands on `place` of the target; the rest is `fill`."""

    source: Size
    target: Size
    fit: Fit  # the one that was used: never AUTO
    crop: Box  # in source pixels
    place: Box  # in target pixels; the whole target but for PAD
    fill: str = ""  # "" (no rest), "blur", or a colour "#rrggbb"
    notes: tuple[str, ...] = ()  # what was done, and why, for the report
    bounds: Box | None = None  # source pixels that may ever be shown; None: all of them
    warnings: tuple[str, ...] = ()  # what will be seen as a lack of quality

    @property
    def scale(self) -> tuple[float, float]:
        """Target pixels for one source pixel, across and down."""
        return self.place.width / self.crop.width, self.place.height / self.crop.height

    @property
    def whole(self) -> bool:
        """Whether the frame is the source, pixel for pixel."""
        every = Box(0, 0, self.target.width, self.target.height)
        return self.source == self.target and self.crop == every and self.place == every

    @property
    def lost(self) -> float:
        """The part of the source, 0..1, that is not in the frame."""
        return 1 - self.crop.width * self.crop.height / (self.source.width * self.source.height)


def plan(
    size: Size,
    target: Size,
    fit: Fit = Fit.AUTO,
    crop: Crop | None = None,
    *,
    focus: Box | None = None,
    kind: str = "",
    border: str | None = None,
    fill: str = "",
) -> Plan:
    """Where a picture of `size` (upright pixels) goes in a frame of `target` pixels.

    `crop` is cut out first. `focus`: the subject's box in fractions 0..1 of the whole picture; `cover`
    keeps it and room above it. `kind`: "portrait", "screenshot", "product", "art" or "". `border`: the
    plain colour "#rrggbb" around the subject, where there is one (`images.border`). `fill`: what `pad`
    puts around the picture, "blur" or "#rrggbb"; "" takes the border's colour, else "blur".

    Raises BadShot for a crop, kind or fill out of what is allowed, ContractRefused for `strict` where
    the (cropped) picture has not exactly the target's size.
    """
    if kind not in KINDS:
        raise BadShot.of("kind", kind, f"one of {', '.join(KINDS[1:])}, or empty")
    bounds = cropped(size, crop)
    notes = [] if crop is None else [f"cropped to {_size(bounds)} as asked"]
    if fit is Fit.STRICT and (round(bounds.width), round(bounds.height)) != (
        target.width,
        target.height,
    ):
        raise ContractRefused(STRICT_MISMATCH, code="")
    used = fit
    if fit is Fit.AUTO:
        used, why = choose(bounds, target, kind=kind, border=border)
        notes.append(why)
    whole = Box(0, 0, target.width, target.height)
    part, place, filled = bounds, whole, ""
    if used is Fit.COVER:
        part = _window(bounds, target, size, focus)
        notes += _lost(bounds, part, focus)
    elif used is Fit.PAD:
        place = _inside(bounds, target)
        if place != whole:
            filled = fill_colour(fill) if fill else border or BLUR
            notes.append(_padded(place, target, filled))
    elif used is Fit.STRETCH:
        notes += _stretched(bounds, target)
    return Plan(
        source=size,
        target=target,
        fit=used,
        crop=part,
        place=place,
        fill=filled,
        notes=tuple(notes),
        bounds=bounds if crop is not None else None,
        warnings=tuple(_warnings(part, place)),
    )


def cropped(size: Size, crop: Crop | None) -> Box:
    """The box of `crop` (fractions) in pixels of a picture of `size`. Raises BadShot."""
    if crop is None:
        return Box(0, 0, size.width, size.height)
    box = Box(
        round(crop.left * size.width),
        round(crop.top * size.height),
        round(crop.right * size.width),
        round(crop.bottom * size.height),
    )
    if box.width < 2 or box.height < 2:
        raise BadShot.of("crop", _size(box), "at least 2×2 pixels of the picture")
    return box


def choose(
    part: Box, target: Size, *, kind: str = "", border: str | None = None
) -> tuple[Fit, str]:
    """What `auto` does with `part` of a picture, and the sentence that says why."""
    lost = loss(part, target)
    share = f"{lost:.0%} of the picture"
    if _inside(part, target) == Box(0, 0, target.width, target.height):
        return Fit.COVER, "auto: cover, the picture has the frame's shape"
    if kind in COVERED_KINDS:
        return Fit.COVER, f"auto: cover, as for a {kind}; {share} is cut off"
    if kind == "art":
        return Fit.PAD, f"auto: pad, so that nothing of the artwork is cut off ({share} would be)"
    if border or kind == "product":
        plain = f"plain border {border}" if border else "product"
        return Fit.PAD, f"auto: pad, as for a product on a plain ground ({plain})"
    if lost <= MOST_LOST:
        return Fit.COVER, f"auto: cover, only {share} is cut off (at most {MOST_LOST:.0%})"
    return Fit.PAD, f"auto: pad, cover would cut off {share} (more than {MOST_LOST:.0%})"


def loss(part: Box, target: Size) -> float:
    """The share of `part`, 0..1, that `cover` would cut off."""
    ratio = (part.width / part.height) / (target.width / target.height)
    return 1 - min(ratio, 1 / ratio)


def fill_colour(text: str) -> str:
    """ "blur" or "#rrggbb" from what a person wrote. Raises BadShot."""
    word = text.strip().lower()
    if word == BLUR:
        return BLUR
    named = {"black": "#000000", "white": "#ffffff", "grey": "#808080", "gray": "#808080"}
    word = named.get(word, word)
    digits = word.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if len(digits) != 6 or any(digit not in "0123456789abcdef" for digit in digits):
        raise BadShot.of("pad colour", text, '"blur", a colour as #rrggbb, or black, white, grey')
    return f"#{digits}"


def _window(part: Box, target: Size, size: Size, focus: Box | None) -> Box:
    """The largest box of the target's shape in `part`: in its middle, or about the focus."""
    aspect = target.width / target.height
    width = min(part.width, part.height * aspect)
    height = min(part.height, part.width / aspect)
    x, y = part.left + part.width / 2, part.top + part.height / 2
    if focus is not None:
        x = (focus.left + focus.right) / 2 * size.width
        y = (focus.top + focus.bottom) / 2 * size.height
        # a subject taller than the window keeps its head, not its feet
        y = min(y, focus.top * size.height - HEAD_ROOM * height + height / 2)
    left = min(max(x - width / 2, part.left), part.right - width)
    top = min(max(y - height / 2, part.top), part.bottom - height)
    return Box(left, top, left + width, top + height)


def _inside(part: Box, target: Size) -> Box:
    """The largest place of the part's shape in the target, on whole pixels, in its middle."""
    scale = min(target.width / part.width, target.height / part.height)
    width = min(target.width, max(1, round(part.width * scale)))
    height = min(target.height, max(1, round(part.height * scale)))
    left, top = (target.width - width) // 2, (target.height - height) // 2
    return Box(left, top, left + width, top + height)


def _size(box: Box) -> str:
    return f"{round(box.width)}×{round(box.height)} pixels"


def _lost(part: Box, window: Box, focus: Box | None) -> list[str]:
    sides = {
        "left": window.left - part.left,
        "right": part.right - window.right,
        "top": window.top - part.top,
        "bottom": part.bottom - window.bottom,
    }
    cut = [f"{round(pixels)} px {side}" for side, pixels in sides.items() if pixels >= 0.5]
    if not cut:
        return []
    about = "about the subject" if focus is not None else "about the middle"
    return [f"cut {about}: {', '.join(cut)}"]


def _padded(place: Box, target: Size, fill: str) -> str:
    bars = "left and right" if place.width < target.width else "top and bottom"
    with_what = "the picture's own blurred edges" if fill == BLUR else fill
    return f"padded {bars} with {with_what}"


def _stretched(part: Box, target: Size) -> list[str]:
    ratio = (target.width / part.width) / (target.height / part.height)
    if abs(ratio - 1) < 0.005:
        return []
    return [f"stretched: {ratio:.2f} times as wide for its height as it was"]


def _warnings(part: Box, place: Box) -> list[str]:
    said = []
    short = min(part.width, part.height)
    if short < LEAST_SHORT_SIDE:
        said.append(
            f"the picture's short side has {round(short)} pixels; at least {LEAST_SHORT_SIDE}, better "
            f"{GOOD_SHORT_SIDE}, are needed for a sharp film"
        )
    enlarged = max(place.width / part.width, place.height / part.height)
    if enlarged > MOST_ENLARGED:
        said.append(
            f"the picture is enlarged {enlarged:.1f} times; beyond {MOST_ENLARGED} it looks soft"
        )
    return said
