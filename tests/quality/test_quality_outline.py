"""An outline that shows twice is found: on drawn films, where each fault is made by itself, and on
photographs, where the recipe that leaves the subject's edge in the plate scores worse than the good one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from filmed import EXAMPLES, Rgb, textured

from mutoscope.quality.outline import Outline, outline

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from mutoscope.engines.flipbook.scene import Scene

WIDTH, HEIGHT = 480, 270
MIDDLE, RADIUS = (230, 140), 62
PARTING = 16  # pixels at the end, of the subject before a background that stays
Alpha = npt.NDArray[np.float32]


def disc(middle: tuple[float, float], radius: float) -> Alpha:
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    away = np.hypot(x - middle[0], y - middle[1])
    return np.asarray(np.clip(radius + 0.5 - away, 0, 1), np.float32)


def mixed(one: Rgb, other: Rgb, alpha: Alpha) -> Rgb:
    return np.asarray(one + (other.astype(np.float32) - one) * alpha[..., None], np.uint8)


def shifted(picture: npt.NDArray[Any], right: float) -> npt.NDArray[Any]:
    matrix = np.array([[1, 0, right], [0, 1, 0]], np.float64)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    )


BEHIND = np.asarray(textured(WIDTH, HEIGHT, 1, 2.0) * 0.5 + 100, np.uint8)
THING = np.asarray(textured(WIDTH, HEIGHT, 2, 2.0) * 0.5 + (0, 10, 60), np.uint8)
MATTE = disc(MIDDLE, RADIUS)
STILL = mixed(BEHIND, THING, MATTE)


def filmed(plate: Rgb, cut: Alpha = MATTE, colour: Rgb = STILL, frames: int = 5) -> list[Rgb]:
    """A layer of `colour` where `cut` goes right over a plate that stays; the first frame is the still."""
    made = [STILL]
    for number in range(1, frames):
        right = PARTING * number / (frames - 1)
        moved = np.asarray(shifted(colour, right), np.uint8)
        made.append(mixed(plate, moved, np.asarray(shifted(cut, right), np.float32)))
    return made


def judged(film: list[Rgb]) -> Outline:
    found = outline(film, MATTE)
    assert found is not None
    return found


def test_a_clean_film_has_no_faults() -> None:
    found = judged(filmed(BEHIND, colour=THING))
    assert found.ghost < 0.05
    assert found.halo < 0.08
    assert found.smear < 0.15
    assert max(one.parting for one in found.frames) == pytest.approx(PARTING, abs=1)


def test_a_subjects_edge_in_the_plate_is_a_ghost() -> None:
    """The hole was cut inside the outline: a rim of the subject stays where it was."""
    plate = mixed(STILL, BEHIND, disc(MIDDLE, RADIUS - 4))
    found = judged(filmed(plate))
    assert found.ghost > 0.4
    assert found.halo < 0.1


def test_background_that_goes_along_is_a_halo() -> None:
    """The layer was cut out too large: it takes a rim of the background with it."""
    found = judged(filmed(BEHIND, cut=disc(MIDDLE, RADIUS + 6)))
    assert found.halo > 0.4
    assert found.ghost < 0.1


def test_an_edge_drawn_out_is_a_smear() -> None:
    film = filmed(BEHIND, colour=THING)
    for number in range(1, len(film)):
        right = round(PARTING * number / (len(film) - 1))
        for row in range(HEIGHT):
            covered = np.flatnonzero(MATTE[row] > 0.5)
            if len(covered):  # what was uncovered on the left repeats the pixel at its edge
                left = int(covered[0])
                film[number][row, left : left + right] = film[number][row, left - 1]
    found = judged(film)
    assert found.smear > 0.3


def test_nothing_to_judge() -> None:
    assert outline([STILL] * 4, MATTE) is None, "it never parts from its background"
    assert outline(filmed(BEHIND), np.zeros_like(MATTE)) is None
    assert outline(filmed(BEHIND), np.ones_like(MATTE)) is None
    blank = np.full((HEIGHT, WIDTH, 3), 80, np.uint8)
    assert outline([blank] * 3, MATTE) is None


def test_a_matte_of_another_size() -> None:
    small = np.asarray(cv2.resize(MATTE, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA))
    plate = mixed(STILL, BEHIND, disc(MIDDLE, RADIUS - 4))
    found = outline(filmed(plate), small.astype(np.float32))
    assert found is not None
    assert found.ghost > 0.35


def taken(name: str) -> tuple[Scene, Rgb]:
    """A photograph taken apart, and the picture with its margin."""
    from mutoscope.engines.flipbook.taking.plate import continued
    from mutoscope.engines.flipbook.taking.prepare import build_scene
    from mutoscope.images.decode import open_photo
    from mutoscope.images.fit import fitted
    from mutoscope.images.plan import plan
    from mutoscope.shot import Fit, Size

    photo = open_photo(Path(EXAMPLES / f"{name}.jpg"))
    laid = plan(photo.size, Size(640, 360), Fit.COVER)
    scene = build_scene(photo, laid, remember=False)
    rgb, known = fitted(photo, laid, scene.margin_x, scene.margin_y)
    return scene, continued(rgb, known)


def undilated(scene: Scene, rgb: Rgb) -> Scene:
    """The bad recipe: the hole is the matte above a half, and the layer has the photograph's colours."""
    from mutoscope.engines.flipbook.taking.plate import filled

    subject = scene.subject
    assert subject is not None
    height, width = subject.alpha.shape
    top, left = subject.y + scene.margin_y, subject.x + scene.margin_x
    place = (slice(top, top + height), slice(left, left + width))
    hole = np.zeros(rgb.shape[:2], np.uint8)
    hole[place] = np.where(subject.alpha > 127, 255, 0)
    colour = np.ascontiguousarray(rgb[place])
    return replace(scene, plate=filled(rgb, hole), subject=replace(subject, colour=colour))


def sideways(scene: Scene, frames: int = 5) -> list[Rgb]:
    from mutoscope.engines.flipbook.rendering.render import Renderer

    renderer = Renderer(scene)
    poses = [np.array([0.05 * k / (frames - 1), 0, 0, 0, 0, 0, 1.0]) for k in range(frames)]
    return [
        np.asarray(renderer.draw(pose, number).to_ndarray(format="rgb24"), np.uint8)
        for number, pose in enumerate(poses)
    ]


@pytest.mark.weights
@pytest.mark.parametrize("name", ["coffee", "rocket"])
def test_the_bad_recipe_scores_clearly_worse(name: str) -> None:
    scene, rgb = taken(name)
    subject = scene.subject
    assert subject is not None
    matte = np.zeros((scene.height + 2 * scene.margin_y, scene.width + 2 * scene.margin_x), np.float32)  # fmt: skip
    top, left = subject.y + scene.margin_y, subject.x + scene.margin_x
    matte[top : top + subject.alpha.shape[0], left : left + subject.alpha.shape[1]] = (
        subject.alpha / np.float32(255)
    )
    matte = matte[scene.margin_y :, scene.margin_x :][: scene.height, : scene.width]
    good, bad = (
        outline(sideways(one), matte, scene.still) for one in (scene, undilated(scene, rgb))
    )
    assert good is not None
    assert bad is not None
    assert good.ghost < 0.08
    assert bad.ghost > good.ghost + 0.15
    assert bad.faults > 1.5 * good.faults
