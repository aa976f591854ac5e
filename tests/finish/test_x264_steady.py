"""The same frames become the same bytes, whatever the memory held before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mutoscope.finish.x264 import AVX2, steady

#: A film of shifting noise; prints the file's SHA-256.
FILM = """
import hashlib, sys
import cv2, numpy as np
from mutoscope.finish.encode import Mp4Writer
from mutoscope.finish.frame import rgb_frame
from mutoscope.shot import Size
noise = np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8)
large = cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)
with Mp4Writer(sys.argv[1], Size(320, 240), 24) as film:
    for number in range(24):
        film.write(rgb_frame(np.ascontiguousarray(np.roll(large, (2 * number, 3 * number), (0, 1)))))
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())
"""


def encoded(folder: Path, perturbed: int) -> str:
    """The film made in a process whose new memory is filled with `perturbed` (0: as it comes)."""
    ran = subprocess.run(
        [sys.executable, "-c", FILM, str(folder / f"{perturbed}.mp4")],
        env=os.environ | {"MALLOC_PERTURB_": str(perturbed)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return ran.stdout.strip()


@pytest.mark.slow
def test_the_same_frames_are_the_same_bytes_whatever_was_in_memory(tmp_path: Path) -> None:
    assert len({encoded(tmp_path, perturbed) for perturbed in (0, 1, 85, 170)}) == 1


def test_an_encoder_s_own_parameters_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cv2.checkHardwareSupport", lambda feature: True)
    assert steady({"x264-params": "keyint=12"}) == {"x264-params": f"keyint=12:{AVX2}"}
    monkeypatch.setattr("cv2.checkHardwareSupport", lambda feature: False)
    assert steady({"crf": "18"}) == {"crf": "18"}
