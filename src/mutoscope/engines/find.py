"""Engines by name. The built-in ones come through the same entry points as other people's."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import entry_points

from mutoscope.engines.base import Engine
from mutoscope.errors import BadShot, Missing

GROUP = "mutoscope.engines"


def names() -> tuple[str, ...]:
    """The names of every installed engine."""
    return tuple(sorted(point.name for point in entry_points(group=GROUP)))


def engine(name: str) -> Engine:
    """The engine of that name. Raises BadShot for an unknown name, Missing where it does not import."""
    for point in entry_points(group=GROUP, name=name):
        try:
            made: Engine = point.load()()
        except ImportError as error:
            raise Missing(f"engine {name} cannot be loaded: {error}") from error
        return made
    near = get_close_matches(name, names(), n=1)
    hint = f"did you mean {near[0]}?" if near else ""
    raise BadShot.of("engine", name, f"one of {', '.join(names())}", hint)
