"""A shot with characters and no picture: its ground comes from the frame a character was cut out of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mutoscope.direction.parse import direct
from mutoscope.engines.base import CastMember, Order
from mutoscope.engines.flipbook.casting.figure import faded
from mutoscope.engines.flipbook.casting.ground import Ground, ground
from mutoscope.engines.flipbook.casting.placing import Ground as Frame
from mutoscope.engines.flipbook.casting.placing import Measures, settled
from mutoscope.engines.flipbook.film import film
from mutoscope.errors import BadShot
from mutoscope.images.plan import Box
from mutoscope.shot import Anchor, Media, Region, Role, Shot, Size

RED = (220, 30, 30)
WIDE, TALL = Size(320, 180), Size(180, 320)


@pytest.fixture(autouse=True)
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filled by classical means, so that no test waits for a network."""
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path / "none"))


def member(
    folder: Path,
    box: tuple[int, int, int, int] = (140, 60, 180, 160),
    size: Size = WIDE,
    name: str = "Nova",
) -> CastMember:
    """A red figure before stripes that lie above green; `box`: left, top, right, bottom."""
    rgb = np.zeros((size.height, size.width, 3), np.uint8)
    rgb[...] = 90 + 60 * (np.arange(size.width)[None, :, None] // 16 % 2)
    rgb[int(0.7 * size.height) :] = (40, 130, 50)
    alpha = np.zeros((size.height, size.width, 1), np.uint8)
    left, top, right, bottom = box
    rgb[top:bottom, left:right], alpha[top:bottom, left:right] = RED, 255
    Image.fromarray(rgb).save(folder / f"{name}.png")
    cut = np.concatenate([rgb * (alpha > 0), alpha], -1)
    Image.fromarray(cut).save(folder / f"{name}-cut.png")
    return CastMember(
        name, cutouts=(folder / f"{name}-cut.png",), pictures=(folder / f"{name}.png",)
    )


def order(folder: Path, *members: CastMember, size: Size = WIDE, prompt: str = "", **fields: object) -> Order:  # fmt: skip
    prompt = prompt or " ".join(f"@{one.name}." for one in members) + " Slow dolly in"
    shot = Shot(
        prompt=prompt, size=size, seconds=0.5, fps=12, cast=tuple(one.name for one in members),
        **fields,  # type: ignore[arg-type]
    )  # fmt: skip
    cast = {one.name: one for one in members}
    return Order(shot=shot, direction=direct(prompt, 0.5), folder=folder, cast=cast)


def pixels(made: Ground) -> np.ndarray:
    with Image.open(made.still.original) as opened:
        return np.asarray(opened).astype(np.int16)


def test_the_figure_is_gone_from_its_ground_and_leaves_no_halo(tmp_path: Path) -> None:
    made = ground(order(tmp_path, member(tmp_path)))
    rgb = pixels(made)
    redness = rgb[..., 0] - rgb[..., 1]
    assert redness.max() < 30
    assert made.how == "the ground is the softened background of Nova's own frame"
    assert rgb[170, 20, 1] > rgb[170, 20, 0] + 60  # the green below is there
    assert made.home == Box(140 / 320, 60 / 180, 180 / 320, 160 / 180)


def test_what_is_far_is_softer_than_what_is_at_the_feet(tmp_path: Path) -> None:
    high = member(tmp_path, (140, 10, 180, 100))  # so that stripes lie at its feet, too
    rgb = pixels(ground(order(tmp_path, high)))
    step = np.abs(np.diff(rgb[..., 0], axis=1))[:, :100].max(1)
    assert step[100] > 1.3 * step[5]


@pytest.mark.parametrize(
    ("box", "of", "size", "why"),
    [
        ((20, 5, 300, 175), WIDE, WIDE, "fills most of its picture"),
        ((30, 60, 150, 300), TALL, WIDE, "too little of its picture has the film's shape"),
        ((14, 6, 18, 16), Size(32, 18), WIDE, "its picture is too small"),
    ],
)
def test_a_poor_frame_gives_its_colours_alone(
    tmp_path: Path, box: tuple[int, int, int, int], of: Size, size: Size, why: str
) -> None:
    made = ground(order(tmp_path, member(tmp_path, box, of), size=size))
    assert made.how.startswith("the ground is plain, in the colours of Nova's own frame: ")
    assert why in made.how
    assert made.home is None
    rgb = pixels(made)
    assert rgb.shape == (180 + 2 * 22, 320 + 2 * 38, 3)  # with room for a camera on each side
    assert np.abs(np.diff(rgb.mean(2), axis=1)).max() < 12  # nothing is drawn in it
    assert (rgb[-20:, :, 1] - rgb[-20:, :, 0]).mean() > (rgb[:20, :, 1] - rgb[:20, :, 0]).mean()


def test_whoever_stands_gives_the_ground(tmp_path: Path) -> None:
    bust = member(tmp_path, (140, 60, 180, 180), name="Bust")
    made = ground(order(tmp_path, bust, member(tmp_path)))
    assert "Nova's own frame" in made.how


@pytest.mark.parametrize("size", [WIDE, TALL, Size(240, 240)])
def test_the_shape_of_what_is_shown_is_its_own(tmp_path: Path, size: Size) -> None:
    across, down = ground(order(tmp_path, member(tmp_path), size=size)).still.plan.scale
    assert across == pytest.approx(down, rel=0.01)


def test_at_home_a_figure_covers_the_place_it_was_taken_from() -> None:
    frame, home = Frame(0, 0, 320, 180, beyond=(16, 16, 16, 16)), Box(0.4, 0.3, 0.6, 0.9)
    whole = Measures(64, 108, 0.6, frozenset())
    place = settled(whole, home, frame)
    assert place is not None
    assert (place.x, place.y, place.width, place.height, place.feet) == (128, 54, 64, 108, 162)
    bust = Measures(64, 126, 0.7, frozenset({"bottom"}))
    low = settled(bust, Box(0.4, 0.3, 0.6, 1.0), frame)
    assert low is not None
    assert low.feet is None
    assert low.y + low.height == 196  # below the picture, also when the camera looks there
    assert settled(Measures(64, 108, 0.6, frozenset({"left"})), home, frame) is None
    assert settled(whole, Box(0.4, 0.8, 0.6, 0.9), frame) is None
    assert settled(whole, Box(0.4, 0.3, 1.1, 0.9), frame) is None


def test_sides_that_a_clip_cut_off_go_softly() -> None:
    alpha = faded(np.ones((40, 100), np.float32))
    assert alpha[:, 0].max() == alpha[:, -1].max() == 0
    assert alpha[:, 10:-10].min() == 1


@pytest.mark.parametrize("missing", ["pictures", "cutouts"])
def test_without_a_frame_there_is_no_ground(tmp_path: Path, missing: str) -> None:
    bare = replace(member(tmp_path), **{missing: ()})  # type: ignore[arg-type]
    with pytest.raises(BadShot, match="no picture of Nova"):
        ground(order(tmp_path, bare))


def test_regions_need_a_picture_to_lie_in(tmp_path: Path) -> None:
    marked = order(tmp_path, member(tmp_path), regions=(Region("water", point=(0.5, 0.5)),))
    with pytest.raises(BadShot, match="regions are marked in a picture"):
        ground(marked)


@pytest.mark.slow
@pytest.mark.parametrize("size", [WIDE, TALL])
def test_a_film_of_a_character_alone(tmp_path: Path, size: Size) -> None:
    made = film(order(tmp_path, member(tmp_path), size=size), lambda *a: None, lambda: False)
    assert made.frames == 6
    first, second = made.instructions[:2]
    assert (first.words, first.outcome) == ("background", "approximated")
    assert first.how.startswith("there is no picture: the ground is ")
    assert (second.words, second.outcome) == ("@Nova", "approximated")
    assert len(made.notes) == 1


@pytest.mark.slow
def test_figure_and_ground_move_apart(tmp_path: Path) -> None:
    import av

    made = film(
        order(tmp_path, member(tmp_path), prompt="@Nova. Fast truck left"),
        lambda *a: None,
        lambda: False,
    )
    with av.open(str(made.path)) as container:
        frames = [one.to_ndarray(format="rgb24").astype(np.int16) for one in container.decode()]
    first, last = frames[0], frames[-1]
    red = [np.flatnonzero((one[..., 0] - one[..., 1] > 80).any(0)).mean() for one in (first, last)]
    rows = [one[10:40].mean((0, 2)) - one[10:40].mean() for one in (first, last)]
    shifts = range(-20, 21)
    fit = [float((rows[0][24:-24] * np.roll(rows[1], shift)[24:-24]).sum()) for shift in shifts]
    moved = -shifts[int(np.argmax(fit))]
    assert abs(red[1] - red[0]) > abs(moved) + 2


@pytest.mark.slow
def test_what_a_cut_out_cannot_follow_is_told(tmp_path: Path) -> None:
    clip = Media("1" * 64, "video/mp4", 1)
    anchors = (Anchor(clip, Role.REFERENCE, strength=0.4),)
    made = order(tmp_path, replace(member(tmp_path), strength=0.4), anchors=anchors)
    footage = film(replace(made, clips={0: tmp_path / "other.mp4"}), lambda *a: None, lambda: False)
    told = {one.words: one.outcome for one in footage.instructions}
    assert told["reference video"] == told["@Nova strength 0.4"] == "not_possible"
