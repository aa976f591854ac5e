"""Which of a repository's files are needed: no file twice in another form, and no program."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatch
from pathlib import PurePosixPath

from mutoscope.models.layout import INDEX

#: Texts that travel with the weights.
TEXTS = ("license*", "licence*", "notice*", "readme*", "use_policy*", "usage_policy*")
#: The same weights in forms that are not read where there are safetensors.
OTHER_FORMS = (
    ".bin", ".bin.index.json", ".ckpt", ".pt", ".pth", ".msgpack", ".h5", ".ot", ".onnx", ".onnx_data",
    ".onnx.data", ".gguf", ".pb", ".tflite",
)  # fmt: skip
#: What is never run or read here.
NEVER = (".py", ".pyc", ".ipynb", ".sh", ".gitattributes", ".gitignore")
#: diffusers' and transformers' names: another variant of the weights has a word more between the dots.
PLAIN = re.compile(r"[^.]+\.safetensors(\.index\.json)?")


def wanted(
    names: Iterable[str], components: Collection[str], patterns: Collection[str]
) -> tuple[str, ...]:
    """Of a repository's file `names` those that match a pattern (one that ends with a slash takes all in
    that folder), or, without patterns, that lie in the folder of one of the `components`; and its
    `model_index.json` and licence texts. ValueError for a name that would lie outside the folder."""
    all_names = tuple(names)
    for name in all_names:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise ValueError(f"it lists a file {name!r}, which is no name inside a folder")
    chosen = [
        name
        for name in all_names
        if name == INDEX or _text(name) or _asked(name, components, patterns)
    ]
    plain = {_folder(name) for name in chosen if PLAIN.fullmatch(_base(name))}
    return tuple(sorted(name for name in chosen if not _spare(name, plain)))


def _asked(name: str, components: Collection[str], patterns: Collection[str]) -> bool:
    if name.lower().endswith(NEVER):
        return False
    return _matches(name, patterns) if patterns else name.partition("/")[0] in components


def _matches(name: str, patterns: Collection[str]) -> bool:
    return any(fnmatch(name, f"{one}*" if one.endswith("/") else one) for one in patterns)


def _text(name: str) -> bool:
    return "/" not in name and any(fnmatch(name.lower(), one) for one in TEXTS)


def _spare(name: str, plain: Collection[str]) -> bool:
    """Whether the folder has these weights in the form that is read."""
    if _folder(name) not in plain:
        return False
    base = _base(name)
    if ".safetensors" in base:
        return not PLAIN.fullmatch(base)
    return base.lower().endswith(OTHER_FORMS) or bool(re.search(r"\.bin\.index\..*json$", base))


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _base(name: str) -> str:
    return name.rpartition("/")[2]
