"""A prepared model films the same, and what cannot be had is said or refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from mutoscope.config import Gpu  # noqa: E402
from mutoscope.engines.diffusion.brief import Brief  # noqa: E402
from mutoscope.engines.diffusion.worker import attention, compiling, speed  # noqa: E402
from mutoscope.engines.diffusion.worker.attention import Call  # noqa: E402
from mutoscope.engines.diffusion.worker.place import Place  # noqa: E402
from mutoscope.errors import EngineFailed  # noqa: E402
from mutoscope.shot import Size  # noqa: E402
from tiny.transformers import Pipe, denoised, ltx2, wan  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    # PyTorch's compiler imports what PyTorch itself has deprecated.
    pytest.mark.filterwarnings("ignore:.torch.jit.*is deprecated:DeprecationWarning"),
]

CPU = Place("cpu", "float32")
CALL = Call("cpu", "float32", 12)


class Compiler:
    """Stands in for the compiler: counts what it is given, and runs it as it is."""

    def __init__(self) -> None:
        self.graphs = 0

    def __call__(self, graph: Any, examples: Any) -> Any:
        self.graphs += 1
        return graph.forward


def broken(graph: Any, examples: Any) -> Any:
    raise RuntimeError("there is no compiler here")


@pytest.fixture(autouse=True)
def _nothing_compiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MUTOSCOPE_CACHE", "off")
    torch._dynamo.reset()
    compiling.allow_shapes()
    yield
    torch._dynamo.reset()


def wanted(**settings: Any) -> Any:
    return SimpleNamespace(settings=Gpu(**settings))


def brief(cache: str = "") -> Brief:
    return Brief(
        prompt="", size=Size(64, 64), frames=9, fps=24, seed=1, steps=12, guidance=5.0, cache=cache
    )


def filming(pipe: Any, brief: Brief) -> Any:
    return speed.for_brief(pipe, brief)


def frames(transformer: Any, wide: int = 4, steps: int = 2) -> Any:
    return denoised(transformer, steps, wide, counted=False).picture


# Attention


def test_the_first_candidate_that_works_and_is_exact_is_taken() -> None:
    order = ("_flash_3", "_native_efficient", "_native_math", "native")
    name, refused = attention.chosen(CALL, "auto", order)
    assert name == "_native_math"
    assert [sentence.split()[1] for sentence in refused] == ["_flash_3", "_native_efficient"]


def test_attention_that_takes_no_mask_is_not_tried_where_there_is_one() -> None:
    masked = Call("cpu", "float32", 12, masked=True)
    assert attention.chosen(masked, "auto", ("flash", "_flash_3", "native")) == ("native", ())


def test_attention_that_is_off_by_more_than_rounding_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from diffusers.models import attention_dispatch

    registry = attention_dispatch._AttentionBackendRegistry
    kind = attention_dispatch.AttentionBackendName("_native_flash")
    native = registry._backends[attention_dispatch.AttentionBackendName("native")]

    def skewed(
        query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
        is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False,
        _parallel_config: Any = None,
    ) -> Any:  # fmt: skip
        return native(query, key, value, attn_mask) * 1.01

    monkeypatch.setitem(registry._backends, kind, skewed)
    name, refused = attention.chosen(CALL, "auto", ("_native_flash", "native"))
    assert name == "native"
    assert "its error is 1.0e-02, where rounding makes" in refused[0]


def test_attention_from_the_hub_is_never_downloaded_unasked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    name, refused = attention.chosen(CALL, "auto", ("_flash_3_hub", "native"))
    assert name == "native"
    assert refused == ("attention _flash_3_hub is not used: it would be downloaded",)


@pytest.mark.parametrize("name", ["_flash_3", "no_such_thing"])
def test_attention_that_the_settings_name_and_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(EngineFailed, match=f"gpu.attention is '{name}', which cannot be used here"):
        speed.prepared(Pipe(wan()), wanted(attention=name), CPU)


def test_a_layer_that_is_given_a_mask_gets_attention_that_takes_one() -> None:
    transformer = ltx2()
    said = attention.attend(transformer, "cpu", "auto", ("_native_flash", "_native_math", "native"))
    used = {
        name: layer.processor._attention_backend.value
        for name, layer, _ in attention._layers(transformer)
    }
    assert used["transformer_blocks.0.attn1"] == "_native_flash"
    assert used["transformer_blocks.0.attn2"] == "_native_math"
    assert used["transformer_blocks.0.audio_attn2"] == "_native_math"
    assert "attention: _native_flash" in said
    assert "attention: _native_math where there is a mask" in said
    denoised(transformer, steps=1)


def test_the_attention_of_one_model_is_not_that_of_another() -> None:
    first, second = wan(), wan()
    before = denoised(second, steps=1).picture
    attention.attend(first, "cpu", "_native_math", ())
    assert all(
        layer.processor._attention_backend is None for _, layer, _ in attention._layers(second)
    )
    assert torch.equal(denoised(second, steps=1).picture, before)


# Compiled blocks


def test_the_blocks_of_a_model_are_compiled_once_for_all_and_film_the_same() -> None:
    transformer, compiler = wan(), Compiler()
    plain = frames(transformer)
    blocks = compiling.Blocks(Pipe(transformer), compiler)
    assert len(blocks) == 4
    assert torch.equal(frames(transformer), plain)
    assert compiler.graphs == 0  # not on
    blocks.on = True
    assert torch.allclose(frames(transformer), plain, atol=1e-6)
    assert compiler.graphs == 1
    blocks.remove()
    assert torch.equal(frames(transformer), plain)


def test_a_shape_is_compiled_once_and_is_still_there_after_another() -> None:
    transformer, compiler = wan(2), Compiler()
    compiling.Blocks(Pipe(transformer), compiler).on = True
    for wide in (4, 8, 4, 8):
        frames(transformer, wide)
    assert compiler.graphs == 2


def test_more_shapes_than_pytorchs_own_limit_are_all_compiled() -> None:
    transformer, compiler = wan(2), Compiler()
    compiling.Blocks(Pipe(transformer), compiler).on = True
    with torch._dynamo.config.patch(recompile_limit=2):
        compiling.allow_shapes()
        for wide in (2, 4, 6, 8):
            frames(transformer, wide)
    assert compiler.graphs == 4


def test_shapes_are_let_go_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "MOST_SHAPES", 1)
    transformer, compiler = wan(2), Compiler()
    blocks = compiling.Blocks(Pipe(transformer), compiler)
    blocks.on = True
    for wide in (4, 4, 6, 4):
        blocks.shape((wide,))
        frames(transformer, wide)
    assert compiler.graphs == 3
    assert not blocks.failure


def test_what_a_step_cache_does_not_skip_runs_compiled() -> None:
    pipe, compiler = Pipe(wan()), Compiler()
    speed.prepared(pipe, wanted(), CPU)
    plain = frames(pipe.transformer)
    speed._prepared[pipe].blocks = compiling.Blocks(pipe, compiler)
    with filming(pipe, brief(cache="first_block")) as said:
        frames(pipe.transformer, steps=10)
    assert compiler.graphs == 1
    assert "passes of the model were not computed" in said[0]
    assert torch.equal(frames(pipe.transformer), plain)


def test_a_lora_put_on_a_compiled_model_acts_and_costs_one_more_compilation() -> None:
    from peft import LoraConfig

    transformer, compiler = wan(2), Compiler()
    compiling.Blocks(Pipe(transformer), compiler).on = True
    base = frames(transformer)
    transformer.add_adapter(LoraConfig(r=2, target_modules=["to_q"], init_lora_weights=False))
    assert not torch.allclose(frames(transformer), base, atol=1e-6)
    assert compiler.graphs == 2
    transformer.disable_adapters()
    assert torch.allclose(frames(transformer), base, atol=1e-6)


def test_a_model_that_cannot_be_compiled_films_as_it_is_and_says_so_once() -> None:
    pipe = Pipe(wan())
    plain = frames(pipe.transformer)
    speed.prepared(pipe, wanted(), CPU)
    speed._prepared[pipe].blocks = compiling.Blocks(pipe, broken)
    told = []
    for _ in range(2):
        with filming(pipe, brief()) as said:
            assert torch.equal(frames(pipe.transformer), plain)
        told += said
    assert len(told) == 1
    assert "could not be compiled and ran as they are" in told[0]
    assert "no compiler here" in told[0]


def test_an_error_of_the_model_itself_is_not_taken_for_one_of_the_compiler() -> None:
    transformer = wan(2)
    blocks = compiling.Blocks(Pipe(transformer), Compiler())
    blocks.on = True
    out_of_memory = torch.OutOfMemoryError("out of memory")

    def full(module: Any, values: Any) -> None:
        raise out_of_memory

    transformer.blocks[1].register_forward_pre_hook(full)
    with pytest.raises(torch.OutOfMemoryError):
        frames(transformer)
    assert not blocks.failure


@pytest.mark.parametrize(
    ("chosen", "named", "kept"),
    [
        ("{tmp}", "", "{tmp}/compiled/inductor"),
        ("{tmp}", "/elsewhere", "/elsewhere"),
        ("off", "", ""),
    ],
)
def test_what_is_compiled_is_kept_in_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: str, named: str, kept: str
) -> None:
    from torch._inductor.runtime.cache_dir_utils import default_cache_dir

    monkeypatch.setenv("MUTOSCOPE_CACHE", chosen.format(tmp=tmp_path))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", named or default_cache_dir())
    monkeypatch.setenv("TRITON_CACHE_DIR", "kept as it was after this test")
    compiling.keep_on_disk()
    found = os.environ["TORCHINDUCTOR_CACHE_DIR"]
    assert found == (kept.format(tmp=tmp_path) or default_cache_dir())


def test_nothing_is_compiled_while_layers_are_moved_one_by_one() -> None:
    pipe = Pipe(wan())
    said = speed.prepared(pipe, wanted(compile="on"), Place("cpu", "float32", "layers"))
    assert speed._prepared[pipe].blocks is None
    assert "not compiled" in said[0]


def test_what_moves_layers_to_the_gpu_stays_when_a_model_is_prepared_anew() -> None:
    from diffusers.hooks import apply_group_offloading

    pipe = Pipe(wan())
    plain = frames(pipe.transformer)
    speed.prepared(pipe, wanted(), CPU)
    speed._prepared[pipe].blocks = compiling.Blocks(pipe, Compiler())
    with filming(pipe, brief()):
        frames(pipe.transformer)
    cpu = torch.device("cpu")
    apply_group_offloading(
        pipe.transformer, onload_device=cpu, offload_device=cpu, offload_type="block_level",
        num_blocks_per_group=1,
    )  # fmt: skip
    hooked = [block.forward for block in pipe.transformer.blocks]
    speed.prepared(pipe, wanted(), Place("cpu", "float32", "layers"))
    assert [block.forward for block in pipe.transformer.blocks] == hooked
    with filming(pipe, brief(cache="first_block")) as said:
        assert torch.equal(frames(pipe.transformer, steps=12), frames(pipe.transformer, steps=12))
        assert torch.equal(frames(pipe.transformer), plain)
    assert said == []


# Around a film


def test_a_model_on_the_cpu_is_left_as_it_is() -> None:
    pipe = Pipe(wan())
    before = denoised(pipe.transformer, steps=2).picture
    assert speed.prepared(pipe, wanted(), CPU) == ()
    with filming(pipe, brief()) as said:
        assert torch.equal(denoised(pipe.transformer, steps=2).picture, before)
    assert said == []


def test_a_model_on_a_gpu_is_prepared_by_what_the_gpu_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "mutoscope.compute")
    monkeypatch.setattr(speed, "_capability", lambda device: (9, 0))
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    precision = torch.get_float32_matmul_precision()
    pipe = Pipe(wan())
    before = frames(pipe.transformer)
    try:
        assert speed.prepared(pipe, wanted(), CPU) == ()  # no news for who reads a film's report
        assert torch.get_float32_matmul_precision() == "high"
    finally:
        torch.set_float32_matmul_precision(precision)
    told = [record.message for record in caplog.records if record.name == "mutoscope.compute"]
    assert [sentence.split()[1] for sentence in told] == [
        "_flash_3", "_flash_3_hub", "_native_cudnn", "flash", "native",
    ]  # fmt: skip
    assert all("is not used: " in sentence for sentence in told[:-1])
    assert len(speed._prepared[pipe].blocks or ()) == 4
    with filming(pipe, brief()):  # far too short to be worth a compilation
        assert torch.equal(frames(pipe.transformer), before)


@pytest.mark.parametrize(
    ("setting", "gpu", "long", "compiled"),
    [
        ("auto", True, True, True), ("auto", True, False, False), ("auto", False, True, False),
        ("on", True, False, True), ("on", False, False, True),
        ("off", True, True, False), ("off", False, True, False),
    ],
)  # fmt: skip
def test_the_settings_say_what_is_compiled(
    monkeypatch: pytest.MonkeyPatch, setting: str, gpu: bool, long: bool, compiled: bool
) -> None:
    monkeypatch.setattr(speed, "_capability", lambda device: (8, 0) if gpu else None)
    monkeypatch.setattr(speed, "_tensor_cores", lambda: None)
    monkeypatch.setattr(compiling, "WORTH_SECONDS", 0.0 if long else 1e9)
    pipe = Pipe(wan())
    speed.prepared(pipe, wanted(compile=setting), CPU)
    with filming(pipe, brief()):
        blocks = speed._prepared[pipe].blocks
        assert (blocks is not None and blocks.on) is compiled
    speed.restored(pipe)


@pytest.mark.parametrize(("kind", "compiled"), [("nabla", True), ("regular", False)])
def test_sparse_attention_is_compiled_however_short_the_film(
    monkeypatch: pytest.MonkeyPatch, kind: str, compiled: bool
) -> None:
    monkeypatch.setattr(speed, "_capability", lambda device: (9, 0))
    monkeypatch.setattr(speed, "_tensor_cores", lambda: None)
    pipe = Pipe(wan())
    pipe.transformer.register_to_config(attention_type=kind)
    speed.prepared(pipe, wanted(), CPU)
    with filming(pipe, brief()):
        blocks = speed._prepared[pipe].blocks
        assert blocks is not None
        assert blocks.on is compiled
    speed.restored(pipe)


def test_the_settings_can_forbid_step_caches() -> None:
    pipe = Pipe(wan())
    speed.prepared(pipe, wanted(cache=False), CPU)
    with filming(pipe, brief(cache="first_block")) as said:
        assert not pipe.transformer.is_cache_enabled
    assert said == []


def test_a_model_that_is_restored_is_as_diffusers_made_it() -> None:
    pipe = Pipe(wan())
    before = denoised(pipe.transformer, steps=2).picture
    speed.prepared(pipe, wanted(attention="_native_math", compile="on"), CPU)
    speed.restored(pipe)
    layers = attention._layers(pipe.transformer)
    assert all(layer.processor._attention_backend is None for _, layer, _ in layers)
    assert torch.equal(denoised(pipe.transformer, steps=2).picture, before)
