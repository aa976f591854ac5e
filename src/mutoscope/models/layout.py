"""Whether a folder is a whole checkpoint in diffusers' layout: told by names, without reading weights.

`model_index.json` names the pipeline's class and, by component, the library and class of each; each
component lies in a folder of its name. Weights are one file, or shards that an index names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

INDEX = "model_index.json"
#: Classes whose folder has settings and vocabularies only, by what their names have in them.
WITHOUT_WEIGHTS = re.compile(
    r"Tokenizer|Processor|Scheduler|FeatureExtractor|Guider|Guidance|(SentencePiece|Python)Backend$"
)
#: family → the pipelines whose checkpoints its adapter loads; a family that is not here takes any.
CLASSES = {
    "wan": r"Wan(ImageToVideo|VideoToVideo)?Pipeline",
    "wan_vace": r"WanVACEPipeline",
    "ltx2": r"LTX2\w*Pipeline",
    "hunyuan15": r"HunyuanVideo15\w*Pipeline",
    "kandinsky5": r"Kandinsky5\w*Pipeline",
}
SHARD = re.compile(r"-\d{5}-of-\d{5}\.(safetensors|bin)$")


def index(text: bytes | str) -> dict[str, Any]:
    """A `model_index.json`, read; ValueError says what is wrong with it."""
    try:
        found = json.loads(text)
    except ValueError:
        raise ValueError(f"its {INDEX} is no JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("_class_name"), str):
        raise ValueError(f"its {INDEX} does not name a pipeline's class")
    return found


def components(found: dict[str, Any]) -> dict[str, str]:
    """Component → class, of those that the checkpoint has."""
    return {
        name: str(value[1])
        for name, value in found.items()
        if not name.startswith("_") and isinstance(value, list) and len(value) == 2 and value[1]
    }


def lacks(folder: Path, family: str = "") -> str:
    """ "" where the folder is whole and of the family; else what it lacks, to follow on «the folder …»."""
    try:
        found = index((folder / INDEX).read_bytes())
    except OSError:
        return f"has no {INDEX}"
    except ValueError as error:
        return f"cannot be used: {error}"
    pipeline = found["_class_name"]
    if family in CLASSES and not re.fullmatch(CLASSES[family], pipeline):
        return f"is a checkpoint of {pipeline}, which the family {family!r} does not load"
    parts = components(found)
    names = {
        f"{part}/{path.name}"
        for part in parts
        if (folder / part).is_dir()
        for path in (folder / part).iterdir()
        if path.is_file()
    }
    return missing(parts, names, lambda name: (folder / name).read_bytes())


def cut_short(folder: Path) -> str:
    """ "" where each safetensors file is as long as its own header says; else what is not, to follow on «the
    folder …». Of each only the header is read, no weights. OSError where one cannot be read."""
    for path in sorted(folder.glob("*/*.safetensors")):
        if path.is_file() and not _as_long_as_it_says(path):
            return f"has only a part of {path.parent.name}/{path.name}, or something else in it"
    return ""


def _as_long_as_it_says(path: Path) -> bool:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        whole = path.stat().st_size
        if not 2 <= length <= whole - 8:
            return False
        try:
            told = json.loads(file.read(length))
            ends = [one["data_offsets"][1] for name, one in told.items() if name != "__metadata__"]
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return False
    return 8 + length + max(ends, default=0) == whole


def missing(parts: dict[str, str], names: Collection[str], read: Callable[[str], bytes]) -> str:
    """What is not among the `names` of files though the components need it; "" where nothing is. `read`
    gives the content of an index of shards, which names them."""
    if all(WITHOUT_WEIGHTS.search(kind) for kind in parts.values()):
        return f"cannot be used: its {INDEX} names nothing that has weights"
    for part, kind in parts.items():
        inside = {name.removeprefix(f"{part}/") for name in names if name.startswith(f"{part}/")}
        if not inside:
            return f"has no {part}/, which its {INDEX} names"
        if WITHOUT_WEIGHTS.search(kind):
            continue
        if said := _weights_missing(part, inside, read):
            return f"has no {part}/{said}"
    return ""


def _weights_missing(part: str, inside: set[str], read: Callable[[str], bytes]) -> str:
    for kind in ("safetensors", "bin"):
        if any(name.endswith(f".{kind}") and not SHARD.search(name) for name in inside):
            return ""
        for listing in sorted(name for name in inside if name.endswith(f".{kind}.index.json")):
            try:
                shards = set(json.loads(read(f"{part}/{listing}"))["weight_map"].values())
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                return f"{listing} that can be read"
            return min(shards - inside, default="")
    return "weights"
