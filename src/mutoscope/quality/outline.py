"""The outline of a subject that moves before its background: is it there once, or twice?

::

    ghost   the still's outline seen again where the background took it: the plate still holds
            the subject's edge
    halo    a rim of the still's background that goes along with the subject
    smear   what the subject uncovers is drawn out of its edge

Points on the still's outline are carried to a frame in two ways: as the subject moves and as the
background does, each by the affine motion of the corners followed around them. Across the outline a
profile of colours is read in the still and in the frame. Where the background's outline is uncovered, its
profile should not be there again (ghost); along the subject's outline, the colours just outside should be
those of the background that lies there now, not those that lay there in the still (halo). Both are
regressions, so that 0 is none and 1 is the whole of it, whatever the contrast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.flow import Grey, Rgb, grey
from mutoscope.quality.following import Around, corners, read, step

Alpha = npt.NDArray[np.float32]  # h×w, 0..1
Array = npt.NDArray[Any]
Soft = npt.NDArray[np.float32]  # h×w×3
Bools = npt.NDArray[np.bool_]

#: Lengths in pixels of a frame 720 high.
REACH = 9.0  # of a profile, to each side of the outline
RIM = (1.5, 9.0)  # outside the matte, where a halo would lie
WITHIN, BEYOND = (
    (-8.0, -6.0, -4.0),
    (10.0, 12.0, 14.0),
)  # where subject and background are themselves
APART = 4.0  # between points on the outline
SEEN = 0.04  # matte below which nothing of the subject shows
#: Frames that are looked at: those in which subject and background have parted most.
MOST_FRAMES = 6
#: Pixels (of 720) of parting below which there is nothing to see.
LEAST_PARTING = 8.0
#: Where they have parted less than that, a rim says nothing: corners are followed to a pixel or so.
TELLS = 6.0
#: How far a corner's word reaches, as a share of the diagonal: the ground near where a subject stands
#: moves as the subject does.
NEAR = 0.08
#: The part of the subject's way that must lead across its outline where a smear is looked for.
STRAIGHT = 0.6
#: Corners that each motion needs.
LEAST_CORNERS = 8
#: Levels that a rim must differ by from the background there now to tell one from the other.
LEAST_CONTRAST = 10.0
#: Points on the outline below which there is no figure; frames that corners are counted in.
LEAST_POINTS, LOOKED = 20, 25


@dataclass(frozen=True, slots=True)
class OutlineFrame:
    """One frame's outline; see `Outline`. `parting`: how far subject and background have parted along
    the outline, the 90th percentile in pixels of the frame; `uncovered`: the share of the background's
    outline that can be seen."""

    number: int
    ghost: float
    halo: float
    smear: float
    parting: float
    uncovered: float

    @property
    def faults(self) -> float:
        return self.ghost + self.halo + self.smear


@dataclass(frozen=True, slots=True)
class Outline:
    """`ghost`, `halo`, `smear`: 0 none, 1 the whole outline; means over `frames`, each weighted with
    what there was to see. `faults` is their sum: the one figure to rank films by."""

    ghost: float
    halo: float
    smear: float
    frames: tuple[OutlineFrame, ...]

    @property
    def faults(self) -> float:
        return self.ghost + self.halo + self.smear

    @property
    def worst(self) -> OutlineFrame:
        return max(self.frames, key=lambda one: one.faults)


def outline(frames: Sequence[Rgb], matte: Alpha, still: Rgb | None = None) -> Outline | None:
    """The outline's faults in a film whose subject `matte` (h×w over `still`; over the first frame where
    that is left out) cuts out. All of one size. None where the subject has no outline within the frame,
    cannot be followed, or never parts from its background: then there is nothing to judge."""
    first = frames[0] if still is None else still
    if matte.shape != first.shape[:2]:
        matte = np.asarray(
            cv2.resize(matte, first.shape[1::-1], interpolation=cv2.INTER_AREA), np.float32
        )
    edge = _Edge.of(first, matte.astype(np.float32))
    if edge is None:
        return None
    parted = _parted(frames, edge)
    unit = first.shape[0] / 720
    order = sorted(parted, key=lambda one: -one.parting)[:MOST_FRAMES]
    seen = [_judged(frames[one.number], edge, one) for one in order if one.parting >= LEAST_PARTING * unit]  # fmt: skip
    if not seen:
        return None
    weights = [one.parting for one in seen]

    def mean(values: list[float]) -> float:
        return float(np.average(values, weights=weights))

    return Outline(
        ghost=mean([one.ghost for one in seen]),
        halo=mean([one.halo for one in seen]),
        smear=mean([one.smear for one in seen]),
        frames=tuple(sorted(seen, key=lambda one: one.number)),
    )


def drawn_to_edges(frame: Rgb, alpha: Alpha) -> Alpha:
    """A rough matte of any size as one of the frame's, drawn to the edges of the picture in it."""
    from mutoscope.engines.flipbook.taking.outline import refined

    size = frame.shape[1::-1]
    laid = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    return refined(frame, laid, frame.shape[1])


@dataclass(frozen=True, slots=True)
class _Edge:
    """The outline in the still: p points and their normals outward, within the frame."""

    still: Rgb
    soft: npt.NDArray[np.float32]  # the still, a little blurred
    matte: Alpha
    wide: Alpha  # the matte and what lies under its edge's blur
    points: Array
    normals: Array
    unit: float  # pixels for one of 720

    @classmethod
    def of(cls, still: Rgb, matte: Alpha) -> _Edge | None:
        unit = still.shape[0] / 720
        smooth = cv2.GaussianBlur(matte, (0, 0), 2 * unit)
        found, _ = cv2.findContours(
            (smooth > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
        )
        points = [
            line.reshape(-1, 2)[:: max(1, round(APART * unit))]
            for line in found
            if len(line) > 40 * unit
        ]
        if not points:
            return None
        at = np.concatenate(points).astype(np.float64)
        height, width = matte.shape
        room = (max(REACH, *BEYOND) + 2) * unit
        inside = (at > room).all(1) & (at[:, 0] < width - room) & (at[:, 1] < height - room)
        at = at[inside]
        slope = np.stack(np.gradient(smooth)[::-1], -1)
        out = -read(slope, at).astype(np.float64)
        length = np.linalg.norm(out, axis=1)
        good = length > 1e-4
        if good.sum() < 20:
            return None
        wide = np.asarray(cv2.dilate(matte, _disc(3 * unit)), np.float32)
        normals = out[good] / length[good, None]
        return cls(still, _softened(still, unit), matte, wide, at[good], normals, unit)

    def across(self, offsets: Array) -> Array:
        """p×s×2: places `offsets` pixels (of 720) outside each point."""
        return (
            self.points[:, None]
            + (offsets * self.unit)[None, :, None] * self.normals[:, None]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Parted:
    """How subject and background lie in frame `number`: still → frame, and back for what has a back."""

    number: int
    subject: Around
    background: Around
    from_subject: Around
    from_background: Around
    parting: float


def _parted(frames: Sequence[Rgb], edge: _Edge) -> list[_Parted]:
    """The two motions in each frame that is looked at."""
    ground = (cv2.dilate(edge.matte, _disc(8 * edge.unit)) < 0.02).astype(np.uint8) * 255
    inner = (cv2.erode(edge.matte, _disc(5 * edge.unit)) > 0.9).astype(np.uint8) * 255
    before = grey(edge.still)
    height, width = before.shape
    start = {"subject": corners(before, 400, inner), "background": corners(before, 700, ground)}
    at = dict(start)
    made: list[_Parted] = []
    looked = {round(place) for place in np.linspace(0, len(frames) - 1, min(len(frames), LOOKED))}
    for number, frame in enumerate(frames):
        now = grey(frame)
        for name, places in at.items():
            gone, sure = step(before, now, places)
            start[name], at[name] = start[name][sure], gone[sure]
        before = now
        if min(map(len, at.values())) < LEAST_CORNERS:
            break
        if number not in looked:
            continue
        there = [Around(start[name], at[name], width, height, NEAR) for name in at]
        back = [Around(at[name], start[name], width, height, NEAR) for name in at]
        if min(one.pairs for one in (*there, *back)) < LEAST_CORNERS:
            continue
        apart = there[0](edge.points) - there[1](edge.points)
        parting = float(np.percentile(np.hypot(apart[:, 0], apart[:, 1]), 90))
        made.append(_Parted(number, there[0], there[1], back[0], back[1], parting))
    return made


def _judged(frame: Rgb, edge: _Edge, parted: _Parted) -> OutlineFrame:
    soft = _softened(frame, edge.unit)
    ghost, uncovered = _ghost(soft, edge, parted)
    halo = _halo(soft, edge, parted)
    smear = _smear(soft, edge, parted)
    return OutlineFrame(parted.number, ghost, halo, smear, parted.parting, uncovered)


def _ghost(soft: Soft, edge: _Edge, parted: _Parted) -> tuple[float, float]:
    """How much of the still's outline is there where the background took it, of what can be seen there;
    and how much of it can be seen."""
    places = edge.across(np.arange(-REACH, REACH + 0.1, 0.75))
    then = parted.background(places)
    free = _free(then, edge, parted, soft.shape).all(1)
    was = np.gradient(read(edge.soft, places), axis=1)
    energy = (was**2).sum((1, 2))
    if free.sum() < LEAST_POINTS:
        return 0.0, float(free.mean())
    now = np.gradient(read(soft, then), axis=1)
    again = float((was * now).sum((1, 2))[free].sum())
    floor = LEAST_CONTRAST**2 * free.sum() / len(was[0])  # a bare outline gives no figure
    return float(np.clip(again / (energy[free].sum() + floor), 0, 1)), float(free.mean())


def _halo(soft: Soft, edge: _Edge, parted: _Parted) -> float:
    """How much the colours just outside the subject are still those of the still."""
    places = edge.across(np.arange(RIM[0], RIM[1] + 0.1, 0.75))
    then = parted.subject(places)
    lies = parted.from_background(then)
    gone = parted.subject(edge.points) - parted.background(edge.points)
    apart = np.hypot(gone[:, 0], gone[:, 1]) > TELLS * edge.unit
    good = (read(edge.matte, places) < SEEN) & (read(edge.wide, lies) < SEEN)
    good &= _inside(then, soft.shape) & _inside(lies, soft.shape) & apart[:, None]
    expected = read(edge.soft, lies)
    differs = read(edge.soft, places) - expected
    good &= np.abs(differs).max(-1) > LEAST_CONTRAST
    # what looks like the subject is the subject, where the matte was drawn a little too close
    inside, beyond = (
        read(edge.soft, edge.across(np.array(ends))).mean(1, keepdims=True) for ends in (WITHIN, BEYOND)
    )  # fmt: skip
    own = read(edge.soft, places)
    good &= ((own - beyond) ** 2).sum(-1) < ((own - inside) ** 2).sum(-1)
    if good.sum() < LEAST_POINTS:
        return 0.0
    told = differs[good]
    found = (read(soft, then) - expected)[good]
    # where little of the rim can tell, little is said
    floor = LEAST_CONTRAST**2 * good.size / 4
    return float(np.clip((told * found).sum() / ((told * told).sum() + floor), 0, 1))


def _smear(soft: Soft, edge: _Edge, parted: _Parted) -> float:
    """How much weaker the picture varies along the subject's way than across it in what was uncovered,
    against the same just beyond."""
    begin, end = parted.subject(edge.points), parted.background(edge.points)
    way = (end - begin).astype(np.float64)
    length = np.linalg.norm(way, axis=1)
    straight = np.abs((way * edge.normals).sum(1)) > STRAIGHT * length  # not along the outline
    long = (length > TELLS * edge.unit) & straight
    if long.sum() < LEAST_POINTS:
        return 0.0
    begin, way, length = begin[long], way[long], length[long]
    along = way / length[:, None]
    across = along[:, ::-1] * [-1, 1]
    energies = []
    for part in (np.linspace(0.2, 0.95, 8), np.linspace(1.3, 2.5, 8)):
        places = begin[:, None] + part[None, :, None] * way[:, None]
        good = _free(places, edge, parted, soft.shape)
        good &= read(edge.wide, parted.from_subject(places)) < SEEN
        hidden = read(edge.wide, parted.from_background(places)) >= SEEN
        good &= hidden if part[0] < 1 else ~hidden
        if good.sum() < 4 * LEAST_POINTS:
            return 0.0
        h = 0.75
        slopes = [
            (read(soft, places + h * turn[:, None]) - read(soft, places - h * turn[:, None]))[good]
            for turn in (along, across)
        ]  # fmt: skip
        energies.append([float((slope**2).mean()) + 1.0 for slope in slopes])
    (a, c), (a0, c0) = energies
    return float(np.clip(1 - np.sqrt((a / c) / min(1.0, a0 / c0)), 0, 1))


def _free(places: Array, edge: _Edge, parted: _Parted, shape: tuple[int, ...]) -> Bools:
    """Places of a frame (…×2) within it that the subject does not cover."""
    cover = read(edge.matte, parted.from_subject(places))
    return np.asarray((cover < SEEN) & _inside(places, shape))


def _inside(places: Array, shape: tuple[int, ...]) -> Bools:
    return np.asarray(((places >= 0) & (places <= [shape[1] - 1, shape[0] - 1])).all(-1))


def _softened(picture: Rgb, unit: float) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), max(0.6, 1.2 * unit)))


def _disc(radius: float) -> Grey:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
