"""Frames at the times that are asked for: those that fall on one as they are, others computed from the
motion between two, as the house makes slow motion (`engines/flipbook/footage/between.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import av

from mutoscope.engines.diffusion.shot.times import NEAR
from mutoscope.engines.flipbook.footage.retime import SKIPS, shown_again
from mutoscope.shot import Quality


def paced(
    frames: Iterable[av.VideoFrame], positions: Sequence[float], quality: Quality
) -> Iterator[av.VideoFrame]:
    """A frame for each of the ascending `positions` among `frames` (yuv420p, of one size). The last one is
    held where they end. From a pace on at which frames are skipped anyway, the nearest is shown."""
    from mutoscope.engines.flipbook.footage.between import Between
    from mutoscope.engines.flipbook.pairs import learned

    network, fine = learned.used(quality), quality is Quality.BEST
    source = iter(frames)
    before = next(source, None)
    if before is None:
        return
    after, at = next(source, None), 0
    between: Between | None = None
    steps = [later - one for one, later in pairwise(positions)]
    skips = bool(steps) and sorted(steps)[len(steps) // 2] >= SKIPS
    for wanted in positions:
        time = float(round(wanted)) if skips else wanted
        while after is not None and time >= at + 1 - NEAR:
            before, after, at, between = after, next(source, None), at + 1, None
        part = time - at
        if after is None or part < NEAR:
            yield shown_again(before)
            continue
        if between is None:
            between = Between(before, after, network, fine)
        yield shown_again(between.at(part))
