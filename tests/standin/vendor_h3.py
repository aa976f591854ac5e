"""What servers of MiniMax-H3 refuse: see SGLang-Diffusion's `conditions` and vLLM-Omni's `extra_params`."""

from __future__ import annotations

import json

from vendor_http import Part

RATIOS = ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")


def h3_wrong(way: str, found: list[Part]) -> str:
    """Why a creation is refused; "" where it is not."""
    fields = {part.name: part.content.decode() for part in found if part.filename is None}
    return _conditions(fields) if way == "conditions" else _tasks(fields, found)


def _conditions(fields: dict[str, str]) -> str:
    if {"seconds", "size", "num_frames", "fps"} & fields.keys():
        return "use target.duration_seconds and target.short_edge"
    task, target = fields.get("task", ""), json.loads(fields.get("target", "{}"))
    if target.get("short_edge") != 768 or not target.get("duration_seconds"):
        return "target needs short_edge 768 and duration_seconds"
    if task != "fl2va" and target.get("aspect_ratio") not in RATIOS:
        return f"{task} requires an explicit aspect_ratio"
    conditions = json.loads(fields.get("conditions", "[]"))
    if task == "t2va":
        return "t2va takes no conditions" if conditions else ""
    if not conditions:
        return f"conditions requires at least one entry for task '{task}'"
    for one in conditions:
        if not one["uri"].startswith(f"data:{one['type']}/"):
            return f"{one['type']} is not what its uri has"
        role = "keyframe" if task == "fl2va" else "reference"
        if one["role"] != role:
            return f"{task} takes conditions with the role {role}"
        if role == "keyframe" and one.get("frame_index") not in (0, -1):
            return "frame_index must be 0 or -1"
    return ""


def _tasks(fields: dict[str, str], found: list[Part]) -> str:
    extra = json.loads(fields.get("extra_params", "{}"))
    files = [part for part in found if part.filename is not None]
    task = extra.get("task")
    if task != "fl2va" and fields.get("aspect_ratio") not in RATIOS:
        return f"{task} requires an explicit aspect_ratio"
    if not extra.get("duration") or fields.get("short_edge") != "768":
        return "duration and short_edge 768 are needed"
    if task == "t2va":
        return "t2va takes no files" if files else ""
    if task == "fl2va":
        indices = extra.get("frame_indices")
        if indices not in ([0], [-1], [0, -1]) or len(indices) != len(files):
            return "frame_indices must be [0], [-1] or [0,-1], one for each image"
        return ""
    return "" if files else "ref2va needs a reference"
