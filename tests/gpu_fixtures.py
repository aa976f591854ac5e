"""A plugin, named in `pytest_plugins` by the modules that film with tiny models: one folder of them and one
server for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gpu_server import TI2V, Models, serving
from serving import Serving

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    pytest.importorskip("torch")
    return Models(tmp_path_factory.mktemp("gpu") / "models")


@pytest.fixture(scope="session")
def ti2v(models: Models) -> Models:
    """The folder with the default model in it."""
    models.use(TI2V)
    return models


@pytest.fixture(scope="session")
def gpu_server(ti2v: Models, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server whose default is the default model."""
    with serving(ti2v, tmp_path_factory.mktemp("gpu-data")) as running:
        yield running


@pytest.fixture(scope="session")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small photograph."""
    from PIL import Image

    from mutoscope.images.decode import open_photo

    place = tmp_path_factory.mktemp("gpu-photos") / "coffee.jpg"
    Image.fromarray(open_photo(ROOT / "examples" / "coffee.jpg").thumbnail(512)).save(place)
    return place
