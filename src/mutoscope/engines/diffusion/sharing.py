"""One fleet of a process for the same settings: all of its engines share the devices."""

from __future__ import annotations

import atexit
import threading

from mutoscope.config import Gpu
from mutoscope.engines.diffusion.fleet import Fleet

_fleets: dict[Gpu, Fleet] = {}
_holders: dict[int, set[int]] = {}
_opening = threading.Lock()


def shared_fleet(settings: Gpu, holder: object) -> Fleet:
    """The one fleet of this process for these settings. It is closed when the last of its holders lets go of
    it, or with this process. Raises Missing."""
    with _opening:
        fleet = _fleets.get(settings)
        if fleet is None or fleet.closed:
            fleet = _fleets[settings] = Fleet(settings)
        _holders.setdefault(id(fleet), set()).add(id(holder))
        return fleet


def let_go(fleet: Fleet, holder: object) -> None:
    """That engine needs the fleet no more."""
    with _opening:
        held = _holders.get(id(fleet), set())
        held.discard(id(holder))
        if held:
            return
        _holders.pop(id(fleet), None)
    fleet.close()


@atexit.register
def _close_all() -> None:
    for fleet in list(_fleets.values()):
        fleet.close()
