"""The clean plate: the picture without its subject, and a little beyond its border."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.images.sessions import Session, session

Rgb = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]

_CONTEXT = 0.35  # of the hole's longer side, seen on each side of it
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
    found = _classic(part, missing) if network is None else _learned(network, part, missing)
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


def _learned(network: Session, rgb: Rgb, hole: Mask) -> Rgb:
    """One run of MI-GAN's pipeline: uint8 in and out, any size, 0 where it is to paint."""
    (found,) = network.run(
        {
            "image": np.ascontiguousarray(rgb.transpose(2, 0, 1)[None]),
            "mask": np.ascontiguousarray(255 - hole)[None, None],
        }
    )
    return np.asarray(found[0].transpose(1, 2, 0), np.uint8)


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
