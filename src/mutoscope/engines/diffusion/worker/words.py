"""Words that were read once: what a text encoder made of them, kept in main memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

_MOST, _MOST_BYTES = 256, 512 << 20

Key = tuple[str, ...]
_kept: OrderedDict[Key, Mapping[str, Any]] = OrderedDict()


def read(key: Key, encode: Callable[[], Mapping[str, Any]], device: str) -> Mapping[str, Any]:
    """What `encode` makes of the words, on the device. `key` are the text encoders' identities and the
    words; what was made with the same is taken as it was."""
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = {name: _moved(value, "cpu") for name, value in encode().items()}
        while len(_kept) > _MOST or (_bytes() > _MOST_BYTES and len(_kept) > 1):
            _kept.popitem(last=False)
    else:
        _kept.move_to_end(key)
    return {name: _moved(value, device) for name, value in found.items()}


def known(key: Key) -> bool:
    """Whether they were read before."""
    return key in _kept


def forget() -> None:
    """Everything."""
    _kept.clear()


def _moved(value: Any, device: str) -> Any:
    return value.detach().to(device) if hasattr(value, "detach") else value


def _bytes() -> int:
    return sum(getattr(one, "nbytes", 0) for kept in _kept.values() for one in kept.values())
