"""Every contract file is whole, sourced and quick to read; every name is found."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import msgspec
import pytest

from mutoscope.catalog import load
from mutoscope.catalog.load import VENDORS, contract, contracts, read
from mutoscope.catalog.model import FIGURES, Contract
from mutoscope.catalog.prices import prices
from mutoscope.catalog.rules import Set, Sizes
from mutoscope.engines.find import OWN
from mutoscope.errors import BadShot
from mutoscope.shot import Role, Size

ALL = contracts()


def names(one: Contract) -> str:
    return f"{one.vendor}/{one.model}"


@pytest.mark.parametrize("one", ALL, ids=names)
def test_every_figure_has_a_source_and_every_default_is_allowed(one: Contract) -> None:
    assert not [field for field in FIGURES if getattr(one, field) and field not in one.sources]
    assert all(source.where for source in one.sources.values())
    assert one.seconds.allows(one.default_seconds)
    if one.size and one.default_size:
        width, _, height = one.default_size.partition("x")
        assert one.size.allows(Size(int(width), int(height)))
    if one.cast:
        assert "cast" in one.features
    if Role.SOURCE in one.roles:
        assert len(one.kinds) > 1 or one.vendor in ("azure", "relay")


@pytest.mark.parametrize("one", ALL, ids=names)
def test_every_contract_is_found_by_its_names(one: Contract) -> None:
    assert contract(one.model, one.vendor) is one
    assert contract(f"{one.vendor}/{one.model}") is one
    for snapshot in one.snapshots:
        assert contract(snapshot, one.vendor) is one


def test_the_vendors_that_have_to_be_there_are_there() -> None:
    assert {one.vendor for one in ALL} == set(VENDORS)
    assert contract("flipbook").native
    assert contract("sora-2").vendor == "openai"
    assert contract("sora").vendor == "azure"


@pytest.mark.parametrize(
    ("model", "vendor", "said"),
    [
        ("sora-3", None, "did you mean sora-2"),
        ("flipbok", None, "did you mean flipbook?"),
        ("veo-3.1-generate", "vertex", "did you mean veo-3.1-generate-001"),
        ("qqq", "luma", "for example ray-2"),
        ("sora-2", "opnai", "did you mean openai?"),
        ("azure/ray-2", None, "of Azure OpenAI"),
    ],
)
def test_an_unknown_name_gets_the_nearest_ones(model: str, vendor: str | None, said: str) -> None:
    with pytest.raises(BadShot) as caught:
        contract(model, vendor)
    assert said in caught.value.message


def test_what_is_known_of_sora() -> None:
    sora, pro = contract("sora-2"), contract("sora-2-pro")
    assert sora.seconds == Set((4, 8, 12), (16, 20))
    assert isinstance(pro.size, Sizes)
    assert len(pro.size.values) == 6
    assert sora.default_size == "720x1280"
    assert sora.inputs.exact_size
    assert sora.inputs.max_bytes == 20_971_520
    assert not sora.inputs.faces
    assert sora.retired(date(2026, 9, 24))
    assert not sora.retired(date(2026, 9, 23))
    assert not contract("flipbook").retired(date(2100, 1, 1))


def test_veo_takes_references_on_standard_alone() -> None:
    assert contract("veo-3.1-generate-001").roles[Role.REFERENCE] == 3
    assert Role.REFERENCE not in contract("veo-3.1-fast-generate-001").roles
    assert Role.REFERENCE not in contract("veo-3.1-lite-generate-preview").roles


def test_typical_minutes() -> None:
    minutes = {one.vendor: one.minutes for one in ALL}
    assert (minutes["openai"], minutes["runway"], minutes["luma"]) == (5, 2, 1)


GOOD = """
title = "V"
[models.m]
title = "M"
seconds = { rule = "set", values = [5] }
default_seconds = 5
roles = { first_frame = 1 }
inputs = { types = ["image/png"] }
[models.m.sources]
kinds = ["own", "here"]
seconds = ["own", "here"]
roles = ["own", "here"]
inputs = ["own", "here"]
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('rule = "set"', 'rule = "sett"', "seconds"),
        ("first_frame = 1", "front = 1", "roles"),
        ("first_frame = 1", "first_frame = -1", "roles"),
        ('seconds = ["own", "here"]', "", "no source for seconds"),
        ('seconds = ["own", "here"]', 'seconds = ["guess", "here"]', "sources"),
        ("default_seconds", "default_second", "default_second"),
    ],
)
def test_a_contract_file_with_a_fault_says_where(old: str, new: str, said: str) -> None:
    assert read("v", GOOD).contracts["m"].title == "M"
    with pytest.raises(msgspec.ValidationError, match=r"v\.toml, m: .*") as caught:
        read("v", GOOD.replace(old, new))
    assert said in str(caught.value)


def test_defaults_go_under_each_model() -> None:
    text = GOOD.replace("[models.m]", '[defaults]\ncast = 2\nfeatures = ["cast"]\n[models.m]')
    sources = '[defaults.sources]\ncast = ["own", "x"]\nfeatures = ["own", "x"]\n[models.m]'
    merged = read("v", text.replace("[models.m]\n", sources + "\n", 1)).contracts["m"]
    assert merged.cast == 2
    assert merged.sources["cast"].where == "x"
    assert merged.sources["seconds"].where == "here"


@pytest.mark.parametrize("vendor", VENDORS)
def test_prices_are_of_models_that_have_a_contract(vendor: str) -> None:
    listed = prices(vendor)
    if vendor in OWN:
        assert listed is None, "what runs on the machine itself costs nothing"
        return
    assert listed is not None
    assert listed.vendor == vendor
    models = {one.model for one in contracts(vendor)}
    assert {price.model for price in listed.prices} <= models
    for price in listed.prices:
        assert price.unit == "USD" or listed.credit_usd
        assert price.per == "second" or price.seconds or price.account
        assert price.source.where


def test_known_prices() -> None:
    openai, relay = prices("openai"), prices("relay")
    assert openai is not None
    assert [price.amount for price in openai.of("sora-2-pro")] == [0.3, 0.5, 0.7]
    assert openai.of("sora-9") == ()
    assert relay is not None
    assert relay.credit_usd == 0.02
    with pytest.raises(BadShot, match="one of flipbook"):
        prices("nobody")


def test_the_catalogue_loads_without_anything_heavy() -> None:
    script = (
        "import sys; from mutoscope.catalog import load, check, prices; load.contracts();"
        "print([m for m in ('numpy','cv2','numba','av','onnxruntime','pyvips','rich') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_a_second_look_reads_no_file() -> None:
    assert load.vendor("openai") is load.vendor("openai")
