"""From a photograph to a Scene.

::

    whole photograph ─► matte + gate ──┐
                     └► nearness ──────┤
    frame + margin ──► continued ──────┴► outline ─► colours ∥ grids, plate ─► Scene

The rows run side by side as far as they do not meet. What the camera will look at decides how much is
painted: the scene is first made cheaply, a camera's path is planned in it, and only if that looks behind
the subject, or beyond the picture's border, the network fills what is seen there.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mutoscope import weights
from mutoscope.engines.flipbook.scene import Rgb, Scene
from mutoscope.engines.flipbook.taking import cache
from mutoscope.engines.flipbook.taking.lay import Map, Near, laid, margins
from mutoscope.engines.flipbook.taking.plate import beyond, continued, filled
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
Mask = npt.NDArray[np.uint8]
#: What the camera will do in a scene whose plate is not painted yet: look behind its subject, or beyond
#: the picture's border.
Looks = Callable[[Scene], bool]

_GUIDE_SIDE = 640  # pixels of the copy that nearness is guessed from
#: Of the margin, how much of its painted part may be shown: faults come in the outermost.
_PAINTED_SHOWN = 0.8


def build_scene(
    photo: Photo, plan: Plan, *,
    quality: str = "standard", matte: SubjectMatte | None = None,
    uncovers: Looks | None = None, leaves: Looks | None = None,
    progress: Progress | None = None, cancel: Cancel | None = None, remember: bool = True,
) -> Scene:  # fmt: skip
    """Take a photograph apart as `plan` lays it in the frame.

    `matte` saves looking for the subject again where the caller has it. `quality` "draft" makes no
    subject layer. `uncovers` says of a scene that is not painted yet whether the camera will look behind
    its subject; where it will not, the plate is filled cheaply (always by the network where `uncovers`
    is left out). `leaves` says the same of the picture's border: where it is given, the margin is wide,
    and painted if need be. A scene that was made before comes from the cache unless `remember` is
    false. Raises BadImage where the file is damaged, Cancelled where `cancel` says so."""
    wide = leaves is not None and quality != "draft" and weights.find("inpaint") is not None
    margin = margins(plan, wide=wide)

    def named(painted: bool, bordered: bool) -> str:
        how = f"{margin} {'painted' if painted else ''} {'bordered' if bordered else ''}"
        return cache.key(photo.sha256, plan, quality, photo.focal_35mm, how)

    step = _steps(progress, cancel)
    taken = None
    cheap = cache.load(named(False, False)) if remember else None
    if cheap is None:
        taken = _Taken.of(photo, plan, margin, quality, matte, step, cancel, eager=uncovers is None)
        cheap = taken.scene(step)
        if remember:
            cache.store(named(False, False), cheap)
    if wide:
        cheap = replace(cheap, made_up=_PAINTED_SHOWN)
    # Asked of the cheap scene alone, whatever is kept: the same order, the same film.
    painted = cheap.subject is not None and (uncovers is None or uncovers(cheap))
    bordered = wide and leaves is not None and leaves(cheap)
    if not painted and not bordered:
        if taken is not None:
            step("layers", 1.0)
        return cheap
    scene = cache.load(named(painted, bordered)) if remember else None
    if scene is None:
        if taken is None:
            taken = _Taken.of(photo, plan, margin, quality, matte, step, cancel, eager=True)
        if bordered:
            scene = taken.scene(step, painted=painted, bordered=True)
        else:
            scene = taken.painted(cheap, step)
        step("layers", 1.0)
        if remember:
            cache.store(named(painted, bordered), scene)
    return replace(scene, made_up=_PAINTED_SHOWN) if wide else scene


def _steps(progress: Progress | None, cancel: Cancel | None) -> Progress:
    """Tells how far the work is, never less than before, and stops it where that is asked for."""
    most = 0.0

    def step(name: str, done: float) -> None:
        nonlocal most
        if cancel is not None and cancel():
            raise Cancelled("stopped while the picture was taken apart")
        most = max(most, done)
        if progress is not None:
            progress(name, most)

    return step


@dataclass(frozen=True, slots=True)
class _Taken:
    """A photograph taken apart, before anything is filled in. `rgb` has a mirrored margin."""

    photo: Photo
    plan: Plan
    margin: tuple[int, int]
    rgb: Rgb
    known: Mask
    still: Rgb
    matte: SubjectMatte | None  # usable ones alone
    near: Near
    cutout: Cutout | None
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, photo: Photo, plan: Plan, margin: tuple[int, int], quality: str,
        matte: SubjectMatte | None, step: Progress, cancel: Cancel | None, *, eager: bool,
    ) -> _Taken:  # fmt: skip
        """`eager`: the network that fills the plate will be needed, and may be opened at once."""
        notes: list[str] = []
        layered = quality != "draft"
        with ThreadPoolExecutor(2, "scene") as pool:
            step("subject", 0.0)
            frame = pool.submit(_frame, photo, plan, margin)
            near_job = pool.submit(_near_background, photo)
            if layered and matte is None:
                matte = subject_of(photo, cancel=cancel)
            usable = layered and matte is not None and matte.stable
            if usable and eager:
                pool.submit(session, "inpaint")
            if layered and not usable:
                notes.append(_no_layer(matte))
            step("depth", 0.4)
            rgb, known, still = frame.result()
            cutout = None
            if usable and matte is not None:
                cutout = _cut(rgb, known, matte, plan, margin)
                if cutout is None:
                    notes.append("the frame shows nothing of the subject: one layer")
            near = _with_subject(near_job.result(), matte, photo.thumbnail(_GUIDE_SIDE), usable)
        found = matte if usable else None
        return cls(photo, plan, margin, rgb, known, still, found, near, cutout, tuple(notes))

    def scene(self, step: Progress, *, painted: bool = False, bordered: bool = False) -> Scene:
        """The scene; `painted`: what the network puts behind the subject, `bordered`: what it puts
        beyond the picture's border."""
        rgb, cutout = self.rgb, self.cutout
        if bordered:
            from mutoscope.engines.flipbook.taking.beyond import painted as border

            step("border", 0.65)
            rgb = border(rgb, self.known)
            if self.matte is not None:  # a body goes on in what is painted, not in a mirror
                whole = np.full_like(self.known, 255)
                cutout = _cut(rgb, whole, self.matte, self.plan, self.margin)
        step("plate", 0.8 if bordered else 0.5)
        with ThreadPoolExecutor(1, "colours") as pool:
            colour = pool.submit(cutout.colours, rgb) if cutout is not None else None
            scene = laid(
                self.plan, self.margin, (rgb, self.still), self.near, cutout, self.photo.focal_35mm
            )
            plate = rgb if cutout is None else _plate(rgb, cutout, painted)
            if colour is not None and scene.subject is not None:
                scene = replace(scene, subject=replace(scene.subject, colour=colour.result()))
        step("layers", 0.95 if bordered else 0.6)
        real = _real(self.known, self.margin)
        return replace(scene, plate=plate, real=real, notes=self._notes(painted))

    def painted(self, scene: Scene, step: Progress) -> Scene:
        """`scene`, which was made cheaply, with what the network puts behind the subject."""
        assert self.cutout is not None
        step("plate", 0.65)
        plate = _plate(self.rgb, self.cutout, painted=True)
        return replace(scene, plate=plate, notes=self._notes(painted=True))

    def _notes(self, painted: bool) -> tuple[str, ...]:
        depth = "a learned model" if self.near.learned else ""
        return (
            *self.notes,
            *(_fillings(painted) if self.cutout is not None else ()),
            f"depth from {depth}" if depth else "depth guessed from the picture's layout",
        )


def _plate(rgb: Rgb, cutout: Cutout, painted: bool) -> Rgb:
    share = cutout.hole.share if painted else cutout.hole.close
    return filled(rgb, cutout.hole.missing, share, learned=painted)


def _cut(
    rgb: Rgb, known: Mask, matte: SubjectMatte, plan: Plan, margin: tuple[int, int]
) -> Cutout | None:
    from mutoscope.engines.flipbook.taking.cutout import cut_out

    return cut_out(rgb, known, matte.alpha, plan, margin)


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
) -> Near:
    if isinstance(found, np.ndarray):
        return Near(found, found, learned=True)
    from mutoscope.engines.flipbook.taking.disparity import doubtful
    from mutoscope.engines.flipbook.taking.standing import behind, out_of_focus, standing

    found = found.under_the_sky(matte.alpha if matte is not None and usable else None)
    if matte is None:
        return Near(found.bold, found.bold, learned=False)
    if not usable:
        near = doubtful(found.bold, matte.alpha, matte.quality)
        return Near(near, near, learned=False)
    subject = standing(found.calm, matte.alpha, found.level, picture)
    if out_of_focus(picture, matte.alpha):
        far = behind(found.calm, subject, matte.alpha)
        return Near(far, subject, learned=False, grounded=False)
    return Near(found.calm, subject, learned=False)


def _no_layer(matte: SubjectMatte | None) -> str:
    if matte is None:
        return (
            "no matte weights: the whole picture moves as one sheet (mutoscope weights fetch matte)"
        )
    return "no subject stands out clearly: the whole picture moves as one sheet"
