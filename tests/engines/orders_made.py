"""Orders for engines elsewhere: a picture of exactly the shot's size, made here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyvips

from mutoscope.config import EngineAccount
from mutoscope.direction.model import Direction
from mutoscope.engines.base import Order, Still
from mutoscope.engines.openai_videos.engine import OpenAIVideos
from mutoscope.images.plan import plan
from mutoscope.shot import Anchor, Media, Role, Shot, Size

SIZE = Size(128, 72)
KEY = "sk-relay-0123456789"


def media(number: int = 0, kind: str = "image/png") -> Media:
    return Media(f"{number:064x}", kind, 10)


def picture(folder: Path, name: str = "still.png", size: Size = SIZE) -> Path:
    path = folder / name
    pyvips.Image.black(size.width, size.height, bands=3).write_to_file(str(path))
    return path


def order(folder: Path, *roles: Role, prompt: str = "slow push in", **fields: object) -> Order:
    """An order with a picture for each role (the first frame where none is named)."""
    anchors = tuple(
        Anchor(media(at), role, frame=5 if role is Role.FRAME else None)
        for at, role in enumerate(roles or (Role.FIRST_FRAME,))
    )
    values: dict[str, object] = {"prompt": prompt, "size": SIZE, "anchors": anchors} | fields
    shot = replace(Shot(), **values)  # type: ignore[arg-type]
    stills = {
        at: Still(folder / "original.jpg", plan(SIZE, SIZE), picture(folder, f"{at}.png"))
        for at, anchor in enumerate(shot.anchors)
        if anchor.role is not Role.SOURCE
    }
    return Order(
        shot=shot,
        direction=Direction(seconds=shot.seconds),
        folder=folder,
        stills=stills,
        key="video_1/1",
    )


def engine(base_url: str, quirks: str = "relay", **settings: object) -> OpenAIVideos:
    values: dict[str, object] = {"kind": "openai_videos", "base_url": base_url, "quirks": quirks}
    values |= {"api_key": KEY, "models": {"flipbook": "sora-2"}, "timeout": 5.0} | settings
    return OpenAIVideos("relay", EngineAccount(**values))  # type: ignore[arg-type]
