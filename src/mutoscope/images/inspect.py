"""The report on one picture, or on a first and a last one and what lies between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.images.decode import open_photo
from mutoscope.images.pair_report import PairReport, pair_report
from mutoscope.images.report import ImageReport, image_report

_PAIR_SIDE = 768


@dataclass(frozen=True, slots=True)
class Inspection:
    """The report on a picture; with a second one, also its report and the pair's."""

    image: ImageReport
    last: ImageReport | None = None
    pair: PairReport | None = None

    def to_builtins(self) -> dict[str, Any]:
        """As plain values for JSON."""
        shown: dict[str, Any] = msgspec.to_builtins(self)
        return shown


def inspect(photo: str | Path | bytes, last: str | Path | bytes | None = None) -> Inspection:
    """What a picture (a path or a file's bytes) is worth for a film; with `last`, also whether one can
    lead to the other. Raises BadImage where a file cannot be read."""
    first = open_photo(photo if isinstance(photo, bytes) else Path(photo))
    if last is None:
        return Inspection(image_report(first))
    end = open_photo(last if isinstance(last, bytes) else Path(last))
    pair = pair_report(first.thumbnail(_PAIR_SIDE), end.thumbnail(_PAIR_SIDE))
    return Inspection(image_report(first), image_report(end), pair)
