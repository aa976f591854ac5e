"""Tracks added up to poses, for a share of what was asked and a framing closer by a little."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.camera import model as camera
from mutoscope.engines.flipbook.camera.model import (
    FAR,
    PITCH,
    ROLL,
    TX,
    TY,
    TZ,
    YAW,
    ZOOM,
    inverse_depth,
)
from mutoscope.engines.flipbook.camera.relief import LEAST, WHOLE, Relief
from mutoscope.engines.flipbook.camera.tracks import Track, growth
from mutoscope.engines.flipbook.camera.view import View

Array = npt.NDArray[np.float64]

#: A dolly takes the scene to be this deep, far plane to near: the prior knows the order of depths
#: better than their size, and a photograph's stretch shows first at the frame's sides.
DOLLY_FAR = 0.5
#: Uprights lean, and levels stretch, at most so far (as slopes) when the camera moves sideways.
LEAN = math.tan(math.radians(2))
#: Behind a subject, where the plate can be made shallower, less than that is aimed at.
CALM = math.tan(math.radians(1.2))
STRETCH = 0.06
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Sums:
    """The tracks by axis, n long: near-plane travel in pixels, turns in radians, growth as logs."""

    truck: Array
    pedestal: Array
    yaw: Array
    pitch: Array
    orbit: Array
    rise: Array  # an orbit upward, about the same pivot
    roll: Array
    shake: Array  # n×6
    zoom_in: Array
    zoom_out: Array
    dolly_in: Array
    dolly_out: Array
    through: bool = False  # they lead to the still and on, rather than away from it


def sums(tracks: Sequence[Track], view: View, frames: int, *, held: bool = False) -> Sums:
    """Moves that overlap add. `held`: moves that would carry the subject across the frame go around
    it instead, with the backdrop moving the same way."""

    def of(kind: str, unit: float, chosen: Callable[[Track], bool] = lambda _: True) -> Array:
        total = np.zeros(frames)
        for track in tracks:
            if track.kind == kind and chosen(track):
                total += unit * track.size * track.way
        return total

    def grown(kind: str, side: str) -> Array:
        total = np.zeros(frames)
        for track in tracks:
            if track.move.move == f"{kind}_{side}":
                total += growth(track)
        return total

    shake = np.zeros((frames, 6))
    for track in tracks:
        if track.noise is not None:
            shake += track.size * track.way[:, None] * track.noise * (view.hfov / 55.0)
    rise = np.zeros(frames)
    degree = math.pi / 180
    for track in tracks:
        if track.lift is not None:
            rise += degree * track.size * track.lift
    one = Sums(
        truck=of("truck", view.width), pedestal=of("pedestal", -view.height),
        yaw=of("pan", -degree), pitch=of("tilt", -degree),
        orbit=of("orbit", degree), rise=rise, roll=of("roll", -degree), shake=shake,
        zoom_in=grown("zoom", "in"), zoom_out=grown("zoom", "out"),
        dolly_in=grown("dolly", "in"), dolly_out=grown("dolly", "out"),
    )  # fmt: skip
    return _around(one, view) if held else one


def _around(one: Sums, view: View) -> Sums:
    """Trucks and pans as orbits that carry the backdrop as far, tilts and pedestals likewise."""
    pivot, focal = float(inverse_depth(view.pivot)), view.lens.focal
    across = np.arctan(pivot * one.truck / focal) + one.yaw
    up = np.arctan(-pivot * one.pedestal / focal) + one.pitch
    none = np.zeros(len(across))
    return replace(
        one, truck=none, pedestal=none, yaw=none, pitch=none,
        orbit=one.orbit + across, rise=one.rise + up,
    )  # fmt: skip


def about(one: Sums, met: int) -> Sums:
    """The same ways counted from where they are at frame `met`, where the still is met."""
    if met == 0:
        return one
    axes = {field.name for field in fields(one)} - {"through"}
    ways = {name: getattr(one, name) - getattr(one, name)[met] for name in axes}
    return replace(one, **ways, through=True)


def _middle(values: Array) -> Array:
    return np.asarray(values - (values.max() + values.min()) / 2)


def centred(one: Sums) -> Sums:
    """The same ways placed for the least need of picture: sideways moves about the frame's middle,
    and moves outward beginning inside and ending on the whole."""
    counter = (one.zoom_out.any() and one.dolly_in.any()) or (
        one.zoom_in.any() and one.dolly_out.any()
    )
    out = (one.zoom_out, one.dolly_out)
    if not counter:
        out = (out[0] - out[0].min(), out[1] - out[1].min())
    return replace(
        one, truck=_middle(one.truck), pedestal=_middle(one.pedestal), yaw=_middle(one.yaw),
        pitch=_middle(one.pitch), orbit=_middle(one.orbit), rise=_middle(one.rise),
        zoom_out=out[0], dolly_out=out[1],
    )  # fmt: skip


def shifted(at: Array, view: View, paint: float = 0.0) -> Array:
    """Poses turned over, by as little as it takes, to where the picture has more room."""
    focal = view.lens.focal
    over = at.copy()
    for _ in range(_ROUNDS):  # a turn moves the corners by a little more or less than the middle
        left, top, right, bottom = view.excess(over, paint)
        if max(left, top, right, bottom) <= 0:
            break
        over[:, YAW] -= math.atan(_evened(left, right) / focal)
        over[:, PITCH] += math.atan(_evened(top, bottom) / focal)
    return over


def _evened(before: float, after: float) -> float:
    """Pixels to move on (below 0: back) so that what is missing at both ends is as little as can be."""
    worst = max(before, after)
    if worst <= 0:
        return 0.0
    return math.copysign(min(abs(before - after) / 2, worst), before - after)


def relief(one: Sums, view: View) -> Relief:
    """As much of the plate's depth as keeps uprights within CALM all along the way; all of it where
    no subject stands in front of the plate."""
    if view.backdrop is None:
        return WHOLE
    lens, pivot = view.lens, float(inverse_depth(view.pivot))
    across = np.abs(one.truck / lens.focal).max() + np.abs(np.tan(one.orbit) / pivot).max()
    down = np.abs(one.pedestal / lens.focal).max() + np.abs(np.tan(one.rise) / pivot).max()
    need = max(float(across), float(down) * LEAN / STRETCH, 1e-9)
    share = min(1.0, max(LEAST, steepest(view) * CALM / LEAN / need))
    return Relief(share, view.backdrop, view.pivot)


def steepest(view: View) -> float:
    """tx (near-plane units) at which uprights lean by LEAN."""
    per = view.lens.focal * (1 - FAR) * max(view.slope, 1e-6)
    return LEAN / per


def orbit_limit(view: View) -> float:
    """The angle, radians, of an orbit at which uprights lean by LEAN."""
    return math.atan(float(inverse_depth(view.pivot)) * steepest(view))


def _rise_limit(view: View) -> float:
    return math.atan(float(inverse_depth(view.pivot)) * steepest(view) * STRETCH / LEAN)


def poses(one: Sums, view: View, *, share: float = 1.0, closer: float | Array = 0.0) -> Array:
    """n×7. `share` of the moves that need picture beyond the frame; `closer`: zoom beyond 1, to make
    room for them."""
    lens, pivot = view.lens, float(inverse_depth(view.pivot))
    at = np.zeros((len(one.truck), 7))
    most = steepest(view)
    tx, yaw = _travelled(share * one.truck / lens.focal, most, pivot)
    ty, pitch = _travelled(share * one.pedestal / lens.focal, most * STRETCH / LEAN, pivot)
    orbit = share * one.orbit * _within(one.orbit, orbit_limit(view))
    rise = share * one.rise * _within(one.rise, _rise_limit(view))
    shake = share * one.shake
    grown = _outward(one.dolly_in, one, share) + _outward(one.dolly_out, one, share)
    tz, zoom = _dollied(grown, pivot)
    at[:, TX] = tx + np.tan(orbit) / pivot + shake[:, 0]
    at[:, TY] = ty - np.tan(rise) / pivot + shake[:, 1]
    at[:, TZ] = tz + shake[:, 2]
    at[:, YAW] = share * one.yaw - yaw + orbit + shake[:, 3]
    at[:, PITCH] = share * one.pitch + pitch + rise + shake[:, 4]
    at[:, ROLL] = share * one.roll + shake[:, 5]
    logs = _outward(one.zoom_in, one, share) + _outward(one.zoom_out, one, share)
    at[:, ZOOM] = zoom * np.exp(logs) * (1 + np.asarray(closer))
    return at


def _within(angle: Array, most: float) -> float:
    largest = float(np.abs(angle).max(initial=0.0))
    return min(1.0, most / largest) if largest > 0 else 1.0


def shares(one: Sums, view: View, share: float, *, held: bool = False) -> dict[str, float]:
    """What `poses` leaves of each kind of move, by its name or family."""
    left = dict.fromkeys(("pan", "tilt", "truck", "pedestal", "roll", "handheld"), share)
    around = share * _within(one.orbit, orbit_limit(view))
    up = share * _within(one.rise, _rise_limit(view))
    left["orbit"] = around
    if held:
        left |= {"pan": around, "truck": around, "tilt": up, "pedestal": up}
    for name in ("zoom_in", "zoom_out", "dolly_in", "dolly_out"):
        log = getattr(one, name)
        out, whole = -float(log.min(initial=0.0)), float(np.ptp(log))
        left[name] = 1 - (1 - share) * out / max(out, whole) if out > 1e-9 else 1.0
    return left


def _outward(log: Array, one: Sums, share: float) -> Array:
    """Below 0 the picture is asked for more than the frame: only a share of that. Where the way leads
    through the still it bends towards that share, so that the speed does not jump there."""
    if not one.through:
        return np.where(log < 0, share * log, log)
    most = -float(log.min(initial=0.0))
    if most < 1e-9 or share >= 1:
        return log
    bend = (1 / max(share, 1e-3) - 1) / most
    out = np.minimum(log, 0.0)
    return np.maximum(log, 0.0) + out / (1 - bend * out)


def _travelled(near: Array, most: float, pivot: float) -> tuple[Array, Array]:
    """Near-plane travel (in units of the focal length) as (translation, turn in radians).

    Beyond `most` the depth is taken to be shallower about the pivot: less of the travel depends on
    depth, and what all depths share is a turn.
    """
    largest = float(np.abs(near).max(initial=0.0))
    keep = 1.0
    if largest > most:
        keep = most * pivot / (largest - most * (1 - pivot))
    travel = near / (pivot + keep * (1 - pivot))
    return keep * travel, np.arctan((1 - keep) * travel * pivot)


def _dollied(log: Array, pivot: float) -> tuple[Array, Array]:
    """(tz, zoom) of a dolly that makes the pivot exp(log) times as large in a scene of DOLLY_FAR.

    With rho' = k0 + k1·rho the dolly 1 - rho'·t is (1 - k0·t)·(1 - rho·tz): a dolly in the scene as
    it stands, and a factor that all depths share.
    """
    k1 = (1 - DOLLY_FAR) / (1 - FAR)
    k0 = DOLLY_FAR - k1 * FAR
    t = (1 - np.exp(-log)) / (k0 + k1 * pivot)
    return k1 * t / (1 - k0 * t), 1 / (1 - k0 * t)


def displaced(one: Sums, view: View) -> Array:
    """How far, in pixels, sideways moves have carried the picture from rest, frame by frame, at the
    depth that they carry the farthest."""
    at = poses(one, view)
    at[:, TZ], at[:, ZOOM] = 0.0, 1.0
    deep = (float(inverse_depth(disparity)) for disparity in (view.far, view.pivot, view.near))
    return np.asarray(np.maximum.reduce([camera.travel(at, view.lens, rho) for rho in deep]))
