"""What runs, what the subject wears, the wind, and the sky that is found by itself."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from film_scenes import rows_scene, texture

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.flipbook.camera.model import AT_REST
from mutoscope.engines.flipbook.nature.cloth import cloth, weave_of
from mutoscope.engines.flipbook.nature.course import axis, course
from mutoscope.engines.flipbook.nature.field import STEP, Field
from mutoscope.engines.flipbook.nature.fields import claimed, fields_for, run_freely, wanted
from mutoscope.engines.flipbook.nature.flow import Flow
from mutoscope.engines.flipbook.nature.plain import aflame, may_be_smoke
from mutoscope.engines.flipbook.nature.region import cover_of
from mutoscope.engines.flipbook.nature.running import clouds, fire, smoke, stream
from mutoscope.engines.flipbook.nature.sky import find_sky
from mutoscope.engines.flipbook.nature.surface import surface_of, surfaces
from mutoscope.engines.flipbook.nature.wears import worn_in
from mutoscope.engines.flipbook.nature.wind import Wind, wind_of
from mutoscope.engines.flipbook.rendering.render import Renderer
from mutoscope.engines.flipbook.scene import Mask, Rgb, Scene
from mutoscope.images.decode import open_photo

FRAME, PLATE = 180, (212, 352)
FPS, LOOP = 24.0, 48
REST = np.array(AT_REST, dtype=np.float64)
EXAMPLES = Path(__file__).parents[2] / "examples"


def box(top: int, bottom: int, left: int, right: int, shape: tuple[int, int] = PLATE) -> Mask:
    mask = np.zeros(shape, np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


RIVER = box(60, 160, 30, 320)


def flow(mask: Mask, **more: object) -> Flow:
    velocity = np.zeros((PLATE[0] // STEP + 1, PLATE[1] // STEP + 1, 2), np.float32)
    velocity[..., 0] = 40
    late = np.zeros(velocity.shape[:2], np.float32)
    return Flow(mask, velocity, cycle=1.0, fps=FPS, late=late, feather=6, **more)  # type: ignore[arg-type]


RUNNING = {
    "flow": lambda: flow(RIVER, loop=LOOP, contrast=0.5),
    "stream": lambda: stream(RIVER, FRAME, fps=FPS, loop=LOOP),
    "clouds": lambda: clouds(RIVER, FRAME, fps=FPS, loop=LOOP, wind=Wind()),
    "smoke": lambda: smoke(RIVER, FRAME, fps=FPS, loop=LOOP, wind=Wind()),
    "fire": lambda: fire(RIVER, FRAME, fps=FPS, period=LOOP, loop=LOOP)[0],
}
every_current = pytest.mark.parametrize("name", RUNNING)


def scene_of(plate: Rgb, margin: int = 16) -> Scene:
    """A still without depth or subject."""
    flat = rows_scene(PLATE[1] - 2 * margin, PLATE[0] - 2 * margin, margin=margin, subject=False)
    still = plate[margin:-margin, margin:-margin].copy()
    return Scene(flat.width, flat.height, margin, margin, plate, 0 * flat.plate_disparity, still)


def shown(scene: Scene, fields: tuple[Field, ...], frames: range) -> npt.NDArray[np.float32]:
    renderer = Renderer(scene, fields)
    return np.stack(
        [renderer.draw(REST, n).to_ndarray(format="gray").astype(np.float32) for n in frames]
    )


@every_current
def test_a_current_begins_with_the_still_and_closes(name: str) -> None:
    field = RUNNING[name]()
    for frame in (0, LOOP):
        assert not field.displacement(frame).any()
        second = field.second(frame)
        assert second is not None
        assert not second.any()
    near = np.abs(field.displacement(1)).max()
    assert 0 < near < 8  # and nothing jumps at its beginning
    assert np.abs(field.displacement(LOOP - 1)).max() < 8


@every_current
def test_a_current_stays_in_its_region_and_reads_nothing_from_outside(name: str) -> None:
    field = RUNNING[name]()
    inside = RIVER > 0
    y, x = np.mgrid[0 : PLATE[0] : STEP, 0 : PLATE[1] : STEP]
    for frame in range(1, LOOP, 6):
        first = field.displacement(frame)[: len(y), : y.shape[1]]
        second = field.second(frame)
        assert second is not None
        both = second[: len(y), : y.shape[1]]
        moved = (first != 0).any(axis=2)
        assert inside[y[moved], x[moved]].all()
        for found in (first, first + both[..., :2]):
            v = np.rint(y + found[..., 1]).astype(int)[moved]
            u = np.rint(x + found[..., 0]).astype(int)[moved]
            assert inside[v, u].all()


def test_outside_a_current_no_pixel_changes() -> None:
    scene = scene_of(texture(*PLATE))
    film = shown(scene, (flow(RIVER, loop=LOOP, contrast=1.0),), range(0, LOOP, 5))
    outside = RIVER[16:-16, 16:-16] == 0
    assert (film[:, outside] == film[0, outside]).all()
    assert np.abs(np.diff(film, axis=0))[:, ~outside].mean() > 1


def test_the_picture_runs_the_way_of_the_current_at_its_speed() -> None:
    scene = scene_of(texture(*PLATE))
    # from a quarter of the cycle before its middle on, the first picture is alone the most
    film = shown(scene, (flow(RIVER, loop=LOOP),), range(5))
    still, later = (film[n][70:120, 90:230] for n in (0, 4))
    best = min(
        range(-12, 13), key=lambda by: np.abs(np.roll(still, by, axis=1) - later)[:, 12:-12].mean()
    )
    assert best == pytest.approx(40 * 4 / FPS, abs=1.5)


def test_the_loop_s_seam_is_a_step_like_any_other() -> None:
    scene = scene_of(texture(*PLATE))
    film = shown(scene, (flow(RIVER, loop=LOOP, contrast=0.5),), range(LOOP))
    steps = np.abs(np.diff(film, axis=0)).mean(axis=(1, 2))
    assert np.abs(film[0] - film[-1]).mean() <= steps.max() * 1.02


def test_detail_is_not_lost_where_two_pictures_show() -> None:
    rng = np.random.default_rng(0)
    fine = cv2.GaussianBlur(rng.normal(0, 90, PLATE).astype(np.float32), (0, 0), 1.2) + 120
    plate = np.repeat(np.clip(fine, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    inner = np.s_[70:120, 90:230]
    kept = {}
    for contrast in (0.0, 1.0):
        film = shown(
            scene_of(plate), (flow(RIVER, loop=LOOP, contrast=contrast),), range(LOOP // 2)
        )
        kept[contrast] = min(frame[inner].std() for frame in film) / film[0][inner].std()
    assert kept[0.0] < 0.8
    assert kept[1.0] > 0.9


def test_water_follows_a_bend() -> None:
    bent = box(20, 70, 20, 330) | box(20, 200, 270, 330)
    way = course(bent)
    assert way[11, 30, 0] > 0.9  # along the upper arm to the right
    assert way[28, 75, 1] > 0.8  # and down the other
    assert np.abs(np.hypot(way[11, 30, 0], way[11, 30, 1]) - 1) < 0.05


@pytest.mark.parametrize(
    ("mask", "direction", "expected"),
    [
        (box(0, 200, 100, 150), "", (0, 1)), (box(80, 120, 0, 350), "", (1, 0)),
        (box(80, 120, 0, 350), "left", (-1, 0)), (box(0, 200, 100, 300), "up", (0, -1)),
        (box(0, 200, 100, 300), "", (0, 1)),
    ],
)  # fmt: skip
def test_water_runs_along_its_region_and_down(
    mask: Mask, direction: str, expected: tuple[int, int]
) -> None:
    assert axis(mask > 0, direction) == pytest.approx(expected, abs=0.05)


def test_clouds_drift_with_the_wind_and_less_where_they_are_far() -> None:
    moved = {}
    for way in (1.0, -1.0):
        field = clouds(box(0, 150, 0, 352), FRAME, fps=FPS, loop=None, wind=Wind(way))
        moved[way] = field.displacement(6)[..., 0]
    assert moved[1.0][:20].mean() < 0 < moved[-1.0][:20].mean()  # from where the picture comes
    assert np.abs(moved[1.0][6, 40]) > 1.4 * np.abs(moved[1.0][30, 40])
    assert not moved[1.0][40:].any()


def test_clouds_that_need_not_come_back_drift_on() -> None:
    field = clouds(box(0, 150, 0, 352), FRAME, fps=FPS, loop=None, wind=Wind(), frames=60)
    far = [float(field.displacement(n)[6, 40, 0]) for n in range(0, 60, 10)]
    assert field.second(30) is None  # one picture alone, so nothing is double
    assert far[0] == 0
    assert (np.diff(far) < -0.5).all()
    assert far[-1] > -0.1 * FRAME


def test_flames_lick_upwards_and_flicker_where_it_is_bright() -> None:
    plate = np.zeros((*PLATE, 3), np.uint8)
    plate[80:140, 60:150] = (255, 200, 90)
    up, wobble, flicker = fire(
        RIVER, FRAME, fps=FPS, period=LOOP, loop=LOOP, glow=aflame(plate, FRAME)
    )
    assert up.displacement(3)[20:35, 20:60, 1].mean() > 0.5
    assert wobble.displacement(5).any()
    light = flicker.second(5)
    assert light is not None
    assert np.abs(light[27, 25, 4]) > 0.005
    assert np.abs(light[27, 70, 4]) < 1e-4  # in the dark of the same region


def subject_scene() -> Scene:
    scene = rows_scene(PLATE[1] - 32, PLATE[0] - 32)
    assert scene.subject is not None
    return Scene(
        scene.width, scene.height, 16, 16, scene.plate, 0 * scene.plate_disparity, scene.still,
        scene.subject, real=scene.real,
    )  # fmt: skip


def test_what_the_subject_wears_moves_before_a_plate_that_stands() -> None:
    scene = subject_scene()
    cover = cover_of(scene)
    assert cover is not None
    whole = np.where(cover > 0, 255, 0).astype(np.uint8)
    worn = worn_in(whole, cover, "own", FRAME)
    assert worn.clear is not None
    assert not worn.plate.any()
    field = cloth(
        worn.plate, 4 * FRAME, weave="flag", wind=Wind(), period=LOOP, fps=FPS, worn=worn.clear,
        whole=whole,
    )  # fmt: skip
    film = shown(scene, (field,), range(0, LOOP, 4))
    inner = cover[16:-16, 16:-16]
    outline = cv2.dilate((inner > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) - (inner > 250)
    far = cv2.dilate((inner > 0).astype(np.uint8), np.ones((41, 41), np.uint8)) == 0
    assert np.abs(np.diff(film, axis=0))[:, outline > 0].mean() > 1  # the outline moves
    assert (film[1:, far] == film[1, far]).all()


def test_water_that_lies_on_the_subject_too_moves_as_one() -> None:
    """The same field on plate and subject is the same as on a plate that has the subject in it."""
    scene = subject_scene()
    plate = scene.plate.copy()
    plate[16:-16, 16:-16] = scene.still
    painted = scene_of(plate)
    mask = box(20, 190, 40, 310)
    direction = Direction(seconds=2, motion=(Motion(kind="ripple", group="nature", target="lake"),))
    films = []
    for one in (scene, painted):
        fields, _ = fields_for(
            direction,
            {"water": mask},
            2 * FRAME,
            frames=LOOP,
            fps=FPS,
            loop=True,
            cover=cover_of(one),
        )
        films.append(shown(one, fields, range(0, LOOP, 8)))
    assert np.abs(films[0][3] - films[0][0]).max() > 20
    assert np.abs(films[0] - films[1]).mean() < 1.5
    assert np.percentile(np.abs(films[0] - films[1]), 99) < 16


def test_what_runs_is_given_back_to_the_plate() -> None:
    scene = subject_scene()
    freed = run_freely(scene, {"fire": box(0, 212, 0, 352)})
    assert freed.subject is not None
    assert freed.subject.alpha.max() < 16
    assert (freed.plate[16:-16, 16:-16] == scene.still).all()
    assert run_freely(scene, {"water": RIVER}) is scene  # water ripples in both


def told(direction: Direction, regions: dict[str, Mask], **more: object) -> list[tuple[str, str]]:
    _, instructions = fields_for(
        direction, regions, FRAME, frames=LOOP, fps=FPS, loop=True, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return [(one.outcome, one.how) for one in instructions]


def nature(kind: str, target: str = "", group: str = "nature") -> Direction:
    return Direction(seconds=2, motion=(Motion(kind=kind, group=group, target=target),))  # type: ignore[arg-type]


def test_what_was_found_by_itself_is_said() -> None:
    outcome, how = told(nature("drift", "clouds"), {"clouds": RIVER}, found=("clouds",))[0]
    assert outcome == "done"
    assert "found by itself" in how
    assert "--region clouds=" in how


def test_a_region_found_but_not_asked_for_stands_still() -> None:
    assert told(Direction(seconds=2), {"clouds": RIVER}, found=("clouds",)) == []


def test_smoke_that_is_not_to_be_seen_does_not_rise() -> None:
    grainy, calm = texture(*PLATE), np.full((*PLATE, 3), 140, np.uint8)
    assert not may_be_smoke(grainy, RIVER)
    assert may_be_smoke(calm, RIVER)
    asks = nature("steam", "cup")
    assert told(asks, {"smoke": RIVER}, picture=grainy)[0][0] == "not_possible"
    assert told(asks, {"smoke": RIVER}, picture=calm)[0][0] == "done"


def test_other_groups_are_nature_s_where_a_region_is_ready() -> None:
    flicker = nature("flicker", "the candles", "light")
    assert claimed(flicker, ("fire",), ()).motion == flicker.motion
    assert claimed(flicker, (), ()).motion == ()
    assert claimed(nature("rain"), (), ("rain",)).motion == ()
    assert wanted(nature("move", "clouds", "object"), ()) == ("clouds",)
    assert told(flicker, {"fire": RIVER})[0][0] == "done"


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("wind from the left", 1), ("the grass sways, wind from the right", -1),
        ("das Gras wiegt sich im Wind von links", 1), ("vinden fra højre", -1), ("风从左边吹来", 1),
    ],
)  # fmt: skip
def test_the_wind_s_way_is_read_in_four_languages(words: str, way: float) -> None:
    assert wind_of([words], []) == Wind(way, 1.0, 0, told=True)


def test_the_wind_is_one_for_all_and_the_seed_s_where_nothing_is_said() -> None:
    ways = {wind_of([], [], seed).way for seed in range(12)}
    assert ways == {1.0, -1.0}
    assert wind_of([], [], 7) == wind_of([], [], 7)
    assert wind_of(["a storm"], []).strength > 1 > wind_of(["a gentle breeze"], []).strength


def test_a_flag_is_held_where_the_wind_comes_from_and_a_curtain_above() -> None:
    assert (weave_of("the flag", "cloth"), weave_of("Vorhang", "cloth")) == ("flag", "cloth")
    assert weave_of("her hair", "hair") == "hair"
    size = {}
    for weave in ("flag", "cloth"):
        field = cloth(RIVER, FRAME, weave=weave, wind=Wind(), period=LOOP, fps=FPS)
        size[weave] = sum(np.abs(field.displacement(n)).sum(axis=2) for n in range(2, LOOP, 5))
    assert size["flag"][20:35, 60:72].mean() > 2 * size["flag"][20:35, 12:24].mean()
    assert size["cloth"][30:36, 20:70].mean() > 2 * size["cloth"][19:25, 20:70].mean()


def test_every_surface_has_words_in_four_languages() -> None:
    for surface in surfaces().by_name.values():
        assert any(ord(word[0]) > 0x2E80 for word in surface.words), surface.name
        assert len(surface.words) > 12
        assert surface_of(surface.name) == surface.name


def landscape() -> Rgb:
    """A blue sky that pales towards rough hills."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:270, 0:480].astype(np.float32)
    sky = np.stack([90 + 0.4 * y, 140 + 0.3 * y, 215 + 0.1 * y], axis=2)
    ground = np.array([70, 90, 40]) + rng.normal(0, 22, (270, 480, 1))
    ridge = 130 + 18 * np.sin(x / 60)
    picture = np.where((y < ridge)[..., None], sky, ground)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def test_a_sky_over_hills_is_found_to_its_skyline() -> None:
    mask = find_sky(landscape())
    assert mask is not None
    true = np.arange(270)[:, None] < 130 + 18 * np.sin(np.arange(480) / 60)[None]
    assert ((mask > 0) & ~true).mean() < 0.01
    assert (true & (mask == 0)).mean() < 0.03


@pytest.mark.parametrize("name", ["coffee", "coffee-near", "chelsea", "astronaut"])
def test_no_sky_is_found_where_there_is_none(name: str) -> None:
    assert find_sky(open_photo(EXAMPLES / f"{name}.jpg").thumbnail(480)) is None


def test_a_sky_that_is_not_sure_is_not_taken() -> None:
    assert find_sky(np.full((200, 300, 3), 128, np.uint8)) is None
    assert find_sky(landscape()[::-1].copy()) is None
