"""What a Wan model would ignore, round or drop without a word is refused, and its weights stay as they are."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from engines.diffusion.briefs_made import differ  # noqa: E402
from engines.diffusion.wan_made import (  # noqa: E402
    BUILT,
    CPU,
    SMALL,
    adapter,
    brief,
    checkpoint,
    film,
    first,
    folder,
    frames,
    loaded,
    picture,
    pipe,
)
from mutoscope.engines.diffusion.brief import Keyframe  # noqa: E402
from mutoscope.engines.diffusion.worker.place import Place  # noqa: E402
from mutoscope.errors import EngineFailed  # noqa: E402
from mutoscope.shot import Size  # noqa: E402

pytestmark = pytest.mark.torch

LAST, MIDDLE = Keyframe(8, picture(2)), Keyframe(4, picture(2))
MASK = np.full((9, SMALL.height, SMALL.width), 255, np.uint8)
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("ti2v", {"keyframes": (first(), LAST)}, "picture to end with"),
    ("ti2v", {"keyframes": (first(), MIDDLE)}, "picture at frame 4"),
    ("ti2v", {"keyframes": (first(strength=0.5),)}, "strength"),
    ("ti2v", {"keyframes": (first(),), "lead": film(1, 2)}, "two pictures for one frame"),
    ("ti2v", {"references": (picture(1),)}, "reference"),
    ("ti2v", {"video": film(1, 9), "mask": MASK}, "part of a film"),
    ("ti2v", {"video": film(1, 5)}, "5 frames to make one of 9"),
    ("ti2v", {"sound": True}, "no sound"),
    ("ti2v", {"guidance_low": 3.0}, "one expert"),
    ("ti2v", {"lora": "4-step"}, "has no LoRA '4-step'"),
    ("a14b", {"lora": "4-step", "keyframes": (first(),)}, "'4-step' and has '' laid over it"),
    ("ti2v", {"size": Size(48, 32)}, "multiples of 32"),
    ("t2v", {"keyframes": (first(),)}, "begin with; is another model's checkpoint in its folder"),
    ("t2v", {"lead": film(1, 1)}, "begin with"),
    ("t2v", {"keyframes": (LAST,)}, "begin with"),
    ("a14b", {}, "needs a picture to begin with"),
    ("a14b", {"keyframes": (LAST,)}, "none to begin with"),
    ("a14b", {"keyframes": (first(),), "frames": 10}, "makes 4·k . 1 frames"),
    ("a14b", {"keyframes": (first(),), "frames": 0}, "makes 4·k . 1 frames"),
    ("a14b", {"keyframes": (first(),), "size": Size(40, 32)}, "multiples of 16"),
    ("a14b", {"keyframes": (first(size=Size(16, 16)),)}, "another size"),
    ("a14b", {"keyframes": (first(),), "guidance": 1.0, "guidance_low": 3.0}, "second expert"),
    ("i2v", {"keyframes": (first(), LAST)}, "picture to end with"),
    ("flf2v", {"keyframes": (first(),)}, "needs a picture to end with"),
    ("vace", {"mask": MASK}, "mask and no film"),
    ("vace", {"keyframes": (first(), first(2))}, "two pictures for one frame"),
    ("vace", {"keyframes": (first(),), "lead": film(1, 2)}, "two pictures for one frame"),
    ("vace", {"keyframes": (Keyframe(9, picture(1)),)}, "outside of its 9 frames"),
    ("vace", {"lead": film(1, 9)}, "9 frames to go on from"),
    ("vace", {"references": (picture(1),) * 4}, "at most 3 references"),
    ("vace", {"sound": True}, "no sound"),
]


@pytest.mark.parametrize(("name", "told", "said"), REFUSED)
def test_what_it_cannot_do_is_refused_before_it_films(
    name: str, told: dict[str, Any], said: str
) -> None:
    with pytest.raises(EngineFailed, match=said):
        frames(name, brief(**told))


def test_ti2v_ignores_a_last_picture_when_the_pipeline_alone_is_asked() -> None:
    """The trap itself: were it mended, the refusal could go."""
    from PIL import Image

    def asked(**more: Any) -> Any:
        way = diffusers.WanImageToVideoPipeline(**_parts(pipe("ti2v")), expand_timesteps=True)
        way.set_progress_bar_config(disable=True)
        return way(
            image=Image.fromarray(picture(1)), prompt="a cat", height=32, width=32, num_frames=5,
            num_inference_steps=1, output_type="np", generator=torch.Generator().manual_seed(1), **more,
        ).frames  # fmt: skip

    assert np.array_equal(asked(), asked(last_image=Image.fromarray(picture(2))))


def _parts(model: Any) -> dict[str, Any]:
    names = ("tokenizer", "text_encoder", "vae", "transformer", "scheduler")
    return {name: getattr(model, name) for name in names}


def test_another_way_to_film_leaves_the_weights_in_their_precision() -> None:
    """`from_pipe` turns the shared weights to float32: twice the memory, and slower from then on."""
    model = loaded("ti2v", Place("cpu", "bfloat16"))
    kinds = {name: part.dtype for name, part in model.components.items() if hasattr(part, "dtype")}
    assert kinds["vae"] == torch.float32
    assert kinds["transformer"] == kinds["text_encoder"] == torch.bfloat16
    one = frames("ti2v", brief(keyframes=(first(),)), pipe=model)
    assert kinds == {
        name: part.dtype for name, part in model.components.items() if hasattr(part, "dtype")
    }
    assert one.std() > 5
    assert differ(one, frames("ti2v", brief(keyframes=(first(),)))) < 12


def test_parts_that_another_model_has_are_taken_as_they_are() -> None:
    shared = {"text_encoder": pipe("ti2v").text_encoder, "tokenizer": pipe("ti2v").tokenizer}
    model = adapter("t2v").load(folder("t2v"), checkpoint("t2v"), CPU, shared)
    assert model.text_encoder is shared["text_encoder"]
    assert np.array_equal(frames("t2v", brief(), pipe=model), frames("t2v", brief()))


def test_a_checkpoint_of_another_family_is_refused() -> None:
    with pytest.raises(EngineFailed, match="holds a WanVACEPipeline"):
        adapter("t2v").load(folder("vace"), checkpoint("t2v"), CPU, {})


def test_an_option_that_no_wan_has_is_refused() -> None:
    with pytest.raises(EngineFailed, match="no option 'speed'"):
        adapter("t2v").load(folder("t2v"), checkpoint("t2v", options={"speed": 2.0}), CPU, {})


@pytest.mark.parametrize("name", BUILT)
def test_tiny_checkpoints_are_tiny(name: str) -> None:
    assert sum(file.stat().st_size for file in folder(name).rglob("*") if file.is_file()) < 700_000


def test_loading_and_filming_say_nothing_that_a_person_must_read(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frames("a14b", brief(keyframes=(first(), LAST)))
    out, told = capfd.readouterr()
    assert out == ""
    assert "Rounding" not in told
    assert "Adjusting" not in told
