"""Whether a film can lead from one picture to another: what two pictures have in common, measured.

Pure functions of the pixels, H×W×3 sRGB uint8 each; the pictures may differ in size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.images.decode import Rgb
from mutoscope.images.measure import lightness

#: The pictures are compared at this long side.
LONG_SIDE = 512
#: Matches on one homography below which the same scene is not proven by them, and as a share.
LEAST_INLIERS, LEAST_INLIER_SHARE = 14, 0.25
#: Likeness of the structure: enough by itself above the first (two seas under two skies reach 0.78),
#: needed beside matches above the second.
ALIKE, FAINTLY_ALIKE = 0.88, 0.35
#: L*: mean lightness apart. Cloud against sun is about 12, day against night over 25.
SOME_LIGHT, OTHER_LIGHT = 8.0, 22.0
#: The same in stops (doublings of the mean luminance), for pictures that are dark already.
OTHER_STOPS = 2.5
#: Of the colour cast (a*, b*): noon against lamplight.
OTHER_CAST = 16.0
#: Of the frame's diagonal: how far the picture moves, and the most that stays believable.
SMALL_STEP, LARGE_STEP = 0.02, 0.35
#: Zoom between the pictures beyond which the far one has too few pixels for the near one.
LARGE_ZOOM = 2.2
LEAST_SECONDS, MOST_SECONDS = 0.5, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PairReport:
    """What a first and a last picture have in common.

    ================ ======================================================================
    same_composition the same scene from about the same place
    same_light       no change that would need another time of day
    matches          points found in both; `inliers` of them lie on one homography
    alike            -1..1: correlation of the structure once the pictures are aligned
    light            L* of the last minus that of the first; `cast`: distance in a*, b*
    stops            doublings of the mean luminance from the first to the last
    step             how far the picture moves, as a part of its diagonal
    zoom, turn       scale of the last to the first; degrees, clockwise positive
    seconds          a length in which that step looks natural, 0.5 to 2
    unlikely_smooth  no smooth way between them; `reasons` say why
    sentences        all that in words
    ================ ======================================================================
    """

    same_composition: bool
    same_light: bool
    matches: int
    inliers: int
    alike: float
    light: float
    cast: float
    stops: float
    step: float
    zoom: float
    turn: float
    seconds: float
    unlikely_smooth: bool
    reasons: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Alignment:
    matrix: npt.NDArray[np.float64]  # homography, first → last, in pixels of the small copies
    matches: int
    inliers: int


def pair_report(first: Rgb, last: Rgb) -> PairReport:
    """Compare two pictures; see PairReport."""
    one, other = _small(first), _small(last)
    if one.shape != other.shape:
        size = (one.shape[1], one.shape[0])
        other = np.asarray(cv2.resize(other, size, interpolation=cv2.INTER_AREA), np.uint8)
    aligned = _align(one, other)
    matrix = aligned.matrix if aligned.inliers else np.eye(3)
    alike = _likeness(one, other, matrix)
    step, zoom, turn = _movement(matrix, one.shape[1], one.shape[0])
    light, cast, stops = _light(one, other)
    proven = (
        aligned.inliers >= LEAST_INLIERS
        and aligned.inliers >= LEAST_INLIER_SHARE * aligned.matches
        and alike >= FAINTLY_ALIKE
    )
    composition = proven or alike >= ALIKE
    brighter = abs(light) >= OTHER_LIGHT or abs(stops) >= OTHER_STOPS
    same_light = not brighter and cast < OTHER_CAST
    reasons = tuple(_reasons(composition, brighter, cast, step, zoom))
    seconds = _seconds(step, zoom, turn, light)
    return PairReport(
        same_composition=composition,
        same_light=same_light,
        matches=aligned.matches,
        inliers=aligned.inliers,
        alike=round(alike, 3),
        light=round(light, 2),
        cast=round(cast, 2),
        stops=round(stops, 2),
        step=round(step, 4),
        zoom=round(zoom, 3),
        turn=round(turn, 2),
        seconds=seconds,
        unlikely_smooth=bool(reasons),
        reasons=reasons,
        sentences=tuple(_sentences(composition, light, cast, step, zoom, turn, seconds, reasons)),
    )


def _small(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _even(rgb: Rgb) -> npt.NDArray[np.uint8]:
    """Grey with local contrast evened out: the same scene in other light looks more the same."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.createCLAHE(3.0, (8, 8)).apply(grey), np.uint8)


def _align(one: Rgb, other: Rgb) -> _Alignment:
    nothing = np.eye(3)
    sift = cv2.SIFT.create(nfeatures=1500, contrastThreshold=0.02)
    points, marks = sift.detectAndCompute(_even(one), None)
    others, other_marks = sift.detectAndCompute(_even(other), None)
    if marks is None or other_marks is None or min(len(marks), len(other_marks)) < 8:
        return _Alignment(nothing, 0, 0)
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(marks, other_marks, k=2)
    good = [m[0] for m in pairs if len(m) == 2 and m[0].distance < 0.78 * m[1].distance]
    if len(good) < 6:
        return _Alignment(nothing, len(good), 0)
    start = np.array([points[m.queryIdx].pt for m in good], np.float64)
    end = np.array([others[m.trainIdx].pt for m in good], np.float64)
    cv2.setRNGSeed(1)  # the same pictures, the same report
    reach = max(3.0, 0.012 * max(one.shape[:2]))  # wide: nearer things move further
    found, inside = cv2.findHomography(start, end, cv2.USAC_MAGSAC, reach, maxIters=4000)
    matrix = np.eye(3) if found is None else np.asarray(found, np.float64)
    if found is None or not _believable(matrix, one.shape[1], one.shape[0]):
        return _Alignment(nothing, len(good), 0)
    return _Alignment(matrix, len(good), int(np.count_nonzero(inside)))


def _believable(matrix: npt.NDArray[np.float64], width: int, height: int) -> bool:
    """A camera's: the frame keeps its sense of rotation, and an area between 1/30 and 30 of it."""
    corners = _moved(matrix, _grid(width, height, 2))
    if not np.isfinite(corners).all():
        return False
    ring = corners[[0, 1, 3, 2]]
    sides = np.roll(ring, -1, axis=0) - ring
    following = np.roll(sides, -1, axis=0)
    crosses = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    area = float(crosses.sum()) / 4
    return bool(crosses.min() > 0) and 1 / 30 < area / (width * height) < 30


def _grid(width: int, height: int, count: int) -> npt.NDArray[np.float64]:
    y, x = np.meshgrid(np.linspace(0, height, count), np.linspace(0, width, count), indexing="ij")
    return np.stack((x.ravel(), y.ravel()), axis=1)


def _moved(
    matrix: npt.NDArray[np.float64], points: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = points @ matrix[:, :2].T + matrix[:, 2]
        return np.asarray(ends[:, :2] / ends[:, 2:], np.float64)


def _movement(
    matrix: npt.NDArray[np.float64], width: int, height: int
) -> tuple[float, float, float]:
    """Mean way of a point as a part of the diagonal, scale, and turn in degrees."""
    points = _grid(width, height, 5)
    ends = _moved(matrix, points)
    step = float(np.linalg.norm(ends - points, axis=1).mean()) / math.hypot(width, height)
    spread, moved = points - points.mean(0), ends - ends.mean(0)
    zoom = float(np.linalg.norm(moved) / np.linalg.norm(spread))
    cross = float((spread[:, 0] * moved[:, 1] - spread[:, 1] * moved[:, 0]).sum())
    return step, zoom, math.degrees(math.atan2(cross, float((spread * moved).sum())))


def _likeness(one: Rgb, other: Rgb, matrix: npt.NDArray[np.float64]) -> float:
    """Correlation of edge strength, softened so that small motion does not count, where both are."""
    height, width = one.shape[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = cv2.warpPerspective(_even(other), matrix, (width, height), flags=flags)
    shared = cv2.warpPerspective(
        np.full((height, width), 255, np.uint8), matrix, (width, height), flags=flags
    )
    both = np.asarray(cv2.erode(shared, np.ones((9, 9), np.uint8))) > 0
    if both.mean() < 0.08:
        return 0.0
    a, b = (_edges(plane)[both] for plane in (_even(one), np.asarray(back, np.uint8)))
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / max(float(np.sqrt((a * a).sum() * (b * b).sum())), 1e-6))


def _edges(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    plane = grey.astype(np.float32)
    strength = cv2.magnitude(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))
    return np.asarray(cv2.GaussianBlur(np.sqrt(strength), (0, 0), 4), np.float32)


def _light(one: Rgb, other: Rgb) -> tuple[float, float, float]:
    a, b = (
        cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)[..., 1:]
        .reshape(-1, 2)
        .mean(0)
        for rgb in (one, other)
    )
    light = float(lightness(other).mean() - lightness(one).mean())
    before, after = (float(((rgb / 255.0) ** 2.2).mean()) + 1e-4 for rgb in (one, other))
    return light, float(np.linalg.norm(a - b)), math.log2(after / before)


def _seconds(step: float, zoom: float, turn: float, light: float) -> float:
    """Half a second for next to nothing, two for what is just believable."""
    share = max(
        step / LARGE_STEP,
        abs(math.log(zoom)) / math.log(LARGE_ZOOM) if zoom > 0 else 1.0,
        abs(turn) / 30,
        abs(light) / OTHER_LIGHT,
    )
    seconds = LEAST_SECONDS + (MOST_SECONDS - LEAST_SECONDS) * min(1.0, share)
    return round(seconds, 1)


def _reasons(composition: bool, brighter: bool, cast: float, step: float, zoom: float) -> list[str]:
    said = []
    if not composition:
        said.append("the pictures show different scenes or places")
    if brighter:
        said.append("the light differs as day does from night")
    elif cast >= OTHER_CAST:
        said.append(f"the colour of the light differs widely (by {cast:.0f})")
    if composition and step > LARGE_STEP:
        said.append(f"the camera moves {step:.0%} of the frame, too far for one move")
    if composition and not 1 / LARGE_ZOOM <= zoom <= LARGE_ZOOM:
        said.append(f"one picture is {max(zoom, 1 / zoom):.1f} times as near as the other")
    return said


def _sentences(
    composition: bool,
    light: float,
    cast: float,
    step: float,
    zoom: float,
    turn: float,
    seconds: float,
    reasons: tuple[str, ...],
) -> list[str]:
    said = []
    if not composition:
        said.append("No common scene was found: choose two pictures from the same place.")
    elif step < SMALL_STEP and abs(zoom - 1) < 0.04 and abs(turn) < 2:
        said.append("The same scene from the same place.")
    else:
        parts = [f"shifted by {step:.0%} of the frame"]
        parts += [f"{'nearer' if zoom > 1 else 'further'} by {abs(zoom - 1):.0%}"] * (
            abs(zoom - 1) >= 0.04
        )
        parts += [f"turned by {abs(turn):.0f}°"] * (abs(turn) >= 2)
        said.append(f"The same scene, {', '.join(parts)}.")
    if abs(light) < SOME_LIGHT and cast < OTHER_CAST / 2:
        said.append("The light is the same.")
    else:
        way = "lighter" if light > 0 else "darker"
        said.append(f"The last is {abs(light):.0f} L* {way}, its colour cast {cast:.0f} apart.")
    if reasons:
        said.append(f"A smooth transition is unlikely: {'; '.join(reasons)}.")
    else:
        said.append(f"About {seconds:g} s suit this step.")
    return said
