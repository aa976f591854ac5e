"""Sizes by name, shape and pixels."""

from __future__ import annotations

import pytest

from mutoscope.catalog.sizes import parse_size, presets
from mutoscope.errors import BadShot
from mutoscope.shot import Size


@pytest.mark.parametrize(
    ("text", "width", "height"),
    [
        ("1280x720", 1280, 720),
        ("1280×720", 1280, 720),
        (" 1280 X 720 ", 1280, 720),
        ("720p", 1280, 720),
        ("1080P", 1920, 1080),
        ("4K", 3840, 2160),
        ("square", 1080, 1080),
        ("1:1", 1080, 1080),
        ("16:9", 1280, 720),
        ("9:16", 720, 1280),
        ("4/3", 960, 720),
        ("21:9", 1680, 720),
        ("youtube", 1920, 1080),
        ("TikTok", 1080, 1920),
        ("reels", 1080, 1920),
        ("shorts", 1080, 1920),
        ("Full HD", 1920, 1080),
    ],
)
def test_known(text: str, width: int, height: int) -> None:
    assert parse_size(text) == Size(width, height)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a width and height such as 1280x720"),
        ("720", "did you mean 720p"),
        ("yutube", "did you mean youtube"),
        ("0x720", "16 to 16384"),
        ("99999x99999", "16 to 16384"),
        ("1:99", "1:8 to 8:1"),
        ("0:0", "1:8 to 8:1"),
    ],
)
def test_unknown(text: str, said: str) -> None:
    with pytest.raises(BadShot, match=said):
        parse_size(text)


def test_every_preset_is_even_and_can_be_parsed() -> None:
    for name, size in presets().items():
        assert parse_size(name) == size
        assert size.width % 2 == size.height % 2 == 0
