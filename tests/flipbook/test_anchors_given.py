"""Pictures at frames as a caller gives them."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

import mutoscope
import mutoscope.catalog.load
from mutoscope.cli.animate import moments
from mutoscope.engines.admission import checked
from mutoscope.engines.flipbook.film import film
from mutoscope.errors import BadImage, BadShot
from mutoscope.finish.frame import rgb_frame
from mutoscope.images.decode import open_photo
from mutoscope.images.fit import fitted
from mutoscope.inputs import Inputs, placed
from mutoscope.shot import Anchor, Quality, Role, Shot, Size
from mutoscope.steps import directed, opened, ordered, planned

EXAMPLES = Path(__file__).parents[2] / "examples"
COFFEE, NEAR = EXAMPLES / "coffee.jpg", EXAMPLES / "coffee-near.jpg"


def frames_of(
    at: dict[int | str, str | Path | bytes | None], seconds: float = 4.0
) -> list[int | None]:
    with Inputs() as inputs:
        photo = inputs.take(COFFEE, "photo")
        return [one.frame for one, _ in placed(at, photo, seconds, 24.0, inputs)]


@pytest.mark.parametrize(
    ("when", "frame"),
    [(1, 1), (48, 48), ("48", 48), ("2s", 48), ("0.5s", 12), ("4s", 95), ("95", 95), (" 3 ", 3)],
)
def test_a_moment_is_a_frame_or_seconds(when: int | str, frame: int) -> None:
    assert frames_of({when: NEAR}) == [frame]


@pytest.mark.parametrize("when", [96, -1, "4.1s", "-1s", "soon", "", "s", "2m", "1e999s", "nans"])
def test_a_moment_outside_the_film_is_refused(when: int | str) -> None:
    with pytest.raises(BadShot, match="a frame from 0 to 95, or seconds from 0s to 4s"):
        frames_of({when: NEAR})


def test_two_pictures_at_one_frame_are_refused() -> None:
    with pytest.raises(BadShot, match="two pictures are to be frame 48"):
        frames_of({48: NEAR, "2s": COFFEE})


def test_the_photo_is_frame_0_unless_it_is_said_where_it_stands() -> None:
    with pytest.raises(BadShot, match="the photo itself is frame 0"):
        frames_of({0: NEAR})
    assert frames_of({0: NEAR, 48: None}) == [0, 48]


def test_a_picture_that_is_not_there_is_named() -> None:
    with pytest.raises(BadImage, match=r"gone\.jpg: no such file; at must be a photograph"):
        frames_of({3: "gone.jpg"})


def test_the_photo_itself_is_none() -> None:
    with Inputs() as inputs:
        photo = inputs.take(COFFEE, "photo")
        ((one, own),) = placed({7: None}, photo, 4.0, 24.0, inputs)
    assert (one.media, one.role, one.frame, own) == (photo, Role.FRAME, 7, True)


def test_moments_on_the_command_line() -> None:
    assert moments(("48=a.jpg", "2s=b=c.jpg", "12")) == {
        "48": Path("a.jpg"), "2s": Path("b=c.jpg"), "12": None,
    }  # fmt: skip
    for words in (("=a.jpg",), ("48=",), ("48", "48=a.jpg")):
        with pytest.raises(BadShot):
            moments(words)


def decoded(film: Path) -> list[npt.NDArray[np.float64]]:
    with av.open(film) as file:
        return [frame.to_ndarray(format="gray").astype(float) for frame in file.decode(video=0)]


def psnr(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    return float(10 * np.log10(255**2 / ((one - other) ** 2).mean()))


@pytest.mark.slow
def test_a_lone_picture_in_the_middle_is_passed_through(tmp_path: Path) -> None:
    def filmed(name: str, at: int) -> list[npt.NDArray[np.float64]]:
        clip = mutoscope.animate(
            COFFEE, "slow push in", at={at: None}, seconds=1, size="480x320", quality="draft",
            output=tmp_path / name,
        )  # fmt: skip
        assert f"the picture is frame {at}" in clip.report.engine or at == 0
        return decoded(clip.path)

    still = filmed("first.mp4", 0)[0]
    frames = filmed("middle.mp4", 12)
    likeness = [psnr(frame, still) for frame in frames]
    assert int(np.argmax(likeness)) == 12
    assert likeness[12] > 36 > likeness[0]
    step = [np.abs(a - b).mean() for a, b in pairwise(frames)]
    assert min(step[10:14]) > 0.5 * float(np.median(step))
    assert max(step[10:14]) < 2 * float(np.median(step))


@pytest.mark.slow
def test_sync_and_async_take_them_alike(tmp_path: Path) -> None:
    wanted: dict[str, Any] = {
        "at": {8: NEAR}, "seconds": 0.5, "size": "192x128", "quality": "draft",
    }  # fmt: skip
    one = mutoscope.animate(COFFEE, "", output=tmp_path / "a.mp4", **wanted)

    async def awaited() -> mutoscope.Clip:
        return await mutoscope.aio.animate(COFFEE, "", output=tmp_path / "b.mp4", **wanted)

    other = asyncio.run(awaited())
    for a, b in zip(decoded(one.path), decoded(other.path), strict=True):
        assert psnr(a, b + 1e-6) > 45
    assert "the pictures are frames 0 and 8" in one.report.engine
    assert one.report == other.report


@pytest.mark.slow
def test_a_stored_shot_with_pictures_at_frames_is_filmed_as_the_stages_do_it(
    tmp_path: Path,
) -> None:
    with Inputs() as inputs:
        one, other = (inputs.take(name, "photo") for name in (COFFEE, NEAR))
        files = dict(inputs.files)
    asked = Shot(
        prompt="slow push in", size=Size(192, 128), seconds=1, fps=12, quality=Quality.DRAFT,
        anchors=(Anchor(other, Role.FRAME, 9), Anchor(one, Role.FRAME, 3)),
    )  # fmt: skip
    shot = Shot.from_json(asked.to_json())
    contracts = (mutoscope.catalog.load.contract(shot.model),)
    assert checked(shot, contracts) == ()
    plans = planned(shot, opened(shot, files))
    order = ordered(shot, directed(shot), tmp_path, files, plans)
    footage = film(order, lambda stage, done: None, lambda: False)
    assert footage.frames == 12
    assert footage.notes[0] == "the pictures are frames 3 and 9"
    still = fitted(open_photo(COFFEE), plans[1])[0]
    grey = rgb_frame(still).to_ndarray(format="gray").astype(float)
    assert psnr(decoded(footage.path)[3], grey) > 34
