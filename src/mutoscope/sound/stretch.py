"""A sound slower or faster at its own pitch.

WSOLA (Verhelst and Roelands, ICASSP 1993): pieces of the sound are laid over each other where they are
most alike. What begins suddenly, a click or a drum, would be heard twice or not at all; so it is found
first and carried over whole, and what lies between gives way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mutoscope.sound.pcm import Pcm
from mutoscope.sound.span import BLOCK, RATE, Sound, Times

#: Samples of a piece, from one piece to the next, and how far it may be moved to fit.
PIECE = 2048
HOP = PIECE // 2
REACH = 640
#: The likeness is judged by every so many samples.
COARSE = 4
#: A beginning is loud beside the 60 ms before it, by a factor of so much power, and near nothing is one
#: within so many seconds of another.
SUDDEN, APART = 8.0, 0.09
#: Seconds before a beginning and after it that are carried over whole.
BEFORE, AFTER = 0.012, 0.045
_LOOK = 240  # samples: what is looked at at once for beginnings


def stretched(
    sound: Pcm, speed: float, path: Path, stopped: Callable[[], None] = lambda: None
) -> Pcm:
    """The sound `speed` times as fast (0.5 to 2), in a file at `path`."""
    samples = round(sound.samples / speed)
    way = Way(beginnings(sound), sound.samples, speed)
    tail = np.zeros((2, HOP), np.float32)
    window = np.hanning(PIECE + 1)[:-1].astype(np.float32)
    before = -HOP  # where the last piece began, in the source
    with path.open("wb") as file:
        for made in range(0, samples, HOP):
            if made % (BLOCK // HOP * HOP) == 0:
                stopped()
            place, low, high = way.source(made)
            if low < high:
                place = min(high, max(low, _fitting(sound, place, before + HOP)))
            piece = sound.render(place, place + PIECE) * window
            ready = tail + piece[:, :HOP]
            if made == 0:  # nothing lies under the first half of the first piece
                ready = sound.render(place, place + HOP)
            tail, before = piece[:, HOP:], place
            file.write(np.ascontiguousarray(ready[:, : samples - made].T).tobytes())
    return Pcm(path, samples)


def _fitting(sound: Pcm, place: int, follows: int) -> int:
    """The place near `place` from which the sound goes on most like from `follows`."""
    if abs(place - follows) <= 1:
        return follows
    wanted = _mono(sound.render(follows, follows + PIECE))
    held = _mono(sound.render(place - REACH, place + REACH + PIECE))
    size = 1 << (len(held) + len(wanted)).bit_length()
    like = np.fft.irfft(np.fft.rfft(held, size) * np.conj(np.fft.rfft(wanted, size)), size)
    count = len(held) - len(wanted) + 1
    power = np.concatenate([[0.0], np.cumsum(held.astype(np.float64) ** 2)])
    norm = np.sqrt(np.maximum(power[len(wanted) :] - power[: -len(wanted)], 1e-9))[:count]
    best = place - REACH + int(np.argmax(like[:count] / norm)) * COARSE
    return _exactly(sound, best, follows)


def _exactly(sound: Pcm, place: int, follows: int) -> int:
    """The best place within a coarse step of `place`, to the sample."""
    wanted = sound.render(follows, follows + PIECE).sum(0)
    held = sound.render(place - COARSE, place + COARSE + PIECE).sum(0)
    like = [float(held[at : at + PIECE] @ wanted) for at in range(2 * COARSE + 1)]
    return place - COARSE + int(np.argmax(like))


def _mono(sound: Sound) -> npt.NDArray[np.float32]:
    both = sound.sum(0)
    return np.asarray(both[: len(both) // COARSE * COARSE].reshape(-1, COARSE).mean(1), np.float32)


def beginnings(sound: Pcm) -> list[int]:
    """The samples at which something begins suddenly."""
    powers = []
    last = np.zeros((2, 1), np.float32)
    for at in range(0, sound.samples, BLOCK):
        block = sound.render(at, min(sound.samples, at + BLOCK))
        block = block[:, : block.shape[1] // _LOOK * _LOOK]
        if not block.size:
            break
        steps = np.diff(block, axis=1, prepend=last)  # what is sudden is high
        last = block[:, -1:]
        powers.append((steps.astype(np.float64) ** 2).sum(0).reshape(-1, _LOOK).mean(1))
    if not powers:
        return []
    power = np.concatenate(powers)
    floor = 1e-9 + 1e-4 * float(np.percentile(power, 95))
    wide = int(0.06 * RATE / _LOOK)
    past = np.concatenate([np.zeros(wide), np.cumsum(power)])
    mean = (past[wide:] - past[:-wide]) / wide
    before = np.concatenate([[0.0], mean[:-1]])
    found: list[int] = []
    for at in np.flatnonzero(power > SUDDEN * (before + floor)).tolist():
        if not found or at * _LOOK - found[-1] > APART * RATE:
            found.append(at * _LOOK)
    return found


class Way:
    """Which place of the source is heard at a place of what is made: straight on at `speed`, but 1:1
    about each beginning, which itself stands where `speed` puts it."""

    def __init__(self, sudden: list[int], samples: int, speed: float) -> None:
        before, after = int(BEFORE * RATE), int(AFTER * RATE)
        made, source = [0.0], [0.0]
        self.whole: list[tuple[float, float]] = []
        for at in sudden:
            first, last = at / speed - before, at / speed + after
            if first <= made[-1] or at - before <= source[-1] or at + after >= samples:
                continue
            made += [first, last]
            source += [at - before, at + after]
            self.whole.append((first, last))
        self.made: Times = np.array([*made, samples / speed])
        self.source_at: Times = np.array([*source, float(samples)])
        self._next = 0

    def source(self, made: int) -> tuple[int, int, int]:
        """The place in the source for a piece that begins at `made`, and between which it may be moved:
        not at all where it holds a beginning, and never onto one where it holds none. To be asked in
        order."""
        while self._next < len(self.whole) and self.whole[self._next][1] <= made:
            self._next += 1
        low, high = -PIECE, int(self.source_at[-1])
        if self._next:
            low = int(self.source_at[2 * self._next])
        if self._next < len(self.whole):
            first = self.whole[self._next][0]
            begin = self.source_at[2 * self._next + 1]
            if made + PIECE > first + BEFORE * RATE * 0.5:
                # the piece is laid so that the beginning is where it has to be
                place = round(begin + made - first)
                return place, place, place
            high = int(begin - 0.75 * PIECE)
        place = round(float(np.interp(made, self.made, self.source_at)))
        return min(high, max(low, place)), min(low, high), high
