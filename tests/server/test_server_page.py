"""docs/server.md says what the server does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from small_house import small_house

from mutoscope.configure import load
from mutoscope.server import settings_table
from mutoscope.server.auth import ROOMS
from mutoscope.server.keys import SCOPES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "server.md"


def test_the_settings_on_the_page_are_those_of_the_server() -> None:
    found = settings_table.main([str(PAGE), "--check"])
    assert found == 0, f"python -m {settings_table.__name__} docs/server.md"


def test_every_setting_is_explained() -> None:
    assert not [name for name, about in settings_table.said().items() if not about]


def test_the_settings_file_on_the_page_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert tomllib.loads(example)
    (tmp_path / "example.toml").write_text(example, "utf-8")
    settings, _ = load(tmp_path / "example.toml", environ={})
    assert settings.routes.models["sora-2"] in settings.engines


def test_the_metrics_on_the_page_are_those_that_are_given(tmp_path: Path) -> None:
    told = set(re.findall(r"`(mutoscope_\w+)`", PAGE.read_text("utf-8")))
    with small_house(tmp_path) as house:
        house.metrics.request("GET", "/", 200, 0.1)
        given = set(re.findall(r"^# TYPE (\w+)", house.metrics.text().decode(), re.MULTILINE))
    at_scrape = {"mutoscope_jobs_open", "mutoscope_queue_age_seconds", "mutoscope_uploads"}
    assert {name for name in given if not name.endswith("_created")} | at_scrape == told


def test_every_room_of_the_api_has_a_scope() -> None:
    assert {f"{room}:read" for room in ROOMS.values()} <= set(SCOPES)


def test_deployment_outlives_the_servers_own_end() -> None:
    unit = (ROOT / "deploy" / "mutoscope.service").read_text("utf-8")
    (patience,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    settings, _ = load(environ={})
    assert int(patience) > settings.server.shutdown_seconds + 10
