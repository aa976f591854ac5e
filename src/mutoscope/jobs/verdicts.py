"""What follows from an attempt at a delivery: it is over, or made again after a while. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mutoscope.outside.webhooks import Outcome

KEPT_FIRST, KEPT_LAST = 5, 25  # attempts that a delivery's log holds


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between attempts: `first`, then `factor` times as long each, up to `most`; give or take
    `jitter` of it, so that what failed together does not come back together."""

    first: float = 5.0
    factor: float = 3.0
    most: float = 4 * 3600.0
    jitter: float = 0.2

    def after(self, attempt: int, chance: float) -> float:
        """After the `attempt`-th attempt, counted from 1; `chance` is from 0 to 1."""
        pause = min(self.most, self.first * self.factor ** min(attempt - 1, 40))
        return pause * (1 + self.jitter * (2 * chance - 1))


@dataclass(frozen=True, slots=True)
class Verdict:
    """`wait`: seconds until the next attempt, None where there is none."""

    status: Literal["pending", "delivered", "failed"]
    wait: float | None
    log: list[dict[str, Any]]
    gone: bool = False

    @property
    def word(self) -> str:
        """For the metrics."""
        return "retried" if self.status == "pending" else self.status


def judge(
    outcome: Outcome,
    *,
    attempt: int,
    age: float,
    window: float,
    backoff: Backoff,
    chance: float,
    log: Sequence[dict[str, Any]] = (),
) -> Verdict:
    """`age` is that of the delivery at this attempt, `window` how long it is tried, in seconds.

    The last attempt is made as the window closes, if the one before was a good while earlier.
    """
    written = entries(log, outcome)
    if outcome.delivered:
        return Verdict("delivered", None, written)
    if outcome.gone:
        return Verdict("failed", None, written, gone=True)
    left = window - age
    wait = max(backoff.after(attempt, chance), outcome.retry_after or 0.0)
    if wait > left:
        if left <= backoff.first:
            return Verdict("failed", None, written)
        wait = left
    return Verdict("pending", wait, written)


def entries(log: Sequence[dict[str, Any]], outcome: Outcome) -> list[dict[str, Any]]:
    """The log with this attempt; of many, the first few and the last ones stay."""
    entry = {
        "at": round(outcome.at, 3),
        "status": outcome.status,
        "ms": outcome.milliseconds,
        "error": outcome.error,
    }
    whole = [*log, entry]
    if len(whole) > KEPT_FIRST + KEPT_LAST:
        whole = whole[:KEPT_FIRST] + whole[-KEPT_LAST:]
    return whole
