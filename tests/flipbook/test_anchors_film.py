"""Films through several pictures: each is met exactly, and nothing pops or stops there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from drawn_pictures import HEIGHT, WIDTH, landscape, view

from mutoscope.direction.parse import direct
from mutoscope.engines.base import Order, Still
from mutoscope.engines.flipbook.stills.placed import placed
from mutoscope.engines.flipbook.stills.several import Chain
from mutoscope.engines.flipbook.stills.speeds import Leg, leg, paced
from mutoscope.errors import BadShot
from mutoscope.finish.frame import planes_of, rgb_frame
from mutoscope.images.plan import plan
from mutoscope.shot import Anchor, Media, Quality, Role, Shot, Size

pytestmark = pytest.mark.slow

SIZE = Size(WIDTH, HEIGHT)
SCENE = landscape()
FPS = 12


def picture(zoom: float = 1.0, x: float = 512, seed: int = 1) -> npt.NDArray[np.uint8]:
    return view(SCENE if seed == 1 else landscape(seed), x=x, zoom=zoom)


def order(
    folder: Path, pictures: dict[int, npt.NDArray[np.uint8]], *, prompt: str = "",
    frames: int = 24, loop: bool = False, roles: dict[int, Role] | None = None,
) -> Order:  # fmt: skip
    anchors, stills = [], {}
    for place, (at, pixels) in enumerate(pictures.items()):
        file = folder / f"{place}.png"
        cv2.imwrite(str(file), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        role = (roles or {}).get(at, Role.FRAME)
        media = Media(f"{place:064x}", "image/png", 1)
        anchors.append(Anchor(media, role, at if role is Role.FRAME else None))
        stills[place] = Still(file, plan(SIZE, SIZE))
    shot = Shot(
        prompt=prompt, size=SIZE, seconds=frames / FPS, fps=FPS, anchors=tuple(anchors), loop=loop,
        quality=Quality.DRAFT,
    )  # fmt: skip
    return Order(shot, direct(prompt, frames / FPS), folder, stills)


def made(asked: Order) -> list[av.VideoFrame]:
    return list(Chain(asked, placed(asked), lambda: False).frames())


def luma(frame: av.VideoFrame) -> npt.NDArray[np.int32]:
    return planes_of(frame)[0][:, : frame.width].astype(np.int32)


def same(frame: av.VideoFrame, pixels: npt.NDArray[np.uint8]) -> bool:
    pairs = zip(planes_of(frame), planes_of(rgb_frame(pixels)), strict=True)
    wide = (WIDTH, WIDTH // 2, WIDTH // 2)
    return all((a[:, :w] == b[:, :w]).all() for (a, b), w in zip(pairs, wide, strict=True))


def jumps(frames: list[av.VideoFrame]) -> npt.NDArray[np.float64]:
    return np.array([np.abs(luma(a) - luma(b)).mean() for a, b in pairwise(frames)])


FILMS = {
    "first and another": {0: picture(), 10: picture(1.2)},
    "a head and a tail": {6: picture(), 14: picture(1.15)},
    "three": {0: picture(), 8: picture(1.2), 23: picture(1.2, 540)},
    "the first at last": {12: picture(), 23: picture(1.2)},
    "another scene": {4: picture(), 12: picture(seed=2), 20: picture(1.1)},
    "next to each other": {7: picture(), 8: picture(seed=2), 9: picture()},
}
QUICK = (
    ("first and another", True), ("a head and a tail", False), ("next to each other", False)
)  # fmt: skip


LATER = pytest.mark.slow  # the same again, of what takes longer
CASES = [
    pytest.param(name, loop, marks=() if (name, loop) in QUICK else LATER)
    for name in FILMS
    for loop in (False, True)
]


@pytest.fixture(scope="module")
def film_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[av.VideoFrame]]:
    """The frames of one of FILMS, made once."""

    @cache
    def one(name: str, loop: bool) -> list[av.VideoFrame]:
        folder = tmp_path_factory.mktemp("film")
        return made(order(folder, FILMS[name], prompt="slow push in", loop=loop))

    return one


@pytest.mark.parametrize(("name", "loop"), CASES)
def test_every_picture_is_its_frame_exactly(
    film_of: Callable[..., list[av.VideoFrame]], name: str, loop: bool
) -> None:
    frames = film_of(name, loop)
    assert len(frames) == 24
    for at, pixels in FILMS[name].items():
        assert same(frames[at], pixels), f"frame {at}"


def test_pictures_on_one_way_are_passed_without_a_stop(tmp_path: Path) -> None:
    zooms = {0: picture(), 12: picture(1.25), 23: picture(1.25**2)}
    step = jumps(made(order(tmp_path, zooms)))
    assert step[10:14].min() > 0.6 * np.median(step)
    assert step[10:14].max() < 1.5 * np.median(step)


@LATER
def test_where_the_way_turns_back_it_rests(tmp_path: Path) -> None:
    turns = {0: picture(), 12: picture(1.3), 23: picture()}
    step = jumps(made(order(tmp_path, turns)))
    assert step[11:13].max() < 0.6 * step[4:8].mean()


def test_nothing_pops_where_its_own_path_meets_a_way(
    film_of: Callable[..., list[av.VideoFrame]],
) -> None:
    step = jumps(film_of("a head and a tail", False))
    for at in (6, 14):
        around = step[at - 3 : at + 3]
        assert np.abs(np.diff(around)).max() < 0.7 * step.max()
        assert step[at - 1 : at + 1].max() < step.max()


def test_the_same_picture_twice_is_a_loop_between(tmp_path: Path) -> None:
    frames = made(order(tmp_path, {0: picture(), 16: picture()}, prompt="truck right"))
    assert same(frames[0], picture())
    assert same(frames[16], picture())
    step = jumps(frames)
    assert step[3:12].min() > 0.2  # it does not stand still meanwhile


def test_a_loop_through_pictures_closes(film_of: Callable[..., list[av.VideoFrame]]) -> None:
    frames = film_of("first and another", True)
    step = jumps([*frames, frames[0]])
    assert step[-1] < 1.5 * max(step[-2], step[0])


def test_a_reference_is_what_a_film_of_several_begins_with(tmp_path: Path) -> None:
    pictures = {0: picture(), 9: picture(1.2)}
    found = placed(order(tmp_path, pictures, roles={0: Role.REFERENCE}))
    assert [one.frame for one in found] == [0, 9]
    assert not found[0].free
    (alone,) = placed(order(tmp_path, {0: picture()}, roles={0: Role.REFERENCE}))
    assert alone.free
    (last,) = placed(order(tmp_path, {0: picture()}, roles={0: Role.LAST_FRAME}))
    assert (last.frame, last.free) == (23, False)


def test_a_reference_and_frame_0_are_one_too_many(tmp_path: Path) -> None:
    both = order(tmp_path, {0: picture(), 1: picture()}, roles={1: Role.REFERENCE})
    with pytest.raises(BadShot, match="two pictures are to be frame 0"):
        placed(both)


@LATER
def test_the_report_says_which_frames_and_what_of_each(tmp_path: Path) -> None:
    from mutoscope.engines.flipbook.film import film

    asked = order(tmp_path, FILMS["another scene"], prompt="slow push in, the cup floats")
    done = film(asked, lambda stage, part: None, lambda: False)
    assert done.frames == 24
    assert done.notes[0] == "the pictures are frames 4, 12 and 20"
    said = {one.words: one for one in done.instructions}
    assert said["slow push in"].outcome == "approximated"
    assert "frames 4 to 12: a gentle drift" in said["slow push in"].how
    assert said["the cup floats"].outcome == "not_possible"
    assert "one photograph" in said["the cup floats"].how


@LATER
def test_the_same_order_is_the_same_film(tmp_path: Path) -> None:
    asked = order(tmp_path, FILMS["a head and a tail"], prompt="handheld")
    assert [luma(a).tobytes() for a in made(asked)] == [luma(b).tobytes() for b in made(asked)]


def going(x: float, y: float = 0.0, frames: int = 10, alone: float = 0.0) -> Leg:
    way = np.tile([[x, y]], (4, 1))
    return Leg(frames, way, way, alone)


def slopes(at: npt.NDArray[np.float64]) -> tuple[float, float]:
    return float(at[1] * (len(at) - 1)), float((1 - at[-2]) * (len(at) - 1))


def test_legs_share_one_speed() -> None:
    fast, slow = going(0.4), going(0.1)
    one, other = paced([fast, slow])
    assert one[0] == other[0] == 0
    assert one[-1] == other[-1] == 1
    # what the picture does in a frame before the anchor, and after it
    before, after = (1 - one[-2]) * 0.4, other[1] * 0.1
    assert after / before == pytest.approx(1, abs=0.35)
    assert (np.diff(one) > 0).all()
    assert (np.diff(other) > 0).all()


def test_across_and_back_rest_between() -> None:
    for other in (going(-0.4), going(0.0, 0.4)):
        before, after = paced([going(0.4), other])
        assert slopes(before)[1] < 0.35
        assert slopes(after)[0] < 0.35


def test_at_another_kind_of_way_and_at_the_ends_it_rests() -> None:
    _, middle, _ = paced([None, going(0.4), None])
    assert max(slopes(middle)) < 0.35
    (alone,) = paced([going(0.4)])
    assert max(slopes(alone)) < 0.35


def test_a_drift_alone_keeps_one_speed() -> None:
    (alone,) = paced([going(0.05, alone=1.0)])
    assert np.diff(alone) == pytest.approx(0.1)


def test_in_a_loop_the_first_follows_the_last() -> None:
    one, other = paced([going(0.4), going(0.4)], loop=True)
    assert np.diff(one) == pytest.approx(0.1)
    assert np.diff(other) == pytest.approx(0.1)


def test_a_leg_knows_its_direction() -> None:
    right = leg(picture(), picture(x=540), 10, direct("", 1.0))
    left = leg(picture(x=540), picture(), 10, direct("", 1.0))
    assert right.leaving[:, 0].mean() == pytest.approx(-14 / WIDTH, abs=0.01)
    assert left.leaving[:, 0].mean() == pytest.approx(14 / WIDTH, abs=0.01)
    assert right.arriving[:, 0].mean() == pytest.approx(-14 / WIDTH, abs=0.01)
