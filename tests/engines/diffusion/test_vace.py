"""VACE: pictures at any frame, frames to go on from, references, and a part of a film made anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from engines.diffusion.briefs_made import Looker, differ  # noqa: E402
from engines.diffusion.wan_made import (  # noqa: E402
    SMALL,
    brief,
    film,
    first,
    frames,
    made,
    picture,
    pipe,
)
from mutoscope.engines.diffusion.brief import Frames, Keyframe, Mask  # noqa: E402
from mutoscope.engines.diffusion.families import wan_vace  # noqa: E402
from mutoscope.shot import Size  # noqa: E402

pytestmark = pytest.mark.torch

OLD = film(4, 9)


def shown(**told: Any) -> Frames:
    return frames("vace", brief(**told))


def box(left: int = 8, right: int = 24) -> Mask:
    """White in the middle of every frame."""
    mask = np.zeros((9, SMALL.height, SMALL.width), np.uint8)
    mask[:, 8:24, left:right] = 255
    return mask


@pytest.mark.parametrize("frame", [0, 3, 5, 8])
def test_a_picture_at_any_frame_acts(frame: int) -> None:
    one, other = (shown(keyframes=(Keyframe(frame, picture(n)),)) for n in (1, 2))
    assert differ(one, other) > 0
    assert differ(one, shown()) > 0
    elsewhere = shown(keyframes=(Keyframe((frame + 2) % 9, picture(1)),))
    assert differ(one, elsewhere) > 0


def test_pictures_at_several_frames_each_act() -> None:
    told = [Keyframe(n, picture(n + 1)) for n in (0, 3, 6, 8)]
    whole = shown(keyframes=tuple(told))
    for number in range(4):
        without = told[:number] + told[number + 1 :]
        assert differ(whole, shown(keyframes=tuple(without))) > 0


def test_every_frame_that_it_goes_on_from_acts() -> None:
    before = film(1, 5)
    whole = shown(lead=before)
    for number in range(5):
        changed = before.copy()
        changed[number] = picture(9)
        assert differ(whole, shown(lead=changed)) > 0
    assert not made("vace", brief(lead=before)).notes


def test_every_reference_acts_and_so_does_their_order() -> None:
    one, two, three = (picture(n, Size(20, 50)) for n in (1, 2, 3))
    whole = shown(references=(one, two, three))
    for others in [(), (one,), (two, one, three), (one, two, picture(4))]:
        assert differ(whole, shown(references=others)) > 0
    assert np.array_equal(whole, shown(references=(one, two, three)))


def test_references_reach_the_model_in_the_makers_order_whole_and_on_white(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The pipeline sets each before the one before."""
    seen: list[Any] = []
    model = pipe("vace")
    plain = model.transformer.forward

    def forward(*args: Any, **told: Any) -> Any:
        seen.append(told["control_hidden_states"])
        return plain(*args, **told)

    monkeypatch.setattr(model.transformer, "forward", forward)
    pair = (picture(1, Size(20, 50)), picture(2, Size(90, 30)))
    shown(references=pair, steps=1, guidance=1.0)
    for number, one in enumerate(pair):
        canvas = wan_vace.on_white(one, SMALL)
        known = wan_vace_latents(model, canvas)
        assert torch.allclose(seen[0][0, :4, number], known, atol=1e-5)


def wan_vace_latents(model: Any, canvas: Any) -> Any:
    from mutoscope.engines.diffusion.families.wan.latents import picture_latents

    return picture_latents(model.vae, canvas, "cpu")


@pytest.mark.parametrize("size", [Size(20, 50), Size(300, 100), Size(32, 32), Size(7, 7)])
def test_a_reference_is_seen_whole_in_the_middle_of_white(size: Size) -> None:
    canvas = wan_vace.on_white(np.zeros((size.height, size.width, 3), np.uint8), SMALL)
    assert canvas.shape == (32, 32, 3)
    dark = np.argwhere(canvas.max(axis=2) < 128)
    (top, left), (bottom, right) = dark.min(axis=0), dark.max(axis=0) + 1
    assert max(bottom - top, right - left) == 32
    assert abs((right - left) / (bottom - top) - size.width / size.height) < 0.25
    assert abs(top - (32 - bottom)) <= 1
    assert abs(left - (32 - right)) <= 1
    assert (np.delete(canvas, np.s_[top:bottom], axis=0) == 255).all()


def test_a_large_reference_is_scaled_without_aliasing() -> None:
    """Fine stripes become grey; the pipeline alone would take every tenth line."""
    stripes = np.zeros((320, 320, 3), np.uint8)
    stripes[:, ::2] = 255
    canvas = wan_vace.on_white(stripes, SMALL)
    assert abs(int(canvas.min()) - 127) < 3
    assert abs(int(canvas.max()) - 128) < 3


def test_what_is_black_in_the_mask_is_kept_to_the_pixel_and_what_is_white_is_made() -> None:
    mask = box()
    whole = shown(video=OLD, mask=mask)
    far = np.ones((SMALL.height, SMALL.width), bool)
    far[5:27, 5:27] = False  # beyond the fade
    assert np.array_equal(whole[:, far], OLD[:, far])
    assert differ(whole[:, 10:22, 10:22], OLD[:, 10:22, 10:22]) > 5


def test_nothing_under_the_mask_shows_in_what_is_made() -> None:
    """What is to go leaves no trace: the model sees grey there."""
    other = OLD.copy()
    other[box() > 0] = 0
    assert np.array_equal(shown(video=OLD, mask=box()), shown(video=other, mask=box()))


def test_the_mask_and_what_is_around_it_act() -> None:
    one = shown(video=OLD, mask=box())
    wider = shown(video=OLD, mask=box(4))
    assert differ(one[:, 10:22, 10:22], wider[:, 10:22, 10:22]) > 0
    other = shown(video=film(5, 9), mask=box())
    assert differ(one[:, 10:22, 10:22], other[:, 10:22, 10:22]) > 0
    referred = shown(video=OLD, mask=box(), references=(picture(3),))
    assert differ(one[:, 10:22, 10:22], referred[:, 10:22, 10:22]) > 0


def test_a_frame_may_be_made_wider_around_a_film() -> None:
    """Outpainting: white at both sides."""
    mask = np.full((9, SMALL.height, SMALL.width), 255, np.uint8)
    mask[:, :, 8:24] = 0
    whole = shown(video=OLD, mask=mask)
    assert np.array_equal(whole[:, :, 11:21], OLD[:, :, 11:21])
    assert differ(whole[:, :, :6], OLD[:, :, :6]) > 5


def test_a_weaker_change_under_the_mask_begins_with_what_is_there() -> None:
    """And then what is under it does show."""
    told = {"mask": box(), "strength": 0.5, "steps": 4}
    other = OLD.copy()
    other[box() > 0] = 0
    assert differ(shown(video=OLD, **told), shown(video=other, **told)) > 0


def test_the_fade_is_on_the_kept_side_only() -> None:
    new = np.full((1, 256, 256, 3), 200, np.uint8)
    old = np.full((1, 256, 256, 3), 100, np.uint8)
    mask = np.zeros((1, 256, 256), np.uint8)
    mask[:, :, 128:] = 255
    line = wan_vace.kept(new, old, mask)[0, 128, :, 0].astype(int)
    assert (line[128:] == 200).all()
    assert (line[:120] == 100).all()
    assert (np.diff(line) >= 0).all()
    assert np.diff(line).max() < 40  # no edge


def test_the_strength_of_a_picture_acts_and_is_told_where_it_holds_for_more() -> None:
    weak, one = first(1, 0.4), Keyframe(8, picture(2))
    assert differ(shown(keyframes=(weak,)), shown(keyframes=(first(1),))) > 0
    assert not made("vace", brief(keyframes=(weak,))).notes
    (said,) = made("vace", brief(keyframes=(weak, one))).notes
    assert "strength 0.4 holds for everything" in said
    assert made("vace", brief(keyframes=(weak,), references=(picture(3),))).notes == (said,)


def test_a_strength_of_nothing_lets_go_of_the_picture() -> None:
    assert np.array_equal(shown(keyframes=(first(1, 0.0),)), shown(keyframes=(first(2, 0.0),)))


def test_frames_that_are_not_given_are_exactly_grey() -> None:
    """128 of 255 is a little above; the makers had the middle."""
    told = wan_vace.given(brief(keyframes=(first(),)))
    assert told is not None
    frames_given, mask = told
    assert (frames_given[1:] == 0.5).all()
    assert (mask[0] == 0).all()
    assert (mask[1:] == 1).all()
    assert wan_vace.given(brief(references=(picture(1),))) is None


def test_references_stay_where_they_are_when_a_film_is_made_anew() -> None:
    told = {"video": OLD, "strength": 0.5, "steps": 4}
    watch = Looker()
    one = frames("vace", brief(references=(picture(1), picture(2)), **told), watch)
    assert one.shape == OLD.shape
    assert (2, 2) in watch.told
    assert differ(one, shown(**told)) > 0
    assert differ(one, shown(references=(picture(1), picture(3)), **told)) > 0


def test_everything_at_once() -> None:
    mask = box()
    mask[:3] = 255
    told = {
        "video": OLD, "mask": mask, "lead": film(2, 2), "keyframes": (Keyframe(8, picture(6)),),
        "references": (picture(7), picture(8)),
    }  # fmt: skip
    whole = shown(**told)
    for name in told:
        less = {key: value for key, value in told.items() if key != name}
        if name == "video":
            del less["mask"]
        assert differ(whole, shown(**less)) > 0
