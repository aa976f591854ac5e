"""x264 as it gives the same bytes for the same frames.

With AVX-512 its macroblock tree reads memory that nobody has written (libx264 in av 18.1: other bytes
with every MALLOC_PERTURB_, the same with AVX2), so there it is kept to AVX2. The names are x264's own.
"""

from __future__ import annotations

import cv2

#: OpenCV's number of the feature (CV_CPU_AVX_512F; its Python has no names for them).
AVX_512F = 13
AVX2 = "asm=avx2,fma3,lzcnt,bmi1,bmi2"


def steady(options: dict[str, str]) -> dict[str, str]:
    """The encoder's options, and what keeps it steady on this machine."""
    if not cv2.checkHardwareSupport(AVX_512F):
        return options
    given = options.get("x264-params")
    return options | {"x264-params": f"{given}:{AVX2}" if given else AVX2}
