"""Films of a cut-out that moves: real pixels, the still at its frame, a shadow on the ground."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from film_scenes import rows_scene

from mutoscope.direction.parse import direct
from mutoscope.engines.flipbook.camera.model import AT_REST, TX
from mutoscope.engines.flipbook.objects import courses
from mutoscope.engines.flipbook.objects.chosen import object_motion
from mutoscope.engines.flipbook.objects.shadow import ContactShadow, darkness
from mutoscope.engines.flipbook.objects.stand import Stand, stand_of
from mutoscope.engines.flipbook.rendering.carried import DX, DY, SubjectMotion
from mutoscope.engines.flipbook.rendering.render import render
from mutoscope.engines.flipbook.scene import Scene, Subject
from mutoscope.engines.flipbook.stills.calm import CalmEffects, calm, calmed
from mutoscope.engines.flipbook.timing import Timing
from mutoscope.finish.bt709 import planes
from mutoscope.finish.frame import planes_of

WIDTH, HEIGHT, FRAMES = 320, 180, 24


def bright_cup() -> Scene:
    """A white cup with soft edges on grey ground, darker just before its foot."""
    scene = rows_scene(WIDTH, HEIGHT, subject=False)
    plate = np.full_like(scene.plate, 120)
    alpha = np.full((80, 50), 255, np.uint8)
    alpha[[0, -1]] = alpha[:, [0, -1]] = 128
    colour = np.full((80, 50, 3), 235, np.uint8)
    still = plate[16 : 16 + HEIGHT, 16 : 16 + WIDTH].copy()
    near = np.hypot(*np.mgrid[0:HEIGHT, 0:WIDTH] - np.array([135, 154])[:, None, None]) < 32
    still[near] = 90
    part = still[60:140, 130:180]
    share = alpha[..., None] / 255
    part[:] = np.round(colour * share + part * (1 - share))
    grid = np.full((11, 8), 0.8, np.float32)
    return replace(scene, plate=plate, still=still, subject=Subject(130, 60, colour, alpha, grid))


CUP = bright_cup()


def stand(scene: Scene = CUP) -> Stand:
    found = stand_of(scene)
    assert found is not None
    return found


def rest(count: int = FRAMES) -> npt.NDArray[np.float64]:
    return np.repeat(np.array(AT_REST)[None], count, axis=0)


def luma(frame: av.VideoFrame) -> npt.NDArray[np.int32]:
    return planes_of(frame)[0][:, : frame.width].astype(np.int32)


def middle(frame: av.VideoFrame) -> tuple[float, float]:
    """Where the white cup is."""
    rows, columns = np.nonzero(luma(frame) > 190)
    return float(columns.mean()), float(rows.mean())


def film(prompt: str, *, scene: Scene = CUP, loop: bool = False) -> list[av.VideoFrame]:
    timing = Timing(FRAMES, 24.0, loop, exact=True)
    motion, effects, _ = object_motion(direct(prompt, 1.0), scene, timing)
    assert motion is not None
    return list(render(scene, rest(), motion=motion, effects=effects))


@pytest.mark.parametrize(
    ("prompt", "x", "y"),
    [
        ("the cup slides to the right", 0.09 * WIDTH, 0.0),
        ("the cup slides to the left", -0.09 * WIDTH, 0.0),
        ("the cup rises", 0.0, -0.1 * HEIGHT),
    ],
)
def test_the_cup_is_seen_where_it_went(prompt: str, x: float, y: float) -> None:
    frames = film(prompt)
    begin, end = middle(frames[0]), middle(frames[-1])
    assert end[0] - begin[0] == pytest.approx(x, abs=1.0)
    assert end[1] - begin[1] == pytest.approx(y, abs=1.0)


@pytest.mark.parametrize("prompt", ["the cup floats", "the cup bounces", "the cup tilts"])
@pytest.mark.parametrize("loop", [False, True])
def test_frame_0_is_the_still_and_nothing_pops(prompt: str, loop: bool) -> None:
    frames = film(prompt, loop=loop)
    for got, still in zip(planes_of(frames[0]), planes(CUP.still), strict=True):
        assert (got[:, : still.shape[1]] == still).all()
    after = [*frames, frames[0]] if loop else frames
    step = np.array([np.abs(luma(a) - luma(b)).mean() for a, b in pairwise(after)])
    assert step.max() > 0.05
    assert step[0] < 1.2 * step.max()
    if loop:
        assert step[-1] <= 1.3 * step.max()


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = film("the cup floats"), film("the cup floats")
    assert all((luma(a) == luma(b)).all() for a, b in zip(one, other, strict=True))


def shadowed(places: npt.NDArray[np.float64], dark: float = 0.5) -> list[npt.NDArray[np.int32]]:
    """What the shadow takes from each frame."""
    motion = SubjectMotion(stand().middle, places)
    shadow = ContactShadow(stand(), places, dark)
    poses = rest(len(places))
    poses[1:, TX] = 0.004  # the camera looks on from elsewhere
    plain = render(CUP, poses, motion=motion)
    shaded = render(CUP, poses, motion=motion, effects=(shadow,))
    return [luma(a) - luma(b) for a, b in zip(plain, shaded, strict=True)]


def heights(*pixels: float) -> npt.NDArray[np.float64]:
    places = courses.rest(len(pixels))
    places[:, DY] = -np.array(pixels)
    return places


def test_where_it_stands_there_is_no_shadow_of_ours() -> None:
    assert all((taken == 0).all() for taken in shadowed(heights(0, 0)))


def test_higher_is_weaker_and_wider() -> None:
    _, low, high = shadowed(heights(0, 6, 30))
    assert low.max() > high.max() > 4
    assert (low >= 0).all()
    assert (high >= 0).all()

    def width(taken: npt.NDArray[np.int32]) -> int:
        return int((taken.max(axis=0) > taken.max() / 8).sum())

    assert width(high) > 1.15 * width(low)


def test_the_shadow_lies_on_the_ground_under_the_foot_and_not_on_the_cup() -> None:
    _, taken = shadowed(heights(0, 12))
    rows, columns = np.nonzero(taken > taken.max() / 2)
    foot = stand().foot
    assert columns.mean() == pytest.approx(foot.x, abs=4)
    assert foot.y - foot.deep - 2 <= rows.mean() <= foot.y + foot.deep + 4
    cup = taken[60 - 12 + 4 : 140 - 12 - 4, 136:174]
    assert (cup == 0).all()


def test_the_shadow_goes_along() -> None:
    places = courses.rest(2)
    places[1, DX] = 40.0
    _, taken = shadowed(places)
    _, columns = np.nonzero(taken > taken.max() / 2)
    assert columns.mean() == pytest.approx(stand().foot.x + 40, abs=6)


def test_it_is_as_dark_as_the_ground_before_the_foot() -> None:
    grey = np.asarray(cv2.cvtColor(CUP.still, cv2.COLOR_RGB2GRAY) / 255, np.float32)
    assert darkness(grey, stand()) > 0.3
    assert darkness(np.full_like(grey, 0.5), stand()) == 0.0


def test_a_still_that_is_met_on_the_way_is_met_while_things_move() -> None:
    timing = Timing(FRAMES, 24.0)
    met = 10
    weights = calm(FRAMES, 24.0, met, loop=False)
    motion, effects, _ = object_motion(direct("the cup floats", 1.0), CUP, timing, weights=weights)
    assert motion is not None
    assert effects
    _, effects = calmed((), effects, weights)
    poses = rest()
    poses[:, TX] = (np.arange(FRAMES) - met) * 0.001
    frames = list(render(CUP, poses, motion=motion, effects=effects, first_exact=False))
    for got, still in zip(planes_of(frames[met]), planes(CUP.still), strict=True):
        assert (got[:, : still.shape[1]] == still).all()
    assert middle(frames[-1])[1] < middle(frames[met])[1] - 2


def test_effects_come_back_slowly_from_the_still() -> None:
    class Black:
        def apply(self, frame: av.VideoFrame, seen: object) -> None:
            planes_of(frame)[0][:] = 16

    weights = calm(FRAMES, 24.0, 4, loop=True)
    effect = CalmEffects((Black(),), weights)
    mean = [luma(one).mean() for one in render(CUP, rest(), effects=(effect,), first_exact=False)]
    assert mean[4] == pytest.approx(planes(CUP.still)[0].mean())
    assert mean[4] > mean[6] > mean[9] > mean[16]
    assert mean[16] == pytest.approx(16, abs=0.5)


@pytest.mark.slow
@pytest.mark.weights
def test_a_photographed_cup_floats_and_the_report_says_so(tmp_path: Path) -> None:
    import mutoscope

    clip = mutoscope.animate(
        Path(__file__).parents[2] / "examples" / "coffee.jpg", "static camera, the cup floats",
        first_frame=True, seconds=1, size="480x320", output=tmp_path / "film.mp4",
    )  # fmt: skip
    (said,) = clip.report.approximated
    assert "floats" in said.how
    frames = [frame.to_ndarray(format="rgb24") for frame in av.open(clip.path).decode(video=0)]
    gone = np.abs(frames[-1].astype(int) - frames[0]).mean(axis=2)
    assert gone[20:300, 80:380].mean() > 4 * gone[:, :40].mean()
