"""An error in Runway's form, and its names for the Shot's fields.

A body that was not valid is answered as there: `error`, and what is wrong in `issues`. The sentence stands
in both, for programs that show `error` alone; `code` and `hint` are this house's.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from mutoscope.dialects.shared.naming import WIRE
from mutoscope.server.errors import Told

INVALID = "Validation of body failed"

#: The Shot's own names, and those of other dialects in the house's messages → Runway's.
NAMES = WIRE | {
    "anchors": "promptImage",
    "anchor.media": "promptImage",
    "input_reference": "promptImage",
    "photo": "promptImage",
    "source": "videoUri",
    "video": "videoUri",
    "prompt": "promptText",
    "negative_prompt": "negativePrompt",
    "seconds": "duration",
    "size": "ratio",
    "sound": "audio",
}

_STEP = re.compile(r"[^.\[\]]+")


def form(told: Told) -> bytes:
    """The body of an error."""
    body: dict[str, Any] = {"error": told.message}
    if told.status == 400 and told.param:
        body["error"] = f"{INVALID}: {told.message}"
        issue = {"code": told.code or "custom", "path": path(told.param), "message": told.message}
        body["issues"] = [issue]
    if told.code:
        body["code"] = told.code
    if told.hint:
        body["hint"] = told.hint
    return msgspec.json.encode(body)


def path(param: str) -> list[str | int]:
    """A field's name in steps: "promptImage[1].uri" is promptImage, 1, uri."""
    return [int(step) if step.isdigit() else step for step in _STEP.findall(param)]
