"""HunyuanVideo 1.5 on a tiny checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.diffusion.briefs_made import SIZE, Looker, differ, first
from engines.diffusion.briefs_made import brief as words_alone
from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief, Frames, Made
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.errors import Cancelled, EngineFailed
from mutoscope.shot import Size

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:::(torch|diffusers|transformers)"),
]

WIDE = Size(96, 64)


def checkpoint(name: str = "hunyuanvideo-1.5-i2v") -> Checkpoint:
    found = load.contract(name, "diffusion").checkpoint
    assert found is not None
    return found


def brief(**changes: Any) -> Brief:
    return words_alone(**{"frames": 5, "steps": 2, "keyframes": (first(),)} | changes)


@pytest.fixture(scope="module")
def pipe(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from mutoscope.engines.diffusion.families.hunyuan15 import FAMILY
    from tiny.hunyuan15 import hunyuan15

    torch.set_num_threads(1)
    folder = hunyuan15(tmp_path_factory.mktemp("hunyuan15"))
    pipe = FAMILY.load(folder, checkpoint(), Place("cpu", "float32"), {})
    pipe.tokenizer_max_length = 100  # of 1000, which are most of the work of so small a model
    return pipe


@pytest.fixture(scope="module")
def plain(pipe: Any) -> Frames:
    return made(pipe, brief()).frames


def made(pipe: Any, asked: Brief, look: Looker | None = None, **more: Any) -> Made:
    from mutoscope.engines.diffusion.families.hunyuan15 import FAMILY

    return FAMILY.film(pipe, asked, checkpoint(), look or Looker(), **more)


def test_the_same_brief_makes_the_same_film(pipe: Any, plain: Frames) -> None:
    assert plain.shape == (5, 64, 64, 3)
    assert np.array_equal(plain, made(pipe, brief()).frames)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 4},
        {"prompt": "sea " * 300},
        {"prompt": 'a "cat"'},  # what stands in quotes has a text encoder of its own
        {"negative": "warm slow " * 300},
        {"guidance": 6.0},
        {"shift": 2.0},
        {"keyframes": (first(2),)},
    ],
    ids=str,
)
def test_everything_that_is_told_acts(pipe: Any, plain: Frames, change: dict[str, Any]) -> None:
    assert differ(plain, made(pipe, brief(**change)).frames) > 0.02


@pytest.mark.parametrize("size", [SIZE, WIDE, Size(48, 80)], ids=str)
def test_the_film_has_the_briefs_size_and_not_the_nearest_of_the_pipelines_list(
    pipe: Any, size: Size
) -> None:
    found = made(pipe, brief(size=size, keyframes=(first(1, size=size),)))
    assert found.frames.shape == (5, size.height, size.width, 3)


def test_the_picture_comes_to_the_encoder_whole(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    encode = pipe.vae.encode

    def watched(pixels: Any) -> Any:
        shown.append(pixels)
        return encode(pixels)

    monkeypatch.setattr(pipe.vae, "encode", watched)
    keyframe = first(1, size=WIDE)
    made(pipe, brief(size=WIDE, keyframes=(keyframe,)))
    seen = ((shown[-1][0, :, 0].permute(1, 2, 0) + 1) * 127.5).round().numpy().astype(np.uint8)
    assert np.array_equal(seen, keyframe.image)


@pytest.mark.parametrize(("guidance", "passes"), [(6.0, 2), (1.0, 1)])
def test_steps_are_counted_though_guidance_makes_two_passes_of_each(
    pipe: Any, guidance: float, passes: int
) -> None:
    look, calls = Looker(), []
    handle = pipe.transformer.register_forward_hook(lambda *_: calls.append(1))
    made(pipe, brief(guidance=guidance, steps=3), look)
    handle.remove()
    assert look.told == ["encode", (1, 3), (2, 3), (3, 3), "decode"]
    assert len(calls) == 3 * passes
    assert [one.shape for one in look.seen] == [(4, 4, 3)] * 3


@pytest.mark.parametrize("stop", [1, "decode"])
def test_it_stops_within_one_step_and_films_again(
    pipe: Any, plain: Frames, stop: int | str
) -> None:
    before = dict(pipe.transformer._forward_hooks)
    look = Looker(stop)
    with pytest.raises(Cancelled):
        made(pipe, brief(guidance=5.0, shift=2.0), look)
    assert look.told[-1] == stop or look.told[-1] == (stop, 2)
    assert pipe.transformer._forward_hooks == before
    assert np.array_equal(plain, made(pipe, brief()).frames)


def test_embeddings_that_were_kept_make_the_same_film(pipe: Any, plain: Frames) -> None:
    from mutoscope.engines.diffusion.families.hunyuan15 import FAMILY

    asked = brief()
    words = FAMILY.encode(pipe, asked.prompt, asked.negative)
    assert np.array_equal(plain, made(pipe, asked, words=words).frames)
    others = FAMILY.encode(pipe, "sea " * 300, asked.negative)
    assert differ(plain, made(pipe, asked, words=others).frames) > 0.02


def test_words_without_a_picture_are_refused(pipe: Any) -> None:
    with pytest.raises(EngineFailed, match="cannot film words without a picture"):
        made(pipe, brief(keyframes=()))


def test_the_step_distilled_model_films_in_half_precision(tmp_path: Path) -> None:
    from mutoscope.engines.diffusion.families.hunyuan15 import FAMILY
    from tiny.hunyuan15 import hunyuan15

    named = checkpoint("hunyuanvideo-1.5-i2v-distilled")
    pipe = FAMILY.load(hunyuan15(tmp_path, distilled=True), named, Place("cpu", "bfloat16"), {})
    found = FAMILY.film(pipe, brief(guidance=1.0), named, Looker())
    assert found.frames.std() > 1
    assert "no effect" in found.notes[0]


def test_its_licence_asks_for_consent_and_names_where_it_does_not_hold() -> None:
    for one in load.contracts("diffusion"):
        if one.checkpoint is not None and one.checkpoint.family == "hunyuan15":
            licence = one.checkpoint.licence
            assert licence.consent
            assert licence.regions_excluded == ("EU", "UK", "KR")
