"""Step caches: put on for one film, where they are known to act, and taken off after it.

A cache that silently does nothing, or that mixes up the two passes of guidance, is refused: `caches.toml`
says which, and why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache as once
from functools import update_wrapper
from pathlib import Path
from typing import Any

from mutoscope.errors import EngineFailed

_TABLE = Path(__file__).parents[1] / "caches.toml"


@dataclass(frozen=True, slots=True)
class StepCache:
    """One cache of the table: `acts` has the parameters for each transformer's class that it acts on,
    `refused` the reasons for others. Films of fewer steps than `fewest_steps` go without it."""

    name: str
    title: str
    config: str
    fewest_steps: int
    acts: Mapping[str, Mapping[str, Any]]
    refused: Mapping[str, str]

    def parameters(self, transformer: str) -> Mapping[str, Any]:
        """For that class of transformer. Raises EngineFailed where it is not known to act."""
        if transformer not in self.acts:
            why = self.refused.get(transformer, "it was not shown to do anything there")
            raise EngineFailed(
                f"the step cache {self.name} cannot be used with {transformer}: {why}"
            )
        return {key: value for key, value in self.acts[transformer].items() if key != "source"}


@once
def table() -> Mapping[str, StepCache]:
    """Every step cache by name."""
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {
        name: StepCache(
            name, row["title"], row["config"], row.get("fewest_steps", 0),
            row.get("acts", {}), row.get("refused", {}),
        )
        for name, row in rows.items()
    }  # fmt: skip


def named(name: str) -> StepCache:
    """The cache of that name. Raises EngineFailed."""
    if name not in table():
        raise EngineFailed(f"there is no step cache {name!r}; there are {', '.join(table())}")
    return table()[name]


def transformers(pipe: Any) -> list[Any]:
    """The denoising transformers of a pipeline: one, or two experts."""
    parts = (getattr(pipe, name, None) for name in ("transformer", "transformer_2"))
    return [part for part in parts if part is not None]


@contextmanager
def cached(pipe: Any, name: str, steps: int) -> Iterator[list[str]]:
    """One film of so many steps with the cache of that name ("": none). What it gives is filled, at the
    end, with what the cache did. Raises EngineFailed where the cache is not known to act."""
    said: list[str] = []
    parts = transformers(pipe) if name else []
    row = named(name) if name else None
    if row is None or not parts or steps < row.fewest_steps:
        yield said
        return
    with ExitStack() as stack:
        counts = [_on(stack, part, row) for part in parts]
        yield said
    calls, blocks = (sum(column) for column in zip(*counts, strict=True))
    if calls:
        said.append(
            f"{row.title}: {calls - blocks} of {calls} passes of the model were not computed"
        )


def _on(stack: ExitStack, transformer: Any, row: StepCache) -> list[int]:
    """Enable it until the stack is closed; counts, as they grow: passes, and passes computed in full."""
    import diffusers.hooks

    parameters = row.parameters(type(transformer).__name__)
    counts = [0, 0]
    # A pass that is skipped does not come to the last block. It is counted outside of what may be compiled,
    # where a number that changes would have it compiled again and again.
    last = _blocks(transformer)[-1]
    computed = last.forward

    def counted(*values: Any, **named: Any) -> Any:
        counts[1] += 1
        return computed(*values, **named)

    def passed(module: Any, values: Any) -> None:
        counts[0] += 1

    last.forward = update_wrapper(counted, computed)
    stack.callback(setattr, last, "forward", computed)
    stack.callback(transformer.register_forward_pre_hook(passed).remove)
    transformer.enable_cache(getattr(diffusers.hooks, row.config)(**parameters))
    stack.callback(transformer.disable_cache)
    return counts


def _blocks(transformer: Any) -> Any:
    """The longest list of blocks of a transformer."""
    lists = [part for part in transformer.children() if type(part).__name__ == "ModuleList"]
    return max(lists, key=len)
