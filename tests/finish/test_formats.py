"""Every format that a film can be written in: whole, exact in time and colour, and transparent where it can be."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from mutoscope.errors import BadShot, CannotWrite
from mutoscope.finish.extras import MAKERS
from mutoscope.finish.footage import GREY, chosen, decoded, shape
from mutoscope.finish.formats import endings, formats, named, wanted
from mutoscope.finish.frame import rgb_frame
from mutoscope.finish.rgb import rgb
from mutoscope.finish.writers import writer
from mutoscope.shot import Delivery, Size

os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 tells its settings otherwise
Rgb = npt.NDArray[np.uint8]
SIZE = Size(128, 96)
NAMES = tuple(formats())
WITH_ALPHA = tuple(name for name in NAMES if formats()[name].alpha is not None)


def picture(number: int) -> Rgb:
    """Soft colours that move."""
    y, x = np.mgrid[0:96, 0:128]
    waves = [
        120 + 90 * np.sin((x + 2 * number) / a + y / b) for a, b in ((19, 31), (27, 17), (41, 23))
    ]
    return np.stack(waves, -1).astype(np.uint8)


def disc(number: int) -> Rgb:
    """A matte with a soft outline."""
    y, x = np.mgrid[0:96, 0:128]
    away = np.hypot(x - 50 - number, y - 48)
    return np.asarray(255 * np.clip((34 - away) / 3, 0, 1), np.uint8)


def film(folder: Path, name: str, *, alpha: bool = False, frames: int = 8, fps: float = 24) -> Path:
    form = named(name)
    path = folder / f"film{form.suffixes[0]}"
    with writer(path, SIZE, fps, form, alpha=alpha) as made:
        for number in range(frames):
            made.write(rgb_frame(picture(number)), disc(number) if alpha else None)
        assert made.frames == frames
    return path


def psnr(one: Rgb, other: Rgb) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


@pytest.mark.parametrize("name", NAMES)
def test_size_count_and_pixels_come_back(tmp_path: Path, name: str) -> None:
    path = film(tmp_path, name)
    made = shape(path, Fraction(24))
    assert (made.width, made.height, made.frames) == (128, 96, 8)
    least = {"gif": 30, "webp": 33}.get(name, 36)
    for number, shown in chosen(path, [0, 5, 7], 128):
        assert psnr(shown, picture(number)) > least
        assert abs(float(shown.mean()) - float(picture(number).mean())) < 0.8  # no shift of light
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", WITH_ALPHA)
def test_the_matte_and_the_colours_within_it_come_back(tmp_path: Path, name: str) -> None:
    path = film(tmp_path, name, alpha=True)
    for number, shown in chosen(path, [0, 6], 128):
        share = disc(number)[..., None] / 255
        if name == "gif":
            share = np.rint(share)
        wished = picture(number) * share + GREY * (1 - share)
        assert psnr(shown, wished.astype(np.uint8)) > (29 if name in ("gif", "webp") else 34)
        assert (
            np.abs(shown[disc(number) == 0].astype(int) - GREY).max() <= 3
        )  # nothing is left outside


@pytest.mark.parametrize("name", ["vp9", "ffv1", "hevc", "av1", "prores"])
def test_frames_are_shown_at_their_times(tmp_path: Path, name: str) -> None:
    path = film(tmp_path, name, fps=30000 / 1001)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [
            float((frame.pts or 0) * (frame.time_base or 0)) for frame in container.decode(stream)
        ]
        context = stream.codec_context
        assert (context.colorspace, context.color_range) == (1, 1)
        assert (context.color_primaries, context.color_trc) == (1, 1)
    for number, time in enumerate(times):  # Matroska counts milliseconds
        assert abs(time - number * 1001 / 30000) < 0.0006


def test_apples_players_are_told_hevc_in_their_way(tmp_path: Path) -> None:
    data = film(tmp_path, "hevc").read_bytes()
    assert b"hvc1" in data
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(("fps", "frames", "lengths"), [(24, 8, 330), (50, 8, 160), (60, 9, 150)])
def test_a_gif_keeps_the_time_in_hundredths(
    tmp_path: Path, fps: float, frames: int, lengths: int
) -> None:
    path = film(tmp_path, "gif", frames=frames, fps=fps)
    with Image.open(path) as shown:
        shown_for = []
        for number in range(getattr(shown, "n_frames", 1)):
            shown.seek(number)
            shown_for.append(shown.info["duration"])
        assert shown.info.get("loop") == 0
    assert sum(shown_for) == lengths
    assert min(shown_for) >= 40  # faster ones are slowed down by players
    assert len(shown_for) == -(-frames // named("gif").step(fps))


@pytest.mark.parametrize("name", ["webp", "avif"])
def test_picture_files_repeat_and_keep_the_time(tmp_path: Path, name: str) -> None:
    with Image.open(film(tmp_path, name, frames=12)) as shown:
        total = 0
        for number in range(12):
            shown.seek(number)
            shown.load()
            total += shown.info["duration"]
    assert abs(total - 500) <= 6  # Pillow rounds each


@pytest.mark.parametrize("name", NAMES)
def test_the_same_frames_are_the_same_bytes(tmp_path: Path, name: str) -> None:
    both = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        path = film(tmp_path / folder, name, frames=4)
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        both.append([one.read_bytes() for one in files])
    assert both[0] == both[1]


@pytest.mark.parametrize("name", ["gif", "png", "vp9", "avif"])
def test_nothing_is_left_of_what_was_broken_off(tmp_path: Path, name: str) -> None:
    form = named(name)
    alpha = name == "avif"

    def broken_off() -> None:
        with writer(tmp_path / f"film{form.suffixes[0]}", SIZE, 24, form, alpha=alpha) as made:
            made.write(rgb_frame(picture(0)), disc(0) if alpha else None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_pictures_takes_the_place_of_an_earlier_one_alone(tmp_path: Path) -> None:
    path = film(tmp_path, "png", frames=9)
    assert sorted(one.name for one in path.iterdir())[-1] == "00008.png"
    film(tmp_path, "png", frames=3)
    assert len(list(path.iterdir())) == 3
    (path / "notes.txt").write_text("mine")
    with pytest.raises(CannotWrite, match="has other files in it"):
        film(tmp_path, "png", frames=3)
    assert (path / "notes.txt").read_text() == "mine"


def test_a_pngs_alpha_is_straight(tmp_path: Path) -> None:
    path = film(tmp_path, "png", alpha=True, frames=1)
    read = cv2.imread(str(path / "00000.png"), cv2.IMREAD_UNCHANGED)
    assert read is not None
    assert np.array_equal(read[..., 3], disc(0))
    assert np.abs(read[..., 2::-1].astype(int) - picture(0)).mean() < 1  # not darker at the outline


def test_colours_come_back_exactly() -> None:
    for colour in (
        (0, 0, 0),
        (255, 255, 255),
        (128, 128, 128),
        (255, 0, 0),
        (0, 200, 80),
        (12, 40, 250),
    ):
        plain = np.full((16, 16, 3), colour, np.uint8)
        assert np.abs(rgb(rgb_frame(plain)).astype(int) - plain).max() <= 1
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 16, 0).repeat(3, 2)
    assert abs(float((rgb(rgb_frame(grey)).astype(int) - grey).mean())) < 0.02


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", ["gif", "png", "webp", "vp9"])
def test_extras_are_made_of_any_format(tmp_path: Path, name: str, kind: str) -> None:
    out = (
        tmp_path
        / f"extra{ {'preview': '.webp', 'thumbnail': '.webp', 'spritesheet': '.jpg', 'sheet': '.png'}[kind] }"
    )
    MAKERS[kind](film(tmp_path, name, alpha=True), out, Fraction(24))
    with Image.open(out) as shown:
        shown.load()
        assert shown.width >= 128


def test_decoding_a_transparent_webm_gives_its_matte(tmp_path: Path) -> None:
    first = next(iter(decoded(film(tmp_path, "vp9", alpha=True))))
    assert first.format.name == "yuva420p"


@pytest.mark.parametrize(
    ("output", "name", "format", "place"),
    [
        ("a.mp4", "", "h264", "a.mp4"),
        ("a", "", "h264", "a.mp4"),
        ("a.MP4", "", "h264", "a.MP4"),
        ("a.webm", "", "vp9", "a.webm"),
        ("a.mov", "", "prores", "a.mov"),
        ("a.mov", "hevc", "hevc", "a.mov"),
        ("a.webm", "av1", "av1", "a.webm"),
        ("a.gif", "", "gif", "a.gif"),
        ("shot/%05d.png", "", "png", "shot"),
        ("shot", "png", "png", "shot"),
        ("shot.v2", "png", "png", "shot.v2"),
        ("a", "avif", "avif", "a.avif"),
    ],
)
def test_names_and_formats(output: str, name: str, format: str, place: str) -> None:
    form, path = wanted(output, name)
    assert (form.name, str(path)) == (format, place)


@pytest.mark.parametrize(
    ("output", "name", "sentence"),
    [
        ("a.avi", "", r"must be a name that ends in \.mp4, .* or \.avif"),
        ("a.png", "", r"a folder of pictures is a/%05d\.png"),
        ("a.png", "png", "a folder's name, such as a"),
        ("a.mp4", "gif", r"ends in \.gif, for animated GIF"),
        ("a.mp4", "divx", "format is 'divx'; it must be one of h264, vp9"),
    ],
)
def test_wrong_names_are_one_sentence(output: str, name: str, sentence: str) -> None:
    with pytest.raises(BadShot, match=sentence):
        wanted(output, name)


def test_a_format_without_transparency_says_which_have_it() -> None:
    with pytest.raises(
        BadShot, match="has no transparency; take vp9, prores, gif, webp, avif, png or ffv1"
    ):
        Delivery("hevc", ".mp4", alpha=True)
    with pytest.raises(BadShot, match="of matte, disparity, plate, subject"):
        Delivery(passes=("depth",))
    assert ".webm" in endings()
