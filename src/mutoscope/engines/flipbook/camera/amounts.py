"""How large a move is when only its speed is named: tables, and how length changes them."""

from __future__ import annotations

import math

from mutoscope.direction.model import Move

#: move → amount at slow, normal and fast, in `direction.model.UNITS`, for a move of USUAL seconds.
AMOUNTS: dict[str, tuple[float, float, float]] = {
    "zoom": (1.12, 1.20, 1.35),
    "dolly": (1.10, 1.18, 1.30),
    "pan": (2.5, 4.0, 6.5),
    "tilt": (1.8, 3.0, 4.5),
    "truck": (0.05, 0.08, 0.12),
    "pedestal": (0.05, 0.08, 0.12),
    "orbit": (2.5, 4.5, 7.0),
    "roll": (2.0, 3.5, 6.0),
    "handheld": (0.3, 0.5, 0.8),
}
USUAL = 5.0  # seconds
#: A move twice as long goes 2^GROWTH as far: longer moves are larger, and slower.
GROWTH = 0.35
SHORTEST, LONGEST = 0.3, 1.6  # times the table's amount at most
_SPEEDS = ("slow", "normal", "fast")
#: Amounts that count "times as large": it is the part above 1 that grows.
RATIOS = ("zoom", "dolly")
#: What is asked for beyond this is not tried: degrees, ratios, parts of the frame.
MOST = {
    "zoom": 4.0, "dolly": 2.0, "pan": 60.0, "tilt": 45.0, "truck": 1.0, "pedestal": 1.0,
    "orbit": 60.0, "roll": 360.0, "handheld": 1.0,
}  # fmt: skip


def family(move: str) -> str:
    """ "pan_left" → "pan"."""
    return move.partition("_")[0]


def amount(move: Move) -> float:
    """How far a move goes: its own amount within MOST, else by its speed and its length."""
    kind = family(move.move)
    if kind == "static":
        return 0.0
    if move.amount is not None:
        low = 1.0 if kind in RATIOS else 0.0
        given = abs(move.amount)
        if kind in RATIOS and 0 < given < 1:
            given = 1 / given  # half as large is said for twice, the other way
        return min(max(given, low), MOST[kind])
    base = AMOUNTS[kind][_SPEEDS.index(move.speed)]
    if kind == "handheld":
        return base
    seconds = max(move.end - move.start, 1e-3)
    longer = min(max(math.pow(seconds / USUAL, GROWTH), SHORTEST), LONGEST)
    return 1 + (base - 1) * longer if kind in RATIOS else base * longer


def shown(kind: str, value: float) -> str:
    """An amount for a person: "3.1°", "1.18 times as large", "5 % of the frame"."""
    if kind in RATIOS:
        return f"{value:.2f} times as large"
    if kind in ("truck", "pedestal"):
        side = "width" if kind == "truck" else "height"
        return f"{100 * value:.1f} % of the frame's {side}"
    if kind == "handheld":
        return f"strength {value:.2f}"
    return f"{value:.1f}°"
