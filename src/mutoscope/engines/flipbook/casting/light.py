"""A figure in the light of the place that it is put into, and its shadow on the ground there."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.casting.figure import Alpha, Colour

Rgb = npt.NDArray[np.uint8]

#: How far lightness goes towards the surroundings', and at most (CIELAB units).
_LIGHTER, _DARKER, _MOST_LIGHTER, _MOST_DARKER = 0.3, 0.5, 8.0, 24.0
_CONTRAST, _LEAST_CONTRAST, _MOST_CONTRAST = 0.3, 0.8, 1.12
#: The surroundings' own tint falls on the figure as light that is thrown back.
_TINT, _MOST_TINT = 0.22, 7.0
#: How much of the surroundings' light wraps around the edge, and how far (of the figure's height).
_WRAP, _WRAP_REACH = 0.22, 0.012
#: Darkness of a shadow where the figure touches the ground, and beneath the rest of it; how far the
#: first reaches (of the figure's height), and how flat the second lies.
_CONTACT, _AMBIENT, _TIGHT, _FLAT = 0.7, 0.36, 0.012, 0.16
_FOOT = 0.05  # of the figure's height: what ends this near the ground touches it
_LEANS = 0.16  # of its height: a foot may stand this much farther back


def matched(colour: Colour, alpha: Alpha, around: Rgb, behind: Rgb) -> Colour:
    """The figure's colours (h×w×3) with lightness, contrast and tint drawn towards those of `around`
    (any size, RGB); `behind` (h×w×3) is what it stands before, whose light wraps around its edge."""
    lab = np.asarray(cv2.cvtColor(colour / np.float32(255), cv2.COLOR_RGB2LAB), np.float32)
    place = cv2.cvtColor(around.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    inside = alpha > 0.8
    if not inside.any():
        return colour
    light, there = lab[..., 0][inside], place[..., 0]
    mean, goal = float(light.mean()), float(there.mean())
    towards = _LIGHTER if goal > mean else _DARKER
    shift = min(_MOST_LIGHTER, max(-_MOST_DARKER, towards * (goal - mean)))
    ratio = float(there.std() + 4) / float(light.std() + 4)
    contrast = min(_MOST_CONTRAST, max(_LEAST_CONTRAST, ratio**_CONTRAST))
    lab[..., 0] = np.clip((lab[..., 0] - mean) * contrast + mean + shift, 0, 100)
    for channel in (1, 2):
        tint = _TINT * float(place[..., channel].mean())
        lab[..., channel] += min(_MOST_TINT, max(-_MOST_TINT, tint))
    lit = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1) * np.float32(255)
    reach = max(1.0, _WRAP_REACH * alpha.shape[0])
    outside = cv2.GaussianBlur(1 - alpha, (0, 0), reach, borderType=cv2.BORDER_REPLICATE)
    share = (np.float32(2 * _WRAP) * np.minimum(outside, np.float32(0.5)))[..., None]
    soft = cv2.GaussianBlur(behind, (0, 0), 3 * reach).astype(np.float32)
    return np.asarray(lit * (1 - share) + soft * share, np.float32)


def shadow(alpha: Alpha, room: int) -> npt.NDArray[np.float32]:
    """The darkness (0..1) that a standing figure throws on the ground right beneath it, as soft as light
    from a wide sky: (h + room)×(w + 2·room), the figure's top left at (room, 0)."""
    h, w = alpha.shape
    inside = alpha > 0.5
    body = inside.any(0)
    if not body.any():
        return np.zeros((h + room, w + 2 * room), np.float32)
    lowest = np.where(body, h - np.argmax(inside[::-1], axis=0), 0).astype(np.float32)
    touching = _touching(lowest, body & (lowest > h * (1 - _LEANS)), h)
    rows = np.arange(h + room, dtype=np.float32)[:, None]
    columns = np.arange(w + 2 * room, dtype=np.float32)[None] - room
    ground, contact = np.full(w + 2 * room, np.float32(h)), np.zeros(w + 2 * room, np.float32)
    ground[room : room + w] = np.where(touching, lowest, h)
    contact[room : room + w] = touching
    tight = max(1.5, _TIGHT * h)
    dark = _CONTACT * contact * np.exp(-(((rows - ground) / tight) ** 2))
    soft = cv2.GaussianBlur(dark.astype(np.float32), (0, 0), sigmaX=1.6 * tight, sigmaY=tight)
    stands = np.flatnonzero(touching) if touching.any() else np.flatnonzero(body)
    wide = np.flatnonzero(body)
    middle = (stands[0] + stands[-1] + wide[0] + wide[-1]) / 4
    reach = max(4.0, (stands[-1] - stands[0] + wide[-1] - wide[0]) / 4 * 1.1)
    depth = min(float(room), max(3.0, _FLAT * reach))
    level = float(np.mean(lowest[touching])) if touching.any() else float(h)
    away = ((columns - middle) / reach) ** 2 + ((rows - level) / depth) ** 2
    under = _AMBIENT * np.exp(-1.2 * away) * _fading(columns, -room, w + room, room)
    under *= _fading(rows, -h, h + room, room)
    return np.asarray(np.clip(1 - (1 - soft) * (1 - under), 0, 1), np.float32)


def _fading(at: npt.NDArray[np.float32], low: int, high: int, room: int) -> npt.NDArray[np.float32]:
    """To nothing at both ends, over the room: where the shadow's own picture ends shows no line."""
    near = np.clip(np.minimum(at + 0.5 - low, high - 0.5 - at) / np.float32(max(1, room)), 0, 1)
    return np.asarray(near * near * (3 - 2 * near), np.float32)


def _touching(
    lowest: npt.NDArray[np.float32], stands: npt.NDArray[np.bool_], h: int
) -> npt.NDArray[np.bool_]:
    """Columns in which the figure touches the ground: those that end near the lowest around them."""
    span = max(3, round(0.12 * len(lowest))) | 1
    local = cv2.dilate(np.where(stands, lowest, 0)[None], np.ones((1, span), np.uint8))[0]
    return np.asarray(stands & (local - lowest < _FOOT * h), np.bool_)
