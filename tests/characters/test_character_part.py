"""A part of a film becomes a film of its own, or a clear refusal."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from clips_made import turned, written
from mutoscope.characters.part import cut
from mutoscope.characters.work import checked_part
from mutoscope.errors import BadInput, BadShot, Cancelled


def grey(level: int) -> np.ndarray:
    return np.full((48, 64, 3), level, np.uint8)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Frame n of 48, 12 a second, is 5 n bright."""
    return written(tmp_path / "film.mp4", [grey(5 * n) for n in range(48)])


def levels(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [
            float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)
        ]


@pytest.mark.parametrize("part", [(0.0, 1.0), (1.0, 2.0), (2.5, 3.0), (3.75, 9.0), (1.02, 1.5)])
def test_it_has_the_frames_from_its_first_to_its_last(
    film: Path, tmp_path: Path, part: tuple[float, float]
) -> None:
    found = levels(cut(film, part, tmp_path / "part.mp4", lambda: False))
    first, last = int(part[0] * 12 + 1e-6), min(48, int(np.ceil(part[1] * 12 - 1e-6)))
    assert abs(len(found) - (last - first)) <= 1
    assert found[0] == pytest.approx(5 * first, abs=4)
    assert found[-1] == pytest.approx(5 * (first + len(found) - 1), abs=7)


def test_a_turned_film_is_cut_upright(film: Path, tmp_path: Path) -> None:
    out = cut(turned(film), (0.0, 0.5), tmp_path / "part.mp4", lambda: False)
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (48, 64)


def test_a_part_beyond_the_end_is_refused_with_the_length(film: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"from 9 to 10 s is not in the film, which has 4\.0 s"):
        cut(film, (9.0, 10.0), tmp_path / "part.mp4", lambda: False)
    assert not (tmp_path / "part.mp4").exists()


def test_cancel_leaves_nothing(film: Path, tmp_path: Path) -> None:
    asked = iter([False] * 5 + [True] * 100)
    with pytest.raises(Cancelled):
        cut(film, (0.0, 2.0), tmp_path / "part.mp4", lambda: next(asked))
    assert not (tmp_path / "part.mp4").exists()


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"hello")
    with pytest.raises(BadInput) as caught:
        cut(tmp_path / "x", (0.0, 1.0), tmp_path / "part.mp4", lambda: False)
    assert caught.value.code == "invalid_video"


@pytest.mark.parametrize("part", [(-1.0, 1.0), (2.0, 2.0), (3.0, 1.0), (0.0, 61.0)])
def test_parts_that_are_none(part: tuple[float, float]) -> None:
    with pytest.raises(BadShot):
        checked_part(*part)
