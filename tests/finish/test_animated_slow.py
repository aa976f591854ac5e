"""What changes by less than a few codes a frame is renewed all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mutoscope.finish.animated import animated


@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_a_slow_dusk_ends_dark_everywhere(tmp_path: Path, suffix: str) -> None:
    film = tmp_path / f"dusk{suffix}"
    noon = np.full((96, 160, 3), 200, np.uint8) + np.arange(160, dtype=np.uint8)[None, :, None] // 8
    levels = [np.asarray(noon - 2 * step, np.uint8) for step in range(48)]
    animated(film, iter(levels), [40] * 48, quality=80)
    with Image.open(film) as made:
        made.seek(made.n_frames - 1)  # type: ignore[attr-defined]
        last = np.asarray(made.convert("RGB")).astype(int)
    assert np.abs(last - levels[-1]).max() <= 6
