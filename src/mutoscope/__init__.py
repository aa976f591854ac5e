"""Mutoscope turns stills into film. See `mutoscope.client` and `mutoscope.refilm` for the verbs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mutoscope import aio
    from mutoscope.client import animate
    from mutoscope.clip import Clip, Report, Warned
    from mutoscope.direction.model import Direction
    from mutoscope.direction.parse import direct
    from mutoscope.errors import MutoscopeError
    from mutoscope.images.inspect import inspect
    from mutoscope.images.prepare import prepare
    from mutoscope.quality.measure import measure
    from mutoscope.quality.measured import Measured
    from mutoscope.refilm import edit, extend
    from mutoscope.shot import Anchor, Crop, Fit, Role, Shot, Size

__version__ = "0.1.0"

#: What the package offers, and where it lives: imported at the first use, so that `import mutoscope`
#: costs nothing and a verb loads only what it needs.
_HOME = {
    "animate": "client",
    "edit": "refilm",
    "extend": "refilm",
    "direct": "direction.parse",
    "prepare": "images.prepare",
    "inspect": "images.inspect",
    "measure": "quality.measure",
    "Clip": "clip",
    "Measured": "quality.measured",
    "Report": "clip",
    "Warned": "clip",
    "Direction": "direction.model",
    "MutoscopeError": "errors",
    "Anchor": "shot",
    "Crop": "shot",
    "Fit": "shot",
    "Role": "shot",
    "Shot": "shot",
    "Size": "shot",
}
__all__ = [
    "Anchor", "Clip", "Crop", "Direction", "Fit", "Measured", "MutoscopeError", "Report", "Role", "Shot",
    "Size", "Warned", "aio", "animate", "direct", "edit", "extend", "inspect", "measure", "prepare",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "aio":
        return import_module("mutoscope.aio")
    if name in _HOME:
        return getattr(import_module(f"mutoscope.{_HOME[name]}"), name)
    raise AttributeError(f"module 'mutoscope' has no attribute {name!r}")
