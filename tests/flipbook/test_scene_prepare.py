"""From a photograph to a Scene."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.engines.flipbook.scene import Scene
from mutoscope.engines.flipbook.taking.grids import nodes
from mutoscope.engines.flipbook.taking.lay import hfov, margins
from mutoscope.engines.flipbook.taking.prepare import build_scene
from mutoscope.errors import Cancelled
from mutoscope.images.decode import open_photo
from mutoscope.images.fit import fitted
from mutoscope.images.plan import plan
from mutoscope.images.subject import SubjectMatte, forget
from mutoscope.shot import Fit, Size

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = Size(320, 180)


def scene_of(name: str, fit: Fit = Fit.COVER, target: Size = SMALL, **options: object) -> Scene:
    photo = open_photo(EXAMPLES / f"{name}.jpg")
    forget()
    return build_scene(photo, plan(photo.size, target, fit), remember=False, **options)  # type: ignore[arg-type]


@lru_cache
def learned_scene(name: str) -> Scene:
    return scene_of(name, target=Size(640, 360))


def sound(scene: Scene) -> None:
    """What the renderer counts on."""
    height, width = scene.height, scene.width
    assert scene.margin_x % 16 == scene.margin_y % 16 == 0
    tall, wide = height + 2 * scene.margin_y, width + 2 * scene.margin_x
    assert scene.plate.shape == (tall, wide, 3)
    assert scene.still.shape == (height, width, 3)
    assert scene.plate_disparity.shape == nodes(tall, wide)
    arrays: list[npt.NDArray[Any]] = [scene.plate, scene.still, scene.plate_disparity]
    grids = [scene.plate_disparity]
    if scene.subject is not None:
        subject = scene.subject
        assert subject.x % 2 == subject.y % 2 == 0
        h, w = subject.alpha.shape
        assert subject.colour.shape == (h, w, 3)
        assert subject.disparity.shape == nodes(h, w)
        assert -scene.margin_x <= subject.x <= subject.x + w <= width + scene.margin_x
        assert -scene.margin_y <= subject.y <= subject.y + h <= height + scene.margin_y
        arrays += [subject.colour, subject.alpha, subject.disparity]
        grids.append(subject.disparity)
    assert all(array.flags.c_contiguous for array in arrays)
    for grid in grids:
        assert grid.dtype == np.float32
        assert 0 <= grid.min() <= grid.max() <= 1
    assert 0 <= scene.pivot <= 1


def at_rest(scene: Scene) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The layers over each other, not moved; of the frame's size."""
    out = scene.plate.astype(np.float64)
    if scene.subject is not None:
        subject = scene.subject
        y, x = subject.y + scene.margin_y, subject.x + scene.margin_x
        h, w = subject.alpha.shape
        alpha = subject.alpha[..., None] / 255
        part = out[y : y + h, x : x + w]
        part += (subject.colour - part) * alpha
    inner_y, inner_x = scene.margin_y, scene.margin_x
    return out[inner_y : inner_y + scene.height, inner_x : inner_x + scene.width]


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path))


def test_margins_are_multiples_of_sixteen() -> None:
    for size, expected in ((Size(1280, 720), (64, 32)), (Size(1920, 1080), (96, 48))):
        assert margins(plan(Size(4000, 3000), size, Fit.COVER)) == expected


@pytest.mark.usefixtures("no_weights")
@pytest.mark.parametrize("fit", [Fit.COVER, Fit.PAD, Fit.STRETCH])
def test_without_weights_one_sheet_and_a_note(fit: Fit) -> None:
    scene = scene_of("rocket", fit)
    sound(scene)
    assert scene.subject is None
    assert any("no matte weights" in note for note in scene.notes)
    np.testing.assert_array_equal(at_rest(scene), scene.still)
    photo = open_photo(EXAMPLES / "rocket.jpg")
    np.testing.assert_array_equal(scene.still, fitted(photo, plan(photo.size, SMALL, fit))[0])
    assert np.all(np.diff(scene.plate_disparity.mean(1)) > -0.01)  # nearer downwards


@pytest.mark.usefixtures("no_weights")
def test_a_given_matte_makes_a_layer_even_without_weights() -> None:
    y, x = np.mgrid[0:400, 0:600]
    alpha = ((x - 300) ** 2 + (y - 210) ** 2 < 100**2).astype(np.float32)
    scene = scene_of("coffee", matte=SubjectMatte(alpha, 1.0, float(alpha.mean())))
    sound(scene)
    assert scene.subject is not None
    assert any("no inpaint weights" in note for note in scene.notes)


@pytest.mark.usefixtures("no_weights")
def test_what_the_pad_holds_is_no_subject() -> None:
    alpha = np.ones((400, 600), np.float32)
    scene = scene_of("coffee", Fit.PAD, matte=SubjectMatte(alpha, 1.0, 0.5))
    sound(scene)
    assert scene.subject is not None
    place = plan(Size(600, 400), SMALL, Fit.PAD).place
    assert scene.subject.x >= place.left - 16
    assert scene.subject.x + scene.subject.alpha.shape[1] <= place.right + 16


@pytest.mark.usefixtures("no_weights")
def test_progress_and_cancel() -> None:
    told: list[tuple[str, float]] = []
    scene_of("rocket", progress=lambda stage, done: told.append((stage, done)))
    assert told[-1][1] == 1.0
    assert [done for _, done in told] == sorted(done for _, done in told)
    with pytest.raises(Cancelled):
        scene_of("rocket", cancel=lambda: True)


@pytest.mark.usefixtures("no_weights")
def test_a_second_time_it_comes_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path / "cache"))
    photo = open_photo(EXAMPLES / "rocket.jpg")
    laid = plan(photo.size, SMALL, Fit.COVER)
    first = build_scene(photo, laid)
    told: list[str] = []
    second = build_scene(photo, laid, progress=lambda stage, done: told.append(stage))
    assert told == []
    np.testing.assert_array_equal(first.plate, second.plate)
    assert first.notes == second.notes


def test_the_lens_that_the_camera_wrote() -> None:
    whole = plan(Size(3600, 2400), Size(1200, 800), Fit.COVER)
    assert hfov(None, whole) == 55.0
    assert hfov(50.0, whole) == pytest.approx(2 * math.degrees(math.atan(18 / 50)), abs=0.1)
    narrow = plan(Size(3600, 2400), Size(400, 800), Fit.COVER)
    assert hfov(50.0, narrow) < 15.5


@pytest.mark.weights
@pytest.mark.parametrize("name", ["coffee", "rocket", "astronaut"])
def test_at_rest_the_layers_are_the_still(name: str) -> None:
    scene = learned_scene(name)
    sound(scene)
    assert scene.subject is not None
    difference = abs(at_rest(scene) - scene.still).max(2)
    assert np.mean(difference > 2) < 0.06  # the outline alone
    assert difference.mean() < 1.5


@pytest.mark.weights
def test_an_unstable_matte_makes_no_layer() -> None:
    scene = scene_of("chelsea")
    sound(scene)
    assert scene.subject is None
    assert any("no subject stands out" in note for note in scene.notes)


@pytest.mark.weights
def test_the_subject_is_in_front_of_what_is_behind_it_and_joined_at_the_foot() -> None:
    scene = learned_scene("rocket")
    assert scene.subject is not None
    subject = scene.subject
    row, column = (subject.y + scene.margin_y) // 8, (subject.x + scene.margin_x) // 8
    rows, columns = subject.disparity.shape
    behind = scene.plate_disparity[row : row + rows, column : column + columns]
    gap = subject.disparity[: len(behind)] - behind
    middle = gap.shape[1] // 2
    assert gap[2, middle] > 0.2
    assert abs(gap[-2, middle]) < 0.06


@pytest.mark.weights
def test_the_same_photograph_gives_the_same_bytes() -> None:
    one, other = learned_scene("coffee"), scene_of("coffee", target=Size(640, 360))
    assert one.subject is not None
    assert other.subject is not None
    for name in ("plate", "plate_disparity", "still"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    for name in ("colour", "alpha", "disparity"):
        assert getattr(one.subject, name).tobytes() == getattr(other.subject, name).tobytes()


@pytest.mark.usefixtures("no_weights")
def test_the_cache_tells_painted_plates_from_cheap_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path / "cache"))
    photo = open_photo(EXAMPLES / "coffee.jpg")
    laid = plan(photo.size, SMALL, Fit.COVER)
    y, x = np.mgrid[0:400, 0:600]
    alpha = ((x - 300) ** 2 + (y - 210) ** 2 < 100**2).astype(np.float32)
    matte = SubjectMatte(alpha, 1.0, float(alpha.mean()))

    def made(uncovers: bool) -> Scene:
        return build_scene(photo, laid, matte=matte, uncovers=lambda scene: uncovers)

    cheap, painted = made(False), made(True)
    sound(cheap)
    assert any("hardly looks behind" in note for note in cheap.notes)
    assert not any("hardly looks behind" in note for note in painted.notes)
    assert (cheap.plate != painted.plate).any()
    changed = (cheap.plate != painted.plate).any(2).mean()
    assert changed < 0.5
    assert len(list((tmp_path / "cache" / "scenes").iterdir())) == 2
    for again, before in ((made(False), cheap), (made(True), painted)):
        np.testing.assert_array_equal(again.plate, before.plate)
        assert again.notes == before.notes
    assert len(list((tmp_path / "cache" / "scenes").iterdir())) == 2


@pytest.mark.weights
def test_a_border_is_painted_only_where_the_camera_goes_beyond_it() -> None:
    target = Size(320, 240)
    stays, leaves, before = (
        scene_of("coffee", Fit.STRETCH, target, uncovers=lambda scene: False, **more)
        for more in ({"leaves": lambda scene: False}, {"leaves": lambda scene: True}, {})
    )
    for scene in (stays, leaves, before):
        sound(scene)
    assert before.margin_x < stays.margin_x == leaves.margin_x
    assert before.made_up < leaves.made_up
    inner = np.s_[leaves.margin_y : -leaves.margin_y, leaves.margin_x : -leaves.margin_x]
    hidden = leaves.plate.astype(int) - stays.plate
    assert abs(hidden).max(2).mean() > 5  # the mirror is gone
    strip = (
        leaves.plate[inner][:, :2].astype(int)
        - leaves.plate[leaves.margin_y : -leaves.margin_y, leaves.margin_x - 2 : leaves.margin_x]
    )
    assert abs(strip).mean() < 25  # and what is painted goes on with the picture


@pytest.mark.weights
def test_a_body_goes_on_beyond_the_border_it_is_cut_by() -> None:
    """Mirrored, the saucer would be a second one below the first."""
    scene = scene_of("coffee", Fit.COVER, Size(320, 180), leaves=lambda scene: True)
    assert scene.subject is not None
    below = scene.subject.alpha[scene.height - scene.subject.y :] > 127
    widths = below.sum(1)[: int(0.8 * scene.margin_y)]
    assert len(widths)
    assert (np.diff(widths.astype(int)) <= 4).all()


@pytest.mark.weights
def test_every_way_of_filling_is_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path / "cache"))
    photo = open_photo(EXAMPLES / "coffee.jpg")
    laid = plan(photo.size, Size(320, 240), Fit.STRETCH)

    def made(uncovers: bool, leaves: bool) -> Scene:
        return build_scene(
            photo, laid, uncovers=lambda scene: uncovers, leaves=lambda scene: leaves
        )

    first = {(a, b): made(a, b) for a in (False, True) for b in (True, False)}
    again = {(a, b): made(a, b) for b in (False, True) for a in (True, False)}
    assert len({scene.plate.tobytes() for scene in first.values()}) == 4
    for asked, scene in first.items():
        assert again[asked].plate.tobytes() == scene.plate.tobytes()
        assert again[asked].notes == scene.notes
        assert again[asked].made_up == scene.made_up
