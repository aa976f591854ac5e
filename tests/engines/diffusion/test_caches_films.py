"""Whole films of tiny checkpoints with a step cache: it acts through the family's own pipeline, and the film
after it is the film before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

import numpy as np  # noqa: E402

from engines.diffusion import wan_made  # noqa: E402
from engines.diffusion.briefs_made import SIZE, Looker, brief, first  # noqa: E402
from mutoscope.catalog.load import contract  # noqa: E402
from mutoscope.engines.diffusion.brief import Brief, Frames  # noqa: E402
from mutoscope.engines.diffusion.family import family  # noqa: E402
from mutoscope.engines.diffusion.worker import caches, speed  # noqa: E402
from mutoscope.engines.diffusion.worker.place import Place  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:::(torch|diffusers|transformers)"),
]

STEPS = 12
#: A tiny checkpoint → its model, a cache that acts on it, and what its brief needs beside words.
FILMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ti2v": ("wan2.2-ti2v-5b", "first_block", {"keyframes": (first(size=wan_made.SMALL),)}),
    "t2v": ("wan2.1-t2v-1.3b", "first_block", {}),
    "a14b": ("wan2.2-i2v-a14b", "first_block", {"keyframes": (first(size=wan_made.SMALL),)}),
    "ltx2": ("ltx-2.3", "taylor_seer", {"size": SIZE}),
}


@pytest.fixture(scope="module", params=FILMS)
def filmed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A film without a cache, one with it, one without again; and what was said of the second."""
    name = request.param
    model, cache, more = FILMS[name]
    checkpoint = contract(model, "diffusion").checkpoint
    assert checkpoint is not None
    torch.set_num_threads(1)  # small as these are, more only get in each other's way
    adapter = family(checkpoint.family)
    folder = wan_made.folder(name) if name in wan_made.BUILT else _ltx2(tmp_path_factory)
    pipe = adapter.load(folder, checkpoint, Place("cpu", "float32"), {})
    said: list[tuple[str, ...]] = []

    def film(cache: str) -> Frames:
        asked: Brief = brief(**{"size": wan_made.SMALL, "steps": STEPS, "cache": cache} | more)
        with speed.for_brief(pipe, asked) as notes:
            made = adapter.film(pipe, asked, checkpoint, Looker())
        said.append(tuple(notes))
        return made.frames

    with pytest.MonkeyPatch.context() as patch:
        for parameters in caches.named(cache).acts.values():
            if (
                "threshold" in parameters
            ):  # of random weights hardly two steps are as alike as of real ones
                patch.setitem(parameters, "threshold", 5.0)
        return film(""), film(cache), film(""), said


def test_a_cache_acts_on_a_whole_film_and_says_what_it_left_out(filmed: Any) -> None:
    before, skipped, _, said = filmed
    assert not np.array_equal(before, skipped)
    ((note,),) = said[1:2]
    left_out, passes = (int(word) for word in note.split() if word.isdigit())
    assert 0 < left_out < passes
    assert said[0] == said[2] == ()


def test_the_film_after_one_with_a_cache_is_bit_equal_to_the_one_before(filmed: Any) -> None:
    before, _, after, _ = filmed
    assert np.array_equal(before, after)


def _ltx2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tiny.ltx2 import ltx2

    return ltx2(tmp_path_factory.mktemp("ltx2"))
