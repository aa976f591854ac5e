"""The tables that say how a model is made fast, without a model."""

from __future__ import annotations

import pytest

from mutoscope.catalog import load
from mutoscope.engines.diffusion.brief import Brief
from mutoscope.engines.diffusion.worker import attention, caches, compiling
from mutoscope.errors import EngineFailed
from mutoscope.shot import Size


class Pipe:
    """What the estimate reads of a pipeline: TI2V-5B's own figures."""

    class Transformer:
        config = {  # noqa: RUF012
            "num_attention_heads": 24, "attention_head_dim": 128, "num_layers": 30,
            "patch_size": (1, 2, 2),
        }  # fmt: skip

        def parameters(self) -> list[Pipe.Part]:
            return [Pipe.Part()]

    class Part:
        def numel(self) -> int:
            return 5_000_000_000

    transformer = Transformer()
    transformer_2 = None
    vae_scale_factor_spatial = 16
    vae_scale_factor_temporal = 4


def brief(steps: int = 50, frames: int = 121, width: int = 1280, guidance: float = 5.0) -> Brief:
    return Brief(
        prompt="",
        size=Size(width, 704),
        frames=frames,
        fps=24,
        seed=1,
        steps=steps,
        guidance=guidance,
    )


@pytest.mark.parametrize(
    ("capability", "first"),
    [((7, 5), "native"), ((8, 6), "flash"), ((9, 0), "_flash_3"), ((10, 0), "flash_4_hub"),
     ((12, 0), "_native_cudnn"), ((13, 0), "_native_cudnn")],
)  # fmt: skip
def test_every_gpu_has_candidates_that_end_in_pytorchs_own(
    capability: tuple[int, int], first: str
) -> None:
    names = attention.candidates(capability)
    assert names[0] == first
    assert names[-1] == attention.NATIVE


def test_no_gpu_is_given_attention_in_eight_bits_unasked() -> None:
    names = {name for _, row in attention.CANDIDATES for name in row}
    assert not [name for name in names if name.startswith(attention.COARSE)]


def test_a_long_film_is_compiled_and_a_draft_is_not() -> None:
    worth = compiling.WORTH_SECONDS
    hopper = (9, 0)
    # FastVideo publishes 157 s for 50 steps of this on an H200 with FlashAttention 2.
    assert 100 < compiling.seconds(Pipe(), brief(), hopper) < 240
    assert compiling.seconds(Pipe(), brief(steps=40), hopper) > worth
    assert compiling.seconds(Pipe(), brief(steps=20, width=640, frames=61), hopper) < worth
    assert compiling.seconds(Pipe(), brief(guidance=1.0), hopper) == pytest.approx(
        compiling.seconds(Pipe(), brief(), hopper) / 2
    )


def test_films_of_one_size_and_length_share_what_is_compiled() -> None:
    assert compiling.shape_of(brief(steps=20)) == compiling.shape_of(brief(steps=50))
    assert compiling.shape_of(brief(frames=61)) != compiling.shape_of(brief())


def test_each_cache_that_acts_says_where_its_threshold_is_from() -> None:
    for cache in caches.table().values():
        for parameters in cache.acts.values():
            assert parameters["source"]
        assert not set(cache.acts) & set(cache.refused)


def test_an_unknown_cache_is_refused_with_those_there_are() -> None:
    with pytest.raises(EngineFailed, match="first_block"):
        caches.named("teacache")


@pytest.mark.parametrize("name", ["taylor_seer", "sea", "pyramid"])
def test_a_cache_that_is_of_no_use_to_wan_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(EngineFailed, match="cannot be used with WanTransformer3DModel: it "):
        caches.named(name).parameters("WanTransformer3DModel")


def test_a_cache_is_refused_where_nothing_is_known_of_it() -> None:
    with pytest.raises(EngineFailed, match="not shown to do anything"):
        caches.named("first_block").parameters("SomeTransformer")


#: The class of what denoises, by family; of each there is a tiny one in tests/tiny.
TRANSFORMERS = {
    "wan": "WanTransformer3DModel",
    "wan_vace": "WanVACETransformer3DModel",
    "ltx2": "LTX2VideoTransformer3DModel",
    "hunyuan15": "HunyuanVideo15Transformer3DModel",
    "kandinsky5": "Kandinsky5Transformer3DModel",
}


def test_only_drafts_use_a_cache_and_only_one_that_acts_on_the_model() -> None:
    cached = []
    for contract in load.contracts("diffusion"):
        assert contract.checkpoint is not None
        for quality, tier in contract.checkpoint.tiers.items():
            if tier.cache:
                cached.append(contract.model)
                cache = caches.named(tier.cache)
                assert cache.parameters(TRANSFORMERS[contract.checkpoint.family])
                assert quality == "draft"
                assert tier.steps >= cache.fewest_steps
    assert "wan2.2-ti2v-5b" in cached
