"""Kandinsky 5 on a tiny checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engines.diffusion.briefs_made import Looker, differ, first
from engines.diffusion.briefs_made import brief as words_alone
from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief, Frames, Made
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.errors import Cancelled, EngineFailed

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:::(torch|diffusers|transformers)"),
]


def checkpoint(side: int = 16) -> Checkpoint:
    found = load.contract("kandinsky-5", "diffusion").checkpoint
    assert found is not None
    return msgspec.structs.replace(found, sides=msgspec.structs.replace(found.sides, a=side))


def brief(**changes: Any) -> Brief:
    return words_alone(**{"frames": 17, "steps": 2, "keyframes": (first(),)} | changes)


def loaded(folder: Path, dtype: str = "float32", **kind: Any) -> Any:
    from mutoscope.engines.diffusion.families.kandinsky5 import FAMILY
    from tiny.kandinsky5 import kandinsky5

    torch.set_num_threads(1)
    return FAMILY.load(kandinsky5(folder, **kind), checkpoint(), Place("cpu", dtype), {})


@pytest.fixture(scope="module")
def pipe(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return loaded(tmp_path_factory.mktemp("kandinsky5"))


@pytest.fixture(scope="module")
def plain(pipe: Any) -> Frames:
    return made(pipe, brief()).frames


def made(pipe: Any, asked: Brief, look: Looker | None = None, **more: Any) -> Made:
    from mutoscope.engines.diffusion.families.kandinsky5 import FAMILY

    return FAMILY.film(pipe, asked, more.pop("of", checkpoint()), look or Looker(), **more)


def test_the_same_brief_makes_the_same_film(pipe: Any, plain: Frames) -> None:
    assert plain.shape == (17, 64, 64, 3)
    assert np.array_equal(plain, made(pipe, brief()).frames)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 4},
        {"prompt": "sea " * 300},
        {"negative": "warm slow " * 300},
        {"guidance": 6.0},
        {"guidance": 1.0},
        {"shift": 2.0},
        {"keyframes": (first(2),)},
    ],
    ids=str,
)
def test_everything_that_is_told_acts(pipe: Any, plain: Frames, change: dict[str, Any]) -> None:
    assert differ(plain, made(pipe, brief(**change)).frames) > 0.02


def test_no_negative_prompt_is_none_and_not_the_pipelines_own(pipe: Any) -> None:
    from mutoscope.engines.diffusion.families.kandinsky5 import FAMILY

    none = made(pipe, brief(negative="")).frames
    words = FAMILY.encode(pipe, "a cat", "")
    assert np.array_equal(none, made(pipe, brief(negative=""), words=words).frames)


def test_a_film_too_short_for_the_pipeline_is_refused_before_its_numbers_are_none(
    pipe: Any,
) -> None:
    """It fits the brightness of the first four latent frames to those after them."""
    with pytest.raises(EngineFailed, match="from 17 to 121 frames, not 13"):
        made(pipe, brief(frames=13))


def test_numbers_out_of_range_are_an_error_and_no_black_film(pipe: Any) -> None:
    careless = checkpoint()
    careless = msgspec.structs.replace(
        careless, frames=msgspec.structs.replace(careless.frames, low=5)
    )
    with pytest.raises(EngineFailed, match="no picture in its film"):
        made(pipe, brief(frames=13), of=careless)


def test_it_tells_of_every_step_and_shows_what_it_comes_to(pipe: Any) -> None:
    look = Looker()
    made(pipe, brief(), look)
    assert look.told == ["encode", (1, 2), (2, 2), "decode"]
    assert [one.shape for one in look.seen] == [(8, 8, 3)] * 2


@pytest.mark.parametrize("stop", [1, "decode"])
def test_it_stops_within_one_step_and_films_again(
    pipe: Any, plain: Frames, stop: int | str
) -> None:
    look = Looker(stop)
    with pytest.raises(Cancelled):
        made(pipe, brief(shift=2.0), look)
    assert look.told[-1] == stop or look.told[-1] == (stop, 2)
    assert np.array_equal(plain, made(pipe, brief()).frames)


def test_embeddings_that_were_kept_make_the_same_film(pipe: Any, plain: Frames) -> None:
    from mutoscope.engines.diffusion.families.kandinsky5 import FAMILY

    asked = brief()
    words = FAMILY.encode(pipe, asked.prompt, asked.negative)
    assert np.array_equal(plain, made(pipe, asked, words=words).frames)
    others = FAMILY.encode(pipe, "sea " * 300, asked.negative)
    assert differ(plain, made(pipe, asked, words=others).frames) > 0.02


def test_words_beyond_what_it_reads_are_cut_and_not_an_error(pipe: Any) -> None:
    assert made(pipe, brief(prompt="sea " * 900)).frames.std() > 1


def test_it_films_in_half_precision(tmp_path: Path) -> None:
    assert made(loaded(tmp_path, "bfloat16"), brief()).frames.std() > 1


def test_attention_in_blocks_has_the_only_backend_that_takes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was filmed with so once; PyTorch takes half a minute to get ready for it on a CPU."""
    from diffusers import Kandinsky5Transformer3DModel as Transformer

    chosen: list[str] = []
    monkeypatch.setattr(Transformer, "set_attention_backend", lambda _, name: chosen.append(name))
    loaded(tmp_path / "plain")
    loaded(tmp_path / "sparse", sparse=True)
    assert chosen == ["flex"]


def test_sizes_that_are_no_whole_blocks_are_refused(pipe: Any) -> None:
    with pytest.raises(EngineFailed, match="64x64 is no size"):
        made(pipe, brief(), of=checkpoint(128))


def test_the_checkpoint_is_a_few_hundred_kilobytes(tmp_path: Path) -> None:
    from tiny.kandinsky5 import kandinsky5

    folder = kandinsky5(tmp_path)
    assert sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) < 700_000
