"""Films of made-up scenes: true to the still, to the camera, and to themselves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from film_scenes import rows_scene

from mutoscope.engines.flipbook.camera import model as camera
from mutoscope.engines.flipbook.camera.model import AT_REST, TX, TZ, YAW, ZOOM
from mutoscope.engines.flipbook.rendering.render import Renderer, render
from mutoscope.errors import BadShot, Cancelled
from mutoscope.finish.bt709 import planes
from mutoscope.finish.frame import planes_of

REST = np.array(AT_REST)


def pixels(frame: av.VideoFrame) -> list[npt.NDArray[np.int32]]:
    wide = frame.width
    return [
        plane[:, : wide if place == 0 else wide // 2].astype(np.int32)
        for place, plane in enumerate(planes_of(frame))
    ]


def poses(count: int, **axes: float) -> camera.Array:
    out = np.repeat(REST[None], count, axis=0)
    for name, value in axes.items():
        axis = {"tx": TX, "tz": TZ, "yaw": YAW, "zoom": ZOOM}[name]
        out[:, axis] += np.linspace(0, value, count)
    return out


@pytest.mark.parametrize("size", [(64, 64), (66, 70), (130, 98), (320, 180)])
def test_the_first_frame_is_the_still_and_the_layers_at_rest_are_too(size: tuple[int, int]) -> None:
    scene = rows_scene(*size)
    film = list(render(scene, poses(3)))
    for frame in film:  # frame 0 is the still's own, the others are drawn at rest
        for got, still in zip(pixels(frame), planes(scene.still), strict=True):
            assert (got == still).all()


def test_nothing_pops_when_the_camera_sets_off() -> None:
    scene = rows_scene(320, 180)
    # a plate that is wrong behind the subject's outline, as a filled one is
    spoilt = replace(scene, plate=np.clip(scene.plate.astype(int) + 9, 0, 255).astype(np.uint8))
    film = [pixels(frame)[0] for frame in render(spoilt, poses(24, tx=0.01))]
    steps = [np.abs(b - a).mean() for a, b in pairwise(film)]
    assert steps[0] < 2.5 * np.median(steps)


def test_a_whole_pixel_step_is_exact() -> None:
    scene = rows_scene(128, 96, subject=False)
    scene = replace(scene, plate_disparity=np.full_like(scene.plate_disparity, 1.0))
    shift = 4.0
    pose = REST.copy()
    pose[TX] = shift / Renderer(scene).lens.focal  # 4 pixels at the near plane
    got = pixels(Renderer(scene).draw(pose))[0]
    want = planes(scene.plate)[0][16:-16, 16 + 4 : 16 + 4 + 128].astype(int)
    assert np.abs(got - want).max() <= 1


def test_half_a_pixel_is_as_sharp_as_none() -> None:
    """Detail does not breathe as the picture drifts: what plain bilinear would lose a fifth of."""
    scene = rows_scene(320, 180, subject=False)
    scene = replace(scene, plate_disparity=np.full_like(scene.plate_disparity, 1.0))
    renderer = Renderer(scene)

    def detail(shift: float) -> float:
        pose = REST.copy()
        pose[TX] = (8 + shift) / renderer.lens.focal
        return float(np.abs(np.diff(pixels(renderer.draw(pose))[0], axis=1)).mean())

    assert detail(0.5) > 0.93 * detail(0.0)
    assert detail(0.25) > 0.9 * detail(0.0)


def test_the_subject_stands_in_front_and_travels_further() -> None:
    scene = rows_scene(320, 180)
    moved = pixels(Renderer(scene).draw(poses(2, tx=0.06)[1]))[0]
    bare = pixels(Renderer(replace(scene, subject=None)).draw(poses(2, tx=0.06)[1]))[0]
    differs = np.nonzero((moved != bare).any(axis=0))[0]
    centre = (differs.min() + differs.max()) / 2
    lens = Renderer(scene).lens
    rho = float(camera.inverse_depth(0.8))
    assert centre == pytest.approx(159.5 - lens.focal * 0.06 * rho, abs=2.5)


def test_same_input_same_bytes() -> None:
    scene = rows_scene(130, 98)
    one, two = (list(render(scene, poses(5, tz=0.1, yaw=0.02))) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        for p, q in zip(pixels(a), pixels(b), strict=True):
            assert (p == q).all()


def test_the_picture_drifts_without_steps() -> None:
    """A slow truck of 0.02 pixels a frame: the light that passes a column changes evenly."""
    scene = rows_scene(128, 96, subject=False)
    flat = np.full_like(scene.plate_disparity, 1.0)
    soft = np.asarray(cv2.GaussianBlur(scene.plate, (0, 0), 0.9), dtype=np.uint8)
    renderer = Renderer(replace(scene, plate_disparity=flat, plate=soft))
    still = pixels(renderer.draw(REST))[0].astype(float)
    slope = np.gradient(still, axis=1)
    moved = []
    for step in range(1, 30):
        pose = REST.copy()
        pose[TX] = 3 / renderer.lens.focal + 0.02 * step / renderer.lens.focal
        shown = pixels(renderer.draw(pose))[0].astype(float)
        if step == 1:
            still, slope = shown, np.gradient(shown, axis=1)
        moved.append(float(((shown - still) * slope).sum() / (slope**2).sum()))
    at = np.arange(len(moved))
    slope_of, start = np.polyfit(at, moved, 1)
    assert slope_of == pytest.approx(0.02, rel=0.3)  # the gradient is an estimate
    assert np.abs(np.array(moved) - (start + slope_of * at)).max() < 0.025  # of a pixel


class Ripple:
    def __init__(self, height: int, width: int):
        self.nodes = np.zeros((-(-height // 4) + 1, -(-width // 4) + 1, 2), np.float32)
        self.nodes[: self.nodes.shape[0] // 2, :, 0] = 3.0

    def displacement(self, frame: int) -> npt.NDArray[np.float32]:
        return self.nodes * np.float32(frame > 0)


def test_a_field_moves_its_region_and_nothing_else() -> None:
    scene = rows_scene(128, 96, subject=False)
    film = list(render(scene, poses(2), (Ripple(*scene.plate.shape[:2]),)))
    before, after = pixels(film[0])[0], pixels(film[1])[0]
    shifted = planes(scene.plate)[0][16:-16, 16 + 3 : 16 + 3 + 128].astype(int)
    rows = scene.plate.shape[0] // 2 - 16
    assert np.abs(after[: rows - 8] - shifted[: rows - 8]).max() <= 1
    assert (after[rows + 8 :] == before[rows + 8 :]).all()


def test_cancel_stops_between_frames() -> None:
    asked = iter([False, False, True])
    film = render(rows_scene(64, 64), poses(9), cancel=lambda: next(asked))
    with pytest.raises(Cancelled):
        list(film)


def test_leaving_early_ends_the_thread() -> None:
    film = render(rows_scene(64, 64), poses(200))
    next(film)
    film.close()  # type: ignore[attr-defined]


def test_sizes_that_films_do_not_have_are_refused() -> None:
    with pytest.raises(BadShot, match="an even number from 64 to 4096"):
        Renderer(rows_scene(62, 64))
