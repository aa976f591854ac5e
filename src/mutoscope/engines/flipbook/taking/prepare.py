"""From a photograph to a Scene.

::

    whole photograph ─► matte + gate ──┐
                     └► nearness ──────┤
    frame + margin ──► continued ──────┴► outline ─► colours ∥ grids, plate ─► Scene

The rows run side by side as far as they do not meet.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope import weights
from mutoscope.engines.flipbook.scene import CELL, Grid, Rgb, Scene
from mutoscope.engines.flipbook.taking import cache
from mutoscope.engines.flipbook.taking.grids import Placing, nodes, smoothed
from mutoscope.engines.flipbook.taking.plate import continued, filled
from mutoscope.errors import Cancelled
from mutoscope.images.decode import Photo
from mutoscope.images.fit import fitted
from mutoscope.images.plan import Plan
from mutoscope.images.sessions import session
from mutoscope.images.subject import SubjectMatte, subject_of

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.taking.cutout import Cutout
    from mutoscope.engines.flipbook.taking.disparity import Ground

Progress = Callable[[str, float], None]
Cancel = Callable[[], bool]
Map = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
#: Whether the camera will look behind the subject of a scene whose plate is not painted yet.
Uncovers = Callable[[Scene], bool]

_MARGIN = (0.05, 0.045)  # of the frame's width and height: 64 and 32 pixels at 1280x720
_HFOV = 55.0  # degrees, where the camera wrote none: about a 35 mm lens
_HFOV_RANGE = (15.0, 110.0)
_MOST_GAIN = 2.0  # how far the frame's own range of nearness may be stretched to 0..1
_GUIDE_SIDE = 640  # pixels of the copy that nearness is guessed from


@dataclass(frozen=True, slots=True)
class _Near:
    """Nearness over the whole picture: of what lies behind the subject, and of the subject."""

    background: Map
    subject: Map
    learned: bool
    grounded: bool = True  # the subject stands on what is around it


def margins(plan: Plan) -> tuple[int, int]:
    """How far the plate reaches beyond the frame, in pixels: multiples of 16."""
    across = max(16, round(plan.target.width * _MARGIN[0] / 16) * 16)
    down = max(16, round(plan.target.height * _MARGIN[1] / 16) * 16)
    return across, down


def build_scene(
    photo: Photo,
    plan: Plan,
    *,
    quality: str = "standard",
    matte: SubjectMatte | None = None,
    uncovers: Uncovers | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    remember: bool = True,
) -> Scene:
    """Take a photograph apart as `plan` lays it in the frame.

    `matte` saves looking for the subject again where the caller has it. `quality` "draft" makes no
    subject layer. `uncovers` says of a scene whose plate is not painted yet whether the camera will
    look behind its subject; where it will not, the plate is filled cheaply (always by the network where
    `uncovers` is left out). A scene that was made before comes from the cache unless `remember` is
    false. Raises BadImage where the file is damaged, Cancelled where `cancel` says so."""
    if not remember:
        return _built(photo, plan, quality, matte, uncovers, progress, cancel)[0]
    names = {
        painted: cache.key(photo.sha256, plan, quality, photo.focal_35mm, painted=painted)
        for painted in (False, True)
    }
    # Which of the two it is never depends on what happens to be kept: the same order, the same film.
    kept = cache.load(names[False]) if uncovers is not None else None
    if kept is not None and not _painted(kept, uncovers):
        return kept
    whole = cache.load(names[True])
    if whole is not None and _painted(whole, uncovers):
        return whole
    scene, painted = _built(photo, plan, quality, matte, uncovers, progress, cancel)
    cache.store(names[painted], scene)
    return scene


def _painted(scene: Scene, uncovers: Uncovers | None) -> bool:
    """Whether the plate is to be painted with what may well be behind the subject."""
    return scene.subject is None or uncovers is None or uncovers(scene)


def _built(
    photo: Photo,
    plan: Plan,
    quality: str,
    matte: SubjectMatte | None,
    uncovers: Uncovers | None,
    progress: Progress | None,
    cancel: Cancel | None,
) -> tuple[Scene, bool]:
    """The scene, and whether its plate is painted (as it is where there is nothing to paint)."""

    def step(name: str, done: float) -> None:
        if cancel is not None and cancel():
            raise Cancelled("stopped while the picture was taken apart")
        if progress is not None:
            progress(name, done)

    margin = margins(plan)
    notes: list[str] = []
    layered = quality != "draft"
    with ThreadPoolExecutor(2, "scene") as pool:
        step("subject", 0.0)
        frame = pool.submit(_frame, photo, plan, margin)
        near_job = pool.submit(_near_background, photo)
        if layered and matte is None:
            matte = subject_of(photo, cancel=cancel)
        usable = layered and matte is not None and matte.stable
        if usable and uncovers is None:  # where it may not be needed it is opened when it is
            pool.submit(session, "inpaint")
        if layered and not usable:
            notes.append(_no_layer(matte))
        step("depth", 0.45)
        rgb, known, still = frame.result()
        cutout = None
        if usable and matte is not None:
            from mutoscope.engines.flipbook.taking.cutout import cut_out

            cutout = cut_out(rgb, known, matte.alpha, plan, margin)
            if cutout is None:
                notes.append("the frame shows nothing of the subject: one layer")
        colour = pool.submit(cutout.colours, rgb) if cutout is not None else None
        near = _with_subject(near_job.result(), matte, photo.thumbnail(_GUIDE_SIDE), usable)
        step("plate", 0.55)
        scene = _laid(photo, plan, margin, (rgb, still), near, cutout)
        scene = replace(scene, real=_real(known, margin))
        painted = _painted(scene, uncovers)
        if cutout is not None and colour is not None and scene.subject is not None:
            share = cutout.hole.share if painted else cutout.hole.close
            plate = filled(rgb, cutout.hole.missing, share, learned=painted)
            scene = replace(
                scene, plate=plate, subject=replace(scene.subject, colour=colour.result())
            )
            notes += _fillings(painted)
        step("layers", 0.95)
    notes.append(
        "depth from a learned model" if near.learned else "depth guessed from the picture's layout"
    )
    step("layers", 1.0)
    return replace(scene, notes=tuple(notes)), painted


def _laid(
    photo: Photo,
    plan: Plan,
    margin: tuple[int, int],
    frame: tuple[Rgb, Rgb],
    near: _Near,
    cutout: Cutout | None,
) -> Scene:
    """The scene with all its disparities, and the photograph's own colours in both layers. `frame`:
    with its margin, and the still alone."""
    rgb, still = frame
    placing = Placing.of(plan, -margin[0], -margin[1])
    shape = nodes(*rgb.shape[:2])
    missing = None
    if cutout is not None:
        from mutoscope.engines.flipbook.taking.cutout import at_nodes

        missing = at_nodes(cutout.hole.missing, shape)
    behind = placing.sample(near.background, shape, CELL, cv2.BORDER_REPLICATE)
    plate = smoothed(behind, missing, plan.target.width)
    subject = None
    if cutout is not None:
        from mutoscope.engines.flipbook.taking.cutout import layer

        subject = layer(
            cutout, cutout.photographed(rgb), near.subject, plate, plan, margin,
            grounded=near.grounded,
        )  # fmt: skip
    low, gain = _stretch(plate, subject.disparity if subject else None)
    plate = _stretched(plate, low, gain)
    pivot = float(np.median(plate))
    if subject is not None:
        subject = replace(subject, disparity=_stretched(subject.disparity, low, gain))
        inside = at_nodes(subject.alpha, subject.disparity.shape) > 0.5
        if inside.any():
            pivot = float(np.median(subject.disparity[inside]))
    return Scene(
        width=plan.target.width,
        height=plan.target.height,
        margin_x=margin[0],
        margin_y=margin[1],
        plate=rgb,
        plate_disparity=plate,
        still=still,
        subject=subject,
        hfov=hfov(photo.focal_35mm, plan),
        pivot=pivot,
    )


def _fillings(painted: bool) -> list[str]:
    """What there is to say of how the plate was filled."""
    if not painted:
        return ["the camera hardly looks behind the subject: filled there by classical means"]
    if weights.find("inpaint") is None:
        return [
            "no inpaint weights: what the subject uncovers is filled by classical means "
            "(mutoscope weights fetch inpaint)"
        ]
    return []


def _frame(photo: Photo, plan: Plan, margin: tuple[int, int]) -> tuple[Rgb, Mask, Rgb]:
    rgb, known = fitted(photo, plan, *margin)
    height, width = plan.target.height, plan.target.width
    still = rgb[margin[1] : margin[1] + height, margin[0] : margin[0] + width]
    return continued(rgb, known), known, np.ascontiguousarray(still)


def _real(known: Mask, margin: tuple[int, int]) -> tuple[int, int, int, int]:
    """How many pixels beyond the frame are the photograph's (or the pad's): left, top, right, bottom."""
    from mutoscope.engines.flipbook.taking.plate import beyond

    top, bottom, left, right = beyond(known)
    return margin[0] - left, margin[1] - top, margin[0] - right, margin[1] - bottom


def _near_background(photo: Photo) -> Ground | Map:
    """What the picture alone tells, or the learned model where the owner added one."""
    from mutoscope.engines.flipbook.taking.depth import learned_nearness
    from mutoscope.engines.flipbook.taking.disparity import WIDTH, ground

    picture = photo.thumbnail(_GUIDE_SIDE)
    learned = learned_nearness(picture, WIDTH)
    return ground(picture) if learned is None else learned


def _with_subject(
    found: Ground | Map, matte: SubjectMatte | None, picture: Rgb, usable: bool
) -> _Near:
    if isinstance(found, np.ndarray):
        return _Near(found, found, learned=True)
    from mutoscope.engines.flipbook.taking.disparity import doubtful
    from mutoscope.engines.flipbook.taking.standing import behind, out_of_focus, standing

    found = found.under_the_sky(matte.alpha if matte is not None and usable else None)
    if matte is None:
        return _Near(found.bold, found.bold, learned=False)
    if not usable:
        near = doubtful(found.bold, matte.alpha, matte.quality)
        return _Near(near, near, learned=False)
    subject = standing(found.calm, matte.alpha, found.level, picture)
    if out_of_focus(picture, matte.alpha):
        return _Near(
            behind(found.calm, subject, matte.alpha), subject, learned=False, grounded=False
        )
    return _Near(found.calm, subject, learned=False)


def _no_layer(matte: SubjectMatte | None) -> str:
    if matte is None:
        return (
            "no matte weights: the whole picture moves as one sheet (mutoscope weights fetch matte)"
        )
    return "no subject stands out clearly: the whole picture moves as one sheet"


def _stretch(plate: Grid, subject: Grid | None) -> tuple[float, float]:
    """What the frame's nearness is reduced by and multiplied with, to use the range 0..1."""
    values = plate.ravel() if subject is None else np.concatenate([plate.ravel(), subject.ravel()])
    low, high = (float(v) for v in np.percentile(values, (0.5, 99.5)))
    gain = min(_MOST_GAIN, 1 / max(high - low, 1e-6))
    return low - (1 - (high - low) * gain) / 2 / gain, gain


def _stretched(values: Grid, low: float, gain: float) -> Grid:
    reduced = (values - np.float32(low)) * np.float32(gain)
    return np.asarray(np.clip(reduced, 0, 1), np.float32)


def hfov(focal_35mm: float | None, plan: Plan) -> float:
    """Horizontal field of view of the frame in degrees, by the lens that the camera wrote.

    An equivalent focal length speaks of the diagonal, 43.27 mm; what the plan cuts narrows the view."""
    if not focal_35mm:
        return _HFOV
    source = plan.source
    half = 43.27 / 2 * source.width / math.hypot(source.width, source.height) / focal_35mm
    shown = plan.target.width / (plan.scale[0] * source.width)
    return min(_HFOV_RANGE[1], max(_HFOV_RANGE[0], 2 * math.degrees(math.atan(half * shown))))
