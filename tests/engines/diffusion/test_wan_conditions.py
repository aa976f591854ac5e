"""What a Wan model is given shows in what it makes, and the same brief makes the same film."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from engines.diffusion.briefs_made import Looker, differ  # noqa: E402
from engines.diffusion.wan_made import (  # noqa: E402
    SMALL,
    adapter,
    brief,
    film,
    first,
    frames,
    made,
    picture,
    pipe,
)
from mutoscope.engines.diffusion.brief import Brief, Frames, Keyframe  # noqa: E402
from mutoscope.errors import Cancelled, EngineFailed  # noqa: E402
from mutoscope.shot import Size  # noqa: E402

pytestmark = pytest.mark.torch

PAIR = (first(1), Keyframe(8, picture(2)))
#: A brief that each checkpoint can make.
BRIEFS: dict[str, Brief] = {
    "ti2v": brief(keyframes=(first(),)),
    "t2v": brief(),
    "a14b": brief(keyframes=PAIR),
    "i2v": brief(keyframes=(first(),)),
    "flf2v": brief(keyframes=PAIR),
    "vace": brief(keyframes=PAIR, references=(picture(3),)),
}
ACTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {"seed": 4}) for name in BRIEFS),
    *((name, {"prompt": "the sea slow"}) for name in BRIEFS),
    *((name, {"negative": "warm"}) for name in BRIEFS),
    *((name, {"guidance": 5.0}) for name in BRIEFS),
    *((name, {"shift": 9.0}) for name in BRIEFS),
    *((name, {"steps": 3}) for name in BRIEFS),
    ("a14b", {"guidance_low": 8.0}),
    *((name, {"keyframes": (first(5),)}) for name in ("ti2v", "i2v")),
    *((name, {"keyframes": (PAIR[0], Keyframe(8, picture(5)))}) for name in ("a14b", "flf2v", "vace")),
    *((name, {"keyframes": (first(5), PAIR[1])}) for name in ("a14b", "flf2v", "vace")),
    ("a14b", {"keyframes": PAIR[:1]}),
]  # fmt: skip


@cache
def whole(name: str) -> Frames:
    return frames(name, BRIEFS[name])


@pytest.mark.parametrize("name", BRIEFS)
def test_the_same_brief_makes_the_same_film_and_it_is_as_it_was_told(name: str) -> None:
    one = whole(name)
    frames(name, replace(BRIEFS[name], seed=77, shift=2.0))  # another leaves nothing behind
    assert np.array_equal(one, frames(name, BRIEFS[name]))
    assert one.shape == (9, SMALL.height, SMALL.width, 3)
    assert one.dtype == np.uint8
    assert one.std() > 5  # and it is no plain grey


@pytest.mark.parametrize(("name", "change"), ACTS)
def test_what_a_brief_says_acts(name: str, change: dict[str, Any]) -> None:
    assert differ(whole(name), frames(name, replace(BRIEFS[name], **change))) > 0


@pytest.mark.parametrize("name", ["ti2v", "t2v", "vace"])
def test_words_alone_make_a_film(name: str) -> None:
    assert frames(name, brief()).std() > 5


@pytest.mark.parametrize("name", ["ti2v", "a14b"])
def test_the_film_goes_on_from_the_last_frame_before_and_says_that_it_is_one(name: str) -> None:
    before = film(7, 5)
    going = made(name, brief(lead=before))
    assert np.array_equal(going.frames, frames(name, brief(keyframes=(Keyframe(0, before[-1]),))))
    assert going.notes == ("the film goes on from the last frame of the one before alone",)
    assert not made(name, brief(lead=before[-1:])).notes


@pytest.mark.parametrize("name", BRIEFS)
def test_words_that_were_encoded_before_make_the_same_film(name: str) -> None:
    told = BRIEFS[name]
    words = adapter(name).encode(pipe(name), told.prompt, told.negative)  # type: ignore[attr-defined]
    assert set(words) == {"prompt_embeds", "negative_prompt_embeds"}
    assert np.array_equal(whole(name), frames(name, told, words=words))
    assert differ(whole(name), frames(name, told, words=dict.fromkeys(words, words["prompt_embeds"]))) > 0  # fmt: skip


def test_encoded_words_need_no_text_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    told, model = BRIEFS["ti2v"], pipe("ti2v")
    words = adapter("ti2v").encode(model, told.prompt, told.negative)  # type: ignore[attr-defined]
    known = whole("ti2v")
    monkeypatch.setattr(model, "text_encoder", None)
    assert np.array_equal(known, frames("ti2v", told, words=words))


@pytest.mark.parametrize("name", BRIEFS)
def test_each_step_is_told_with_a_preview_and_then_each_part_of_the_decoding(name: str) -> None:
    watch = Looker()
    frames(name, BRIEFS[name], watch)
    latent = 3  # frames
    assert watch.told == ["encode", (1, 2), (2, 2), "decode", *["decode"] * latent]
    side = 2 if name == "ti2v" else 4
    assert {seen.shape for seen in watch.seen} == {(side, side, 3)}
    assert differ(watch.seen[0], watch.seen[-1]) > 0


@pytest.mark.parametrize("name", BRIEFS)
@pytest.mark.parametrize("stop", [1, "decode"])
def test_a_cancel_is_heard_at_once_and_the_next_film_is_as_ever(name: str, stop: int | str) -> None:
    known, watch = whole(name), Looker(stop=stop)
    with pytest.raises(Cancelled):
        frames(name, BRIEFS[name], watch)
    assert watch.told[-1] == ((stop, 2) if isinstance(stop, int) else stop)
    assert np.array_equal(known, frames(name, BRIEFS[name]))


def test_a_cancel_is_heard_while_the_film_is_decoded() -> None:
    class Late(Looker):
        def stage(self, name: str, fraction: float = 0.0) -> None:
            super().stage(name, fraction)
            if fraction > 0.3:
                raise Cancelled("stopped")

    watch = Late()
    with pytest.raises(Cancelled):
        frames("t2v", brief(), watch)
    assert watch.told[-3:] == ["decode", "decode", "decode"]
    kept = (*pipe("t2v").vae._feat_map, *pipe("t2v").vae._enc_feat_map)
    assert not any(isinstance(one, torch.Tensor) for one in kept)  # gigabytes on a GPU
    assert np.array_equal(whole("t2v"), frames("t2v", brief()))


def test_a_film_without_a_picture_in_it_is_an_error_and_not_black(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bias = pipe("t2v").vae.decoder.conv_out.bias
    monkeypatch.setattr(bias, "data", torch.full_like(bias, torch.nan))
    with pytest.raises(EngineFailed, match="ran out of range"):
        frames("t2v", brief())


def test_a_film_may_have_another_shape() -> None:
    assert frames("ti2v", brief(size=Size(64, 32))).shape == (9, 32, 64, 3)
    assert frames("t2v", brief(size=Size(48, 80), frames=5)).shape == (5, 80, 48, 3)


def test_tiles_make_nearly_the_same_film_and_are_told_one_by_one() -> None:
    told, model = brief(size=Size(96, 96), steps=1, frames=5), pipe("t2v")
    known, watch = frames("t2v", told), Looker()
    model.vae.enable_tiling(64, 64, 32, 32)
    try:
        tiled = frames("t2v", told, watch)
    finally:
        model.vae.disable_tiling()
    assert 0 < differ(known, tiled) < 12
    assert watch.told.count("decode") == 1 + 2 * 9
