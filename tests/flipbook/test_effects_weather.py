"""Rain, snow and fog: what falls falls, hides and thickens as it should."""

from __future__ import annotations

import av
import numpy as np
import pytest
from effect_scenes import FPS, FRAMES, TALL, WIDE, apart, asked, drawn, filmed, made, own, same

from mutoscope.direction.model import Direction
from mutoscope.engines.flipbook.camera.model import AT_REST
from mutoscope.engines.flipbook.effects.chosen import screen_effects_for
from mutoscope.engines.flipbook.effects.rain import Rain
from mutoscope.engines.flipbook.effects.screen import between_pictures, screened
from mutoscope.engines.flipbook.effects.snow import Snow
from mutoscope.engines.flipbook.nature.wind import Wind
from mutoscope.engines.flipbook.timing import Timing
from mutoscope.finish.frame import rgb_frame
from mutoscope.shot import Size

POSE = np.array(AT_REST)
STILL_AIR = Wind()


def rain(timing: Timing, strength: float = 1.0, wind: Wind = STILL_AIR, slow: float = 1.0) -> Rain:
    there = np.ones(timing.frames)
    return Rain((1,), strength, there, 640, 360, timing, wind=wind, slow=slow)


def touched(kind: str, near: float) -> int:
    """Pixels that a frame's weather changes by much, where everything lies at one depth."""
    scene = drawn(subject=False, near=near)
    effects, _ = made(asked(kind), scene)
    frame = filmed(scene, [effects[-1]], [7])[0]
    plain = filmed(scene, (), [7])[0]
    return int((np.abs(frame[0].astype(int) - plain[0]) > 3).sum())


@pytest.mark.parametrize("kind", ["rain", "snow"])
def test_what_is_near_hides_what_falls_behind_it(kind: str) -> None:
    far, near = touched(kind, 0.0), touched(kind, 1.0)
    assert 0 < near < 0.8 * far


def test_drops_fall_by_their_speed_and_near_ones_faster_longer_and_wider() -> None:
    falling = rain(Timing(48, 24))
    one, two = falling.drops(10, POSE), falling.drops(11, POSE)
    down = (two[:, 1] - one[:, 1]).astype(float)
    stayed = down > 0  # the rest have fallen through and begin again
    assert stayed.mean() > 0.6
    assert np.allclose(down[stayed], falling.fall.speed[stayed], rtol=0.01, atol=0.05)
    # the shutter is open half the time
    assert np.allclose(one[:, 3] - one[:, 1], falling.fall.speed / 2, rtol=0.01)
    near, far = one[-50:], one[:50]
    assert near[:, 7].min() > far[:, 7].max()
    for column in (4, 5):
        assert near[:, column].mean() > 1.5 * far[:, column].mean()
    assert (near[:, 3] - near[:, 1]).mean() > 5 * (far[:, 3] - far[:, 1]).mean()


def test_a_drop_that_fell_through_comes_again_somewhere_else() -> None:
    falling = rain(Timing(240, 24))
    nearest = np.array([falling.fall.at(number, 0.0, POSE)[0][-1] for number in range(240)])
    assert len(np.unique(np.round(nearest, 3))) > 20


def test_wind_slants_rain_and_snow_the_same_way() -> None:
    for way in (-1.0, 1.0):
        wind = Wind(way=way, told=True)
        drops = rain(Timing(48, 24), wind=wind).drops(5, POSE)
        snow = Snow((1,), 1.0, np.ones(48), 640, 360, Timing(48, 24), wind=wind)
        flakes = snow.drops(5, POSE)
        assert np.sign((drops[:, 2] - drops[:, 0]).mean()) == way
        assert np.sign((flakes[:, 2] - flakes[:, 0]).mean()) == way


def test_stronger_words_more_rain_and_slow_motion_slower_drops() -> None:
    light, usual, heavy = (rain(Timing(48, 24), strength) for strength in (0.5, 1.0, 1.7))
    assert len(light.fall.rho) < len(usual.fall.rho) < len(heavy.fall.rho)
    assert light.fall.speed.mean() < usual.fall.speed.mean() < heavy.fall.speed.mean()
    slow = rain(Timing(48, 24), slow=0.35)
    assert np.allclose(slow.fall.speed, 0.35 * usual.fall.speed)


def test_flakes_drift_sideways_and_never_jump() -> None:
    snow = Snow((1,), 1.0, np.ones(96), 640, 360, Timing(96, 24), wind=STILL_AIR)
    frames = np.stack([snow.drops(number, POSE) for number in range(40)])
    middle = (frames[..., :2] + frames[..., 2:4]) / 2
    across, down = np.diff(middle[..., 0], axis=0), np.diff(middle[..., 1], axis=0)
    # what leaves at one side comes in again at the other, both out of sight
    inside = ((middle[..., 0] > -5) & (middle[..., 0] < 645)).astype(bool)
    stayed = (down > 0) & inside[1:] & inside[:-1]
    assert stayed.mean() > 0.7
    assert np.abs(across[stayed]).max() < 3 * snow.fall.speed.max()
    assert across[stayed].min() < 0 < across[stayed].max()


def test_rain_follows_the_camera() -> None:
    falling = rain(Timing(48, 24))
    turned = POSE.copy()
    turned[3] = 0.02  # yaw
    still = falling.fall.at(3, 0.0, POSE)[0]
    moved = falling.fall.at(3, 0.0, turned)[0] - still
    # as far as the picture itself goes for such a turn, and the other way from the camera
    assert abs(np.median(moved) + 0.02 * 640 / 2 / np.tan(np.radians(27.5))) < 0.1


def test_fog_takes_more_of_what_is_far_and_leaves_the_subject() -> None:
    scene = drawn()
    effects, _ = made(asked("haze", words="thick fog"), scene)
    plain, foggy = filmed(scene, (), [0])[0], filmed(scene, effects, [FRAMES - 1])[0]

    def contrast(planes: tuple[np.ndarray, ...], rows: slice) -> float:
        return float(planes[0][rows, 8:80].astype(float).std(axis=1).mean())

    far, near = slice(8, 40), slice(TALL - 40, TALL - 8)
    lost_far = 1 - contrast(foggy, far) / contrast(plain, far)
    lost_near = 1 - contrast(foggy, near) / contrast(plain, near)
    assert lost_far > 0.35
    assert lost_far > lost_near + 0.1
    middle = slice(TALL // 4 - 8, TALL // 4 + 8), slice(WIDE // 4 - 8, WIDE // 4 + 8)
    red = float(foggy[2][middle].mean()) - 128, float(plain[2][middle].mean()) - 128
    assert red[0] > 0.7 * red[1]


def test_fog_lifts_to_the_photograph_itself() -> None:
    scene = drawn()
    effects, _ = made(asked("haze_lifts"), scene)
    plain = filmed(scene, (), [0])[0]
    steps = [apart(plain, frame) for frame in filmed(scene, effects, [0, 8, 16, FRAMES - 1])]
    assert steps[0] > steps[1] > steps[2] >= steps[3]
    assert steps[3] == 0


def frames(count: int) -> list[av.VideoFrame]:
    """Flat grey ones."""
    return [rgb_frame(np.full((TALL, WIDE, 3), 110, np.uint8)) for _ in range(count)]


def test_rain_falls_between_two_pictures_and_leaves_both() -> None:
    direction = asked("rain")
    effects, answered = between_pictures(
        direction, Size(WIDE, TALL), Timing(FRAMES, FPS, exact=True)
    )
    plain = own(frames(1)[0])
    seen = [own(frame) for frame in screened(frames(FRAMES), effects)]
    assert same(seen[0], plain)
    assert same(seen[-1], plain)
    assert apart(seen[FRAMES // 2], plain) > 0.5
    assert answered.instructions[0].outcome == "approximated"


def test_between_pictures_nothing_is_out_of_focus_and_nothing_ends_in_black() -> None:
    size, timing = Size(WIDE, TALL), Timing(FRAMES, FPS, exact=True)
    for direction in (asked("focus_pull"), asked("fade"), asked(focus="shallow")):
        effects, answered = between_pictures(direction, size, timing)
        assert not effects
        assert answered.instructions[0].outcome == "not_possible"


def test_light_grain_and_rain_need_no_scene() -> None:
    direction = Direction(
        seconds=2.0, motion=asked("rain", "haze", "night", "flicker", "film_grain").motion
    )
    effects, answered = screen_effects_for(direction, Size(WIDE, TALL), Timing(FRAMES, FPS))
    assert len(answered.instructions) == 5
    seen = [own(frame) for frame in screened(frames(FRAMES), effects)]
    assert seen[-1][0].mean() < 0.6 * seen[0][0].mean()
