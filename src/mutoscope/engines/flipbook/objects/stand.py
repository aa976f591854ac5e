"""Where a cut-out stands: its outline, where the picture's border cuts it off, its foot on the ground."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from mutoscope.engines.flipbook.scene import Scene
from mutoscope.images.plan import Box, Plan
from mutoscope.shot import Fit

Array = npt.NDArray[np.float64]

#: Pixels from the picture's border within which an outline is cut off by it, at a frame 1280 wide.
CUT = 4.0
#: Alpha from which it is the thing itself.
SOLID = 100
#: Points of the outline that are looked at.
POINTS = 400
#: Of the height, the lowest part that a foot is looked for in.
LOW = 0.35
#: A foot is seen from the side, or from above: its depth, as a part of its width.
FLATTEST, DEEPEST = 0.12, 0.6
#: A silhouette that covers so much of itself however it is turned is round.
ROUND = 0.9
#: What touches the frame's upper part does not stand on anything seen.
GROUND = 0.45
SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True, slots=True)
class Foot:
    """An ellipse on the ground, in pixels of the still's frame."""

    x: float
    y: float
    wide: float  # half its width
    deep: float  # half its depth


@dataclass(frozen=True, slots=True)
class Stand:
    """All in pixels of the still's frame. `ends` n×4: which of the outline's points lie on the line
    where it is cut off at each of SIDES. That line may lie in the made-up margin."""

    width: int
    height: int
    box: Box
    outline: Array  # n×2
    ends: npt.NDArray[np.bool_]
    picture: Box
    foot: Foot
    round: bool

    @property
    def cut(self) -> tuple[str, ...]:
        """The sides at which the picture's border cuts the subject off."""
        return tuple(side for at, side in enumerate(SIDES) if self.ends[:, at].any())

    @property
    def middle(self) -> tuple[float, float]:
        return (self.box.left + self.box.right) / 2, (self.box.top + self.box.bottom) / 2

    @property
    def stands(self) -> bool:
        """Its foot is seen whole, low enough in the frame to be on the ground."""
        return not {"left", "right", "bottom"} & {*self.cut} and self.foot.y > GROUND * self.height


def stand_of(scene: Scene, plan: Plan | None = None) -> Stand | None:
    """Where the scene's subject stands; None where there is none. `plan`: how the photograph lies in
    the frame, where it does not fill it."""
    subject = scene.subject
    if subject is None:
        return None
    solid = _own(scene, _picture(scene, plan)) * (subject.alpha > SOLID).astype(np.uint8)
    found, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not found:
        return None
    whole = np.concatenate([one[:, 0] for one in found]).astype(np.float64)
    step = max(1, len(whole) // POINTS)
    low, high = whole.min(axis=0), whole.max(axis=0)
    corner = np.array([subject.x, subject.y], np.float64)
    # the outermost points count whatever the step
    extremes = whole[[np.argmin(whole[:, 0]), np.argmax(whole[:, 0]), np.argmin(whole[:, 1]), np.argmax(whole[:, 1])]]  # fmt: skip
    outline = np.concatenate([whole[::step], extremes]) + corner
    picture = _picture(scene, plan)
    near = CUT * scene.width / 1280
    edges = np.array([picture.left, picture.top, 1 - picture.right, 1 - picture.bottom])
    outward = np.concatenate([outline, -outline], axis=1)  # smaller is farther out
    last = outward.min(axis=0)
    ends = (last <= edges + near) & (outward <= last + near / 2)
    box = Box(*(low + corner), *(high + corner + 1))
    return Stand(
        scene.width, scene.height, box, outline, ends, picture, _foot(solid, box), _round(solid)
    )


def within(scene: Scene, plan: Plan | None = None) -> Scene:
    """The scene with no more of its subject than what was photographed and what goes on from there: not
    what the made-up margin mirrors of it."""
    subject = scene.subject
    if subject is None:
        return scene
    own = _own(scene, _picture(scene, plan))
    return replace(scene, subject=replace(subject, alpha=subject.alpha * own))


def _own(scene: Scene, picture: Box) -> npt.NDArray[np.uint8]:
    """1 within the picture, and beyond those of its borders that cut the subject off."""
    subject = scene.subject
    assert subject is not None
    tall, wide = subject.alpha.shape
    inside = np.zeros((tall, wide), np.uint8)
    near = max(1, round(CUT * scene.width / 1280))
    left, right = (round(value - subject.x) for value in (picture.left, picture.right))
    top, bottom = (round(value - subject.y) for value in (picture.top, picture.bottom))
    left, right = max(0, left), min(wide, right)
    top, bottom = max(0, top), min(tall, bottom)
    part = subject.alpha[top:bottom, left:right] > SOLID
    if part.size:
        # a border that none of it reaches ends it; where the layer ends there is nothing beyond
        left = 0 if part[:, :near].any() else left
        right = wide if part[:, -near:].any() else right
        top = 0 if part[:near].any() else top
        bottom = tall if part[-near:].any() else bottom
    inside[top:bottom, left:right] = 1
    return inside


def _picture(scene: Scene, plan: Plan | None) -> Box:
    """Where the photograph ends, in pixels of the frame: inside it where it is padded."""
    if plan is not None and plan.fit is Fit.PAD:
        return plan.place
    left, top, right, bottom = scene.real
    return Box(-left, -top, scene.width + right, scene.height + bottom)


def _foot(solid: npt.NDArray[np.uint8], box: Box) -> Foot:
    """The ellipse that the lowest part of the silhouette rests on."""
    rows = np.flatnonzero(solid.any(axis=1))
    first = rows[-1] - LOW * (rows[-1] - rows[0])
    spans = []
    for row in rows[rows >= first]:
        columns = np.flatnonzero(solid[row])
        spans.append((columns[0], columns[-1], row))
    widths = np.array([right - left for left, right, _ in spans], np.float64)
    # the lowest row that is nearly as wide as the widest is where the foot's middle lies
    at = int(np.flatnonzero(widths >= 0.92 * widths.max())[-1])
    left, right, row = spans[at]
    wide = max(4.0, (right - left) / 2)
    deep = float(np.clip(rows[-1] - row, FLATTEST * wide, DEEPEST * wide))
    corner_x = box.left - np.flatnonzero(solid.any(axis=0))[0]
    return Foot(float(corner_x + (left + right) / 2), box.bottom - deep, float(wide), deep)


def _round(solid: npt.NDArray[np.uint8]) -> bool:
    """The silhouette hardly changes when it turns about its middle."""
    side = 96
    moments = cv2.moments(solid, binaryImage=True)
    if moments["m00"] < 50:
        return False
    x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    scale = 0.4 * side / max(1.0, np.sqrt(moments["m00"] / np.pi) * 1.3)
    turned = []
    for degrees in (0, 30, 60, 90, 135):
        matrix = np.asarray(cv2.getRotationMatrix2D((x, y), degrees, float(scale)), np.float64)
        matrix[:, 2] += np.array([side / 2 - x, side / 2 - y])
        turned.append(cv2.warpAffine(solid, matrix, (side, side), flags=cv2.INTER_AREA) > 0)
    first = turned[0]
    shares = [(first & one).sum() / max(1, (first | one).sum()) for one in turned[1:]]
    return bool(min(shares) >= ROUND)
