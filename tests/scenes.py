"""Scenes for promises: fixtures that load what they need when a test asks for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from databases import Place, Postgres
    from mutoscope.engines.base import Recovery
    from workers import Scene, Zygote

    Scenes = Callable[[Recovery], Scene]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """Starts workers in milliseconds."""
    from workers import Zygote

    made = Zygote()
    yield made
    made.close()


@pytest.fixture
def scene(zygote: Zygote, place: Place) -> Iterator[Scenes]:
    """Scenes on either database, with a vendor whose lost orders are found as it is told."""
    yield from _made(zygote, lambda: place)


@pytest.fixture
def shared(zygote: Zygote, postgres: Postgres, tmp_path: Path) -> Iterator[Scenes]:
    """Scenes on PostgreSQL, where another worker takes over."""
    from databases import Place

    yield from _made(zygote, lambda: Place(postgres.fresh(), tmp_path))


def _made(zygote: Zygote, place: Callable[[], Place]) -> Iterator[Scenes]:
    from workers import Scene

    made: list[Scene] = []

    def make(recovery: Recovery) -> Scene:
        made.append(Scene(zygote, place(), recovery))
        return made[-1]

    yield make
    for one in made:
        one.close()
