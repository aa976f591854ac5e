"""What a Compute is given to do for a film. Naming it loads nothing: the film's rooms are loaded where
the work is done."""

from __future__ import annotations

from mutoscope.compute.base import Cancel, Progress
from mutoscope.engines.base import Footage, Order


def filmed(order: Order, progress: Progress, cancel: Cancel) -> Footage:
    """The order's footage; see `film.film`."""
    from mutoscope.engines.flipbook.film import film
    from mutoscope.engines.flipbook.master import deliverable, delivered

    deliverable(order)
    return delivered(order, film(order, progress, cancel))
