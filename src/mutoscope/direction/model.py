"""A Direction: what a prompt asks to happen, as values.

The same shape is printed by ``mutoscope direct --json`` and accepted in place of words
(``--direction FILE``, or the ``direction`` field of a request).
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import msgspec

MoveName = Literal[
    "zoom_in", "zoom_out", "dolly_in", "dolly_out", "pan_left", "pan_right", "tilt_up", "tilt_down",
    "truck_left", "truck_right", "pedestal_up", "pedestal_down", "orbit_left", "orbit_right",
    "roll_cw", "roll_ccw", "handheld", "static",
]  # fmt: skip
Speed = Literal["slow", "normal", "fast"]
Group = Literal["object", "nature", "people", "light"]
MOVES: tuple[MoveName, ...] = get_args(MoveName)
EditName = Literal[
    "warmer", "cooler", "brighter", "darker", "more_contrast", "less_contrast", "more_saturated",
    "less_saturated", "black_and_white", "sepia", "film_look", "look", "faster", "slower", "reverse",
    "reframe", "stabilise",
]  # fmt: skip
EDITS: tuple[EditName, ...] = get_args(EditName)
Degree = Literal["slight", "normal", "strong"]

#: What `Move.amount` counts, by the first word of the move's name.
UNITS = {
    "pan": "degrees",
    "tilt": "degrees",
    "roll": "degrees",
    "orbit": "degrees",
    "zoom": "times as large",  # 1.25 = the subject ends (zoom_in) or starts (zoom_out) 1.25 x as large
    "dolly": "times as large",
    "truck": "of the frame's width",  # 0.1 = the camera's travel moves the near plane by a tenth
    "pedestal": "of the frame's height",
    "handheld": "strength from 0 to 1",
    "static": "",
}


class Move(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One camera move between `start` and `end` seconds. Moves may overlap (pan while zooming)."""

    move: MoveName
    start: float
    end: float
    speed: Speed = "normal"
    amount: float | None = None  # in UNITS; None: what `speed` and the time give
    words: str = ""  # the words it was read from


class Motion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something in the picture that is asked to move or change."""

    kind: str  # "sway", "ripple", "rotate", "walk", "brighten": the lexicons' keys
    group: Group = "object"
    target: str = ""  # "trees", "the cat"; empty where the prompt does not say
    direction: str = ""  # "left", "right", "up", "down", "clockwise", ...
    speed: Speed = "normal"
    cause: str = ""  # "wind from the left"
    words: str = ""


class Lens(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lens words. `focal_mm` is for a full-frame sensor, 36 mm wide."""

    focal_mm: float | None = None
    focus: Literal["", "shallow", "deep"] = ""

    @property
    def hfov(self) -> float | None:
        """Horizontal field of view in degrees, 2·atan(36 / 2f); None where no lens was named."""
        if self.focal_mm is None:
            return None
        return math.degrees(2 * math.atan(18 / self.focal_mm))


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change to a film that is there already: its grade, its speed, its shape."""

    edit: EditName
    degree: Degree = "normal"
    #: faster, slower: how many times; a grade: the part, 0.2 for "20 percent"; None: what `degree` gives
    amount: float | None = None
    look: str = ""  # of a look: its name in flipbook's table
    shape: str = ""  # of a reframe: width to height, "9:16"
    target: str = ""  # where the change was asked for one thing alone: "the sky"
    words: str = ""


class Advice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note to the writer of the prompt: `code` for programs, `message` for people."""

    code: str
    message: str
    words: str = ""


class Direction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The prompt, read. Times are seconds within 0..`seconds`."""

    seconds: float
    camera: tuple[Move, ...] = ()
    motion: tuple[Motion, ...] = ()
    sound: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()  # what is asked to stay: "the product in the centre"
    lens: Lens = Lens()
    style: Literal["", "natural", "stop_motion"] = ""
    first_frame: bool = False  # the prompt asks to begin with the image
    loop: bool = False  # the prompt asks for a loop
    edits: tuple[Edit, ...] = ()  # read where there is a film to edit
    refused: tuple[MoveName, ...] = ()  # moves that are asked not to be
    languages: tuple[str, ...] = ()  # "en", "de", "da", "zh", the likeliest first
    advice: tuple[Advice, ...] = ()
    unread: tuple[str, ...] = ()  # parts that were not understood
