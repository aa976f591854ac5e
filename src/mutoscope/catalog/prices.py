"""Prices, dated and apart from the contracts, read from `prices/VENDOR.toml`.

A price that is not known is not there: no figure is ever taken as 0.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from mutoscope.catalog.load import VENDORS
from mutoscope.catalog.model import Source
from mutoscope.errors import BadShot

FOLDER = Path(__file__).with_name("prices")
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `model` costs `per` generated second, or per clip of `seconds`.

    `sizes` and `short` (short sides in pixels) say for which frames; empty: for all.
    """

    model: str
    per: Literal["second", "clip"]
    amount: Positive
    unit: Literal["USD", "credit"] = "USD"
    sizes: tuple[str, ...] = ()
    short: tuple[int, ...] = ()
    seconds: tuple[float, ...] = ()  # the clip lengths of a price per clip
    batch: Positive | None = None  # the amount in a batch
    account: str = ""  # the plan or reseller whose price it is; "" = the vendor's list
    source: Source


class Surcharge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A factor on a price in one mode: 1.3 is 30 % more."""

    when: Literal["image"]
    factor: Positive
    account: str = ""  # "" = it was not recorded whose it is
    source: Source


class PriceList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One price file. `as_of` is the day on which its figures were read."""

    vendor: str
    as_of: date
    credit_usd: Positive | None = None
    credit_source: Source | None = None
    prices: tuple[Price, ...]
    surcharges: tuple[Surcharge, ...] = ()

    def of(self, model: str) -> tuple[Price, ...]:
        """The prices of one model; empty where none is known."""
        return tuple(price for price in self.prices if price.model == model)


@cache
def prices(vendor: str) -> PriceList | None:
    """A vendor's price list, or None where the vendor has none. `BadShot` for an unknown vendor."""
    if vendor not in VENDORS:
        raise BadShot.of("vendor", vendor, f"one of {', '.join(VENDORS)}")
    file = FOLDER / f"{vendor}.toml"
    if not file.is_file():
        return None
    return msgspec.toml.decode(file.read_bytes(), type=PriceList)
