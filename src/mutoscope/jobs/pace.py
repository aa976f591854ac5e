"""How fast an engine works here, from what it did: when a film will be ready."""

from __future__ import annotations

from mutoscope.shot import Shot

#: The weight of the newest film; a machine's load changes within minutes.
NEWEST = 0.3
#: A fraction below which the speed of this film says nothing yet.
TELLING = 0.05


class Pace:
    """Seconds for a million pixels of film, by engine and quality."""

    def __init__(self) -> None:
        self._paces: dict[tuple[str, str], float] = {}

    def learn(self, engine: str, shot: Shot, seconds: float) -> None:
        """A film took so many seconds."""
        pace = seconds / megapixels(shot)
        key = (engine, shot.quality)
        before = self._paces.get(key)
        self._paces[key] = pace if before is None else before + NEWEST * (pace - before)

    def left(self, engine: str, shot: Shot, done: float, spent: float) -> float | None:
        """Seconds that a film still takes: `done` of it, 0..1, took `spent` seconds. None: unknown."""
        known = self._paces.get((engine, shot.quality))
        by_pace = None if known is None else (1 - done) * known * megapixels(shot)
        if done < TELLING or spent <= 0:
            return by_pace
        by_itself = spent * (1 - done) / done
        # the further it is, the more its own speed counts
        return by_itself if by_pace is None else done * by_itself + (1 - done) * by_pace


def megapixels(shot: Shot) -> float:
    """Of the whole film."""
    return shot.size.width * shot.size.height * shot.frames / 1e6
