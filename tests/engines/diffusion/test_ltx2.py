"""LTX-2 on a tiny checkpoint: every condition acts, at its own frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engines.diffusion.briefs_made import Looker, brief, differ, film, first, picture
from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.engines.diffusion.brief import Brief, Frames, Keyframe, Made
from mutoscope.engines.diffusion.worker.place import Place
from mutoscope.errors import Cancelled, EngineFailed

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore:::(torch|diffusers|transformers)"),
]


def checkpoint(name: str = "ltx-2.3", **changes: Any) -> Checkpoint:
    found = load.contract(name, "diffusion").checkpoint
    assert found is not None
    return msgspec.structs.replace(found, **changes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tiny.ltx2 import ltx2

    return ltx2(tmp_path_factory.mktemp("ltx2"))


@pytest.fixture(scope="module")
def pipe(folder: Path) -> Any:
    from mutoscope.engines.diffusion.families.ltx2 import FAMILY

    torch.set_num_threads(1)  # small as these are, more only get in each other's way
    return FAMILY.load(folder, checkpoint(), Place("cpu", "float32"), {})


@pytest.fixture(scope="module")
def plain(pipe: Any) -> Frames:
    """What the plain brief makes."""
    return made(pipe, brief()).frames


def made(pipe: Any, asked: Brief, look: Looker | None = None, **more: Any) -> Made:
    from mutoscope.engines.diffusion.families.ltx2 import FAMILY

    named = more.pop("of", checkpoint())
    return FAMILY.film(pipe, asked, named, look or Looker(), **more)


@contextmanager
def calls(pipe: Any) -> Iterator[list[dict[str, Any]]]:
    """What the transformer is told, call by call."""
    told: list[dict[str, Any]] = []
    handle = pipe.transformer.register_forward_pre_hook(
        lambda _, __, named: told.append(named), with_kwargs=True
    )
    yield told
    handle.remove()


def test_the_same_brief_makes_the_same_film_and_sound(pipe: Any) -> None:
    one, other = (made(pipe, brief(sound=True, keyframes=(first(),))) for _ in range(2))
    assert one.frames.shape == (9, 64, 64, 3)
    assert np.array_equal(one.frames, other.frames)
    assert one.sound is not None
    assert other.sound is not None
    assert np.array_equal(one.sound, other.sound)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 4},
        {"prompt": "sea " * 400},
        {"negative": "warm slow " * 400},
        {"guidance": 5.0},
        {"fps": 30.0},
        {"keyframes": (first(),)},
        {"keyframes": (Keyframe(8, picture(1)),)},
        {"keyframes": (Keyframe(4, picture(1)),)},
        {"lead": film(1, 1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_that_is_told_acts(pipe: Any, plain: Frames, change: dict[str, Any]) -> None:
    assert differ(plain, made(pipe, brief(**change)).frames) > 0.02


@pytest.mark.parametrize("frame", [0, 1, 5, 8])
def test_another_picture_another_place_and_less_of_it_each_make_another_film(
    pipe: Any, frame: int
) -> None:
    def with_one(*keyframe: Any) -> Any:
        return made(pipe, brief(keyframes=(Keyframe(*keyframe),))).frames

    plain = with_one(frame, picture(1), 1.0)
    assert differ(plain, with_one(frame, picture(2), 1.0)) > 0.02
    assert differ(plain, with_one(frame, picture(1), 0.5)) > 0.02
    assert differ(plain, with_one(7 if frame != 7 else 6, picture(1), 1.0)) > 0.02


def test_each_picture_stands_at_its_own_frame_and_not_at_its_latents_first(pipe: Any) -> None:
    """The pipeline itself puts "the last" seven frames before the end."""
    places = (0, 1, 6, 16)
    asked = brief(frames=17, keyframes=tuple(Keyframe(at, picture(at)) for at in places))
    with calls(pipe) as told:
        made(pipe, asked)
    tokens = told[0]["hidden_states"].shape[1]
    film_tokens = 3 * 2 * 2
    assert (
        tokens == film_tokens + 3 * 2 * 2
    )  # the first is laid into the film, the others beside it
    seconds = told[0]["video_coords"][0, 0, film_tokens:]
    shown = {tuple(round(float(at) * 24, 4) for at in span) for span in seconds}
    assert shown == {(1, 2), (6, 7), (16, 17)}


def test_a_film_goes_on_from_the_frames_before(pipe: Any) -> None:
    one = made(pipe, brief(frames=17, lead=film(1, 9)))
    other = made(pipe, brief(frames=17, lead=film(2, 9)))
    end = made(pipe, brief(frames=17, lead=film(1, 9), keyframes=(Keyframe(16, picture(3)),)))
    assert len(one.frames) == 17
    assert differ(one.frames, other.frames) > 1
    assert differ(one.frames, end.frames) > 0.02


def test_the_frames_to_go_on_from_stay_clean_through_all_steps(pipe: Any) -> None:
    with calls(pipe) as told:
        made(pipe, brief(frames=17, lead=film(1, 9), guidance=1.0))
    kept = [call["hidden_states"][0, : 2 * 2 * 2] for call in told]
    assert all(torch.equal(kept[0], one) for one in kept)
    assert not torch.equal(told[0]["hidden_states"][0, 8:], told[-1]["hidden_states"][0, 8:])


def test_a_film_is_made_anew_the_more_the_higher_the_strength(pipe: Any) -> None:
    source = film(1, 9)
    with torch.no_grad():
        pixels = torch.from_numpy(source).permute(3, 0, 1, 2)[None].float() / 127.5 - 1
        seen = pipe.vae.decode(pipe.vae.encode(pixels).latent_dist.mode()).sample[0]
    itself = ((seen.permute(1, 2, 3, 0).clamp(-1, 1) + 1) * 127.5).numpy().astype(np.uint8)
    # without guidance, whose excess would drown a random model's step
    films = [
        made(pipe, brief(video=source, strength=strength, steps=10, guidance=1.0)).frames
        for strength in (0.1, 0.5, 1.0)
    ]
    far = [differ(one, itself) for one in films]
    assert far[0] < far[1] < far[2]
    assert np.array_equal(films[2], made(pipe, brief(steps=10, guidance=1.0)).frames)


def test_a_film_made_anew_in_part_takes_that_part_of_the_steps(pipe: Any) -> None:
    look = Looker()
    made(pipe, brief(video=film(1, 9), strength=0.5, steps=6), look)
    assert look.told == ["encode", (1, 3), (2, 3), (3, 3), "decode"]


def test_its_sound_is_made_from_nothing_beside_a_film_that_is_only_changed(pipe: Any) -> None:
    with calls(pipe) as told:
        made(pipe, brief(video=film(1, 9), strength=0.5, steps=6, guidance=1.0))
    assert float(told[0]["audio_timestep"][0]) == pytest.approx(1000)
    assert float(told[0]["timestep"].max()) < 990
    assert float(told[-1]["audio_timestep"][0]) < float(told[0]["audio_timestep"][0])


@pytest.mark.parametrize(("frames", "fps"), [(9, 24.0), (17, 25.0)])
def test_the_sound_is_as_long_as_the_film_at_the_vocoders_rate(
    pipe: Any, frames: int, fps: float
) -> None:
    found = made(pipe, brief(frames=frames, fps=fps, sound=True))
    assert found.sound is not None
    assert found.rate == 24000
    assert found.sound.shape == (round(frames / fps * 24000), 2)
    assert found.sound.dtype == np.float32
    assert 0 < np.abs(found.sound).max() <= 1


def test_no_sound_where_none_is_asked(pipe: Any) -> None:
    found = made(pipe, brief())
    assert (found.sound, found.rate) == (None, 0)


def test_a_distilled_model_goes_its_own_noise_levels_in_one_pass_a_step(
    pipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = checkpoint("ltx-2.3-distilled")
    shifting = type(pipe.scheduler).from_config(pipe.scheduler.config)
    monkeypatch.setattr(pipe, "audio_scheduler", shifting)  # some checkpoints have one for sound
    with calls(pipe) as told:
        made(pipe, brief(steps=8, guidance=1.0, negative=""), of=named)
    for which in ("sigma", "audio_sigma"):
        levels = [float(one[which][0]) / 1000 for one in told]
        assert levels == pytest.approx(list(named.sigmas), abs=1e-5)


def test_a_distilled_model_does_not_take_another_number_of_steps(pipe: Any) -> None:
    with pytest.raises(EngineFailed, match="distilled for 8 steps; it cannot take 5"):
        made(pipe, brief(steps=5, guidance=1.0), of=checkpoint("ltx-2.3-distilled"))


@pytest.mark.parametrize("perturbed", [True, False])
def test_perturbed_guidance_acts_also_where_the_checkpoint_says_nothing_of_it(
    tmp_path: Path, perturbed: bool
) -> None:
    """Loaded as it is, it would make the pass and get the same again."""
    from mutoscope.engines.diffusion.families.ltx2 import FAMILY
    from tiny.ltx2 import ltx2

    own = FAMILY.load(ltx2(tmp_path, perturbed), checkpoint(), Place("cpu", "float32"), {})
    films = []
    for stg, passes in ((0.0, 2), (2.0, 3)):
        named = checkpoint(options={"stg": stg, "stg_block": 1})
        with calls(own) as told:
            films.append(made(own, brief(), of=named).frames)
        assert len(told) == 3 * passes
    assert differ(*films) > 0.02


def test_an_option_that_it_does_not_know_is_refused(pipe: Any) -> None:
    with pytest.raises(EngineFailed, match="stgg"):
        made(pipe, brief(), of=checkpoint(options={"stgg": 1.0}))


@pytest.mark.parametrize("stop", [1, 2, "encode", "decode"])
def test_it_stops_within_one_step_and_films_again(
    pipe: Any, plain: Frames, stop: int | str
) -> None:
    look = Looker(stop)
    changed = brief(video=film(1, 9), strength=0.7, keyframes=(first(),))  # with parts of its own
    with calls(pipe) as told, pytest.raises(Cancelled):
        made(pipe, changed, look)
    steps = [one for one in look.told if isinstance(one, tuple)]
    assert len(told) == 3 * len(steps)
    assert np.array_equal(plain, made(pipe, brief()).frames)


def test_it_tells_of_every_step_and_shows_what_it_comes_to(pipe: Any) -> None:
    look = Looker()
    made(pipe, brief(keyframes=(Keyframe(8, picture(1)),)), look)
    assert look.told == ["encode", (1, 3), (2, 3), (3, 3), "decode"]
    assert [one.shape for one in look.seen] == [(2, 2, 3)] * 3


def test_embeddings_that_were_kept_make_the_same_film(pipe: Any) -> None:
    from mutoscope.engines.diffusion.families.ltx2 import FAMILY

    asked = brief(prompt="a cat in the sea", keyframes=(first(),))
    words = FAMILY.encode(pipe, asked.prompt, asked.negative)
    assert words["prompt"].shape[1] == 5  # of 1024
    told = made(pipe, asked).frames
    assert np.array_equal(told, made(pipe, asked, words=words).frames)
    others = FAMILY.encode(pipe, "warm " * 400, asked.negative)
    assert differ(told, made(pipe, asked, words=others).frames) > 0.02


def test_pictures_are_pressed_as_in_training_or_it_is_said_that_they_are_not(
    pipe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mutoscope.engines.diffusion.families import ltx2

    pressed = made(pipe, brief(keyframes=(first(),)))
    monkeypatch.setattr(ltx2, "find_spec", lambda name: None)
    plain = made(pipe, brief(keyframes=(first(),)))
    assert (pressed.notes, plain.notes) == ((), (ltx2.UNPRESSED,))
    assert differ(pressed.frames, plain.frames) > 0.02
    assert made(pipe, brief()).notes == ()
    assert made(pipe, brief(frames=17, lead=film(1, 9))).notes == ()  # films are never pressed


def test_it_says_that_a_negative_prompt_has_no_effect_without_guidance(pipe: Any) -> None:
    assert "no effect" in made(pipe, brief(guidance=1.0)).notes[0]
    assert made(pipe, brief(guidance=1.0, negative=checkpoint().negative)).notes == ()


def test_it_films_in_half_precision(folder: Path) -> None:
    from mutoscope.engines.diffusion.families.ltx2 import FAMILY

    half = FAMILY.load(folder, checkpoint(), Place("cpu", "bfloat16"), {})
    found = made(half, brief(sound=True, keyframes=(first(), Keyframe(8, picture(2)))))
    assert found.frames.std() > 1
    assert made(half, brief(video=film(1, 9), strength=0.5)).frames.std() > 1


def adapter(folder: Path) -> Path:
    """A LoRA of rank 2 in the makers' own layout, with random weights."""
    from safetensors.torch import save_file

    torch.manual_seed(5)
    parts = {}
    for block in (0, 1):
        for layer in ("attn1.to_q", "attn1.to_v", "attn2.to_out.0"):
            name = f"diffusion_model.transformer_blocks.{block}.{layer}"
            parts[f"{name}.lora_A.weight"] = torch.randn(2, 16)
            parts[f"{name}.lora_B.weight"] = torch.randn(16, 2)
    file = folder / "adapter.safetensors"
    save_file(parts, file)
    return file


def test_a_distilled_lora_goes_its_own_levels_and_leaves_nothing_behind(
    folder: Path, plain: Frames, tmp_path: Path
) -> None:
    from mutoscope.engines.diffusion.families.ltx2 import FAMILY

    own = FAMILY.load(folder, checkpoint(), Place("cpu", "float32"), {})
    fast = brief(steps=8, guidance=1.0, lora="distilled")
    with pytest.raises(EngineFailed, match="asked for the LoRA 'distilled' and has ''"):
        made(own, fast)
    bare = made(own, brief(steps=8, guidance=1.0)).frames
    FAMILY.wear(own, "distilled", {"transformer": adapter(tmp_path)})
    with calls(own) as told:
        worn = made(own, fast).frames
    levels = [float(one["sigma"][0]) / 1000 for one in told]
    assert levels == pytest.approx(list(checkpoint().loras["distilled"].sigmas), abs=1e-5)
    assert differ(bare, worn) > 1
    FAMILY.wear(own, "", {})
    assert np.array_equal(plain, made(own, brief()).frames)


def test_a_lora_that_is_none_is_refused_and_none_is_worn(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from mutoscope.engines.diffusion.families.ltx2 import FAMILY

    own = FAMILY.load(folder, checkpoint(), Place("cpu", "float32"), {})
    file = tmp_path / "other.safetensors"
    save_file({"diffusion_model.blocks.0.weight": torch.zeros(2)}, file)
    with pytest.raises(EngineFailed, match="does not fit this model"):
        FAMILY.wear(own, "distilled", {"transformer": file})
    assert made(own, brief()).frames.std() > 1


def test_its_licence_asks_for_consent_and_tells_of_the_revenue() -> None:
    for one in load.contracts("diffusion"):
        if one.checkpoint is not None and one.checkpoint.family == "ltx2":
            assert one.checkpoint.licence.consent
            assert "10 million" in one.checkpoint.licence.conditions[0]
            assert all(lora.licence.consent for lora in one.checkpoint.loras.values())
