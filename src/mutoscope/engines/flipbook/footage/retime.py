"""A film slower, faster or backwards, at the rate that it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import av

from mutoscope.engines.flipbook.footage.between import Between

#: Nearer than that to a frame of the source, that frame itself is shown.
NEAR = 0.04
#: From this speed on the nearest frame is shown: what it is off by is little beside what is skipped.
SKIPS = 3.0
#: The slowest and the fastest, times.
SLOWEST, FASTEST = 1 / 8, 32.0


def count(frames: int, speed: float) -> int:
    """How many frames a film of `frames` has at `speed`."""
    return max(1, round(frames / speed))


def retimed(
    frames: Iterable[av.VideoFrame], total: int, speed: float,
    *, by_network: bool = False, fine: bool = False,
) -> Iterator[av.VideoFrame]:  # fmt: skip
    """`count(total, speed)` frames of a film `speed` times as fast: those of the source where one falls
    on the time, pictures between two where none does. The last frame is held where the source ends.
    `by_network` and `fine` are for `Between`."""
    if speed == 1:
        yield from frames
        return
    times = (number * speed for number in range(count(total, speed)))
    if speed >= SKIPS:
        times = (float(round(time)) for time in times)
    yield from shown_at(frames, times, by_network, fine)


def shown_at(
    frames: Iterable[av.VideoFrame], times: Iterable[float], by_network: bool, fine: bool
) -> Iterator[av.VideoFrame]:
    """What a film shows at each of the times (in frames, rising): its own frames, and frames between two
    where a time falls between; the last is held. `by_network` and `fine` are for `Between`."""
    source = iter(frames)
    before = next(source, None)
    if before is None:
        return
    after = next(source, None)
    at = 0  # the number of `before`
    between: Between | None = None
    for time in times:
        while after is not None and time >= at + 1 - NEAR:
            before, after, at, between = after, next(source, None), at + 1, None
        part = time - at
        if after is None or part < NEAR:
            yield shown_again(before)
            continue
        if between is None:
            between = Between(before, after, by_network, fine)
        yield shown_again(between.at(part))


def shown_again(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame for one more showing: its time is the writer's to give."""
    frame.pts = None
    return frame
