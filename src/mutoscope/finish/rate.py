"""Frames per second as the exact fraction that films use."""

from __future__ import annotations

from fractions import Fraction

from mutoscope.errors import BadShot

LEAST, MOST = 1, 240


def exact(fps: float | Fraction) -> Fraction:
    """24 → 24, 23.976 → 24000/1001, 29.97 → 30000/1001, 12.5 → 25/2. Raises BadShot."""
    if not LEAST <= fps <= MOST:  # false for NaN, too
        raise BadShot.of("fps", float(fps), f"from {LEAST} to {MOST} frames a second")
    if isinstance(fps, Fraction):
        return fps
    whole = round(fps)
    ntsc = Fraction(1000 * whole, 1001)
    if abs(fps - ntsc) < 0.003 and fps != whole:
        return ntsc
    return Fraction(fps).limit_denominator(1001)
