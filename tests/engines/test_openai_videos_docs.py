"""docs/engines.md: its table is the one in the code, its settings are read, its engine films."""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from engines.orders_made import order, picture
from mutoscope.compute.processes import Processes
from mutoscope.config import Settings
from mutoscope.engines.base import Engine, Still
from mutoscope.engines.openai_videos.engine import OpenAIVideos
from mutoscope.engines.openai_videos.quirks import Quirks, table
from mutoscope.engines.registry import Engines
from mutoscope.engines.run import run
from mutoscope.finish.probe import probe
from mutoscope.shot import Shot

PAGE = (Path(__file__).parents[2] / "docs" / "engines.md").read_text("utf-8")
DELETE = {"aborts": "stops the work", "forgets": "only forgets it", "ended": "only when ended"}
FORMS = {"native": "its own", "references": "pictures", "clip": "a clip", "words": "words"}
LOST = {
    "none": "are shown to the owner",
    "idempotent": "are sent again, with the same key",
    "listable": "are looked up in its list",
}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def row(name: str, quirks: Quirks) -> str:
    """A row of the page's table."""
    cells = (
        f"`{name}`", quirks.about, quirks.encoding, "yes" if quirks.last else "no",
        "yes" if quirks.references else "no", ", ".join(FORMS[one] for one in quirks.characters),
        quirks.seconds, DELETE[quirks.delete],
        LOST[quirks.recovery],
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def test_the_table_is_the_one_in_the_code() -> None:
    told = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert told == [row(name, quirks) for name, quirks in table().items()]


def test_the_settings_are_read_and_route(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAY_KEY", "k")
    (example,) = blocks("toml")[:1]
    settings = msgspec.convert(tomllib.loads(example), Settings)
    engines = Engines(settings, compute=None)  # type: ignore[arg-type]
    assert engines.route(Shot(model="sora-2", prompt="a cat")) == "relay"
    assert engines.route(Shot(model="wan2.2-i2v", prompt="a cat")) == "gpu"
    for name in ("gpu", "relay"):
        made = engines.get(name).engine
        assert isinstance(made, OpenAIVideos)
        assert made.check().ready


@pytest.mark.parametrize("processes", [False, True])
def test_the_engine_on_the_page_films(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: bool
) -> None:
    (code,) = blocks("python")
    (tmp_path / "hold.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "hold", raising=False)
    from hold import Hold  # type: ignore[import-not-found]

    made = order(tmp_path, seconds=0.5)
    still = Still(picture(tmp_path), made.stills[0].plan)
    made = replace(made, stills={0: still})
    if processes:
        with Processes(1, scratch=tmp_path / "work") as pool:
            footage = run(Hold().on(pool), made, lambda stage, done: None, lambda: False)
    else:
        engine: Engine = Hold()
        footage = run(engine, made, lambda stage, done: None, lambda: False)
    seen = probe(footage.path)
    assert (seen.width, seen.height, seen.frames) == (128, 72, 12)
    lines = [line for line in code.splitlines() if line.strip() and "import" not in line]
    assert len(lines) <= 12  # "a few lines" is said of it
