"""What an engine elsewhere is sent: a picture of the frame's own size as it came, else made to fit."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from mutoscope.finish.probe import probe
from mutoscope.jobs.stages.prepare import look
from mutoscope.shot import Anchor, Media, Shot, Size

FRAME = Size(128, 72)
TURNED = Image.Exif()
TURNED[0x0112] = 3  # upside down


def looked(path: Path, folder: Path) -> Path | None:
    """The lossless file that was made of a picture, if one was."""
    content = path.read_bytes()
    media = Media(hashlib.sha256(content).hexdigest(), "image/jpeg", len(content))
    shot = Shot(prompt="pan left", model="sora-2", size=FRAME, anchors=(Anchor(media),))
    return look(shot, {media.sha256: path}, folder).lossless.get(0)


def test_a_picture_of_the_frames_size_is_sent_as_it_came(tmp_path: Path) -> None:
    Image.new("RGB", (128, 72), "teal").save(tmp_path / "same.jpg")
    assert looked(tmp_path / "same.jpg", tmp_path) is None


@pytest.mark.parametrize(
    ("size", "exif"), [((128, 73), Image.Exif()), ((256, 144), Image.Exif()), ((128, 72), TURNED)]
)
def test_another_is_made_to_fit(size: tuple[int, int], exif: Image.Exif, tmp_path: Path) -> None:
    Image.new("RGB", size, "teal").save(tmp_path / "other.jpg", exif=exif)
    made = looked(tmp_path / "other.jpg", tmp_path)
    assert made is not None
    seen = probe(made)
    assert (seen.width, seen.height) == (128, 72)
