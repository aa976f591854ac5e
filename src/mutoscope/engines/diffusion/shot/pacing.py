"""Frames at the times that are asked for: those that fall on one as they are, others computed from the
motion between two, as the house makes slow motion (`engines/flipbook/footage/between.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import av

from mutoscope.engines.flipbook.footage.retime import SKIPS, shown_at
from mutoscope.shot import Quality


def paced(
    frames: Iterable[av.VideoFrame], positions: Sequence[float], quality: Quality
) -> Iterator[av.VideoFrame]:
    """A frame for each of the ascending `positions` among `frames` (yuv420p, of one size). The last one is
    held where they end. From a pace on at which frames are skipped anyway, the nearest is shown."""
    from mutoscope.engines.flipbook.pairs import learned

    network, fine = learned.used(quality), quality is Quality.BEST
    steps = [later - one for one, later in pairwise(positions)]
    skips = bool(steps) and sorted(steps)[len(steps) // 2] >= SKIPS
    times = (float(round(one)) if skips else one for one in positions)
    return shown_at(frames, times, network, fine)
