"""What an engine asks of the room: found, lacking, LoRAs, lengths; told without loading anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.known_models import CONSENT, FILES, NAME, REPOSITORY, VAE, lora, pulled, written
from mutoscope import models
from mutoscope.catalog.model import Contract
from mutoscope.errors import BadInput, BadShot
from mutoscope.models import licences, pieces, places, state

Change = Callable[..., Contract]


def test_nothing_is_here_at_first(models_folder: Path) -> None:
    assert models.folder() == models_folder
    assert models.find(NAME) is None
    assert models.lacking(NAME) == (
        f"{NAME} (34.2 GB, {REPOSITORY}) is not here; get it with `mutoscope models pull {NAME}`"
    )
    assert not models_folder.exists(), "to ask makes nothing"


def test_what_was_pulled_is_found(models_folder: Path) -> None:
    place = pulled()
    assert models.find(NAME) == place == models_folder / NAME
    assert models.lacking(NAME) == ""
    assert state.length(place) == sum(map(len, FILES.values()))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), f"{VAE} is missing"),
        (lambda path: path.write_bytes(b"short"), f"{VAE} has 5 bytes instead of 20,000"),
    ],
)
def test_what_is_not_whole_is_not_found(spoil: Callable[[Path], None], said: str) -> None:
    spoil(pulled() / VAE)
    assert models.find(NAME) is None
    assert models.lacking(NAME) == (
        f"{NAME} is damaged: {said}; mend it with `mutoscope models pull {NAME}`"
    )


def test_a_folder_without_its_record_is_not_trusted() -> None:
    pulled()
    places.record(NAME).unlink()
    assert models.find(NAME) is None
    assert "is not here" in models.lacking(NAME)


def test_a_part_of_it_says_how_much_came() -> None:
    written(places.arriving(NAME), {"vae/x.safetensors.part": bytes(3_000_000)})
    assert models.lacking(NAME) == (
        f"{NAME} has come only in part (3.0 MB of 34.2 GB); go on with `mutoscope models pull {NAME}`"
    )


def test_a_licence_that_asks_for_a_consent_comes_first(catalogue: Change) -> None:
    catalogue(licence=CONSENT)
    pulled()
    assert models.find(NAME) is not None
    assert models.lacking(NAME) == (
        f"the licence of {NAME}, Strict Community Licence, asks for your consent first; read and accept it "
        f"with `mutoscope models accept {NAME}`"
    )
    licences.accept(pieces.checkpoint(NAME))
    assert models.lacking(NAME) == ""


def test_a_lora_is_given_by_component_when_it_may_be_used(catalogue: Change) -> None:
    catalogue(loras={"fast": lora(CONSENT)})
    assert models.lora(NAME, "fast") is None
    place = pulled(f"{NAME}+fast", {"high/four-steps.safetensors": b"weights"})
    assert models.lora(NAME, "fast") is None, "its licence was not accepted"
    licences.accept(pieces.lora(NAME, "fast"))
    assert models.lora(NAME, "fast") == {"transformer": place / "high/four-steps.safetensors"}
    with pytest.raises(BadInput, match="has no LoRA 'slow'; it has fast"):
        models.lora(NAME, "slow")


@pytest.mark.parametrize("ask", [models.find, models.lacking])
def test_a_name_that_no_model_has(ask: Callable[[str], object]) -> None:
    with pytest.raises(BadShot, match="did you mean "):
        ask("wan2.2-ti2v")


def test_to_ask_loads_no_library_of_the_extra() -> None:
    program = (
        "import sys\nfrom mutoscope import models\n"
        f"models.lacking({NAME!r}), models.find({NAME!r})\n"
        "import mutoscope.cli.models\n"
        "print([n for n in ('torch', 'diffusers', 'transformers', 'huggingface_hub') if n in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"
