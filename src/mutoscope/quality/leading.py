"""The one class that a camera's way belongs to: what it did most of."""

from __future__ import annotations

from mutoscope.quality.asked import STILL, components
from mutoscope.quality.camera import Camera

_BOTH_WAYS = {
    "pan": ("pan_right", "pan_left"),
    "tilt": ("tilt_up", "tilt_down"),
    "zoom": ("zoom_in", "zoom_out"),
    "roll": ("roll_cw", "roll_ccw"),
}


def leading(way: Camera) -> str:
    """The component that moved the picture most from the first frame to the last, as a class of
    VBench's names (or roll_cw, roll_ccw); "static" where none moved it by half a per cent."""
    ends = {name: float(values[-1] - values[0]) for name, values in components(way).items()}
    name = max(ends, key=lambda one: abs(ends[one]))
    if abs(ends[name]) < STILL:
        return "static"
    return _BOTH_WAYS[name][ends[name] < 0]
