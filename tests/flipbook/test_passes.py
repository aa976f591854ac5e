"""The film's layers apart: put together again they are the film."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from film_scenes import rows_scene

from mutoscope.direction.model import Direction
from mutoscope.engines.base import Footage, Order
from mutoscope.engines.flipbook.master import deliverable, delivered, place, rendered
from mutoscope.engines.flipbook.rendering.carried import DX, TALL, WIDE, SubjectMotion
from mutoscope.engines.flipbook.rendering.passes import Apart, render_apart
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.errors import BadShot
from mutoscope.finish.cutout import subject_of
from mutoscope.finish.footage import chosen
from mutoscope.finish.formats import PASSES
from mutoscope.finish.frame import planes_of
from mutoscope.finish.rgb import rgb
from mutoscope.shot import Delivery, Shot, Size

os.environ.setdefault("SVT_LOG", "1")
FRAMES = 5
Map = npt.NDArray[np.float64]


def way(tx: float = 0.04, tz: float = 0.06) -> Map:
    """A truck and a dolly."""
    poses = np.zeros((FRAMES, 7))
    poses[:, 6] = 1
    poses[:, 0], poses[:, 2] = np.linspace(0, tx, FRAMES), np.linspace(0, tz, FRAMES)
    return poses


def luma(frame: object) -> Map:
    return np.asarray(planes_of(frame)[0][:144, :192], np.float64)  # type: ignore[arg-type]


def together(one: Apart) -> Map:
    """plate·(1 - matte) + subject·matte, of luma."""
    share = one.matte / 255
    return luma(one.plate) * (1 - share) + luma(subject_of(one.film, one.plate, one.matte)) * share


@pytest.fixture(scope="module")
def scene() -> Scene:
    return rows_scene(192, 144, margin=16)


def test_plate_subject_and_matte_are_the_film(scene: Scene) -> None:
    films = list(render(scene, way()))
    apart = list(render_apart(scene, way()))
    assert len(apart) == FRAMES
    for one, film in zip(apart, films, strict=True):
        assert np.array_equal(luma(one.film), luma(film))  # the film itself is not touched
        off = np.abs(together(one) - luma(film))
        assert off.mean() < 0.1
        assert np.percentile(off, 99.9) <= 6  # where the matte is too thin to tell colours from it
        assert one.matte.min() == 0
        assert one.matte.max() == 255


def test_it_holds_where_the_subject_moves_and_something_is_laid_on(scene: Scene) -> None:
    class Darker:
        def apply(self, frame: object, seen: object) -> None:
            plane = planes_of(frame)[0]  # type: ignore[arg-type]
            plane[:] = 16 + (plane.astype(np.int32) - 16) * 3 // 4

    places = np.zeros((FRAMES, 5))
    places[:, (WIDE, TALL)] = 1
    places[:, DX] = np.linspace(0, 24, FRAMES)
    motion = SubjectMotion((96.0, 72.0), places)
    effects = (Darker(),)
    apart = list(render_apart(scene, way(), effects=effects, motion=motion, first_exact=False))
    columns = []
    for one in apart:
        assert np.abs(together(one) - luma(one.film)).mean() < 0.2
        columns.append(float((one.matte * np.arange(192)).sum() / one.matte.sum()))
    assert columns[-1] - columns[0] > 18  # the matte goes with it


def test_the_plate_is_the_scene_without_its_subject(scene: Scene) -> None:
    bare = list(render(replace(scene, subject=None), way(), first_exact=False))
    for one, other in list(zip(render_apart(scene, way()), bare, strict=True))[2:]:
        inside = one.matte == 255
        assert np.abs(luma(one.plate) - luma(other))[inside].mean() < 1.5
        assert np.abs(luma(one.plate) - luma(one.film))[inside].mean() > 10


def test_disparity_is_that_of_the_scene(scene: Scene) -> None:
    first = next(iter(render_apart(scene, way(), depth=True)))
    assert first.disparity is not None
    far = first.disparity / 65535
    subject = first.matte == 255
    assert abs(float(far[subject].mean()) - 0.8) < 0.02
    rows = far[:, 2]
    assert rows[0] < 0.03
    assert rows[-1] > 0.95
    assert (np.diff(rows) > -0.001).all()


def order(folder: Path, delivery: Delivery, prompt: str = "") -> Order:
    direction = Direction(seconds=FRAMES / 24)
    if prompt:
        from mutoscope.direction.parse import direct

        direction = direct(prompt, FRAMES / 24)
    shot = Shot(size=Size(192, 144), seconds=FRAMES / 24, delivery=delivery)
    return Order(shot=shot, direction=direction, folder=folder, stills={0: None})  # type: ignore[dict-item]


def made(one: Order, scene: Scene) -> Path:
    return rendered(one, scene, way(), (), lambda stage, done: None, first_exact=True)


def test_passes_lie_beside_the_film_and_compose_to_it(tmp_path: Path, scene: Scene) -> None:
    one = order(tmp_path, Delivery("png", "", passes=PASSES))
    made(one, scene)
    plate, subject, matte, far, film = (
        cv2.imread(str(tmp_path / name / "00003.png"), cv2.IMREAD_UNCHANGED)
        for name in ("plate", "subject", "matte", "disparity", "footage")
    )
    assert plate is not None
    assert subject is not None
    assert matte is not None
    assert far is not None
    assert film is not None
    assert matte.dtype == far.dtype == np.uint16
    share = (matte / 65535)[..., None]
    composed = plate * (1 - share) + subject[..., :3] * share
    assert np.abs(composed - film).mean() < 0.3  # colours have half the matte's resolution
    assert np.array_equal(subject[..., 3], matte // 257)


def test_prores_passes_hold_a_matte_as_grey(tmp_path: Path, scene: Scene) -> None:
    made(order(tmp_path, Delivery(passes=("matte", "subject"))), scene)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "footage.mp4",
        "matte.mov",
        "subject.mov",
    ]
    wished = list(render_apart(scene, way()))
    for number, shown in chosen(tmp_path / "matte.mov", [0, 4], 192):
        assert np.abs(shown[..., 1].astype(int) - wished[number].matte).mean() < 0.6


def test_a_transparent_film_has_the_subject_alone(tmp_path: Path, scene: Scene) -> None:
    one = order(tmp_path, Delivery("png", "", alpha=True))
    made(one, scene)
    read = cv2.imread(str(place(one) / "00002.png"), cv2.IMREAD_UNCHANGED)
    assert read is not None
    frame = list(render_apart(scene, way()))[2]
    assert np.array_equal(read[..., 3], frame.matte)
    solid = frame.matte == 255
    off = read[..., 2::-1].astype(int) - rgb(frame.film)
    assert np.abs(off[solid]).mean() < 1.5
    assert not read[..., :3][cv2.dilate(frame.matte, np.ones((99, 99), np.uint8)) == 0].any()


def test_a_look_is_on_every_layer(tmp_path: Path, scene: Scene) -> None:
    one = order(tmp_path, Delivery("png", "", passes=("plate", "subject")), "film noir look")
    made(one, scene)
    for name in ("footage", "plate", "subject"):
        read = cv2.imread(str(tmp_path / name / "00001.png"))
        assert read is not None
        assert np.ptp(read.astype(int), axis=2).mean() < 2  # no colour anywhere


def test_without_a_subject_alpha_is_refused_and_passes_are_told(tmp_path: Path) -> None:
    bare = rows_scene(192, 144, subject=False)
    with pytest.raises(BadShot, match="alpha needs a subject to cut out"):
        made(order(tmp_path, Delivery("webp", ".webp", alpha=True)), bare)
    one = order(tmp_path, Delivery(passes=("matte", "disparity")))
    made(one, bare)
    footage = delivered(one, Footage(tmp_path / "footage.mp4", FRAMES))
    assert list(footage.passes) == ["disparity"]
    said = {told.words: (told.outcome, told.how) for told in footage.instructions}
    assert said["pass disparity"][0] == "done"
    assert said["pass matte"][0] == "not_possible"
    assert "stands out" in said["pass matte"][1]


def test_a_film_of_two_pictures_has_no_layers(tmp_path: Path) -> None:
    one = order(tmp_path, Delivery("webp", ".webp", alpha=True))
    with pytest.raises(BadShot, match="alpha needs one picture"):
        deliverable(replace(one, stills={0: None, 1: None}))  # type: ignore[dict-item]
    with pytest.raises(BadShot, match="has no layers"):
        deliverable(replace(one, stills={}, clips={0: tmp_path}))
