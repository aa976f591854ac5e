"""docs/comfyui.md: its settings, table and placeholders are those of the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec

from engines.comfy_graphs import graph, node
from mutoscope.config import Settings
from mutoscope.engines.comfyui.engine import ComfyUI
from mutoscope.engines.comfyui.placeholders import NUMBERED, VALUES
from mutoscope.engines.comfyui.table import Table
from mutoscope.engines.registry import Engines
from mutoscope.shot import Shot

PAGE = (Path(__file__).parents[2] / "docs" / "comfyui.md").read_text("utf-8")
SETTINGS, TABLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_settings_are_read_and_route() -> None:
    settings = msgspec.convert(
        tomllib.loads(SETTINGS), Settings, dec_hook=lambda kind, value: kind(value)
    )
    engines = Engines(settings, compute=None)  # type: ignore[arg-type]
    assert engines.route(Shot(model="wan2.2", prompt="a cat")) == "attic"
    assert isinstance(engines.get("attic").engine, ComfyUI)


def test_the_table_is_one_and_names_every_entry() -> None:
    table = msgspec.convert(tomllib.loads(TABLE), Table)
    assert set(tomllib.loads(TABLE)) == set(Table.__struct_fields__)
    assert table.tiers == {"steps"}


def test_every_placeholder_is_on_the_page_and_every_one_there_is_one(tmp_path: Path) -> None:
    told = set(re.findall(r"\{\{([a-z_0-9]+)", PAGE))
    numbered = {one.format(1) for one in NUMBERED}
    assert told >= VALUES.keys() | numbered
    made = {"1": node("Any", **{name: f"{{{{{name}}}}}" for name in told})}
    names = graph(tmp_path, made, table="[quality.draft]\nsteps = 4\n").names
    assert names == told
