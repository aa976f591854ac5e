"""How much picture a camera has."""

from __future__ import annotations

import numpy as np
import pytest

from mutoscope.direction.parse import direct
from mutoscope.engines.flipbook.camera.model import AT_REST
from mutoscope.engines.flipbook.camera.path import plan_path
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.scene import CELL, Scene

SIZES = [(1280, 720), (1920, 1080), (960, 540), (640, 360), (720, 1280), (1000, 562)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_picture_that_just_fills_the_frame_is_not_closed_in_on_at_rest(
    width: int, height: int
) -> None:
    view = View(width, height, painted=(20, 20, 20, 20))
    assert view.overrun(np.array([AT_REST])) <= 0
    path = plan_path(
        direct("Push in by 15 percent", 4.0), view, fps=12, frames=48, first_frame=True
    )
    assert (path.closer, path.paint, path.share) == (0.0, 0.0, 1.0)


def test_a_scene_says_how_much_of_its_made_up_margin_may_be_shown() -> None:
    plate = np.zeros((200, 360, 3), np.uint8)
    grid = np.zeros((200 // CELL + 1, 360 // CELL + 1), np.float32)
    still = plate[16:184, 20:340]

    def view(made_up: float) -> View:
        scene = Scene(
            320, 168, 20, 16, plate, grid, still, real=(20, 4, 0, 0), made_up=made_up
        )  # fmt: skip
        return View.of(scene)

    assert view(0.8).painted == pytest.approx((0.0, 10.0, 16.0, 12.8))
    assert view(1 / 3).painted == pytest.approx((0.0, 16 / 3, 20 / 3, 16 / 3))
