"""Contracts by vendor and model, read from `contracts/VENDOR.toml`.

A vendor with many models may have a folder of such files, `contracts/VENDOR/*.toml`. A file has the vendor's `title`, `[defaults]` that hold for all of its models, and a table
`[models.NAME]` for each, which goes over the defaults key by key (`sources`, `roles` and `inputs`
within themselves).
"""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from mutoscope.catalog.model import Contract, Vendor
from mutoscope.catalog.rules import listed
from mutoscope.errors import BadShot

#: Vendors in the order in which a bare model name is looked for.
VENDORS = (
    "flipbook",
    "openai",
    "azure",
    "gemini",
    "vertex",
    "runway",
    "luma",
    "relay",
    "diffusion",
)
FOLDER = Path(__file__).with_name("contracts")
MERGED = ("sources", "inputs", "errors")


@cache
def vendor(name: str) -> Vendor:
    """A vendor's contracts. `BadShot` for an unknown vendor."""
    if name not in VENDORS:
        raise BadShot.of("vendor", name, f"one of {', '.join(VENDORS)}", _near(name, VENDORS))
    files = sorted((FOLDER / name).glob("*.toml")) or [FOLDER / f"{name}.toml"]
    read_ones = [read(name, file.read_text("utf-8")) for file in files]
    merged = {model: one for part in read_ones for model, one in part.contracts.items()}
    return Vendor(title=read_ones[0].title, contracts=merged)


def read(name: str, text: str) -> Vendor:
    """A contract file's TOML, checked: `msgspec.ValidationError` says what is wrong, and where."""
    raw = tomllib.loads(text)
    defaults = raw.get("defaults", {})
    contracts: dict[str, Contract] = {}
    for model, own in raw["models"].items():
        merged: dict[str, Any] = {"vendor": name, "model": model} | defaults | own
        for key in MERGED:
            if key in defaults:
                merged[key] = defaults[key] | own.get(key, {})
        try:
            contracts[model] = msgspec.convert(merged, Contract)
        except msgspec.ValidationError as error:
            raise msgspec.ValidationError(f"{name}.toml, {model}: {error}") from None
    return Vendor(title=raw["title"], contracts=contracts)


def contract(model: str, vendor_name: str | None = None) -> Contract:
    """The contract of a model name, "sora-2", of a dated snapshot's, or of "azure/sora-2".

    Without a vendor the first of VENDORS that has it counts. `BadShot` names the likeliest others.
    """
    asked = model
    if vendor_name is None and "/" in model:
        vendor_name, _, model = model.partition("/")
    for name in VENDORS if vendor_name is None else (vendor_name,):
        for one in vendor(name).contracts.values():
            if model in one.names:
                return one
    bare = tuple(dict.fromkeys(one.model for one in contracts(vendor_name)))
    near = _near(model, bare)
    whose = f" of {vendor(vendor_name).title}" if vendor_name else ""
    raise BadShot.of(
        "model",
        asked,
        f"a model name{whose} in the catalogue",
        near or f"for example {', '.join(bare[:4])}",
    )


def qualified(model: str, vendor_name: str) -> str:
    """The name under which `contract` finds what `vendor_name` means by `model`: with the vendor before it
    where a bare name would be another's; as it is where the vendor has no such model."""
    if "/" in model or vendor_name not in VENDORS:
        return model
    for name in VENDORS:
        if any(model in one.names for one in vendor(name).contracts.values()):
            if name == vendor_name:
                return model
            own = any(model in one.names for one in vendor(vendor_name).contracts.values())
            return f"{vendor_name}/{model}" if own else model
    return model


def bare(model: str) -> str:
    """The model's name without its vendor's."""
    vendor_name, slash, rest = model.partition("/")
    return rest if slash and vendor_name in VENDORS else model


def contracts(vendor_name: str | None = None) -> tuple[Contract, ...]:
    """All contracts, or all of one vendor's, in the catalogue's order."""
    names = VENDORS if vendor_name is None else (vendor_name,)
    return tuple(one for name in names for one in vendor(name).contracts.values())


def _near(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=3, cutoff=0.55)
    return f"did you mean {listed(near)}?" if near else ""
