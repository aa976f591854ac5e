"""A region's mark as the picture that is sent has it: cropped, scaled and padded as that was, black around."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mutoscope.images.plan import Box, Plan
from mutoscope.shot import Fit, Size


def marked(mask: Path, plan: Plan, out: Path) -> Path:
    """The mask of a picture, which lands in the frame by `plan`, as a PNG of the frame's size. Blocks. Raises
    BadImage."""
    import cv2

    from mutoscope.images.decode import open_photo
    from mutoscope.images.fit import fitted

    photo = open_photo(mask)
    rgb, _ = fitted(photo, along(plan, Size(photo.width, photo.height)))
    cv2.imwrite(str(out), rgb.max(axis=2))
    return out


def along(plan: Plan, size: Size) -> Plan:
    """The plan for a mask of the picture's shape, whatever its size."""
    across, down = size.width / plan.source.width, size.height / plan.source.height

    def scaled(box: Box) -> Box:
        return Box(box.left * across, box.top * down, box.right * across, box.bottom * down)

    bounds = None if plan.bounds is None else scaled(plan.bounds)
    fill = "#000000" if plan.fit is Fit.PAD and plan.fill else plan.fill
    return replace(plan, source=size, crop=scaled(plan.crop), bounds=bounds, fill=fill)
