"""Reference frames of a clip: few, sharp, different; or a clear refusal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clips_made import Rgb, dark, frame, orange, smeared, written
from mutoscope import weights
from mutoscope.characters import frames
from mutoscope.characters.frames import LEAST, MOST, reference_frames
from mutoscope.characters.work import ReferenceFrame
from mutoscope.errors import BadInput, Cancelled, Missing

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def by_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subject is what is orange; no weights are needed."""
    monkeypatch.setattr(frames, "find_subject", orange)
    monkeypatch.setattr(weights, "find", lambda name: Path("matte") if name == "matte" else None)


def made(clip: Path, folder: Path) -> tuple[ReferenceFrame, ...]:
    folder.mkdir(exist_ok=True)
    return reference_frames(clip, folder, lambda stage, done: None, lambda: False)


@pytest.mark.usefixtures("by_colour")
def test_sharp_and_bright_frames_of_every_view_are_kept(tmp_path: Path) -> None:
    views = [frame(120), frame(150, wide=0.8), frame(170, mirrored=True), frame(150, wide=0.3)]
    stretches: list[Rgb] = []
    for view in views:
        stretches += [view] * 5 + [smeared(view)] * 5
    stretches += [dark(views[0])] * 6
    found = made(written(tmp_path / "clip.mp4", stretches, rate=10), tmp_path / "out")
    assert LEAST <= len(found) <= MOST
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for one in found:
        assert int(one.at * 10 + 0.5) % 10 < 5  # never out of a smeared half second
        assert one.at < 4.0  # nor out of the dark end
    assert len({int(one.at) for one in found}) == 4


@pytest.mark.usefixtures("by_colour")
def test_each_comes_with_its_picture_and_cut_out(tmp_path: Path) -> None:
    clip = written(tmp_path / "clip.mp4", [frame(140), frame(150, wide=0.8)] * 6)
    for one in made(clip, tmp_path / "out"):
        with Image.open(one.picture) as picture, Image.open(one.cutout) as cutout:
            assert picture.format == "JPEG"
            assert (cutout.format, cutout.mode) == ("PNG", "RGBA")
            assert picture.size == cutout.size
            inside = np.asarray(cutout)[..., 3] > 127
        columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
        left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        assert one.box == pytest.approx(
            (left / 320, top / 240, right / 320, bottom / 240), abs=0.02
        )
        assert one.cut == ()
        told = one.told()
        assert "picture" not in told
        assert told["box"] == one.box


@pytest.mark.usefixtures("by_colour")
def test_a_whole_figure_goes_before_one_that_the_frame_cuts(tmp_path: Path) -> None:
    clip = written(tmp_path / "clip.mp4", [frame(300)] * 6 + [frame(160)] * 6, rate=6)
    found = made(clip, tmp_path / "out")
    assert found[0].cut == ()
    assert found[0].at >= 1.0


@pytest.mark.usefixtures("by_colour")
def test_a_clip_in_which_nothing_stands_out_is_refused(tmp_path: Path) -> None:
    clip = written(tmp_path / "clip.mp4", [frame(-500)] * 8)
    with pytest.raises(BadInput, match="nothing stands out") as caught:
        made(clip, tmp_path / "out")
    assert caught.value.code == "no_character"
    assert "good light" in caught.value.hint
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.usefixtures("by_colour")
def test_a_black_clip_says_so(tmp_path: Path) -> None:
    clip = written(tmp_path / "clip.mp4", [np.zeros((240, 320, 3), np.uint8)] * 8)
    with pytest.raises(BadInput, match="too dark"):
        made(clip, tmp_path / "out")


def test_without_weights_it_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path))
    clip = written(tmp_path / "clip.mp4", [frame()] * 3)
    with pytest.raises(Missing) as caught:
        made(clip, tmp_path / "out")
    assert "weights fetch matte" in caught.value.hint


@pytest.mark.usefixtures("by_colour")
def test_cancel_leaves_nothing(tmp_path: Path) -> None:
    clip = written(tmp_path / "clip.mp4", [frame()] * 8)
    asked = 0

    def cancel() -> bool:
        nonlocal asked
        asked += 1
        return asked > 10

    (tmp_path / "out").mkdir()
    with pytest.raises(Cancelled):
        reference_frames(clip, tmp_path / "out", lambda stage, done: None, cancel)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.slow
@pytest.mark.weights
def test_a_cup_is_cut_out_of_its_clip(tmp_path: Path) -> None:
    with Image.open(EXAMPLES / "coffee.jpg") as opened:
        picture = np.asarray(opened.convert("RGB").resize((640, 426)))
    views = [picture[k : 360 + k, : 640 - 4 * k] for k in range(0, 24, 2)]
    clip = written(
        tmp_path / "clip.mp4",
        [np.asarray(Image.fromarray(view).resize((640, 360))) for view in views],
    )
    found = made(clip, tmp_path / "out")
    assert found
    with Image.open(found[0].cutout) as cutout:
        rgba = np.asarray(cutout)
    solid = rgba[rgba[..., 3] > 250]
    assert 0.15 < len(solid) / rgba[..., 3].size < 0.6
    red = solid[:, 0].astype(int) - solid[:, 2]
    assert np.median(red) > 40  # the cup and its saucer, not the table
