"""A film gone on with: what the camera did, where it goes, and that the join is not seen."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from made_films import Way, drawn, moved, pan, still, written
from mutoscope.direction.parse import direct
from mutoscope.engines.base import Footage, Order, Still
from mutoscope.engines.flipbook.camera.model import AT_REST, ZOOM, Lens
from mutoscope.engines.flipbook.camera.view import View
from mutoscope.engines.flipbook.film import film
from mutoscope.engines.flipbook.footage.course import course
from mutoscope.engines.flipbook.footage.drift import (
    REST,
    Drift,
    Shown,
    drift,
    fitted_pose,
    followed,
    pixels,
    posed,
    small,
)
from mutoscope.engines.flipbook.footage.reading import frames, rgb_of
from mutoscope.engines.flipbook.footage.source import look
from mutoscope.engines.flipbook.scene import Scene
from mutoscope.finish.frame import planes_of
from mutoscope.shot import Anchor, Kind, Media, Role, Shot, Size

SIZE = (320, 192)
LENS = Lens(*SIZE)
VIEW = View(*SIZE, pivot=0.5, far=0.5, near=0.5, painted=(5, 3, 5, 3))


def flat(rgb: np.ndarray) -> Scene:
    """A scene without depth."""
    height, width = rgb.shape[:2]
    grid = np.full((height // 8 + 5, width // 8 + 5), 0.5, np.float32)
    plate = cv2.copyMakeBorder(rgb, 16, 16, 16, 16, cv2.BORDER_REFLECT)
    return Scene(width, height, 16, 16, np.asarray(plate), grid, rgb)


def copies(count: int, way: Way) -> tuple[list[np.ndarray], Scene]:
    made = moved(count, way, SIZE)
    return [small(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))) for rgb in made], flat(
        made[-1]
    )


@pytest.mark.parametrize(
    ("way", "right", "grows"),
    [
        (lambda n: (1.5 * n, 0.0, 1.0), 1.5, 0.0),
        (lambda n: (0.0, 0.0, 1.004**n), 0.0, 0.004),
        (lambda n: (-0.6 * n, 0.0, 1.002**n), -0.6, 0.002),
        (still, 0.0, 0.0),
    ],
)
def test_the_velocity_at_the_end_is_the_cameras(way: Way, right: float, grows: float) -> None:
    given, scene = copies(24, way)
    found = drift(given, scene)
    ahead = posed(found.end[None])
    lens = Lens(*SIZE)
    from mutoscope.engines.flipbook.camera.model import inverse_depth, source

    middle = source(ahead, lens, [lens.centre], float(inverse_depth(0.5)))[0, 0] - lens.centre
    side = source(ahead, lens, [(lens.centre[0] + 100, lens.centre[1])], float(inverse_depth(0.5)))
    large = way(23)[2]
    assert abs(middle[0] - right * large) < 0.12
    assert abs(1 - (side[0, 0, 0] - lens.centre[0] - middle[0]) / 100 - grows) < 0.0012
    assert np.abs(found.usual - found.end).max() < 0.002 + 0.2 * np.abs(found.end).max()


def test_a_slowing_camera_is_caught_at_its_last_speed() -> None:
    given, scene = copies(24, lambda n: (2.0 * n - 0.04 * n * n, 0.0, 1.0))
    found = drift(given, scene)
    assert 0.05 < pixels(found.end, LENS) < 0.45  # 2 - .08·23.5 = .12, and it was 2 once
    assert pixels(found.usual, LENS) > pixels(found.end, LENS)


def test_a_swaying_hand_is_no_move() -> None:
    given, scene = copies(49, lambda n: (3 * np.sin(n * np.pi / 6), 0.0, 1.0))
    assert pixels(drift(given, scene).usual, LENS) < 0.2


def test_nothing_to_follow_is_rest() -> None:
    plain = [np.full((108, 192), 90, np.uint8)] * 5
    found = drift(plain, flat(np.full((108, 192, 3), 90, np.uint8)))
    assert not found.end.any()
    assert not found.usual.any()
    assert drift([], flat(drawn(64, 64))) is REST


def test_a_pose_is_found_again_from_what_it_shows() -> None:
    chance = np.random.default_rng(4)
    seen = chance.random((200, 2)) * np.array(SIZE)
    rho = 0.2 + 0.6 * chance.random(200)
    from mutoscope.engines.flipbook.camera.model import source

    truth = np.array([-0.04, 0.01, 0.03, -0.03, 0.01, 0.02, 0.06])
    places = source(posed(truth[None]), LENS, seen, rho[None])[0]
    places[:30] += chance.normal(0, 8, (30, 2))  # some go their own way
    found, missed = fitted_pose(
        LENS, Shown(places, rho), seen, np.zeros(7), rounds=16, ridge=0.0005
    )
    assert np.abs(found - truth).max() < 0.002
    assert 0.08 < missed < 0.2


def speeds(poses: np.ndarray) -> np.ndarray:
    """Pixels a frame, the first against rest."""
    whole = np.vstack([AT_REST, poses])
    whole[:, ZOOM] = np.log(whole[:, ZOOM])
    return np.array([pixels(step, LENS) for step in np.diff(whole, axis=0)])


@pytest.mark.parametrize(
    "prompt", ["", "push in", "tilt up, then pan left", "static camera", "handheld"]
)
def test_the_course_begins_as_fast_as_the_film_ended(prompt: str) -> None:
    end = np.array([0, 0, 0, 0.0015, 0, 0, 0.001])
    made = course(direct(prompt, 3, film=True), VIEW, Drift(end, end), fps=24, frames=72, seed=1)
    assert made.poses.shape == (72, 7)
    fast = speeds(made.poses)
    wanted = pixels(end, LENS)
    slack = 0.6 if prompt == "handheld" else 0.3  # a hand has its own first step
    assert abs(fast[0] - wanted) < slack * wanted
    if prompt != "handheld":
        assert np.abs(np.diff(fast)).max() < 0.25 * max(fast.max(), wanted)
        assert fast[-1] < 0.25 * fast.max()  # and comes to rest


def test_going_on_goes_the_same_way() -> None:
    way = np.array([0, 0, 0, 0, 0, 0, 0.002])
    made = course(
        direct("keep going", 3, film=True), VIEW, Drift(0 * way, way), fps=24, frames=72, seed=0
    )
    assert 1.05 < made.poses[-1, ZOOM] < 1.15
    assert [one.outcome for one in made.instructions] == ["done"]
    assert "as it did" in made.instructions[0].how


def test_where_the_picture_ends_less_is_done_and_said() -> None:
    way = np.array([0, 0, 0, 0.01, 0, 0, 0])
    made = course(direct("", 4, film=True), VIEW, Drift(0 * way, way), fps=24, frames=96, seed=0)
    assert VIEW.overrun(made.poses, 1.0) <= 0.01
    assert made.instructions[0].outcome == "approximated"
    assert "no more there" in made.instructions[0].how


def test_a_resting_film_gets_a_quiet_move_and_says_so() -> None:
    made = course(direct("", 4, film=True), VIEW, REST, fps=24, frames=96, seed=0)
    assert "rests at its end" in made.instructions[0].how
    assert np.abs(made.poses[-1] - AT_REST).max() > 0.02


def test_moves_that_were_refused_are_not_chosen() -> None:
    made = course(
        direct("don't move the camera", 4, film=True), VIEW, REST, fps=24, frames=96, seed=0
    )
    assert np.abs(made.poses - AT_REST).max() < 1e-6


def order(path: Path, prompt: str, folder: Path, seconds: float, stills: dict[int, Still]) -> Order:
    source = look(path)
    media = Media(hashlib.sha256(path.read_bytes()).hexdigest(), "video/mp4", path.stat().st_size)
    anchors = [Anchor(media, Role.SOURCE)]
    anchors += [Anchor(Media("1" * 64, "image/png", 1)) for _ in stills]
    shot = Shot(
        prompt=prompt, kind=Kind.EXTEND, size=source.size, fps=float(source.rate),
        seconds=seconds, anchors=tuple(anchors),
    )  # fmt: skip
    return Order(shot, direct(prompt, seconds, film=True), folder, stills=stills, clips={0: path})


def extended(path: Path, prompt: str, folder: Path, seconds: float = 1.5, stills: dict[int, Still] | None = None) -> Footage:  # fmt: skip
    return film(
        order(path, prompt, folder, seconds, stills or {}), lambda stage, done: None, lambda: False
    )


def lumas(path: Path) -> list[np.ndarray]:
    return [
        np.array(planes_of(frame)[0][: frame.height, : frame.width], float)
        for frame in frames(look(path))
    ]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((one - other) ** 2))))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "prompt"),
    [
        (pan, "keep going"),
        (lambda n: (0.0, 0.0, 1.003**n), ""),
        (still, "pan left"),
        (pan, "push in"),
    ],
)
def test_the_join_is_not_seen(tmp_path: Path, way: Way, prompt: str) -> None:
    path = written(tmp_path / "film.mp4", moved(36, way, SIZE), crf=14, sound=True)
    footage = extended(path, prompt, tmp_path)
    assert (footage.frames, footage.fps, footage.size) == (72, 24.0, Size(*SIZE))
    before, after = lumas(path), lumas(footage.path)
    assert len(after) == 72
    assert min(psnr(a, b) for a, b in zip(before, after, strict=False)) > 45
    steps = np.array([np.abs(b - a).mean() for a, b in itertools.pairwise(after)])
    beside = np.r_[steps[31:35], steps[36:40]]
    assert steps[35] < 1.4 * beside.max() + 0.25
    if way is not still:
        assert steps[35] > 0.5 * beside.min()  # no frame is shown twice
    light = [frame.mean() for frame in after[32:40]]
    assert np.ptp(light) < 1.5
    sharp = [cv2.Laplacian(frame, cv2.CV_64F).var() for frame in after[33:39]]
    assert max(sharp[3:]) < 1.25 * max(sharp[:3])
    assert min(sharp[3:]) > 0.75 * min(sharp[:3])
    assert any("what was added is silent" in note for note in footage.notes)


@pytest.mark.slow
def test_the_photograph_that_it_was_made_from_is_gone_on_in(tmp_path: Path) -> None:
    """After a push in, pulling back shows again what the last frame no longer has."""
    from mutoscope import animate
    from mutoscope.images.decode import open_photo
    from mutoscope.images.framing import framing

    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), drawn(640, 384))
    clip = animate(
        photo, "zoom in by 30 percent", size="320x192", seconds=1.5, output=tmp_path / "in.mp4"
    )
    plan = framing(open_photo(photo), Size(*SIZE))
    with_photo = extended(clip.path, "zoom out by 20 percent", tmp_path, 2, {1: Still(photo, plan)})
    assert any("photograph that the film was made from" in note for note in with_photo.notes)
    assert with_photo.instructions[0].outcome == "done"
    made = lumas(with_photo.path)
    steps = np.array([np.abs(b - a).mean() for a, b in itertools.pairwise(made)])
    assert steps[35] < 1.4 * max(steps[33:38]) + 0.25
    alone = extended(clip.path, "zoom out by 20 percent", tmp_path, 2)
    assert alone.instructions[0].outcome == "approximated"


@pytest.mark.slow
def test_another_photograph_is_told_apart(tmp_path: Path) -> None:
    from mutoscope.images.decode import open_photo
    from mutoscope.images.framing import framing

    path = written(tmp_path / "film.mp4", moved(12, pan, SIZE))
    photo = tmp_path / "other.png"
    cv2.imwrite(str(photo), drawn(640, 384)[::-1, ::-1])
    stills = {1: Still(photo, framing(open_photo(photo), Size(*SIZE)))}
    footage = extended(path, "", tmp_path, 0.5, stills)
    assert any("does not end in the photograph" in note for note in footage.notes)


@pytest.mark.slow
def test_edits_and_wishes_are_left_alone_and_said(tmp_path: Path) -> None:
    path = written(tmp_path / "film.mp4", moved(12, still))
    footage = extended(path, "warmer, a dragon lands", tmp_path, 0.5)
    said = {one.words: one.outcome for one in footage.instructions}
    assert said["warmer"] == "not_possible"
    assert said["a dragon lands"] == "not_possible"
    assert footage.frames == 24


@pytest.mark.slow
def test_an_extension_keeps_its_films_size_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "film.mp4", moved(8, still))
    one = order(path, "", tmp_path, 0.5, {})
    other = replace(one, shot=replace(one.shot, size=Size(320, 180)))
    footage = film(other, lambda stage, done: None, lambda: False)
    assert footage.size == Size(192, 108)
    assert ("size 320x180", "not_possible") in {
        (said.words, said.outcome) for said in footage.instructions
    }


def test_points_are_followed_there_and_back() -> None:
    one, other = (
        small(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))) for rgb in moved(2, pan, SIZE)
    )
    now, then = followed(other, one)
    assert len(now) > 50
    assert np.abs(np.median(then - now, axis=0) - (2.0, 0.0)).max() < 0.1


def test_rgb_and_back_keeps_the_light() -> None:
    from mutoscope.finish.frame import rgb_frame

    rgb = drawn(192, 108)
    back = rgb_of(rgb_frame(rgb)).astype(float)
    assert np.abs(back.mean(axis=(0, 1)) - rgb.mean(axis=(0, 1))).max() < 0.3
