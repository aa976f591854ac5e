"""Engines by name. The built-in ones come through the same entry points as other people's."""

from __future__ import annotations

from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from mutoscope.engines.base import Engine
from mutoscope.errors import BadShot, Missing

if TYPE_CHECKING:
    from mutoscope.catalog.model import Contract

GROUP = "mutoscope.engines"
#: Families: one entry point, a class with `models()`, for as many engines as those are; each is made as
#: `family(model)`, and as an account by `family(name, account)`.
FAMILIES = "mutoscope.engine_families"
#: The catalogue's own vendors: the engines that are built in.
OWN = ("flipbook", "diffusion")

#: Entry points that are made with an account of a server's settings.
ACCOUNTS = ("openai_videos", "comfyui")


def names() -> tuple[str, ...]:
    """The names of every installed engine."""
    alone = {point.name for point in entry_points(group=GROUP)}
    return tuple(sorted(alone | {model for family in _families() for model in family.models()}))


def engine(name: str) -> Engine:
    """The engine of that name. Raises BadShot for an unknown name, Missing where it does not import, or
    needs an account."""
    if name in ACCOUNTS:
        raise Missing(
            f"{name} is reached by a server with an account: give its mutoscope.toml an [engines.NAME] with "
            f'kind = "{name}", and ask that server for the model NAME'
        )
    made: Engine = maker(name)()
    return made


def maker(kind: str) -> Any:
    """What makes an engine: the class that the entry point of that name has. Raises BadShot, Missing."""
    for point in entry_points(group=GROUP, name=kind):
        return _loaded(point)
    for point in entry_points(group=FAMILIES, name=kind):
        return _loaded(point)
    for family in _families():
        if kind in family.models():
            return partial(family, kind)
    near = get_close_matches(kind, names(), n=1)
    hint = f"did you mean {near[0]}?" if near else ""
    raise BadShot.of("engine", kind, f"one of {', '.join(names())}", hint)


def contract(name: str) -> Contract | None:
    """The limits of a built-in engine, by the catalogue; None for one that somebody else installed,
    which says itself what it can take."""
    from mutoscope.catalog.load import contracts

    return next((one for own in OWN for one in contracts(own) if one.model == name), None)


def _families() -> list[Any]:
    """Those that can be loaded: an engine that somebody broke does not hide the others."""
    found = []
    for point in entry_points(group=FAMILIES):
        with suppress(Missing):
            found.append(_loaded(point))
    return found


def _loaded(point: EntryPoint) -> Any:
    try:
        return point.load()
    except ImportError as error:
        raise Missing(f"engine {point.name} cannot be loaded: {error}") from error
