"""A consent is to the words that were shown: other words ask again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from models.known_models import CONSENT, FREE, NAME, lora
from mutoscope.catalog.model import Contract
from mutoscope.errors import CannotWrite
from mutoscope.models import licences, pieces, places

Change = Callable[..., Contract]


def test_a_licence_without_consent_lacks_nothing(catalogue: Change) -> None:
    catalogue(licence=FREE)
    assert licences.lacking(pieces.checkpoint(NAME)) == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"conditions": (*CONSENT.conditions, "Nor for anybody else.")},
        {"name": "Stricter Community Licence"},
        {"mark": "Made with Stricter"},
        {"regions_excluded": ("EU",)},
        {"page": "https://example.com/new"},
    ],
)
def test_a_licence_that_changed_asks_again(catalogue: Change, changed: dict[str, object]) -> None:
    catalogue(licence=CONSENT)
    licences.accept(pieces.checkpoint(NAME))
    assert licences.lacking(pieces.checkpoint(NAME)) == ""
    catalogue(licence=msgspec.structs.replace(CONSENT, **changed))
    assert "changed since it was accepted" in licences.lacking(pieces.checkpoint(NAME))
    licences.accept(pieces.checkpoint(NAME))
    assert licences.lacking(pieces.checkpoint(NAME)) == ""


def test_where_it_was_read_is_no_part_of_it(catalogue: Change) -> None:
    catalogue(licence=CONSENT)
    licences.accept(pieces.checkpoint(NAME))
    catalogue(licence=msgspec.structs.replace(CONSENT, source="read again"))
    assert licences.lacking(pieces.checkpoint(NAME)) == ""


def test_one_consent_is_for_one_piece(catalogue: Change) -> None:
    catalogue(also="twin", licence=CONSENT, loras={"fast": lora(CONSENT)})
    licences.accept(pieces.checkpoint(NAME))
    assert licences.lacking(pieces.checkpoint("twin"))
    assert licences.lacking(pieces.lora(NAME, "fast")).endswith(f"accept {NAME} --lora fast`")


def test_the_record_says_what_and_when(catalogue: Change) -> None:
    catalogue(licence=CONSENT)
    given = licences.accept(pieces.checkpoint(NAME))
    assert licences.accepted(pieces.checkpoint(NAME)) == given
    assert given.licence == "Strict Community Licence"
    assert given.when.endswith("+00:00")


def test_a_record_that_cannot_be_read_is_no_consent(catalogue: Change, models_folder: Path) -> None:
    catalogue(licence=CONSENT)
    licences.accept(pieces.checkpoint(NAME))
    places.accepted().write_text("{")
    assert licences.lacking(pieces.checkpoint(NAME))


def test_a_folder_that_cannot_be_written(catalogue: Change, models_folder: Path) -> None:
    catalogue(licence=CONSENT)
    models_folder.write_text("a file where the folder should be")
    with pytest.raises(CannotWrite, match="MUTOSCOPE_MODELS"):
        licences.accept(pieces.checkpoint(NAME))
