"""What a model makes comes out with exactly the size, the length and the rate that were asked for, and its
pictures are the very frames that they were to be. The model here counts its frames."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engines.diffusion.shot_stage import (
    Numbers,
    Quiet,
    checkpoint,
    number,
    numbered,
    order,
    picture,
    played,
    rate_of,
    sharp,
)
from mutoscope.catalog.checkpoint import Licence, Lora, Tier
from mutoscope.catalog.rules import Steps
from mutoscope.direction.model import Direction, Edit
from mutoscope.engines.diffusion.shot.finishing import finished
from mutoscope.engines.diffusion.shot.writing import written
from mutoscope.errors import Cancelled
from mutoscope.shot import Quality, Role, Size

FIRST, LAST, FRAME, REFERENCE = Role.FIRST_FRAME, Role.LAST_FRAME, Role.FRAME, Role.REFERENCE
Files = dict[Path, Role | tuple[Role, dict[str, Any]]]
ANY = checkpoint("first", "last", "frame", "lead", lead_frames=5, longest=60)


def at_frame(folder: Path, frame: int) -> Files:
    """The picture that says 1023, to be that frame."""
    return {picture(folder, 1023): (FRAME, {"frame": frame})}


@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(16, 90).map(lambda half: Size(2 * half, 64)),
    st.integers(1, 40),
    st.sampled_from([8.0, 12.0, 16.0, 24.0, 29.97]),
)
def test_size_length_and_rate_are_as_asked(
    tmp_path: Path, size: Size, frames: int, fps: float
) -> None:
    given = order(
        tmp_path, {picture(tmp_path, 300): FIRST}, size=size, fps=fps, seconds=frames / fps
    )
    made = played(given, checkpoint("first", longest=60))
    shown = made.frames
    assert len(shown) == frames == made.footage.frames
    assert {one.shape for one in shown} == {(size.height, size.width, 3)}
    assert rate_of(made.footage.path) == pytest.approx(fps, abs=0.01)
    assert made.footage.fps is None
    assert made.footage.size is None


def test_at_the_models_own_rate_every_frame_is_its_own(tmp_path: Path) -> None:
    made = played(order(tmp_path, {picture(tmp_path, 500): REFERENCE}), checkpoint("first"))
    assert made.numbers == list(range(500, 516))
    assert made.said["reference picture"] == ("done", "the film begins with it")


def test_at_half_the_models_rate_every_other_frame_is_shown(tmp_path: Path) -> None:
    made = played(order(tmp_path, {picture(tmp_path, 500): FIRST}, fps=8), checkpoint("first"))
    assert made.numbers == list(range(500, 516, 2))
    assert made.said["8 frames a second"][1] == "the model makes 16 a second, of which 8 are shown"


def test_at_another_rate_frames_between_are_computed_and_the_tempo_stays(tmp_path: Path) -> None:
    """A dot that goes two pixels a frame of the model's goes 4/3 of one in a film of 24."""

    class Dot(Numbers):
        def film(self, brief):  # type: ignore[no-untyped-def]
            made = super().film(brief)
            for at, frame in enumerate(made.frames):
                y, x = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]]
                blob = np.exp(-((x - 20 - 2 * at) ** 2 + (y - 32) ** 2) / 60)
                frame[:] = (60 + 180 * blob)[..., None]
            return made

    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, fps=24)
    made = played(given, checkpoint("first", frames=Steps(a=4, b=1, low=5, high=33)), Dot())
    shown = made.frames
    assert len(shown) == 24
    for at, frame in enumerate(shown):
        weight = np.clip(frame[..., 1].astype(float) - 90, 0, None)
        middle = (weight * np.arange(frame.shape[1])).sum() / weight.sum()
        assert middle == pytest.approx(20 + 2 * at * 16 / 24, abs=0.7)
    assert "computed from the motion" in made.said["24 frames a second"][1]


def test_a_long_film_goes_on_without_a_doubled_or_a_jumping_frame(tmp_path: Path) -> None:
    for model in (checkpoint("first", longest=60), ANY):
        given = order(tmp_path, {picture(tmp_path, 200): FIRST}, seconds=4)
        made = played(given, model)
        assert made.project.parts > 2
        assert made.numbers == list(range(200, 264))
        assert "going on from the one before" in made.said["4 seconds"][1]
        seeds = [brief.seed for brief in made.model.seen]
        assert len(set(seeds)) == len(seeds)


def test_a_model_that_takes_several_frames_is_given_them_to_go_on_from(tmp_path: Path) -> None:
    made = played(order(tmp_path, {picture(tmp_path, 200): FIRST}, seconds=2), ANY)
    later = made.model.seen[1]
    assert later.lead is not None
    assert [number(one) for one in later.lead] == list(range(212, 217))
    assert later.keyframes == ()


def test_colours_that_drift_from_part_to_part_are_matched_at_the_joins(tmp_path: Path) -> None:
    given = order(tmp_path, {picture(tmp_path, 200): FIRST}, seconds=3)
    made = played(given, checkpoint("first", longest=60), Numbers(warm=4))
    means = [frame.mean() for frame in made.frames]
    steps = [abs(later - one) for one, later in pairwise(means)]
    plain = [
        abs(float(numbered(n + 1).mean()) - float(numbered(n).mean())) for n in range(200, 247)
    ]
    for step, usual in zip(steps, plain, strict=True):
        assert step == pytest.approx(usual, abs=1.6)
    assert any("colours were matched at the joins" in one for one in made.footage.notes)


@pytest.mark.parametrize("fps", [16.0, 24.0, 10.0])
@pytest.mark.parametrize("seconds", [0.9, 1.0, 2.3])
def test_first_and_last_frame_are_the_finished_films_own(
    tmp_path: Path, fps: float, seconds: float
) -> None:
    for model in (checkpoint("first", "last", longest=60), ANY):
        files = {picture(tmp_path, 1023): LAST, picture(tmp_path, 0): FIRST}
        made = played(order(tmp_path, files, fps=fps, seconds=seconds), model)
        numbers = made.numbers
        assert len(numbers) == round(fps * seconds)
        assert (numbers[0], numbers[-1]) == (0, 1023)
        assert sharp(made.frames[-1]) > 80
        assert made.said["last frame"] == ("done", "the film ends with it")


@pytest.mark.parametrize("fps", [16.0, 24.0, 30.0])
def test_a_picture_at_a_frame_is_that_frame_in_whatever_part_it_falls(
    tmp_path: Path, fps: float
) -> None:
    for at in (1, 7, 25, 40, 44):
        if at >= 3 * fps:
            continue
        files = at_frame(tmp_path, at) | {picture(tmp_path, 0): FIRST}
        made = played(order(tmp_path, files, fps=fps, seconds=3), ANY)
        assert made.numbers[at] == 1023
        assert sharp(made.frames[at]) > 80
        assert sum(bool(one.keyframes) for one in made.model.seen) <= 2


def test_a_grid_on_which_a_model_takes_pictures_bends_the_tempo_and_is_said(tmp_path: Path) -> None:
    model = checkpoint("frame", keyframes=Steps(a=8, b=1, low=0, high=100), frames=Steps(a=8, b=1, low=9, high=33))  # fmt: skip
    files = at_frame(tmp_path, 11) | {picture(tmp_path, 0): FIRST}
    made = played(order(tmp_path, files), model)
    assert [one.frame for one in made.model.seen[0].keyframes] == [0, 9]
    assert made.numbers[11] == 1023
    assert made.said["tempo"][0] == "approximated"


def test_a_loop_comes_back_to_its_first_picture_which_is_shown_once(tmp_path: Path) -> None:
    for model in (checkpoint("first", "last", longest=60), ANY):
        made = played(order(tmp_path, {picture(tmp_path, 300): FIRST}, loop=True), model)
        ends = [one for brief in made.model.seen for one in brief.keyframes]
        assert [one.frame for one in ends] == [0, 16]
        assert np.array_equal(ends[0].image, ends[1].image)
        assert made.numbers == list(range(300, 316))
        assert made.said["loop"][0] == "done"


def test_a_loop_that_cannot_be_is_said(tmp_path: Path) -> None:
    cases = [
        (checkpoint("first"), {picture(tmp_path, 1): FIRST}, "takes no last frame"),
        (checkpoint("frame", words_alone=True), {}, "no first picture"),
        (
            ANY,
            {picture(tmp_path, 1): FIRST, picture(tmp_path, 2): LAST},
            "ends with the last frame",
        ),
    ]
    for model, files, why in cases:
        made = played(order(tmp_path, files, loop=True), model)
        outcome, how = made.said["loop"]
        assert outcome == "not_possible"
        assert why in how


def test_a_negative_prompt_replaces_the_models_own(tmp_path: Path) -> None:
    model = checkpoint("first", negative="blurry")
    files = {picture(tmp_path, 1): FIRST}
    assert played(order(tmp_path, files), model).model.seen[0].negative == "blurry"
    mine = order(tmp_path, files, negative_prompt="rain", quality=Quality.STANDARD)
    guided = played(mine, model)
    assert guided.model.seen[0].negative == "rain"
    assert guided.said["not: rain"][0] == "approximated"
    draft = order(tmp_path, files, negative_prompt="rain", quality=Quality.DRAFT)
    assert played(draft, model).said["not: rain"][0] == "not_possible"


def test_grades_are_done_by_the_house_and_said_done(tmp_path: Path) -> None:
    read = Direction(seconds=1, edits=(Edit(edit="black_and_white", words="black and white"), Edit(edit="slower", words="slower")))  # fmt: skip
    red = tmp_path / "red.png"
    Image.new("RGB", (96, 64), (200, 30, 30)).save(red)

    class Still(Numbers):
        def film(self, brief):  # type: ignore[no-untyped-def]
            made = super().film(brief)
            made.frames[:] = brief.keyframes[0].image
            return made

    made = played(order(tmp_path, {red: FIRST}, direction=read), checkpoint("first"), Still())
    assert np.ptp(made.frames[3].astype(int), axis=2).max() <= 3
    assert made.said["black and white"][0] == "done"
    assert made.said["slower"][0] == "not_possible"


def test_the_mark_that_a_licence_wants_is_on_every_frame_and_said(tmp_path: Path) -> None:
    size = Size(192, 128)
    model = checkpoint(
        "first", area=192 * 128, licence=Licence(name="x", source="x", mark="Made with X")
    )
    files = {picture(tmp_path, 0, size): FIRST}
    plain = played(order(tmp_path, files, size=size), checkpoint("first", area=192 * 128)).frames
    made = played(order(tmp_path, files, size=size), model)
    for one, other in zip(made.frames, plain, strict=True):
        off = np.abs(one.astype(int) - other.astype(int)).mean(axis=2)
        assert (off[110:, 100:] > 60).sum() > 25
        assert off[:100, :90].max() < 12
    assert any("Made with X" in note for note in made.footage.notes)


def test_what_the_licence_of_a_lora_wants_is_kept_to_too(tmp_path: Path) -> None:
    laid = Lora(repository="x", files={}, licence=Licence(name="y", source="y", mark="By Y"))
    tiers = {
        "draft": Tier(steps=2, guidance=1.0, lora="fast"),
        "best": Tier(steps=4, guidance=5.0),
    }
    model = checkpoint("first", tiers=tiers, loras={"fast": laid})
    given = order(tmp_path, {picture(tmp_path, 1): FIRST})
    project = written(given, model, "test")
    assert project.finish is not None
    assert project.finish.mark == "By Y"
    best = order(tmp_path, {picture(tmp_path, 1): FIRST}, quality=Quality.BEST)
    plain = written(best, model, "test")
    assert plain.finish is not None
    assert plain.finish.mark == ""


def test_the_conditions_of_the_weights_licence_are_in_the_report(tmp_path: Path) -> None:
    kept = Licence(name="L", source="x", consent=True, regions_excluded=("EU", "UK", "KR"))
    given = order(tmp_path, {picture(tmp_path, 1): FIRST})
    notes = written(given, checkpoint("first", licence=kept), "test").notes
    assert (
        "the weights are under the L, which has conditions and is not granted in EU, UK and KR"
        in notes
    )
    assert not written(given, checkpoint("first"), "test").notes


def test_a_gif_has_the_rate_that_it_can_have(tmp_path: Path) -> None:
    from mutoscope.shot import Delivery

    gif = Delivery(format="gif", suffix=".gif")
    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, delivery=gif)
    made = played(given, checkpoint("first"))
    assert made.footage.format == "gif"
    assert made.footage.path.suffix == ".gif"
    assert len(made.frames) == made.footage.frames


def test_a_film_that_is_stopped_while_it_is_finished_leaves_nothing(tmp_path: Path) -> None:
    class Stopping(Quiet):
        def stage(self, name: str, fraction: float = 0.0) -> None:
            if fraction > 0.5:
                raise Cancelled("stopped")

    given = order(tmp_path, {picture(tmp_path, 1): FIRST})
    project = written(given, checkpoint("first"), "test")
    made = [Numbers().film(project.brief(0, None))]
    with pytest.raises(Cancelled):
        finished(given, project, made, {}, Stopping())
    assert list(given.folder.iterdir()) == []


def test_the_same_order_is_the_same_film_to_the_byte(tmp_path: Path) -> None:
    given = order(tmp_path, {picture(tmp_path, 1): FIRST}, fps=24)
    films = [played(given, checkpoint("first")).footage.path.read_bytes() for _ in range(2)]
    assert films[0] == films[1]
