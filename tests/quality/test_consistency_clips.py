"""Clips held against a reference: which frames are looked at, what is said of them, the grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import filmed
import numpy as np
import pytest
from PIL import Image

from mutoscope.errors import BadInput, Cancelled, CannotWrite
from mutoscope.quality.consistency import consistency, figure, judge, sampling
from mutoscope.quality.consistency.figure import Seen
from mutoscope.quality.consistency.grid import drawn
from mutoscope.quality.consistency.sampling import sampled

FRAMES, SIZE = 24, (96, 64)


def level_film(path: Path, levels: Sequence[int]) -> Path:
    """A film of plain grey frames."""
    frames = np.zeros((len(levels), SIZE[1], SIZE[0], 3), np.uint8)
    frames += np.array(levels, np.uint8)[:, None, None, None]
    return filmed.film(path, frames)


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    return level_film(tmp_path / "ramp.mp4", [10 * n for n in range(FRAMES)])


@pytest.fixture
def faces(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A frame's grey is the face it shows: as distances, thousandths. Nobody is below 20."""
    looked: list[int] = []

    def seen(rgb: Any, wanted: Sequence[Any] = (), **more: Any) -> Seen:
        grey = int(rgb.mean())
        looked.append(grey)
        why = {"clothing": "not here", "whole": "not here"}
        tile = np.ascontiguousarray(rgb[:32, :32])
        if grey < 20:
            return Seen(missing={"face": "no face is seen", **why})
        return Seen(np.array([grey / 1000], np.float32), missing=why, face_tile=tile)

    monkeypatch.setattr(judge, "seen", seen)
    return looked


def picture(path: Path, grey: int) -> Path:
    cv2.imwrite(str(path), np.full((40, 60, 3), grey, np.uint8))
    return path


@pytest.mark.parametrize("most", [1500, 4], ids=["decoded", "sought"])
def test_frames_are_taken_evenly(ramp: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(sampling, "MOST_DECODED", most)
    found = list(sampled(ramp, 4))
    numbers = [one.number for one in found]
    if most == 1500:
        assert numbers == [3, 9, 15, 21]
    else:
        assert numbers == sorted(set(numbers))  # the key frames that there are, each once
        assert numbers
    for one in found:
        assert one.at == pytest.approx(one.number / 24)
        assert abs(float(one.rgb.mean()) - 10 * one.number) < 5
        assert one.rgb.shape == (SIZE[1], SIZE[0], 3)


def test_a_film_of_fewer_frames_gives_them_all(tmp_path: Path) -> None:
    short = level_film(tmp_path / "short.mp4", [20, 120])
    assert [one.number for one in sampled(short, 8)] == [0, 1]


def test_a_picture_is_a_film_of_one_frame(tmp_path: Path) -> None:
    (one,) = sampled(picture(tmp_path / "a.png", 77), 8)
    assert (one.number, one.at, int(one.rgb.mean())) == (0, 0.0, 77)


def test_large_frames_are_made_small(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((1000, 2000, 3), np.uint8))
    (one,) = sampled(tmp_path / "a.png", 1)
    assert one.rgb.shape == (640, 1280, 3)


def test_what_is_no_film_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("words")
    for name, said in (("notes.mp4", r"notes\.mp4: the file"), ("none.mp4", r"none\.mp4 cannot")):
        with pytest.raises(BadInput, match=said):
            list(sampled(tmp_path / name, 2))


def test_a_clip_is_held_against_the_nearest_reference(
    tmp_path: Path, ramp: Path, faces: list[int]
) -> None:
    near, far = picture(tmp_path / "near.png", 90), picture(tmp_path / "far.png", 250)
    found = consistency([near, far], [ramp], samples=4)
    grey = faces[2:]
    best = [min(abs(one - 90), abs(one - 250)) for one in grey]
    scores = [one.scores["face"] for one in found.clips[0].samples]
    assert sorted(scores, reverse=True) == [score for _, score in sorted(zip(best, scores, strict=True))]  # fmt: skip
    assert [path.name for path, _ in found.reference] == ["near.png", "far.png"]
    assert found.notes == ()
    worst = found.clips[0].worst
    assert worst is not None
    assert best[[one.frame for one in found.clips[0].samples].index(worst[0].frame)] == max(best)
    assert found.missing == {"clothing": "not here", "whole": "not here"}


def test_without_a_reference_the_most_typical_frame_is_it(tmp_path: Path, faces: list[int]) -> None:
    film = level_film(tmp_path / "a.mp4", [10, 30, 160, 170, 175, 250])
    other = level_film(tmp_path / "b.mp4", [170, 30])
    found = consistency(None, [film, other], samples=6)
    own = [one for one in found.clips[0].samples if one.reference]
    assert [one.frame for one in own] in ([2], [3])  # among the greys that are most alike
    assert own[0].scores == {}
    assert len(found.clips[0].judged) == 5
    assert not any(one.reference for one in found.clips[1].samples)
    assert "no reference was given" in found.notes[0]
    one, two = (one.scores["face"] for one in found.clips[1].samples)
    assert one > two


def test_frames_that_show_nobody_say_so(tmp_path: Path, faces: list[int]) -> None:
    film = level_film(tmp_path / "a.mp4", [10, 200])
    found = consistency(picture(tmp_path / "r.png", 200), [film], samples=2)
    first, second = found.clips[0].samples
    assert first.missing["face"] == "no face is seen"
    assert "face" in second.scores
    assert found.clips[0].counted("face") == 1


def test_what_the_reference_does_not_show_is_said(
    tmp_path: Path, ramp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sights = [Seen(body=object(), missing={"face": "no face is seen"})]  # type: ignore[arg-type]
    sights += [Seen(face=np.zeros(1, np.float32))] * 2
    monkeypatch.setattr(judge, "seen", lambda *given, **more: sights.pop(0))
    found = consistency(picture(tmp_path / "r.png", 50), [ramp], samples=2)
    assert found.missing["face"] == "of the reference: no face is seen"


def test_a_reference_that_shows_nothing_is_refused(
    tmp_path: Path, ramp: Path, faces: list[int]
) -> None:
    with pytest.raises(BadInput, match=r"stands out clearly in the reference \(r\.png\)"):
        consistency(picture(tmp_path / "r.png", 5), [ramp])


def test_no_reference_and_nothing_seen_gives_no_scores(tmp_path: Path, faces: list[int]) -> None:
    found = consistency(None, [level_film(tmp_path / "dark.mp4", [5, 6])])
    assert set(found.scores.values()) == {None}
    assert found.missing["face"] == "no face is seen"
    assert found.reference == ()


@pytest.mark.parametrize(
    ("reference", "clips", "samples", "said"),
    [
        (None, 0, 8, "no clip is named"),
        (None, 1, 0, "samples is 0; it must be 1 to 64"),
        (None, 1, 65, "samples is 65"),
        ([], 1, 8, "no reference frames"),
    ],
)
def test_what_cannot_be_asked(
    ramp: Path, reference: list[Path] | None, clips: int, samples: int, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        consistency(reference, [ramp] * clips, samples=samples)


def test_it_stops_when_told_and_draws_nothing(tmp_path: Path, ramp: Path, faces: list[int]) -> None:
    out = tmp_path / "grid.png"
    with pytest.raises(Cancelled):
        consistency(None, [ramp], grid=out, cancel=lambda: len(faces) > 2)
    assert len(faces) == 3
    assert not out.exists()


def test_progress_goes_from_nothing_to_all(tmp_path: Path, ramp: Path, faces: list[int]) -> None:
    told: list[float] = []
    consistency(
        picture(tmp_path / "r.png", 90), [ramp, ramp], progress=lambda stage, done: told.append(done)
    )  # fmt: skip
    assert told == sorted(told)
    assert told[0] == 0.0
    assert told[-1] == 1.0


def test_the_grid_has_a_row_for_the_reference_and_each_clip(
    tmp_path: Path, ramp: Path, faces: list[int]
) -> None:
    reference, out = picture(tmp_path / "r.png", 90), tmp_path / "grid.png"
    found = consistency(reference, [ramp, ramp], samples=4, grid=out)
    page = cv2.imread(str(out))
    assert page is not None
    one = drawn(consistency(reference, [ramp], samples=4))
    own = drawn(consistency(None, [ramp], samples=4))
    assert page.shape == drawn(found).shape
    assert page.shape[0] - one.shape[0] == one.shape[0] - own.shape[0] > 100
    # the tile of a frame lies in its column, in the frame's own grey
    wide = drawn(consistency(reference, [ramp], samples=12))
    assert wide.shape[0] > one.shape[0]  # goes on in a second line
    greys = {int(value) for value in one[:, :, 0].ravel()}
    assert {10 * n for n in (9, 15, 21)} <= {grey + off for grey in greys for off in (-1, 0, 1)}


def test_a_grid_that_cannot_be_written_says_so(
    tmp_path: Path, ramp: Path, faces: list[int]
) -> None:
    with pytest.raises(CannotWrite):
        consistency(None, [ramp], grid=tmp_path / "no" / "grid.png")


def test_a_cutout_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: object, **more: object) -> None:
        raise AssertionError("a cut-out was cut out anew")

    alpha = np.zeros((120, 160, 1), np.uint8)
    alpha[20:60, 60:100], alpha[60:110, 40:120] = 255, 255
    Image.fromarray(np.dstack([np.full((120, 160, 3), 90, np.uint8), alpha])).save(
        tmp_path / "a.png"
    )
    monkeypatch.setattr(figure, "find_subject", never)
    monkeypatch.setattr(figure, "people", lambda rgb: ([], "no face is seen"))
    (one,) = sampled(tmp_path / "a.png", 4)
    assert one.alpha is not None
    found = figure.seen(one.rgb, own=one.alpha)
    assert found.by == "subject"
    tile = np.asarray(found.figure_tile)
    assert (tile[96, 96, 0], tile[0, 0, 0]) == (90, int(0.3 * 255))  # the white ground is dimmed
