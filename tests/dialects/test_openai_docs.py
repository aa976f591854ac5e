"""The page about the dialect names every field and every route that there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from wired import wired

from mutoscope.dialects.openai.routes import routes
from mutoscope.dialects.openai.video import POLL_LEAST, POLL_MOST, Video
from mutoscope.dialects.shared import extras

PAGE = (Path(__file__).parents[2] / "docs" / "openai.md").read_text("utf-8")


def test_every_field_is_in_the_table() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    known = {*extras.ALL, "remix_video_id"}
    assert known - {"prompt", "input_reference"} <= named


def test_every_field_of_the_object_beyond_the_schema_is_described() -> None:
    schema = json.loads(
        (Path(__file__).parents[1] / "clients" / "openai-videos.openapi.json").read_text("utf-8")
    )
    known = set(schema["components"]["schemas"]["VideoResource"]["properties"])
    for name in set(Video.__struct_fields__) - known:
        assert f"`{name}`" in PAGE


def test_every_route_is_on_the_page(tmp_path: Path) -> None:
    with wired(tmp_path) as here:
        for route in routes(here.house):
            path = re.sub(r"\{\w+(:\w+)?\}", "{id}", route.path)
            room = "/".join(path.split("/")[:3])
            assert path in PAGE or (room in PAGE and room != "/v1/videos"), path


def test_figures_on_the_page_are_those_of_the_code() -> None:
    assert (POLL_LEAST, POLL_MOST) == (250, 10_000)
    assert extras.MOST_PRIORITY == 100
    assert "-100 to 100" in PAGE
