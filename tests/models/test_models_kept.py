"""What is here can be verified, removed, or be the owner's own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from models.known_models import CONSENT, FILES, NAME, SHARD, VAE, lora, pulled, written
from mutoscope import models
from mutoscope.catalog.model import Contract
from mutoscope.errors import BadInput, WeightsCorrupt
from mutoscope.models import licences, locking, pieces, places, removal, state
from mutoscope.models.own import use
from mutoscope.models.removal import present, remove
from mutoscope.models.verify import verify

Change = Callable[..., Contract]
WHOLE = sum(map(len, FILES.values()))


def test_verify_reads_every_file() -> None:
    pulled()
    read: list[str] = []
    assert verify(pieces.checkpoint(NAME), read.append) == "verified"
    assert sorted(read) == sorted(FILES)


def test_verify_notices_what_a_look_at_lengths_does_not() -> None:
    place = pulled()
    (place / SHARD).write_bytes(bytes(len(FILES[SHARD])))
    assert models.lacking(NAME) == ""
    with pytest.raises(WeightsCorrupt, match=f"{SHARD} of {NAME} changed since the pull"):
        verify(pieces.checkpoint(NAME))
    assert models.find(NAME) is None, "nothing is made with it from now on"
    assert f"{SHARD} has changed; mend it with" in models.lacking(NAME)
    (place / SHARD).write_bytes(FILES[SHARD])
    assert verify(pieces.checkpoint(NAME)) == "verified"
    assert models.find(NAME) == place


def test_verify_counts_what_is_gone() -> None:
    place = pulled()
    (place / SHARD).unlink()
    (place / VAE).unlink()
    with pytest.raises(WeightsCorrupt, match="and 1 more of"):
        verify(pieces.checkpoint(NAME))


def test_verify_of_nothing() -> None:
    assert verify(pieces.checkpoint(NAME)) == "missing"


def test_remove_frees_what_it_says(models_folder: Path) -> None:
    pulled()
    removed = remove(pieces.checkpoint(NAME))
    assert removed.freed == WHOLE
    assert models.find(NAME) is None
    assert [path.name for path in models_folder.iterdir()] == [".pull"]
    assert present(NAME) == []


def test_remove_takes_a_part_that_came() -> None:
    written(places.arriving(NAME), {"vae/x.part": bytes(1000)})
    assert [piece.key for piece in present(NAME)] == [NAME]
    assert remove(pieces.checkpoint(NAME)).freed == 1000
    assert "is not here" in models.lacking(NAME)


def test_remove_does_not_claim_what_another_name_holds(tmp_path: Path) -> None:
    place = pulled()
    os.link(place / SHARD, tmp_path / "held")
    assert remove(pieces.checkpoint(NAME)).freed == WHOLE - len(FILES[SHARD])
    assert (tmp_path / "held").read_bytes() == FILES[SHARD]


def test_remove_waits_for_no_pull() -> None:
    pulled()
    with (
        locking.locked(pieces.checkpoint(NAME)),
        pytest.raises(BadInput, match="another mutoscope is pulling"),
    ):
        remove(pieces.checkpoint(NAME))
    assert models.find(NAME) is not None


def test_loras_are_removed_with_their_model_or_alone(catalogue: Change) -> None:
    catalogue(loras={"fast": lora(), "slow": lora()})
    pulled()
    pulled(f"{NAME}+fast", {"high/four-steps.safetensors": b"weights"})
    assert [piece.key for piece in present(NAME)] == [NAME, f"{NAME}+fast"]
    assert [piece.key for piece in present(NAME, "fast")] == [f"{NAME}+fast"]
    assert remove(pieces.lora(NAME, "fast")).freed == 7
    assert models.lora(NAME, "fast") is None
    assert models.find(NAME) is not None


def test_a_removal_that_was_cut_off_leaves_nothing_to_be_found(models_folder: Path) -> None:
    pulled()
    removal.set_aside(NAME)
    assert models.find(NAME) is None
    assert not (models_folder / NAME).exists()
    assert [piece.key for piece in present(NAME)] == [NAME]
    assert remove(pieces.checkpoint(NAME)).freed == WHOLE
    assert [path.name for path in (models_folder / ".pull").iterdir()] == [f"{NAME}.lock"]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return written(tmp_path / "mine")


def test_a_folder_of_the_owners_is_used_in_its_place(own: Path, models_folder: Path) -> None:
    assert use(NAME, own) == own
    assert models.find(NAME) == own
    assert models.lacking(NAME) == ""
    assert not (models_folder / NAME).exists(), "nothing is copied"
    assert verify(pieces.checkpoint(NAME)) == "whole"


def test_removing_it_only_forgets_it(own: Path) -> None:
    use(NAME, own)
    removed = remove(pieces.checkpoint(NAME))
    assert (removed.freed, removed.kept) == (0, str(own))
    assert models.find(NAME) is None
    assert (own / SHARD).read_bytes() == FILES[SHARD]


def test_it_is_found_only_while_it_is_whole(own: Path) -> None:
    use(NAME, own)
    (own / SHARD).unlink()
    assert models.find(NAME) is None
    sentence = (
        f"the folder {own} has no {SHARD}; name another with `mutoscope models use {NAME} FOLDER`"
    )
    assert models.lacking(NAME) == sentence
    with pytest.raises(WeightsCorrupt, match="has no transformer"):
        verify(pieces.checkpoint(NAME))
    own.rename(own.with_name("moved"))
    assert f"the folder {own} is not there" in models.lacking(NAME)
    assert state.state(pieces.checkpoint(NAME)) == "damaged"


def test_a_folder_is_refused_with_what_it_lacks(own: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"is not there; give the folder that has model_index\.json"):
        use(NAME, tmp_path / "nowhere")
    with pytest.raises(BadInput, match="is no folder"):
        use(NAME, own / "LICENSE.txt")
    told = json.loads(FILES["model_index.json"]) | {"_class_name": "WanVACEPipeline"}
    (own / "model_index.json").write_text(json.dumps(told))
    with pytest.raises(
        BadInput, match="is a checkpoint of WanVACEPipeline, which the family 'wan'"
    ):
        use(NAME, own)
    (own / "model_index.json").write_bytes(FILES["model_index.json"])
    (own / VAE).unlink()
    with pytest.raises(BadInput, match="has no vae/weights"):
        use(NAME, own)
    assert models.find(NAME) is None


@pytest.mark.parametrize("left", [0, 5, 40, 1000, -1])
def test_weights_that_were_cut_off_are_told_from_their_header(own: Path, left: int) -> None:
    use(NAME, own)
    (own / SHARD).write_bytes(FILES[SHARD][:left])
    said = f"the folder {own} has only a part of {SHARD}"
    with pytest.raises(WeightsCorrupt, match=said):
        verify(pieces.checkpoint(NAME))
    with pytest.raises(BadInput, match=said):
        use(NAME, own)


@pytest.mark.parametrize("name", ["~nobody-at-all/wan", "x" * 300])
def test_a_folder_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"is not there|cannot be read"):
        use(NAME, Path(name))


def test_one_folder_takes_the_place_of_another(own: Path, tmp_path: Path) -> None:
    use(NAME, own)
    other = written(tmp_path / "other")
    use(NAME, other)
    assert models.find(NAME) == other


def test_what_was_pulled_is_not_hidden_by_a_folder(own: Path) -> None:
    pulled()
    with pytest.raises(BadInput, match=rf"was pulled already; .* `mutoscope models remove {NAME}`"):
        use(NAME, own)


def test_a_folder_of_the_owners_does_not_pass_by_the_licence(own: Path, catalogue: Change) -> None:
    catalogue(licence=CONSENT)
    use(NAME, own)
    assert "asks for your consent" in models.lacking(NAME)
    licences.accept(pieces.checkpoint(NAME))
    assert models.lacking(NAME) == ""
