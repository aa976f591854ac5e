"""Step caches act where the table says so, leave nothing behind, and are refused where they do nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from mutoscope.engines.diffusion.worker import caches  # noqa: E402
from mutoscope.errors import Cancelled, EngineFailed  # noqa: E402
from tiny.transformers import Pipe, denoised, ltx2, wan  # noqa: E402

pytestmark = pytest.mark.torch

BUILT: dict[str, Callable[[], Any]] = {
    "WanTransformer3DModel": wan,
    "LTX2VideoTransformer3DModel": ltx2,
}
ACTING = [(name, kind) for name, cache in caches.table().items() for kind in cache.acts]


@pytest.mark.parametrize(("name", "kind"), ACTING)
def test_a_cache_of_the_table_changes_the_film_and_saves_work(name: str, kind: str) -> None:
    transformer = BUILT[kind]()
    plain = denoised(transformer)
    with caches.cached(Pipe(transformer), name, 12) as said:
        skipped = denoised(transformer)
    assert not torch.equal(skipped.picture, plain.picture)
    assert skipped.attended < 0.8 * plain.attended
    assert skipped.networks < 0.8 * plain.networks
    assert len(said) == 1
    assert "of 24 passes of the model were not computed" in said[0]


@pytest.mark.parametrize(("name", "kind"), ACTING)
def test_the_film_after_one_with_a_cache_is_bit_equal_to_one_before(name: str, kind: str) -> None:
    transformer = BUILT[kind]()
    before = denoised(transformer)
    for _ in range(2):
        with caches.cached(Pipe(transformer), name, 12):
            denoised(transformer)
    after = denoised(transformer)
    assert torch.equal(after.picture, before.picture)
    assert torch.equal(after.sound, before.sound)
    assert after.attended == before.attended


@pytest.mark.parametrize(("name", "kind"), ACTING)
def test_the_same_film_with_a_cache_comes_out_the_same_twice(name: str, kind: str) -> None:
    transformer = BUILT[kind]()
    films = []
    for _ in range(2):
        with caches.cached(Pipe(transformer), name, 12):
            films.append(denoised(transformer).picture)
    assert torch.equal(*films)


def test_a_film_that_is_stopped_leaves_no_cache_behind() -> None:
    transformer = wan()
    before = denoised(transformer)
    with pytest.raises(Cancelled):
        stopped(transformer)
    assert not transformer.is_cache_enabled
    assert torch.equal(denoised(transformer).picture, before.picture)


def test_both_experts_are_given_the_cache() -> None:
    pipe = Pipe(wan(), wan())
    with caches.cached(pipe, "first_block", 12):
        assert pipe.transformer.is_cache_enabled
        assert pipe.transformer_2.is_cache_enabled


def test_a_film_of_few_steps_goes_without_a_cache() -> None:
    transformer = wan()
    with caches.cached(Pipe(transformer), "first_block", 4) as said:
        assert not transformer.is_cache_enabled
    assert said == []


def test_ltx2_keeps_its_sound_with_the_cache() -> None:
    transformer = ltx2()
    plain = denoised(transformer)
    with caches.cached(Pipe(transformer), "taylor_seer", 12):
        skipped = denoised(transformer)
    far = float((skipped.sound - plain.sound).norm() / plain.sound.norm())
    assert 0 < far < 0.02


# The traps: why others are refused. Each is shown with diffusers' own call, so that a version that mends
# one of them is noticed.


def test_taylor_seer_does_nothing_to_wan_and_is_refused() -> None:
    from diffusers.hooks import TaylorSeerCacheConfig

    transformer = wan()
    plain = denoised(transformer, steps=8)
    transformer.enable_cache(TaylorSeerCacheConfig(cache_interval=2))
    enabled = denoised(transformer, steps=8)
    assert torch.equal(enabled.picture, plain.picture)
    assert enabled.attended == plain.attended
    with pytest.raises(EngineFailed, match="it does nothing"):
        refused(transformer, "taylor_seer")


def test_sea_cache_does_nothing_to_wan_from_a_picture_and_is_refused() -> None:
    from diffusers.hooks import SeaCacheConfig

    transformer = wan()
    plain = denoised(transformer, steps=8)
    transformer.enable_cache(SeaCacheConfig())
    enabled = denoised(transformer, steps=8)
    assert torch.equal(enabled.picture, plain.picture)
    assert enabled.attended == plain.attended
    with pytest.raises(EngineFailed, match="it does nothing"):
        refused(transformer, "sea")


def test_pyramid_attention_would_give_the_second_pass_what_the_first_computed() -> None:
    from diffusers.hooks import PyramidAttentionBroadcastConfig

    transformer = wan()
    plain = denoised(transformer, steps=1)
    transformer.enable_cache(
        PyramidAttentionBroadcastConfig(
            spatial_attention_block_skip_range=2, current_timestep_callback=lambda: 500
        )
    )
    # One step alone, so nothing of an earlier step is there to be used again.
    assert denoised(transformer, steps=1).attended == plain.attended / 2
    with pytest.raises(EngineFailed, match="without the prompt"):
        refused(transformer, "pyramid")


def test_first_block_cache_cannot_be_enabled_for_ltx2_and_is_refused() -> None:
    from diffusers.hooks import FirstBlockCacheConfig

    transformer = ltx2()
    with pytest.raises(ValueError, match="not registered"):
        transformer.enable_cache(FirstBlockCacheConfig())
    with pytest.raises(EngineFailed, match="does not know the model's blocks"):
        refused(ltx2(), "first_block")


def test_taylor_seer_by_itself_would_save_ltx2_nothing() -> None:
    from diffusers.hooks import TaylorSeerCacheConfig

    transformer = ltx2()
    plain = denoised(transformer)
    transformer.enable_cache(TaylorSeerCacheConfig(taylor_factors_dtype=torch.float32))
    enabled = denoised(transformer)
    assert not torch.equal(enabled.picture, plain.picture)
    assert (enabled.attended, enabled.networks) == (plain.attended, plain.networks)


def stopped(transformer: Any) -> None:
    with caches.cached(Pipe(transformer), "first_block", 12):
        denoised(transformer, steps=5)
        raise Cancelled("stopped")


def refused(transformer: Any, name: str) -> None:
    with caches.cached(Pipe(transformer), name, 12):
        pass
