"""What stands on the ground, and where: a body is as near, over its whole height, as its feet.

Three things are not as they look. What runs away from the camera (a jetty, a field in the foreground)
lies on the ground and does not stand up from it. A reflection has the depth of the water it lies on. And
before a background that is all out of focus nothing can be nearer than the subject.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_STANDING = 0.35  # of a component's width: how far its feet hold up what is beside them
_SMALL = 0.02  # of the largest component: what is smaller has no feet of its own
#: What lies: as wide at the bottom as this part of the frame, at a quarter of its height at least so
#: much of that, in one piece from edge to edge in most rows, and hardly ever narrower further down.
_WIDE, _FLAT_TOP, _QUARTER, _ONE_PIECE, _NARROWER = 0.6, 0.5, 0.25, 0.92, 0.1
#: How well a half must repeat the other, upside down, to be its reflection: in its greys, in its outline
#: (overlap), and what is beside it as well. Of 28 subjects without one none came near all three.
_MIRRORED, _OUTLINE, _MIRRORED_BESIDE = 0.7, 0.8, 0.7
_LEVEL = 3.0  # grey levels of spread below which there is nothing to compare
#: Of the fine detail (the 80th percentile) that the subject has, the most that its surroundings and the
#: strip it stands on may have, to be out of focus; photographs with a ground had .13 and more.
_BLURRED, _BLURRED_BELOW = 0.1, 0.25
_GAP = 0.15  # of the range of nearness, between a subject and what is blurred behind it
_FINE = (1.0, 2.5)  # pixels of a picture 640 wide


def contact_rows(inside: Mask) -> Map:
    """For each pixel the row (h×w, from 0 to h) on which the subject there stands; 0 outside it.

    The lowest row of each component per column, the lowest of those within a third of the component's
    width, or its height where that is more (a body is stiff, and stands on both feet), smoothed as wide
    again: a row of boats comes nearer
    along its length. What lies on the ground stands everywhere where it is."""
    h, w = inside.shape
    found = np.zeros((h, w), np.float32)
    count, label, stats, _ = cv2.connectedComponentsWithStats(
        inside.astype(np.uint8), connectivity=8
    )
    if count < 2:
        return found
    least = _SMALL * stats[1:, cv2.CC_STAT_AREA].max()
    for k in range(1, count):
        if stats[k, cv2.CC_STAT_AREA] < least:
            continue
        left, wide = int(stats[k, cv2.CC_STAT_LEFT]), int(stats[k, cv2.CC_STAT_WIDTH])
        part = label[:, left : left + wide] == k
        lowest = (h - np.argmax(part[::-1], axis=0)).astype(np.float32)[None]
        if part[-1].any():
            if lies(label == k):
                continue
            lowest[:] = h
        tall = int(stats[k, cv2.CC_STAT_HEIGHT])
        span = max(1, round(max(_STANDING * wide, min(wide, tall)))) | 1
        held = cv2.dilate(lowest, np.ones((1, span), np.uint8))
        held = cv2.blur(held, (span, 1), borderType=cv2.BORDER_REPLICATE)
        found[:, left : left + wide][part] = np.broadcast_to(
            np.reshape(held, (1, wide)), part.shape
        )[part]
    return found


def lies(part: Mask) -> bool:
    """Whether a component that reaches the bottom lies on the ground: widest there, in one piece, and
    hardly narrower at the top, as no one who stands there is."""
    rows = np.flatnonzero(part.any(axis=1))
    body = part[rows[0] : rows[-1] + 1]
    wide = body.sum(axis=1) / part.shape[1]
    if wide[-1] < _WIDE:
        return False
    body, wide = body[round(_QUARTER * len(wide)) :], wide[round(_QUARTER * len(wide)) :]
    if not len(wide) or wide[0] < _FLAT_TOP * wide[-1]:
        return False
    edges = np.abs(np.diff(np.pad(body, ((0, 0), (1, 1))).astype(np.int8), axis=1)).sum(axis=1)
    narrower = -np.minimum(np.diff(wide), 0).sum()
    return bool((edges == 2).mean() >= _ONE_PIECE and narrower <= _NARROWER)


def standing(background: Map, alpha: Map, level: Map, rgb: npt.NDArray[np.uint8]) -> Map:
    """A ground with the subject on it: inside the matte everything is as near as what it stands on.

    `background` h×w, `level` h×w how near the ground alone is at each pixel, growing down every column;
    `alpha` and the picture `rgb`, of any size, lie over the same picture."""
    height, width = background.shape
    matte = _sized(alpha, width, height)
    inside = matte > 0.5
    grey = _sized(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32), width, height)
    solid = inside & ~reflected(inside, grey)
    row = np.clip(contact_rows(solid) - 1, 0, height - 1).astype(np.intp)
    foot = level[row, np.arange(width)[None]]
    subject = np.maximum(level, np.where(solid, foot, 0))
    return np.asarray(background + matte * (subject - background), np.float32)


def _sized(values: Map, width: int, height: int) -> Map:
    small = cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def reflected(inside: Mask, grey: Map) -> Mask:
    """The part of a subject that is its reflection in water: where a component's lower part repeats its
    upper one upside down, and what is beside it does the same about the same line."""
    found = np.zeros_like(inside)
    count, label, stats, _ = cv2.connectedComponentsWithStats(
        inside.astype(np.uint8), connectivity=8
    )
    height, width = inside.shape
    for k in range(1, count):
        x, y, w, h = (int(value) for value in stats[k, :4])
        if h < height // 10:
            continue
        beside = slice(max(0, x - w), min(width, x + 2 * w))
        part = label[:, beside] == k
        best, line = _MIRRORED, 0
        for middle in range(y + round(0.35 * h), y + round(0.8 * h)):
            deep = min(middle - y, height - middle, max(4, y + h - middle))
            upper = slice(middle - deep, middle)
            up, down = grey[upper, beside], grey[middle : middle + deep, beside][::-1]
            above, below = part[upper], part[middle : middle + deep][::-1]
            own, rest = above & below, ~above & ~below
            if own.sum() < _OUTLINE * (above | below).sum():
                continue
            alike = _alike(up[own], down[own])
            if alike > best and _alike(up[rest], down[rest]) > _MIRRORED_BESIDE:
                best, line = alike, middle
        if line:
            found[line:] |= label[line:] == k
    return found


def _alike(one: Map, other: Map) -> float:
    """Correlation; 0 where one of them is all of one grey."""
    if one.size < 50 or min(one.std(), other.std()) < _LEVEL:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def out_of_focus(rgb: npt.NDArray[np.uint8], alpha: Map) -> bool:
    """Whether all but the subject, and what it stands on as well, is out of focus. `rgb` about 640
    wide, `alpha` (any size) over the same picture."""
    height, width = rgb.shape[:2]
    inside = _sized(alpha, width, height) > 0.5
    rows = np.flatnonzero(inside.any(axis=1))
    if not rows.size or rows[-1] >= 0.95 * height:
        return False
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine, coarse = (cv2.GaussianBlur(grey, (0, 0), sigma) for sigma in _FINE)
    detail = cv2.sqrt(cv2.GaussianBlur((fine - coarse) ** 2, (0, 0), 4.0))
    rest = cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    below = rest.copy()
    below[: max(0, int(rows[-1]) - height // 50)] = False
    if not rest.any() or not below.any():
        return False
    own = float(np.quantile(detail[inside], 0.8))
    return bool(
        np.quantile(detail[rest], 0.8) < _BLURRED * own
        and np.quantile(detail[below], 0.8) < _BLURRED_BELOW * own
    )


def behind(background: Map, subject: Map, alpha: Map) -> Map:
    """`background` made shallower, so that all of it lies behind the subject (all over one picture)."""
    height, width = background.shape
    inside = _sized(alpha, width, height) > 0.5
    most = float(np.median(subject[inside])) - _GAP
    return np.asarray(
        background * np.float32(min(1.0, max(most, 0) / background.max())), np.float32
    )
