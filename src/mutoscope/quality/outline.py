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

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.quality.edge import (
    LEAST_POINTS,
    Alpha,
    Array,
    Edge,
    Parted,
    Soft,
    followed_apart,
    softened,
)
from mutoscope.quality.flow import Rgb
from mutoscope.quality.following import read

Bools = npt.NDArray[np.bool_]

#: Lengths in pixels of a frame 720 high.
REACH = 9.0  # of a profile, to each side of the outline
RIM = (1.5, 9.0)  # outside the matte, where a halo would lie
WITHIN, BEYOND = (-8.0, -6.0, -4.0), (10.0, 12.0, 14.0)  # where each is surely itself
SEEN = 0.04  # matte below which nothing of the subject shows
#: Frames that are looked at: those in which subject and background have parted most.
MOST_FRAMES = 6
#: Pixels (of 720) of parting below which there is nothing to see.
LEAST_PARTING = 8.0
#: Where they have parted less than that, a rim says nothing: corners are followed to a pixel or so.
TELLS = 6.0
#: The part of the subject's way that must lead across its outline where a smear is looked for.
STRAIGHT = 0.6
#: Levels that a rim must differ by from the background there now to tell one from the other.
LEAST_CONTRAST = 10.0


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
    edge = Edge.of(first, matte.astype(np.float32))
    if edge is None:
        return None
    apart = sorted(followed_apart(frames, edge), key=lambda one: -one[1])[:MOST_FRAMES]
    parted = [
        Parted.of(number, parting, pairs, matte.shape)
        for number, parting, pairs in apart
        if parting >= LEAST_PARTING * edge.unit
    ]
    seen = [_judged(frames[one.number], edge, one) for one in parted]
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


def _judged(frame: Rgb, edge: Edge, parted: Parted) -> OutlineFrame:
    soft = softened(frame, edge.unit)
    ghost, uncovered = _ghost(soft, edge, parted)
    halo = _halo(soft, edge, parted)
    smear = _smear(soft, edge, parted)
    return OutlineFrame(parted.number, ghost, halo, smear, parted.parting, uncovered)


def _ghost(soft: Soft, edge: Edge, parted: Parted) -> tuple[float, float]:
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


def _halo(soft: Soft, edge: Edge, parted: Parted) -> float:
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


def _smear(soft: Soft, edge: Edge, parted: Parted) -> float:
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


def _free(places: Array, edge: Edge, parted: Parted, shape: tuple[int, ...]) -> Bools:
    """Places of a frame (…×2) within it that the subject does not cover."""
    cover = read(edge.matte, parted.from_subject(places))
    return np.asarray((cover < SEEN) & _inside(places, shape))


def _inside(places: Array, shape: tuple[int, ...]) -> Bools:
    return np.asarray(((places >= 0) & (places <= [shape[1] - 1, shape[0] - 1])).all(-1))
