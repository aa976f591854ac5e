"""Nature motion: fields of water and plants in marked regions."""

from collections.abc import Callable

import numpy as np
import pytest

from mutoscope.direction.model import Direction, Motion
from mutoscope.engines.flipbook.nature.field import STEP, Waves, clearance, cycles, noise, source
from mutoscope.engines.flipbook.nature.fields import fields_for
from mutoscope.engines.flipbook.nature.ripple import ripple
from mutoscope.engines.flipbook.nature.surface import SURFACES, surface_of
from mutoscope.engines.flipbook.nature.sway import sway
from mutoscope.engines.flipbook.scene import Mask

FRAME = 360
PLATE = (400, 720)
PERIOD, FPS = 48, 24.0


def region(*box: int) -> Mask:
    top, bottom, left, right = box
    mask = np.zeros(PLATE, np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


LAKE = region(220, 400, 0, 720)
POND = region(150, 300, 100, 500)
MAKERS: dict[str, Callable[[Mask, int], Waves]] = {
    "ripple": lambda mask, seed: ripple(mask, FRAME, period=PERIOD, fps=FPS, seed=seed),
    "sway": lambda mask, seed: sway(mask, FRAME, period=PERIOD, fps=FPS, seed=seed),
    "grass": lambda mask, seed: sway(
        mask, FRAME, surface="grass", period=PERIOD, fps=FPS, seed=seed
    ),
}
every_field = pytest.mark.parametrize("name", MAKERS)


def full(displacement: np.ndarray) -> np.ndarray:
    """The field at every plate pixel, as a renderer interpolates it."""
    rows, cols = displacement.shape[:2]
    y, x = np.arange(PLATE[0]) / STEP, np.arange(PLATE[1]) / STEP
    j, i = y.astype(int), x.astype(int)
    v, u = (y - j)[:, None, None], (x - i)[None, :, None]
    k, m = np.minimum(j + 1, rows - 1), np.minimum(i + 1, cols - 1)
    upper = displacement[j][:, i] * (1 - u) + displacement[j][:, m] * u
    lower = displacement[k][:, i] * (1 - u) + displacement[k][:, m] * u
    found: np.ndarray = upper * (1 - v) + lower * v
    return found


@every_field
def test_it_has_a_node_every_four_pixels(name: str) -> None:
    field = MAKERS[name](POND, 1).displacement(5)
    assert field.shape == (101, 181, 2)
    assert field.dtype == np.float32


@every_field
def test_it_is_nothing_outside_and_never_reads_from_outside(name: str) -> None:
    field = MAKERS[name](POND, 1)
    inside = POND > 0
    y, x = np.mgrid[0 : PLATE[0], 0 : PLATE[1]]
    for frame in range(0, PERIOD, 5):
        moved = full(field.displacement(frame))
        assert not moved[~inside].any()
        from_y = np.rint(y + moved[..., 1]).astype(int)[inside]
        from_x = np.rint(x + moved[..., 0]).astype(int)[inside]
        assert inside[from_y, from_x].all()


@every_field
def test_it_starts_from_the_still_and_closes(name: str) -> None:
    field = MAKERS[name](LAKE, 1)
    shown = np.stack([field.displacement(frame) for frame in range(PERIOD + 1)])
    assert not shown[0].any()
    assert not shown[PERIOD].any()
    steps = np.abs(np.diff(shown, axis=0)).mean(axis=(1, 2, 3))
    assert steps[-1] <= steps[:-1].max()
    assert steps.min() > 0.3 * steps.max()  # it neither stands nor starts


@every_field
def test_it_is_small_and_folds_nothing(name: str) -> None:
    field = MAKERS[name](LAKE, 1)
    for frame in range(0, PERIOD, 7):
        moved = field.displacement(frame)
        assert np.abs(moved).max() < 6 * FRAME / 720
        for axis in (0, 1):
            assert np.abs(np.diff(moved, axis=axis)).max() < 0.6 * STEP


@every_field
def test_the_seed_decides(name: str) -> None:
    one, again, other = (MAKERS[name](LAKE, seed).displacement(9) for seed in (4, 4, 5))
    assert (one == again).all()
    assert np.abs(one - other).max() > 0.05


def test_water_moves_up_and_down_and_more_where_it_is_near() -> None:
    field = ripple(LAKE, FRAME, period=PERIOD, fps=FPS)
    energy = sum(np.abs(field.displacement(frame)) for frame in range(1, PERIOD, 4))
    assert isinstance(energy, np.ndarray)
    assert energy[..., 1].mean() > 2 * energy[..., 0].mean()
    assert energy[85:95].mean() > 2 * energy[59:66].mean()


def test_plants_move_sideways() -> None:
    field = sway(LAKE, FRAME, period=PERIOD, fps=FPS)
    energy = sum(np.abs(field.displacement(frame)) for frame in range(1, PERIOD, 4))
    assert isinstance(energy, np.ndarray)
    assert energy[..., 0].mean() > 2 * energy[..., 1].mean()


def test_motion_is_in_proportion_to_the_frame() -> None:
    large = np.kron(LAKE, np.ones((2, 2), np.uint8))
    peaks = []
    for mask, height in ((LAKE, FRAME), (large, 2 * FRAME)):
        field = ripple(mask, height, period=PERIOD, fps=FPS)
        peaks.append(max(np.abs(field.displacement(frame)).max() for frame in range(PERIOD)))
    assert peaks[1] == pytest.approx(2 * peaks[0], rel=0.25)


def test_a_sliver_is_too_narrow_to_move_in() -> None:
    assert MAKERS["ripple"](region(200, 206, 0, 720), 1).empty
    assert MAKERS["ripple"](np.zeros(PLATE, np.uint8), 1).empty


def test_the_plate_s_border_is_no_edge() -> None:
    clear = clearance(np.full(PLATE, 255, np.uint8))
    assert clear.min() > 100


def test_cycles_are_whole_and_at_least_one() -> None:
    assert cycles(0.7, 96, 24) == 3
    assert cycles(0.3, 12, 24) == 1


def test_noise_is_even() -> None:
    made = noise(source(1, "x"), (60, 90), (9.0, 5.0))
    assert made.shape == (60, 90)
    assert abs(float(made.mean())) < 1e-4
    assert float(made.std()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("the lake", "water"), ("Wellen", "water"), ("søen", "water"), ("水面", "water"),
        ("the trees", "foliage"), ("die Blätter", "foliage"), ("树叶", "foliage"),
        ("grass", "grass"), ("Wiese", "grass"), ("the red flowers", "flowers"),
        ("leaves of grass", "grass"), ("the flag", "cloth"), ("", None), ("Wolken", "clouds"),
        ("the waterfall", "stream"), ("røgen", "smoke"), ("her hair", "hair"), ("火焰", "fire"),
        ("the kite", None), ("窗帘", "cloth"), ("Kerzen", "fire"),
    ],
)  # fmt: skip
def test_words_for_surfaces(words: str, expected: str | None) -> None:
    assert surface_of(words) == expected


def test_every_surface_has_its_own_name() -> None:
    assert [surface_of(name) for name in SURFACES] == list(SURFACES)


def nature(kind: str, target: str = "", **more: str) -> Motion:
    return Motion(kind=kind, group="nature", target=target, words=f"{target} {kind}", **more)  # type: ignore[arg-type]


def told(direction: Direction, regions: dict[str, Mask]) -> tuple[int, list[str]]:
    fields, instructions = fields_for(
        direction, regions, FRAME, frames=PERIOD, fps=FPS, loop=True, seed=1
    )
    return len(fields), [one.outcome for one in instructions]


def test_a_motion_is_done_in_its_marked_region() -> None:
    direction = Direction(seconds=2, motion=(nature("ripple", "the lake"),))
    assert told(direction, {"water": LAKE}) == (1, ["done"])


def test_a_motion_without_a_mark_is_told_what_it_needs() -> None:
    direction = Direction(seconds=2, motion=(nature("sway", "the trees"),))
    fields, instructions = fields_for(direction, {"water": LAKE}, FRAME, frames=PERIOD, fps=FPS)
    assert instructions[0].outcome == "not_possible"
    assert "--region foliage=MASK.png or foliage=X,Y" in instructions[0].how
    assert len(fields) == 1  # the marked water moves all the same
    assert instructions[1].words == "region water"


def test_a_river_runs_and_ripples() -> None:
    direction = Direction(seconds=2, motion=(nature("flow", "river"),))
    assert told(direction, {"water": LAKE}) == (2, ["done"])


def test_waves_that_break_only_ripple() -> None:
    direction = Direction(seconds=2, motion=(nature("crash", "the waves"),))
    assert told(direction, {"water": LAKE}) == (1, ["approximated"])


@pytest.mark.parametrize(("kind", "target"), [("drift", "the boat"), ("flutter", "the kite")])
def test_what_is_no_surface_is_not_possible(kind: str, target: str) -> None:
    direction = Direction(seconds=2, motion=(nature(kind, target),))
    assert told(direction, {})[1] == ["not_possible"]


def test_a_motion_without_a_target_takes_the_region_that_can_do_it() -> None:
    direction = Direction(seconds=2, motion=(nature("sway"),))
    assert told(direction, {"grass": LAKE}) == (1, ["done"])


def test_a_region_too_narrow_is_told() -> None:
    direction = Direction(seconds=2, motion=(nature("ripple", "lake"),))
    assert told(direction, {"water": region(200, 206, 0, 720)}) == (0, ["not_possible"])


def test_other_groups_are_not_answered_here() -> None:
    direction = Direction(seconds=2, motion=(Motion(kind="walk", group="people"),))
    assert told(direction, {}) == (0, [])


def test_the_wind_comes_from_where_the_prompt_says() -> None:
    right = Direction(seconds=2, motion=(nature("sway", "grass", cause="wind from the left"),))
    left = Direction(seconds=2, motion=(nature("sway", "grass", cause="wind from the right"),))
    shown = [
        fields_for(direction, {"grass": LAKE}, FRAME, frames=PERIOD, fps=FPS)[0][0].displacement(9)
        for direction in (right, left)
    ]
    assert np.abs(shown[0] - shown[1]).max() > 0.1


def test_without_a_loop_the_speed_is_the_same_in_a_short_clip() -> None:
    direction = Direction(seconds=1, motion=(nature("ripple", "lake"),))
    steps = []
    for frames in (12, 400):
        fields, _ = fields_for(direction, {"water": LAKE}, FRAME, frames=frames, fps=FPS)
        shown = np.stack([fields[0].displacement(frame) for frame in range(12)])
        steps.append(np.abs(np.diff(shown, axis=0)).mean())
    assert steps[0] == pytest.approx(steps[1], rel=0.4)
