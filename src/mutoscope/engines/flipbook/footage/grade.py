"""Grades as tables over luma: a film's colours change on its own planes, without a way through RGB.

A grade is tables of 256: what a luma code becomes, how its chroma is turned and scaled, and what is added
to Cb and Cr there. So warmth can leave black and white alone, and colours keep their strength where a
curve lifts or lowers them. A look (`looks`) comes first, and what is asked for beside it on top. What has
a place in the picture (grain, halation, dark corners) is `celluloid`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mutoscope.direction.model import Edit
from mutoscope.engines.flipbook.footage.looks import look_named, shades

Curve = npt.NDArray[np.float64]  # 256, by luma code

#: degree → how many times as much as the plain word
DEGREES = {"slight": 0.5, "normal": 1.0, "strong": 1.8}
#: edit → (the grade's field, sign, the part that "20 percent" counts in)
SIZES = {
    "warmer": ("warmth", 1, 0.3), "cooler": ("warmth", -1, 0.3),
    "brighter": ("brightness", 1, 0.25), "darker": ("brightness", -1, 0.25),
    "more_contrast": ("contrast", 1, 0.3), "less_contrast": ("contrast", -1, 0.3),
    "more_saturated": ("saturation", 1, 0.35), "less_saturated": ("saturation", -1, 0.35),
}  # fmt: skip
TONES = ("black_and_white", "sepia")
#: degree → how much of a look
STRENGTHS = {"slight": 0.5, "normal": 1.0, "strong": 1.35}
#: A grade goes no further than that many times the plain word.
MOST = 2.5
#: Mid grey, what curves turn about: its luma, 0..1.
MIDDLE = 0.42
#: Codes that warmth adds to Cb and Cr.
WARM = (-10.0, 7.0)
SEPIA = (-15.0, 12.0)


@dataclass(frozen=True, slots=True)
class Grade:
    """How far each goes, in plain words: 1 is "warmer", -1 "cooler". `tone`: black_and_white, sepia or
    "". `film`: the look of film stock, 0..1.8. `look`: one of `looks`, and how much of it."""

    warmth: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    tone: str = ""
    film: float = 0.0
    look: str = ""
    strength: float = 1.0

    def __bool__(self) -> bool:
        return self != Grade()


@dataclass(frozen=True, slots=True)
class Tables:
    """See the module. `mix`: what a code of Cb and of Cr adds to luma before its tables are looked up.
    `luma` codes uint8; `turn` 256×2×2 takes (Cb, Cr) about grey to the new ones; `tint` 256×2 is added."""

    luma: npt.NDArray[np.uint8]
    turn: Curve
    tint: Curve
    mix: tuple[float, float] = (0.0, 0.0)


def graded(edits: Iterable[Edit]) -> Grade:
    """The grade that edits ask for together; edits of speed and shape are left aside."""
    sums = dict.fromkeys(("warmth", "brightness", "contrast", "saturation"), 0.0)
    tone, film, look, strength = "", 0.0, "", 1.0
    for edit in edits:
        if edit.edit in SIZES:
            field, sign, part = SIZES[edit.edit]
            size = DEGREES[edit.degree] if edit.amount is None else edit.amount / part
            sums[field] = min(MOST, max(-MOST, sums[field] + sign * size))
        elif edit.edit in TONES:
            tone = edit.edit
        elif edit.edit == "film_look":
            film = max(film, DEGREES[edit.degree])
        elif edit.edit == "look":
            look, strength = edit.look, STRENGTHS[edit.degree]
    return Grade(**sums, tone=tone, film=film, look=look, strength=strength)


def tables(grade: Grade) -> Tables:
    """The grade's tables."""
    light = np.clip((np.arange(256) - 16) / 219, 0.0, 1.0)
    base = shades(look_named(grade.look), grade.strength) if grade.look else None
    if base is not None:
        light = base.light
    curve = _contrasted(_lit(light, grade.brightness), grade.contrast)
    if grade.film:
        curve = _filmed(curve, grade.film)
    # a colour is as strong for its light as it was, a little less where the light is lifted much
    lifted = np.where(light > 0.02, curve / np.maximum(light, 0.02), 1.0)
    scale = np.clip(lifted, 0.4, 1.6) ** 0.7
    scale *= max(0.0, 1 + 0.35 * grade.saturation)
    body = _body(curve)
    cb, cr = (grade.warmth * code * body for code in WARM)
    if grade.film:
        scale *= 1 - grade.film * (0.06 + 0.12 * _rise(curve, 0.7, 1.0))
        low, high = 1 - _rise(curve, 0.0, 0.4), _rise(curve, 0.45, 0.9) * (1 - 0.4 * (curve > 0.97))
        cb = cb + grade.film * (2.5 * low - 4.0 * high)
        cr = cr + grade.film * (2.5 * high - 2.0 * low)
    if grade.tone:
        scale = np.zeros(256)
        if grade.tone == "sepia":
            stain = 1 - 0.45 * _rise(curve, 0.6, 1.0) - 0.5 * (1 - _rise(curve, 0.0, 0.2))
            cb, cr = cb + SEPIA[0] * stain, cr + SEPIA[1] * stain
        elif not grade.warmth:
            cb = cr = np.zeros(256)
    luma = np.rint(16 + 219 * np.clip(curve, 0, 1)).astype(np.uint8)
    turn, tint = scale[:, None, None] * np.eye(2), np.stack([cb, cr], -1)
    if base is None:
        return Tables(luma, turn, tint)
    kept = scale if not grade.tone else np.zeros(256)
    return Tables(luma, turn @ base.turn, kept[:, None] * base.tint + tint, base.mix)


def _lit(light: Curve, brightness: float) -> Curve:
    """Mid grey becomes 25 % brighter for each 1; black and white stay, and no slope runs away."""
    if not brightness:
        return light
    more = max(-0.7, 0.25 * brightness)
    bend = more / (1 - (1 + more) * MIDDLE)
    return np.asarray(light * (1 + bend) / (1 + bend * light))


def _contrasted(light: Curve, contrast: float) -> Curve:
    """Steeper about mid grey, running out softly at both ends; or flatter, with black lifted."""
    if contrast > 0:
        steep = 1 + 0.3 * contrast
        low = MIDDLE * (light / MIDDLE) ** steep
        high = 1 - (1 - MIDDLE) * ((1 - light) / (1 - MIDDLE)) ** steep
        return np.asarray(np.where(light < MIDDLE, low, high))
    return np.asarray(MIDDLE + (light - MIDDLE) * max(0.2, 1 + 0.24 * contrast))


def _filmed(light: Curve, film: float) -> Curve:
    """A film stock's curve: a little contrast, black that is not quite black, a soft shoulder."""
    curve = _contrasted(light, 0.55 * film)
    return np.asarray(0.022 * film + curve * (1 - 0.022 * film - 0.025 * film))


def _rise(light: Curve, low: float, high: float) -> Curve:
    t = np.clip((light - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))


def _body(light: Curve) -> Curve:
    """How much of a tint is taken up: whole in the middle, less towards black and white, where a tint
    looks like a fault."""
    return np.asarray((0.15 + 0.85 * _rise(light, 0.0, 0.35)) * (1 - 0.6 * _rise(light, 0.7, 1.0)))
