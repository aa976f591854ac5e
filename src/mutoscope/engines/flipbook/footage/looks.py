"""Looks as data (`looks.toml`), brought into a film's own planes.

A mixer of red, green and blue is linear, so it is one in Y', Cb, Cr as well: luma takes a part of the
chroma, and the chroma is turned and stretched. Curves are of luma; saturation and tints go by it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
import numpy.typing as npt

from mutoscope.errors import BadShot
from mutoscope.finish.bt709 import KB, KG, KR

Curve = npt.NDArray[np.float64]
Three = tuple[float, float, float]

#: RGB (0..1) → Y', Cb, Cr (0..1, ±0.5).
_TO = np.array(
    [
        [KR, KG, KB],
        [-KR / (2 * (1 - KB)), -KG / (2 * (1 - KB)), 0.5],
        [0.5, -KG / (2 * (1 - KR)), -KB / (2 * (1 - KR))],
    ]
)
_SAME = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One look; see the table's head for the fields."""

    says: str
    mixer: tuple[Three, Three, Three] = _SAME
    curve: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))
    saturation: Three = (1.0, 1.0, 1.0)
    shadows: Three = (0.0, 0.0, 0.0)
    middle: Three = (0.0, 0.0, 0.0)
    lights: Three = (0.0, 0.0, 0.0)
    mono: float = 0.0
    grain: float = 0.0
    grain_size: float = 0.62
    halation: float = 0.0
    red: bool = True
    vignette: float = 0.0
    soft: float = 0.0
    flicker: float = 0.0


@dataclass(frozen=True, slots=True)
class Shades:
    """A look by luma code: `mix` is what a code of Cb and of Cr adds to luma; `light` 0..1 is what comes of
    the mixed one. `turn` 256×2×2 takes (Cb, Cr) about grey to the look's, `tint` 256×2 is added, in codes."""

    mix: tuple[float, float]
    light: Curve
    turn: Curve
    tint: Curve


@cache
def looks() -> dict[str, Look]:
    """Every look by name."""
    table = tomllib.loads(
        (files("mutoscope.engines.flipbook.footage") / "looks.toml").read_text("utf-8")
    )
    return {name: msgspec.convert(one, Look) for name, one in table.items()}


def look_named(name: str) -> Look:
    """The look of that name. Raises BadShot that lists them."""
    if name not in looks():
        raise BadShot.of("look", name, f"one of {', '.join(looks())}")
    return looks()[name]


def shades(look: Look, strength: float) -> Shades:
    """The look, `strength` of it: 1 as it is in the table, 0 nothing."""
    mixer = np.array(_SAME) + strength * (np.array(look.mixer) - np.array(_SAME))
    if look.mono:  # a black and white picture is one whatever its strength
        mixer = np.array(look.mixer)
    within = _TO @ mixer @ np.linalg.inv(_TO)
    per = 219 / 224  # luma codes a chroma code
    light = np.clip((np.arange(256) - 16) / 219, 0, 1)
    curve = light + strength * (smooth(look.curve, light) - light)
    low, mid, high = thirds(light)
    strong = sum(
        part * (1 + strength * (wish - 1))
        for part, wish in zip((low, mid, high), look.saturation, strict=True)
    )
    # a colour is as strong for its light as it was, a little less where the light is lifted much
    lifted = np.where(light > 0.02, curve / np.maximum(light, 0.02), 1.0)
    strong = strong * np.clip(lifted, 0.4, 1.6) ** 0.6 * (0.0 if look.mono else 1.0)
    tints = ((low, look.shadows), (mid, look.middle), (high, look.lights))
    # white and black stay nearly clean: a tint there looks like a fault
    body = 0.25 + 0.75 * _rise(light, 0.0, 0.12) * (1 - 0.6 * _rise(light, 0.88, 1.0))
    tint = sum(
        (part * body)[:, None] * (strength * np.array(_chroma(tint)))[None] for part, tint in tints
    )
    return Shades(
        (float(per * within[0, 1]), float(per * within[0, 2])),
        np.clip(curve, 0, 1),
        np.asarray(strong)[:, None, None] * within[None, 1:, 1:],
        np.asarray(tint),
    )


def thirds(light: Curve) -> tuple[Curve, Curve, Curve]:
    """How much each light (0..1) counts as shadow, middle tone and light; together 1."""
    low, high = 1 - _rise(light, 0.05, 0.5), _rise(light, 0.45, 0.95)
    return low, 1 - low - high, high


def smooth(points: tuple[tuple[float, float], ...], at: Curve) -> Curve:
    """A curve through points that neither overshoots nor turns between them (Fritsch and Carlson 1980)."""
    x, y = np.array(points).T
    step, rise = np.diff(x), np.diff(y) / np.diff(x)
    slope = np.r_[rise[0], (rise[1:] + rise[:-1]) / 2, rise[-1]]
    if len(rise) > 1:
        slope[1:-1] = np.where(rise[1:] * rise[:-1] <= 0, 0.0, slope[1:-1])
    for k, one in enumerate(rise):
        if one == 0:
            slope[k] = slope[k + 1] = 0.0
            continue
        a, b = slope[k] / one, slope[k + 1] / one
        if (far := np.hypot(a, b)) > 3:
            slope[k], slope[k + 1] = 3 * a / far * one, 3 * b / far * one
    place = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(step) - 1)
    h = step[place]
    t = np.clip((at - x[place]) / h, 0, 1)
    return np.asarray(
        y[place] * (1 + 2 * t) * (1 - t) ** 2 + y[place + 1] * t**2 * (3 - 2 * t)
        + h * slope[place] * t * (1 - t) ** 2 - h * slope[place + 1] * t**2 * (1 - t)
    )  # fmt: skip


def _chroma(tint: Three) -> tuple[float, float]:
    """A tint's Cb and Cr in codes."""
    _, cb, cr = _TO @ (np.array(tint) / 255)
    return float(224 * cb), float(224 * cr)


def _rise(light: Curve, low: float, high: float) -> Curve:
    t = np.clip((light - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))
