"""What is made from a film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mutoscope.client import EXTRAS
from mutoscope.errors import CannotWrite
from mutoscope.finish.encode import Mp4Writer, pipe
from mutoscope.finish.extras import MAKERS
from mutoscope.finish.footage import chosen, evenly, shape
from mutoscope.shot import Size

COLOURS = np.array([(200, 60, 40), (40, 160, 70), (50, 70, 190)])


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds: red, green, blue, with a corner that moves."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with Mp4Writer(path, Size(640, 360), 24) as writer:
        for number in range(72):
            picture = np.full((360, 640, 3), COLOURS[number // 24], np.uint8)
            picture[:40, 8 * number : 8 * number + 40] = 250
            pipe([picture], writer)
    return path


def made(kind: str, film: Path, folder: Path) -> Image.Image:
    out = folder / f"{kind}{EXTRAS[kind]}"
    MAKERS[kind](film, out)
    assert [path.name for path in folder.iterdir()] == [out.name]
    return Image.open(out)


def test_preview_is_small_moves_and_repeats(film: Path, tmp_path: Path) -> None:
    image = made("preview", film, tmp_path)
    assert (image.format, image.size) == ("WEBP", (480, 270))
    assert getattr(image, "n_frames", 1) == 36
    assert image.info["loop"] == 0
    for second in range(3):
        image.seek(12 * second + 6)
        pixel = np.asarray(image.convert("RGB"))[200, 240].astype(int)
        assert np.abs(pixel - COLOURS[second]).max() < 8
    assert (tmp_path / f"preview{EXTRAS['preview']}").stat().st_size < 120_000


def test_thumbnail_is_the_first_frame(film: Path, tmp_path: Path) -> None:
    image = made("thumbnail", film, tmp_path)
    assert (image.format, image.size) == ("WEBP", (640, 360))
    assert np.abs(np.asarray(image.convert("RGB"))[200, 300].astype(int) - COLOURS[0]).max() < 8


def test_spritesheet_is_a_grid_in_reading_order(film: Path, tmp_path: Path) -> None:
    image = made("spritesheet", film, tmp_path)
    assert (image.format, image.size) == ("JPEG", (3 * 192, 2 * 108))
    pixels = np.asarray(image).astype(int)
    assert np.abs(pixels[70, 100] - COLOURS[0]).max() < 10
    assert np.abs(pixels[108 + 70, 2 * 192 + 100] - COLOURS[2]).max() < 10


def test_sheet_has_twelve_labelled_frames(film: Path, tmp_path: Path) -> None:
    image = made("sheet", film, tmp_path)
    assert image.format == "PNG"
    pixels = np.asarray(image).astype(int)
    assert np.abs(pixels[200, 200] - COLOURS[0]).max() < 8
    label = pixels[8 + 270 : 8 + 270 + 26, 8 : 8 + 200]
    assert (label > 150).any()


def test_frames_are_spread_from_the_first_to_the_last() -> None:
    assert evenly(4, 72) == [0, 24, 47, 71]
    assert evenly(5, 3) == [0, 1, 2]
    assert evenly(1, 10) == [0]


def test_chosen_frames_and_shape(film: Path) -> None:
    assert (shape(film).frames, shape(film).seconds) == (72, 3.0)
    assert [number for number, _ in chosen(film, [3, 40], 320)] == [3, 40]


def test_a_folder_that_is_not_there(film: Path, tmp_path: Path) -> None:
    for kind, make in MAKERS.items():
        with pytest.raises(CannotWrite, match="cannot be written"):
            make(film, tmp_path / "none" / f"x{EXTRAS[kind]}")
