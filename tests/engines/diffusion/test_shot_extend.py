"""A film gone on with: its own frames as they are, then what the model adds, at its own size and rate."""

from pathlib import Path

import numpy as np
import pytest

from engines.diffusion.shot_stage import (
    Numbers,
    checkpoint,
    clip,
    decoded,
    number,
    order,
    picture,
    played,
    rate_of,
)
from mutoscope.errors import BadShot
from mutoscope.shot import Kind, Role, Size

SOURCE = Role.SOURCE


@pytest.mark.parametrize("conditions", [("first",), ("first", "lead")])
def test_the_source_comes_first_and_the_model_goes_on_from_it(
    tmp_path: Path, conditions: tuple[str, ...]
) -> None:
    model = checkpoint(*conditions, lead_frames=5, longest=60)  # type: ignore[arg-type]
    film = clip(tmp_path, range(40, 60))
    made = played(order(tmp_path, {film: SOURCE}, kind=Kind.EXTEND, seconds=2, prompt="on"), model)
    assert made.numbers == list(range(40, 92))
    assert made.footage.frames == 52
    assert made.footage.fps == 16
    assert made.said["2 seconds more"][0] == "done"
    brief = made.model.seen[0]
    if "lead" in conditions:
        assert brief.lead is not None
        assert [number(one) for one in brief.lead] == list(range(55, 60))
    else:
        assert [(one.frame, number(one.image)) for one in brief.keyframes] == [(0, 59)]


def test_its_frames_stay_as_they_are(tmp_path: Path) -> None:
    film = clip(tmp_path, range(40, 60))
    made = played(order(tmp_path, {film: SOURCE}, kind=Kind.EXTEND), checkpoint("first"))
    for one, other in zip(decoded(film), made.frames[:20], strict=True):
        assert np.abs(one.astype(int) - other.astype(int)).mean() < 2


def test_size_and_rate_are_the_films_own_and_a_wish_for_others_is_answered(tmp_path: Path) -> None:
    film = clip(tmp_path, range(24), fps=24, size=Size(128, 80))
    given = order(tmp_path, {film: SOURCE}, kind=Kind.EXTEND, seconds=0.5)
    made = played(given, checkpoint("first"))
    assert {one.shape for one in made.frames} == {(80, 128, 3)}
    assert made.footage.size == Size(128, 80)
    assert rate_of(made.footage.path) == 24
    assert made.footage.frames == 24 + 12
    assert made.said["size 96x64"][0] == "not_possible"
    # 24 a second, of a model that makes 16: one in two of the added falls on one of the model's
    assert made.numbers[:24] == list(range(24))
    assert made.numbers[26] == 25


def test_a_short_film_is_gone_on_with_from_as_many_frames_as_it_has(tmp_path: Path) -> None:
    film = clip(tmp_path, range(3, 6))
    made = played(
        order(tmp_path, {film: SOURCE}, kind=Kind.EXTEND),
        checkpoint("lead", lead_frames=9),
    )
    assert made.model.seen[0].lead is not None
    assert len(made.model.seen[0].lead) == 1
    assert made.numbers == list(range(3, 22))


def test_an_extension_may_end_with_a_picture(tmp_path: Path) -> None:
    film, end = clip(tmp_path, range(16)), picture(tmp_path, 1023)
    for model in (checkpoint("first", "last"), checkpoint("lead", "frame", lead_frames=5)):
        files = {film: SOURCE, end: Role.LAST_FRAME}
        made = played(order(tmp_path, files, kind=Kind.EXTEND, seconds=0.7), model)
        assert made.numbers[:16] == list(range(16))
        assert made.numbers[-1] == 1023


def test_colours_go_on_as_they_were(tmp_path: Path) -> None:
    film = clip(tmp_path, [0] * 16)

    class Darker(Numbers):
        def film(self, brief):  # type: ignore[no-untyped-def]
            made = super().film(brief)
            made.frames[:] = np.clip(brief.keyframes[0].image.astype(int) - 8, 0, 255)
            return made

    made = played(order(tmp_path, {film: SOURCE}, kind=Kind.EXTEND), checkpoint("first"), Darker())
    means = [one.mean() for one in made.frames]
    assert max(means) - min(means) < 2
    assert any("matched at the joins, by 8 codes" in one for one in made.footage.notes)


def test_what_an_extension_leaves_alone_is_said(tmp_path: Path) -> None:
    film = clip(tmp_path, range(16))
    given = order(
        tmp_path, {film: SOURCE, picture(tmp_path, 9): Role.FIRST_FRAME},
        kind=Kind.EXTEND, prompt="make it warmer", loop=True,
    )  # fmt: skip
    said = played(given, checkpoint("first", "last")).said
    assert said["warmer"] == (
        "not_possible", "an extension keeps the film as it is; edit the extended film",
    )  # fmt: skip
    assert said["first frame"][0] == "not_possible"
    assert said["loop"][0] == "not_possible"


def test_a_model_that_goes_on_from_nothing_refuses(tmp_path: Path) -> None:
    film = clip(tmp_path, range(16))
    with pytest.raises(BadShot, match="goes on from no film"):
        played(order(tmp_path, {film: SOURCE}, kind=Kind.EXTEND), checkpoint("video"))
