"""The clean plate: the picture without its subject, and a little beyond its border."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.images.sessions import Session, session

Rgb = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]

_CONTEXT = 0.35  # of the hole's longer side, seen on each side of it
#: The network at times paints things of its own into a large hole. What it paints may have the colours
#: around the hole: so far from the nearest of them (CIELAB) it is still kept whole, so far not at all.
_KNOWN_COLOURS, _KEPT, _FOREIGN = 16, 13.0, 28.0
_RING = 0.25  # of the hole's longer side: how far around it
_SMALL = 4  # what is judged is this much smaller
_CLASSIC_SIDE = 256  # pixels: Telea's method beyond this only costs more
_SOFTEST = 3.0  # pixels of blur at the far end of a mirrored border, at 64 pixels


def filled(rgb: Rgb, hole: Mask, share: Mask | None = None, *, learned: bool = True) -> Rgb:
    """`rgb` with new content where `hole` is 255; elsewhere not one bit changes.

    By the inpainting network where `learned` and its weights are here, else by classical inpainting.
    `share` (0..255) says how much of it shows; none of the hole where it is 0."""
    if not hole.any():
        return rgb
    box = _around(hole)
    part, missing = rgb[box], hole[box]
    network = session("inpaint") if learned else None
    if network is None:
        found = _classic(part, missing)
    else:
        found = _without_strangers(by_network(network, part, missing), part, missing)
    out = rgb.copy()
    shown = missing if share is None else np.minimum(missing, share[box])
    weight = shown[..., None].astype(np.float32) * np.float32(1 / 255)
    out[box] = (part + (found.astype(np.float32) - part) * weight + np.float32(0.5)).astype(
        np.uint8
    )
    return out


def _around(hole: Mask) -> tuple[slice, slice]:
    """The part of the picture that the filling is made from."""
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    context = round(_CONTEXT * max(np.ptp(rows), np.ptp(columns))) + 32
    height, width = hole.shape
    return (
        slice(max(0, int(rows[0]) - context), min(height, int(rows[-1]) + context + 1)),
        slice(max(0, int(columns[0]) - context), min(width, int(columns[-1]) + context + 1)),
    )


def by_network(network: Session, rgb: Rgb, hole: Mask) -> Rgb:
    """One run of MI-GAN's pipeline: uint8 in and out, any size, 0 where it is to paint."""
    (found,) = network.run(
        {
            "image": np.ascontiguousarray(rgb.transpose(2, 0, 1)[None]),
            "mask": np.ascontiguousarray(255 - hole)[None, None],
        }
    )
    return np.asarray(found[0].transpose(1, 2, 0), np.uint8)


def _without_strangers(painted: Rgb, rgb: Rgb, hole: Mask) -> Rgb:
    """`painted` with what has no colour of the hole's surroundings faded out, into a smooth filling."""
    size = (max(8, hole.shape[1] // _SMALL), max(8, hole.shape[0] // _SMALL))
    inside = cv2.resize(hole, size, interpolation=cv2.INTER_AREA) > 127
    if not inside.any() or inside.all():
        return painted
    reach = max(4, round(_RING * max(np.ptp(axis) for axis in np.nonzero(inside))))
    ring = cv2.dilate(inside.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    around = _lab(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))[(ring > 0) & ~inside]
    colours = _clusters(around)
    own = _lab(cv2.resize(painted, size, interpolation=cv2.INTER_AREA))
    away = np.full(inside.shape, np.inf, np.float32)
    for colour in colours:
        away = np.minimum(away, np.linalg.norm(own - colour, axis=2))
    strange = np.clip((away - _KEPT) / (_FOREIGN - _KEPT), 0, 1) * inside
    if float(strange.max()) < 0.5:
        return painted
    wide = cv2.GaussianBlur(cv2.dilate(strange, np.ones((5, 5), np.uint8)), (0, 0), 2.0)
    share = cv2.resize(wide, (hole.shape[1], hole.shape[0]), interpolation=cv2.INTER_LINEAR)
    smooth = _classic(rgb, hole).astype(np.float32)
    return np.asarray(painted + (smooth - painted) * share[..., None] + 0.5, np.uint8)


def _lab(rgb: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    light = rgb.astype(np.float32) * np.float32(1 / 255)
    return np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2LAB), np.float32)


def _clusters(colours: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The colours that stand for many (n×3), the same at every call."""
    some = np.ascontiguousarray(colours[:: max(1, len(colours) // 2000)])
    count = min(_KNOWN_COLOURS, len(some))
    order = np.argsort(some @ np.array([1.0, 0.31, 0.17], np.float32), kind="stable")
    label = np.empty((len(some), 1), np.int32)
    label[order, 0] = np.arange(len(some)) * count // len(some)
    end = (cv2.TERM_CRITERIA_COUNT, 6, 0.0)
    _, _, centres = cv2.kmeans(some, count, label, end, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    return np.asarray(centres, np.float32)


def _classic(rgb: Rgb, hole: Mask) -> Rgb:
    """Telea's inpainting on a small copy: smooth, without texture, but without seams."""
    scale = min(1.0, _CLASSIC_SIDE / max(hole.shape))
    size = (max(2, round(hole.shape[1] * scale)), max(2, round(hole.shape[0] * scale)))
    whole = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    missing = (cv2.resize(hole, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    painted = cv2.inpaint(whole, missing, 3, cv2.INPAINT_TELEA)
    shape = (hole.shape[1], hole.shape[0])
    return np.asarray(cv2.resize(painted, shape, interpolation=cv2.INTER_CUBIC), np.uint8)


def continued(rgb: Rgb, known: Mask) -> Rgb:
    """`rgb` with something plausible beyond the picture's border, where `known` is 0.

    Mirrored, and softer with the distance so that the eye does not find the symmetry. Over the few
    dozen pixels of a margin this looked better than the network's outpainting (which ends lattices and
    hulls in coloured knots), at a fiftieth of the time."""
    if known.all():
        return rgb
    top, bottom, left, right = beyond(known)
    inner = rgb[top : known.shape[0] - bottom, left : known.shape[1] - right]
    return _mirrored(inner, top, bottom, left, right)


def beyond(known: Mask) -> tuple[int, int, int, int]:
    """How many rows and columns lie beyond the picture: top, bottom, left, right."""
    rows, columns = np.flatnonzero(known.any(1)), np.flatnonzero(known.any(0))
    height, width = known.shape
    return (
        int(rows[0]),
        height - 1 - int(rows[-1]),
        int(columns[0]),
        width - 1 - int(columns[-1]),
    )


def _mirrored(inner: Rgb, top: int, bottom: int, left: int, right: int) -> Rgb:
    wide = np.asarray(
        cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REFLECT_101), np.uint8
    )
    h, w = wide.shape[:2]
    deepest = max(top, bottom, left, right)
    away = np.zeros((h, w), np.float32)
    ramp = np.arange(1, deepest + 1, dtype=np.float32) / np.float32(deepest)
    bands = (
        (slice(0, top), slice(0, w), ramp[:top][::-1, None]),
        (slice(h - bottom, h), slice(0, w), ramp[:bottom][:, None]),
        (slice(0, h), slice(0, left), ramp[None, :left][:, ::-1]),
        (slice(0, h), slice(w - right, w), ramp[None, :right]),
    )
    for rows, columns, share in bands:
        away[rows, columns] = np.maximum(away[rows, columns], share)
    out = wide.copy()
    sigma = max(0.8, _SOFTEST * deepest / 64)
    for rows, columns, _ in bands:
        part = wide[rows, columns]
        if part.size:
            soft = cv2.GaussianBlur(part, (0, 0), sigma)
            share = away[rows, columns, None]
            out[rows, columns] = (part + (soft.astype(np.float32) - part) * share + 0.5).astype(
                np.uint8
            )
    return out
