"""The names of fields in Veo's body, in either spelling, and those of the Shot's fields in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: Field of the Shot → its name in the body, for errors and notices.
NAMES: Mapping[str, str] = {
    "prompt": "instances[].prompt",
    "anchors": "instances[].image",
    "anchor.media": "instances[].image",
    "input_reference": "instances[].image",
    "source": "instances[].video",
    "video": "instances[].video",
    "photo": "instances[].image",
    "cast": "instances[].prompt",
    "seconds": "parameters.durationSeconds",
    "size": "parameters.resolution",
    "fps": "parameters.fps",
    "seed": "parameters.seed",
    "sound": "parameters.generateAudio",
    "fit": "parameters.resizeMode",
    "takes": "parameters.sampleCount",
    "negative_prompt": "parameters.negativePrompt",
    "webhook_url": "webhookConfig.uris",
    "anchor.strength": "influence_strength",
    "anchor.crop": "crop_bounds",
    "anchor.frame": "frame_index",
}

SIZED = "sized"  # in `Job.asked`: the field that alone gave the size, where it is not the usual one


def names(usual: Mapping[str, str], asked: Mapping[str, Any]) -> Mapping[str, str]:
    """The names for one request, of which `asked` is remembered."""
    return {**usual, "size": asked[SIZED]} if SIZED in asked else usual


def camel(name: str) -> str:
    """duration_seconds → durationSeconds."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def spelled(known: Iterable[str], body: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """A body whose snake_case names are those of `known`, which are paths as in a table of fields, where
    these have them in camelCase. Other names stay as they are."""
    known = tuple(known)
    read: dict[str, Any] = {}
    for name, value in body.items():
        own = _known(known, within, name, body)
        path = f"{within}{own}"
        if isinstance(value, dict) and _goes_on(known, f"{path}."):
            value = spelled(known, value, f"{path}.")
        elif isinstance(value, list) and _goes_on(known, f"{path}[]."):
            value = [
                spelled(known, one, f"{path}[].") if isinstance(one, dict) else one for one in value
            ]
        read[own] = value
    return read


def _known(known: Iterable[str], within: str, name: str, body: Mapping[str, Any]) -> str:
    own = camel(name)
    if own == name or own in body:
        return name
    path = f"{within}{own}"
    return own if any(one == path or one.startswith((f"{path}.", f"{path}[")) for one in known) else name  # fmt: skip


def _goes_on(known: Iterable[str], path: str) -> bool:
    return any(one.startswith(path) for one in known)
