"""Shallow focus and focus pulls: what lies nearer or farther than the focus is a disc, not a point.

The plate is blurred by discs of several sizes once a film, in linear light, with what the photograph
clips counted as brighter than it shows; a frame's background is one mix of these, seen through the
camera. The subject lies over it with its own outline: none of its colour comes into the background, and
where the subject is out of focus it is blurred with its outline, over a plate that is sharp.
"""

from __future__ import annotations

import av
import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.camera.model import FAR
from mutoscope.engines.flipbook.effects import course, softening
from mutoscope.engines.flipbook.effects.asked import Asked, Made, refused
from mutoscope.engines.flipbook.effects.course import Levels
from mutoscope.engines.flipbook.effects.discs import SHARP, Blurred, Four, blurred, weights
from mutoscope.engines.flipbook.effects.softening import HALF
from mutoscope.engines.flipbook.rendering import positions
from mutoscope.engines.flipbook.rendering.layers import Layer, laid_out
from mutoscope.engines.flipbook.rendering.positions import STEP, Nodes
from mutoscope.engines.flipbook.rendering.seen import Seen
from mutoscope.engines.flipbook.scene import CELL, Scene
from mutoscope.finish.bt709 import planes
from mutoscope.finish.frame import Plane, planes_of

#: Radius of a disc (pixels of 720 lines) for each unit of inverse depth away from the focus, and the
#: radius that the far plane has at least where the focus is not there itself.
RADIUS, BEHIND, MOST = 20.0, 10.0, 24.0
#: From a disc of this radius to SHARP the sharp subject turns into the blurred one.
TURNS = 0.3
#: Frames of the same focus from which on its plate is made once for all of them.
HELD = 6
#: The part of the plate that is as good as endlessly far.
FARAWAY = 0.4


class Defocus:
    """`focus`: the disparity in focus, `opened`: how far the aperture is open (0: all is sharp), both by
    frame. `strength`: of the blur, 1 as usual."""

    def __init__(self, scene: Scene, focus: Levels, opened: Levels, strength: float = 1.0):
        self.scene, self.focus, self.opened = scene, focus, opened
        self.lines = scene.height / 720
        nearest = abs(float(_rho(focus.max())) - FAR)
        self._per = min(60.0, max(RADIUS, BEHIND / max(nearest, 0.1))) * (0.4 + 0.6 * strength)
        largest = min(MOST, self._per) * self.lines
        self._plate = blurred(scene.plate, None, largest)
        self.endless = endless(scene)
        self._codes = _codes(scene, self._plate.size)
        self._sharp = planes(scene.plate)
        self._subject: Blurred | None = None
        self.depth = scene.pivot
        if scene.subject is not None:
            self.depth = middle(scene)
            if max(float(self.radius(at, self.depth)) for at in range(len(focus))) > TURNS:
                self._subject = blurred(scene.subject.colour, scene.subject.alpha, largest)
        self._layer: tuple[tuple[float, float], Layer | None] = ((-1, -1), None)
        self._mixed: tuple[tuple[float, float], Four | None] = ((-1, -1), None)

    def radius(self, number: int, disparity: npt.ArrayLike) -> Levels:
        """Of the disc that a point of some disparity is at a frame, in pixels."""
        at = number % len(self.focus)
        there = np.maximum(disparity, self.endless)
        away = np.abs(_rho(there) - _rho(self.focus[at])) * self.opened[at]
        return np.asarray(np.minimum(away * self._per, MOST) * self.lines)

    def bare(self, number: int) -> bool:
        """Whether the subject is blurred so far that nothing of the sharp one may be in the frame."""
        if self._subject is None:
            return False
        return float(self.radius(number, self.depth)) >= SHARP

    def replated(self, number: int, scale: int) -> Layer | None:
        """The plate as it is out of focus, where many frames have the same: then it costs nothing."""
        at = number % len(self.focus)
        state = float(self.focus[at]), float(self.opened[at])
        same = (self.focus == state[0]) & (self.opened == state[1])
        if state[1] <= 0 or np.count_nonzero(same) < HELD:
            return None
        if self._layer[0] != state:
            soft = self._background(at)
            tall, wide = self._sharp[0].shape
            luma, cb, cr, share = (np.asarray(plane, np.uint8) for plane in cv2.split(soft))
            film = []
            for plane, blur, part in zip(
                self._sharp, (_larger(luma), cb, cr), (_larger(share), share, share), strict=True
            ):
                laid = plane.copy()
                modes = np.zeros((-(-tall // STEP), -(-wide // STEP)), np.uint8)
                softening.plain(
                    laid, plane.shape[1], plane.shape[0], blur, part, modes,
                    STEP * plane.shape[1] // wide,
                )  # fmt: skip
                film.append(laid)
            layer = laid_out(
                (film[0], film[1], film[2]), self.scene.margin_x, self.scene.margin_y, scale
            )
            self._layer = state, layer
        return self._layer[1]

    def apply(self, frame: av.VideoFrame, seen: Seen) -> None:
        at = seen.number % len(self.focus)
        if self.opened[at] <= 0:
            return
        scene, subject = self.scene, self.scene.subject
        nodes, own = seen.nodes
        modes = seen.modes
        if own is None or subject is None or modes is None:
            modes = np.zeros((-(-scene.height // STEP), -(-scene.width // STEP)), np.uint8)
            own = None
        size, margins = (scene.width, scene.height), (scene.margin_x, scene.margin_y)
        film = [
            (plane, scene.width >> halved, scene.height >> halved, halved)
            for plane, halved in zip(planes_of(frame), (0, 1, 1), strict=True)
        ]
        done = self._layer[0] == (float(self.focus[at]), float(self.opened[at]))
        # whoever calls may draw the subject all the same
        bare = self.bare(seen.number) and not modes.any()
        blur = float(self.radius(at, self.depth)) if self._subject is not None else 0.0
        back = None
        if not done or (blur > TURNS and not bare):
            back = _through(self._background(at), nodes, -margins[0], -margins[1], size)
        if back is not None and not done:
            for (plane, wide, tall, halved), under in zip(film, back, strict=True):
                softening.plain(plane, wide, tall, *under, modes, STEP >> halved)
        if own is None or subject is None:
            return
        place = (*nodes, *own, subject.alpha, subject.x, subject.y)
        if back is not None and not done and not bare:
            for (plane, wide, tall, halved), under, sharp in zip(
                film, back, self._sharp, strict=True
            ):
                softening.outline(
                    plane, wide, tall, *under, modes, *place, sharp, *margins, halved
                )  # fmt: skip
        if self._subject is None or blur <= TURNS:
            return
        brim = self._subject.brim
        corner = subject.x - brim, subject.y - brim
        fronts = _through(self._subject.at(blur), own, *corner, size)
        much = min(1.0, (blur - TURNS) / (SHARP - TURNS))
        for at_plane, (plane, wide, tall, halved) in enumerate(film):
            if bare or back is None:
                softening.laid(plane, wide, tall, *fronts[at_plane], 128 * halved)
                continue
            softening.over(
                plane, wide, tall, *back[at_plane], *fronts[at_plane], much, modes, *place,
                self._sharp[at_plane], *margins, halved,
            )  # fmt: skip

    def _background(self, at: int) -> Four:
        """The blurred plate of a frame; many have the same."""
        state = float(self.focus[at]), float(self.opened[at])
        made = self._mixed[1]
        if made is None or self._mixed[0] != state:
            by_code = self.radius(at, np.arange(256) / 255)
            made = self._plate.mixed(self._codes, weights(by_code, self._plate.radii))
            self._mixed = state, made
        return made


def _through(
    given: Four, nodes: tuple[Nodes, Nodes], left: int, top: int, size: tuple[int, int]
) -> list[tuple[Plane, Plane]]:
    """A half-size picture as the nodes of a frame of `size` (width, height) see it; its corner lies at
    (`left`, `top`). For each plane of the film its values and their share."""
    rows, cols = given.shape[:2]
    x, y = np.empty(nodes[0].shape, np.int64), np.empty(nodes[0].shape, np.int64)
    positions.fix(*nodes, x, y, left + 0.5, top + 0.5, 0.5, cols, rows, True)
    wide, tall = size[0] // 2, size[1] // 2
    luma, cb, cr, share = (np.empty((tall, wide), np.uint8) for _ in range(4))
    lines = np.empty((6, HALF * (nodes[0].shape[1] - 1)), np.uint32)
    packed = given.view(np.uint32)[..., 0]
    softening.sampled(packed, x, y, wide, tall, luma, cb, cr, share, lines)
    return [(_larger(luma), _larger(share)), (cb, share), (cr, share)]


def _larger(plane: Plane) -> Plane:
    size = plane.shape[1] * 2, plane.shape[0] * 2
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _codes(scene: Scene, size: tuple[int, int]) -> Plane:
    """The plate's disparity for each pixel of its half size, 0..255."""
    x = (np.arange(size[0], dtype=np.float32) * 2 + 0.5) / CELL
    y = (np.arange(size[1], dtype=np.float32) * 2 + 0.5) / CELL
    across, down = np.meshgrid(x, y)
    seen = cv2.remap(
        scene.plate_disparity, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.rint(np.clip(seen, 0, 1) * 255).astype(np.uint8)


def _rho(disparity: npt.ArrayLike) -> Levels:
    return np.asarray(FAR + (1 - FAR) * np.clip(np.asarray(disparity, np.float64), 0, 1))


def middle(scene: Scene) -> float:
    """The subject's disparity; where there is none, that of what the camera turns about."""
    if scene.subject is None:
        return scene.pivot
    grid = scene.subject.disparity
    small = cv2.resize(scene.subject.alpha, grid.shape[::-1], interpolation=cv2.INTER_AREA) > 128
    return float(np.median(grid[small])) if small.any() else scene.pivot


def endless(scene: Scene) -> float:
    """The disparity from which on all counts as equally far: what tells the depth of a sky from that of
    hills is no measure of metres."""
    return min(0.5 * middle(scene), float(np.quantile(scene.plate_disparity, FARAWAY)))


def shallow(asked: Asked) -> Made:
    """The background out of focus."""
    if asked.scene is None:
        return refused("how far away things are is not known here, so all stays as sharp as it was")
    levels = course.present(asked.timing)
    focus = np.full(asked.timing.frames, middle(asked.scene))
    made = Defocus(asked.scene, focus, levels, asked.strength)
    how = "what lies behind and before the subject is blurred, by how far from it it is"
    if asked.timing.exact:
        how += "; it grows in after the first frame, which is the picture itself"
    if asked.scene.subject is None:
        how = "no subject stands out, so the focus lies where the middle of the picture does"
        return Made((made,), "approximated", how)
    return Made((made,), "done", how)


def focus_pull(asked: Asked) -> Made:
    """The focus goes from near to far, or back."""
    scene, timing = asked.scene, asked.timing
    if scene is None:
        return refused("how far away things are is not known here, so there is no focus to pull")
    near, far = middle(scene), endless(scene)
    if scene.subject is None:
        near = float(np.quantile(scene.plate_disparity, 0.9))
    if backward(asked):
        near, far = far, near
    share = course.growing(timing)
    if not timing.loop:
        share = course.eased((np.arange(timing.frames) / max(1, timing.frames - 1) - 0.22) / 0.5)
    made = Defocus(scene, near + (far - near) * share, course.present(timing), asked.strength)
    way = (
        "from the background to the subject"
        if backward(asked)
        else "from the subject to the background"
    )
    how = f"the focus goes {way}"
    if timing.loop:
        how += f" and back, {asked.because}"
    how += "; sharp stays only what the photograph has sharp"
    if scene.subject is None:
        return Made(
            (made,), "approximated", how + "; no subject stands out, so it goes by depth alone"
        )
    return Made((made,), "done", how)


def backward(asked: Asked) -> bool:
    """Whether the focus comes from afar: "to the foreground", "from the background to her face"."""
    near, far = asked.place("near"), asked.place("far")
    if near is None or far is None:
        return near is not None
    return far < near


def deep(asked: Asked) -> Made:
    """Everything in focus."""
    return Made((), "done", "nothing is blurred; sharp is what the photograph has sharp")
