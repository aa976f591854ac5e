"""What a task costs, in the vendor's credits of a hundredth of a dollar.

Films of engines on this machine cost none. One made elsewhere costs what the catalogue has for the model
that it is asked for there; where no price is known nothing can be told, and 0 stands.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mutoscope.catalog.load import bare
from mutoscope.catalog.load import contract as catalogued
from mutoscope.catalog.prices import Price, prices
from mutoscope.errors import MutoscopeError

if TYPE_CHECKING:
    from mutoscope.jobs.job import Job
    from mutoscope.server.house import House
    from mutoscope.shot import Shot

CREDIT_USD = 0.01


def estimated(house: House, job: Job) -> float:
    """Credits for the whole film."""
    if job.shot is None or _local(house, job.engine):
        return 0.0
    account = house.settings.engines.get(job.engine)
    there = account.models if account is not None else {}
    name = bare(job.model)
    dollars = usd(there.get(job.model, there.get(name, job.model)), job.shot)
    return 0.0 if dollars is None else round(dollars / CREDIT_USD, 2)


def charged(house: House, job: Job) -> int:
    """Credits of an ended task: nothing for one that failed, or was cancelled before it began."""
    began = job.status == "completed" or (job.hidden and job.started is not None)
    return math.ceil(estimated(house, job)) if began else 0


def usd(model: str, shot: Shot) -> float | None:
    """What a shot costs by the catalogue's list price; None where none is known."""
    try:
        contract = catalogued(model)
    except MutoscopeError:
        return None
    if (listed := prices(contract.vendor)) is None:
        return None
    for price in listed.of(contract.model):
        unit = listed.credit_usd if price.unit == "credit" else 1.0
        if unit is not None and _holds(price, shot):
            return unit * price.amount * (shot.seconds if price.per == "second" else 1.0)
    return None


def _holds(price: Price, shot: Shot) -> bool:
    size = shot.size
    return (
        not price.account
        and (not price.sizes or str(size) in price.sizes)
        and (not price.short or min(size.width, size.height) in price.short)
        and (not price.seconds or shot.seconds in price.seconds)
    )


def _local(house: House, engine: str) -> bool:
    """Whether an engine is on this machine; one that is no longer in the settings counts as such."""
    try:
        return house.engines.get(engine).local
    except MutoscopeError:
        return True
