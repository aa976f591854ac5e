"""A character made through a relay's dialect is used through OpenAI's and Veo's: the page's own programs,
with the real clients, against one server."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs import make_travel

from mutoscope.finish.probe import probe
from serving import Serving

pytestmark = pytest.mark.weights


def test_one_character_in_three_dialects(tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as server:
        said = make_travel.run(tmp_path, server.url)
    assert said[0] == "completed"
    for name in make_travel.FILMS:
        film = probe(tmp_path / name)
        assert (film.width, film.height, film.frames) == (1280, 720, 96), name
