"""Pictures on the canvas: each sampled once, from its original, straight to where the model paints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from mutoscope.engines.base import Order, Still
from mutoscope.engines.diffusion.brief import Rgb
from mutoscope.engines.diffusion.shot.sizes import Canvas
from mutoscope.images.decode import open_photo
from mutoscope.images.fit import fitted
from mutoscope.images.framing import framing
from mutoscope.images.plan import Box, Plan
from mutoscope.shot import Crop, Fit, Size

Grey = npt.NDArray[np.uint8]  # H×W

#: Long side, in pixels, of a reference picture.
REFERENCE = 1024
#: Of a cut-out's bounds, the white around it.
ROOM = 0.06


def laid(order: Order, place: int, canvas: Canvas) -> Rgb:
    """The picture at that place of the order as the frame shows it, on the canvas. Raises BadImage."""
    still = order.stills[place]
    photo = open_photo(still.original)
    plan = still.plan
    if plan.target != canvas.target:
        shot, anchor = order.shot, order.shot.anchors[place]
        plan = framing(photo, canvas.target, shot.fit, anchor.crop, fill=shot.pad_colour)
    return fitted(photo, on_canvas(plan, canvas))[0]


def on_canvas(plan: Plan, canvas: Canvas) -> Plan:
    """A plan for the frame as one for the canvas: what the frame shows lies in its window."""
    window, size = canvas.window, canvas.size
    across, down = window.width / plan.target.width, window.height / plan.target.height
    if plan.fit is Fit.PAD and plan.fill:
        place = plan.place
        box = Box(
            round(window.left + place.left * across), round(window.top + place.top * down),
            round(window.left + place.right * across), round(window.top + place.bottom * down),
        )  # fmt: skip
        return replace(plan, target=size, place=box)
    wide, tall = plan.crop.width / window.width, plan.crop.height / window.height
    left = plan.crop.left - window.left * wide
    top = plan.crop.top - window.top * tall
    crop = Box(left, top, left + size.width * wide, top + size.height * tall)
    return replace(plan, target=size, crop=crop, place=Box(0, 0, size.width, size.height))


def framed(rgb: Rgb, canvas: Canvas) -> Rgb:
    """A frame's pixels on the canvas; beyond its window the frame's borders go on."""
    window, size = canvas.window, canvas.size
    wide, tall = round(window.width), round(window.height)
    shown = scaled(rgb, Size(wide, tall))
    if canvas.whole:
        return shown
    left, top = round(window.left), round(window.top)
    return np.asarray(
        cv2.copyMakeBorder(
            shown, top, size.height - tall - top, left, size.width - wide - left,
            cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )  # fmt: skip


def shown(rgb: Rgb, canvas: Canvas) -> Rgb:
    """What the frame shows of a canvas: its window, in one resampling (Lanczos)."""
    if canvas.same:
        return rgb
    window, target = canvas.window, canvas.target
    box = (window.left, window.top, window.right, window.bottom)
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    made = picture.resize((target.width, target.height), Image.Resampling.LANCZOS, box=box)
    return np.array(made, np.uint8)


def scaled(rgb: Rgb, size: Size) -> Rgb:
    """The pixels at another size (Lanczos), themselves where it is theirs."""
    if rgb.shape[1::-1] == (size.width, size.height):
        return rgb
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    made = picture.resize((size.width, size.height), Image.Resampling.LANCZOS)
    return np.array(made, np.uint8)


def reference(still: Still, crop: Crop | None) -> Rgb:
    """A reference picture, whole but for its own crop, of at most REFERENCE pixels a side. Raises
    BadImage."""
    from mutoscope.images.plan import cropped

    photo = open_photo(still.original)
    part = cropped(photo.size, crop)
    scale = min(1.0, REFERENCE / max(part.width, part.height))
    size = Size(max(1, round(part.width * scale)), max(1, round(part.height * scale)))
    whole = Box(0, 0, size.width, size.height)
    return fitted(photo, Plan(photo.size, size, Fit.STRETCH, part, whole, bounds=part))[0]


def on_white(path: Path) -> Rgb:
    """A cut-out (a picture with alpha) alone on white, with a little room around it."""
    with Image.open(path) as file:
        rgba = np.asarray(file.convert("RGBA"), np.float32)
    alpha = rgba[..., 3:] / 255
    solid = rgba[..., :3] * alpha + 255 * (1 - alpha)
    rows, columns = (np.flatnonzero((alpha[..., 0] > 0.03).any(axis=axis)) for axis in (1, 0))
    if len(rows) and len(columns):
        solid = solid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    room = round(ROOM * max(solid.shape[:2]))
    made = np.pad(solid, ((room, room), (room, room), (0, 0)), constant_values=255)
    rgb = np.asarray(np.rint(made), np.uint8)
    scale = min(1.0, REFERENCE / max(rgb.shape[:2]))
    return scaled(
        rgb, Size(max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    )


def marked(path: Path, plan: Plan | None, canvas: Canvas) -> Grey:
    """A mask of the picture's shape (white: made anew), as it lies on the canvas. `plan` is the picture's
    in the frame; None: the mask has the frame's own shape. Raises BadImage."""
    photo = open_photo(path)
    if plan is None:
        whole = Box(0, 0, photo.width, photo.height)
        frame = canvas.target
        plan = Plan(photo.size, frame, Fit.STRETCH, whole, Box(0, 0, frame.width, frame.height))
    else:
        across, down = photo.width / plan.source.width, photo.height / plan.source.height
        crop = plan.crop
        box = Box(crop.left * across, crop.top * down, crop.right * across, crop.bottom * down)
        fill = "#000000" if plan.fill else ""
        plan = replace(plan, source=photo.size, crop=box, bounds=None, fill=fill)
    return np.asarray(fitted(photo, on_canvas(plan, canvas))[0].max(axis=2), np.uint8)
