"""An account's graphs: the files of its folder under the names that shots use, read again when changed."""

from __future__ import annotations

from pathlib import Path

from mutoscope.catalog import load
from mutoscope.catalog.rules import listed
from mutoscope.config import EngineAccount
from mutoscope.engines.comfyui import graph
from mutoscope.engines.comfyui.graph import Graph
from mutoscope.errors import BadInput

_Stamp = tuple[tuple[int, int], ...]


class Graphs:
    """See the module. `name` is the account's."""

    def __init__(self, name: str, account: EngineAccount) -> None:
        self.name = name
        self._folder = account.folder
        self._models = account.models
        self._read: dict[Path, tuple[_Stamp, Graph]] = {}

    def names(self) -> tuple[str, ...]:
        """The names that shots use; the account's own where it has but one graph without a name."""
        return tuple(self._models) or (self.name,)

    def get(self, model: str) -> Graph:
        """The graph for a shot's model, or for the account's own name where it has one alone. Raises
        BadInput, in one sentence, where there is none or it cannot be used."""
        return self._fresh(self._path(model))

    def wrong(self) -> list[str]:
        """What is wrong with the graphs, each in a sentence."""
        if self._folder == Path():
            return [
                f"engines.{self.name}.folder names no folder; name the one with the workflows, "
                "exported in API format"
            ]
        if not self._folder.is_dir():
            return [f"engines.{self.name}.folder is {self._folder}, which is no folder"]
        said = []
        for name in self.names():
            try:
                self.get(name)
            except BadInput as error:
                said.append(error.message)
        return said

    def all(self) -> dict[str, Graph]:
        """Every graph that can be used, by name."""
        found = {}
        for name in self.names():
            try:
                found[name] = self.get(name)
            except BadInput:
                continue
        return found

    def _path(self, model: str) -> Path:
        said = self._models.get(model) or self._models.get(load.bare(model))
        if said is None and len(self._models) == 1:
            said = next(iter(self._models.values()))
        if said is None and self._models:
            raise BadInput(
                f"{self.name} has several workflows; ask for one of {listed(list(self._models))}"
            )
        if said is None:
            return self._only()
        return self._folder / (said if said.endswith(".json") else f"{said}.json")

    def _only(self) -> Path:
        found = sorted(self._folder.glob("*.json"))
        if len(found) == 1:
            return found[0]
        if not found:
            raise BadInput(
                f"{self._folder} has no workflow; export one there, in API format, as a .json file"
            )
        raise BadInput(
            f"{self._folder} has {len(found)} workflows; name them in engines.{self.name}.models, "
            f'as {{ "{found[0].stem}" = "{found[0].name}" }}'
        )

    def _fresh(self, path: Path) -> Graph:
        stamp = tuple(_stamp(one) for one in (path, path.with_suffix(".toml")))
        known = self._read.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        made = graph.read(path)
        self._read[path] = stamp, made
        return made


def _stamp(path: Path) -> tuple[int, int]:
    try:
        seen = path.stat()
    except OSError:
        return 0, 0
    return seen.st_mtime_ns, seen.st_size
