"""How far a camera looks behind the subject."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.engines.flipbook.camera.model import AT_REST, TX, TZ, YAW, ZOOM
from mutoscope.engines.flipbook.disclosure import discloses, disclosure
from mutoscope.engines.flipbook.scene import Scene, Subject
from mutoscope.engines.flipbook.taking.grids import nodes


def disc_before_a_wall(x: int = 540, y: int = 260, radius: int = 100) -> Scene:
    """A disc of disparity .8 before a plate of .3; `x`, `y`: its bounds' corner in 1280x720."""
    rows, columns = np.mgrid[0 : 2 * radius, 0 : 2 * radius]
    inside = np.hypot(columns - radius + 0.5, rows - radius + 0.5) < radius - 4
    shape = nodes(2 * radius, 2 * radius)
    subject = Subject(
        x=x,
        y=y,
        colour=np.zeros((2 * radius, 2 * radius, 3), np.uint8),
        alpha=np.where(inside, 255, 0).astype(np.uint8),
        disparity=np.full(shape, 0.8, np.float32),
    )
    plate = np.zeros((784, 1408, 3), np.uint8)
    return Scene(
        width=1280,
        height=720,
        margin_x=64,
        margin_y=32,
        plate=plate,
        plate_disparity=np.full(nodes(784, 1408), 0.3, np.float32),
        still=np.zeros((720, 1280, 3), np.uint8),
        subject=subject,
        pivot=0.8,
    )


def way(axis: int, to: float) -> npt.NDArray[np.float64]:
    poses = np.tile(np.array(AT_REST), (9, 1))
    poses[:, axis] += np.linspace(0, to, 9)
    return poses


def test_towards_a_subject_in_the_middle_nothing_comes_to_be_seen() -> None:
    assert disclosure(disc_before_a_wall(), way(TZ, 0.2)) == 0
    assert not discloses(disc_before_a_wall(), way(TZ, 0.2))


def test_away_from_it_it_shrinks_and_shows_a_rim() -> None:
    assert disclosure(disc_before_a_wall(), way(TZ, -0.2)) > 3


@pytest.mark.parametrize("way_to", [-0.05, 0.05])
def test_sideways_one_side_is_shown(way_to: float) -> None:
    scene = disc_before_a_wall()
    focal = 640 / np.tan(np.radians(55) / 2)
    apart = (11 / 12) * 0.5 * focal * 0.05
    assert disclosure(scene, way(TX, way_to)) == pytest.approx(apart, rel=0.02)
    assert discloses(scene, way(TX, way_to))


@pytest.mark.parametrize(("axis", "to"), [(YAW, 0.1), (ZOOM, 0.3)])
def test_what_moves_near_and_far_alike_shows_nothing(axis: int, to: float) -> None:
    assert disclosure(disc_before_a_wall(), way(axis, to)) == 0


def test_towards_a_subject_at_the_side_its_inner_rim_is_shown() -> None:
    assert disclosure(disc_before_a_wall(x=1000), way(TZ, 0.2)) > 10


def test_without_a_subject_there_is_nothing_behind_it() -> None:
    assert disclosure(replace(disc_before_a_wall(), subject=None), way(TX, 0.2)) == 0
