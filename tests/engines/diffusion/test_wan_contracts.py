"""What the contracts say of the Wan models is what their checkpoints and pipelines do."""

from __future__ import annotations

import pytest

from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.catalog.load import contract, contracts
from mutoscope.models import pieces

WAN = {
    one.model: one.checkpoint
    for one in contracts("diffusion")
    if one.checkpoint is not None and one.checkpoint.family in ("wan", "wan_vace")
}


def test_a_film_made_anew_has_a_name_of_its_own_and_no_weights_of_its_own() -> None:
    own, other = WAN["wan-v2v"], WAN["wan2.2-ti2v-5b"]
    assert pieces.checkpoint("wan-v2v") == pieces.checkpoint("wan2.2-ti2v-5b")
    assert (own.repository, own.revision) == (other.repository, other.revision)
    assert (own.frames, own.sides, own.area, own.fps) == (
        other.frames,
        other.sides,
        other.area,
        other.fps,
    )
    assert [str(kind) for kind in contract("wan-v2v").kinds] == ["edit", "remix"]


@pytest.mark.parametrize("kept", WAN.values(), ids=WAN)
def test_a_quality_that_is_made_with_a_lora_has_its_steps_and_no_second_pass(
    kept: Checkpoint,
) -> None:
    for tier in kept.tiers.values():
        if tier.lora:
            lora = kept.loras[tier.lora]
            assert tier.steps == len(lora.sigmas)
            assert tier.guidance == 1
            assert list(lora.sigmas) == sorted(lora.sigmas, reverse=True)
    assert set(kept.tiers) == {"draft", "standard", "best"}


@pytest.mark.parametrize("kept", WAN.values(), ids=WAN)
def test_frames_and_sides_are_those_that_the_pipelines_do_not_round(kept: Checkpoint) -> None:
    assert (kept.frames.a, kept.frames.b) == (4, 1)
    assert kept.frames.allows(kept.frames.low)
    assert kept.frames.allows(kept.frames.high)
    assert kept.sides.a == (32 if "5B" in kept.repository else 16)
    for shape in kept.shapes:
        width, _, height = shape.partition("x")
        assert int(width) % kept.sides.a == int(height) % kept.sides.a == 0
        assert int(width) * int(height) <= kept.area * 1.01
        assert max(int(width), int(height)) <= kept.sides.high


def test_the_shortest_film_has_a_latent_frame_for_each_reference() -> None:
    for kept in WAN.values():
        assert (kept.frames.low - 1) // 4 + 1 >= kept.references


def test_what_is_not_apache_or_was_not_verified_says_so() -> None:
    for kept in WAN.values():
        assert kept.licence.name == "Apache-2.0"
        assert not kept.licence.consent
        assert kept.memory.source.startswith("estimate")
        for lora in kept.loras.values():
            assert "read in a copy" in lora.licence.source


@pytest.mark.torch
@pytest.mark.parametrize("name", ["ti2v", "t2v", "a14b", "flf2v"])
def test_a_contract_offers_what_the_checkpoint_can(name: str) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    from engines.diffusion.wan_made import checkpoint, pipe
    from mutoscope.engines.diffusion.families.wan.able import able

    can, kept = able(pipe(name)), checkpoint(name)
    assert can.first == ("first" in kept.conditions)
    assert can.last == ("last" in kept.conditions)
    assert can.words == kept.words_alone
    assert kept.conditions <= {"first", "last", "video"}
