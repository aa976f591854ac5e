"""Characters in a scene: in the still and in the layer, lit, standing, apart from what is behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from film_scenes import rows_scene
from PIL import Image

from mutoscope.direction.parse import direct
from mutoscope.engines.base import CastMember, Order, Still
from mutoscope.engines.flipbook.camera.model import AT_REST, TX
from mutoscope.engines.flipbook.casting.compose import with_cast
from mutoscope.engines.flipbook.casting.figure import opened, spread
from mutoscope.engines.flipbook.casting.light import matched, shadow
from mutoscope.engines.flipbook.rendering.render import Renderer
from mutoscope.engines.flipbook.scene import Rgb, Scene
from mutoscope.errors import BadShot
from mutoscope.finish.frame import planes_of
from mutoscope.images.plan import Plan, plan
from mutoscope.shot import Anchor, Fit, Media, Role, Shot, Size

pytestmark = pytest.mark.slow

SIZE = Size(640, 360)
RED, BLUE = (220, 40, 40), (40, 60, 230)


def cutout(folder: Path, name: str, colour: tuple[int, int, int], *, cut: bool = False) -> Path:
    """A standing figure of one colour in the middle of a clip's frame; `cut`: off at the bottom."""
    rgba = np.zeros((180, 320, 4), np.uint8)
    bottom = 180 if cut else 160
    rgba[60:bottom, 140:180] = (*colour, 255)
    path = folder / f"{name}.png"
    Image.fromarray(rgba).save(path)
    return path


def member(name: str, *cutouts: Path) -> CastMember:
    return CastMember(name, cutouts=cutouts)


def scene(*, subject: bool = False) -> Scene:
    made = rows_scene(SIZE.width, SIZE.height, margin=32, subject=subject)
    return replace(made, plate=made.plate // 4 + 96, still=made.still // 4 + 96)


def whole() -> Plan:
    return plan(SIZE, SIZE, Fit.COVER)


def redness(rgb: Rgb) -> npt.NDArray[np.int16]:
    wide = rgb.astype(np.int16)
    return wide[..., 0] - wide[..., 2]


def test_the_figure_is_in_the_still_and_in_the_layer(tmp_path: Path) -> None:
    before = scene()
    made, said = with_cast(
        before, whole(), {"Nova": member("Nova", cutout(tmp_path, "n", RED))}, "@Nova"
    )
    assert made.subject is not None
    seen = redness(made.still) > 80
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    assert abs((columns[0] + columns[-1]) / 2 - 320) < 4
    assert 0.5 * 360 < rows[-1] - rows[0] < 0.65 * 360
    assert 0.8 * 360 < rows[-1] < 0.97 * 360
    alpha = made.subject.alpha > 127
    assert alpha.sum() == pytest.approx(seen.sum(), rel=0.05)
    (one,) = said
    assert (one.words, one.outcome) == ("@Nova", "approximated")
    assert "cut-out" in one.how
    assert "does not move" in one.how
    assert not np.shares_memory(made.still, before.still)
    assert np.array_equal(before.still, scene().still)


def test_it_stands_on_the_ground_at_its_feet(tmp_path: Path) -> None:
    made, _ = with_cast(
        scene(), whole(), {"Nova": member("Nova", cutout(tmp_path, "n", RED))}, "@Nova"
    )
    assert made.subject is not None
    feet = made.subject.y + np.flatnonzero((made.subject.alpha > 127).any(1))[-1]
    expected = made.plate_disparity[round((feet + 32) / 8), 40]
    inside = made.subject.disparity[10:-4, 6:-6]
    assert inside == pytest.approx(expected, abs=0.05)
    assert made.pivot == pytest.approx(expected, abs=0.05)


def test_it_shows_parallax_under_a_camera_that_travels(tmp_path: Path) -> None:
    made, _ = with_cast(
        scene(), whole(), {"Nova": member("Nova", cutout(tmp_path, "n", RED))}, "@Nova"
    )
    renderer = Renderer(made)
    pose = np.array(AT_REST)
    pose[TX] = 0.08
    chroma = [planes_of(renderer.draw(p))[2].astype(int) for p in (np.array(AT_REST), pose)]
    places = [np.flatnonzero((plane > 170).any(0)).mean() * 2 for plane in chroma]
    moved = places[0] - places[1]
    assert moved > 20
    top = slice(0, 40)
    still, travelled = (
        planes_of(renderer.draw(p))[0][top].astype(np.float32) for p in (np.array(AT_REST), pose)
    )
    (shift, _), _ = cv2.phaseCorrelate(still[:, 40:-40].copy(), travelled[:, 40:-40].copy())
    assert abs(shift) < 0.6 * moved  # what is far behind moves less


def test_at_rest_the_film_is_the_still(tmp_path: Path) -> None:
    made, _ = with_cast(
        scene(subject=True),
        whole(),
        {"N": member("N", cutout(tmp_path, "n", RED))},
        "@N on the left",
    )
    renderer = Renderer(made)
    drawn, still = renderer.draw(np.array(AT_REST), near=1.0), renderer.still()
    for one, other in zip(planes_of(drawn), planes_of(still), strict=True):
        assert np.abs(one.astype(int) - other.astype(int)).max() <= 2


def test_two_stand_where_the_prompt_says_and_a_third_is_told(tmp_path: Path) -> None:
    cast = {
        "Nova": member("Nova", cutout(tmp_path, "n", RED)),
        "Bob": member("Bob", cutout(tmp_path, "b", BLUE)),
        "Cy": member("Cy", cutout(tmp_path, "c", RED)),
    }
    made, said = with_cast(scene(), whole(), cast, "@Nova on the right, @Bob on the left, @Cy")
    red = np.flatnonzero((redness(made.still) > 80).any(0)).mean()
    blue = np.flatnonzero((redness(made.still) < -80).any(0)).mean()
    assert blue < 0.4 * 640 < 0.6 * 640 < red
    assert [one.outcome for one in said] == ["approximated", "approximated", "not_possible"]
    assert "at most 2" in said[2].how


def test_what_stands_nearer_is_in_front(tmp_path: Path) -> None:
    own = scene(subject=True)
    assert own.subject is not None
    beside = replace(own.subject, x=184)  # its edge lies before the place on the left
    cast = {"Nova": member("Nova", cutout(tmp_path, "n", RED))}
    seen = {}
    for depth in (0.0, 1.0):
        subject = replace(beside, disparity=np.full_like(beside.disparity, depth))
        made, _ = with_cast(replace(own, subject=subject), whole(), cast, "@Nova on the left")
        seen[depth] = int((redness(made.still) > 60).sum())
    assert 0.7 * seen[0.0] < seen[1.0] < 0.97 * seen[0.0]


def test_a_figure_that_was_asked_for_is_not_hidden(tmp_path: Path) -> None:
    own = scene(subject=True)
    assert own.subject is not None
    near = replace(own, subject=replace(own.subject, disparity=np.ones_like(own.subject.disparity)))
    made, _ = with_cast(
        near, whole(), {"N": member("N", cutout(tmp_path, "n", RED))}, "@N in the middle"
    )
    assert (redness(made.still) > 60).sum() > 5000


def test_a_shadow_lies_under_the_feet_and_nowhere_above(tmp_path: Path) -> None:
    plain = replace(
        scene(),
        plate=np.full((424, 704, 3), 160, np.uint8),
        still=np.full((360, 640, 3), 160, np.uint8),
    )
    made, _ = with_cast(
        plain, whole(), {"Nova": member("Nova", cutout(tmp_path, "n", RED))}, "@Nova"
    )
    dark = 160 - made.plate[..., 0].astype(int)
    assert dark.max() > 40
    rows = np.flatnonzero((dark > 8).any(1)) - 32
    assert rows[0] > 0.7 * 360
    assert np.array_equal(made.plate[:200], plain.plate[:200])


def test_a_bust_has_no_shadow_and_no_edge_in_the_picture(tmp_path: Path) -> None:
    before = scene()
    made, said = with_cast(
        before, whole(), {"N": member("N", cutout(tmp_path, "n", RED, cut=True))}, "@N"
    )
    assert np.array_equal(made.plate, before.plate)
    assert (redness(made.still)[-1] > 80).any()
    assert "as far down" in said[0].how


def test_shadow_reaches_where_columns_touch_the_ground() -> None:
    legs = np.zeros((200, 100), np.float32)
    legs[:150] = 1
    legs[150:, 10:30] = legs[150:, 70:90] = 1
    dark = shadow(legs, 25)
    assert dark.shape == (225, 150)
    ground = dark[199]
    assert ground[25 + 20] > ground[25 + 50] + 0.1
    assert dark[:100].max() < 0.05
    assert shadow(np.zeros((10, 10), np.float32), 4).max() == 0


@pytest.mark.parametrize(("level", "way"), [(20, -1), (235, 1)])
def test_light_goes_towards_the_place_but_not_all_the_way(level: int, way: int) -> None:
    rng = np.random.default_rng(2)
    colour = rng.uniform(100, 150, (60, 40, 3)).astype(np.float32)
    around = np.full((80, 80, 3), level, np.uint8)
    lit = matched(
        colour, np.ones((60, 40), np.float32), around, np.full((60, 40, 3), level, np.uint8)
    )
    change = float(lit[10:-10, 10:-10].mean() - colour.mean())
    assert 0 < way * change < 0.7 * abs(level - 125)


def test_the_tint_of_the_place_falls_on_it() -> None:
    grey = np.full((60, 40, 3), 128, np.float32)
    green = np.full((60, 40, 3), (40, 140, 40), np.uint8)
    lit = matched(grey, np.ones((60, 40), np.float32), green, green)
    assert 2 < float((lit[..., 1] - lit[..., 0]).mean()) < 30


def test_spread_carries_colour_beyond_the_outline() -> None:
    alpha = np.zeros((40, 40), np.float32)
    alpha[10:30, 10:30] = 1
    colour = spread(alpha[..., None] * np.array([200, 50, 20], np.float32), alpha)
    assert np.abs(colour[7, 20] - (200, 50, 20)).max() < 6
    assert np.isfinite(colour).all()


@pytest.mark.parametrize(("content", "words"), [("rgb", "no transparency"), ("clear", "empty"), ("text", "cannot be read")])  # fmt: skip
def test_files_that_are_no_cut_out(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "a.png"
    if content == "text":
        path.write_text("hello")
    else:
        Image.new("RGB" if content == "rgb" else "RGBA", (20, 20)).save(path)
    with pytest.raises(BadShot, match=words) as caught:
        opened("Nova", path)
    assert "Nova" in caught.value.message


def test_a_cut_out_knows_its_size_and_where_it_was_cut(tmp_path: Path) -> None:
    one = opened("N", cutout(tmp_path, "n", RED))
    assert (one.alpha.shape, one.cut) == ((100, 40), frozenset())
    assert one.share == pytest.approx(100 / 180)
    assert one.aspect == pytest.approx(0.4)
    assert opened("N", cutout(tmp_path, "m", RED, cut=True)).cut == {"bottom"}


def order(folder: Path, cast: dict[str, CastMember], stills: int = 1) -> Order:
    media = Media("0" * 64, "image/png", 1)
    roles = (Role.FIRST_FRAME, Role.LAST_FRAME)[:stills]
    shot = Shot(
        prompt="@Nova on the left, slow dolly in", size=Size(320, 180), seconds=0.5, fps=12,
        anchors=tuple(Anchor(media, role) for role in roles), cast=tuple(cast),
    )  # fmt: skip
    found = {}
    for place in range(stills):
        path = folder / f"still-{place}.png"
        Image.fromarray(rows_scene(320, 180, subject=False, seed=place).still).save(path)
        found[place] = Still(path, plan(Size(320, 180), Size(320, 180), Fit.COVER))
    return Order(
        shot=shot, direction=direct(shot.prompt, 0.5), folder=folder, stills=found, cast=cast
    )


@pytest.mark.slow
def test_a_film_with_a_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mutoscope.engines.flipbook.film import film

    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path / "none"))
    made = film(
        order(tmp_path, {"Nova": member("Nova", cutout(tmp_path, "n", RED))}),
        lambda *a: None,
        lambda: False,
    )
    assert made.frames == 6
    assert made.instructions[0].words == "@Nova"
    assert any("background" in note for note in made.notes)


def test_a_shadow_is_gone_where_its_own_picture_ends() -> None:
    dark = shadow(np.ones((80, 120), np.float32), 30)
    assert dark.max() > 0.2
    assert (
        max(dark[:, 0].max(), dark[:, -1].max(), dark[-1].max()) < 0.004
    )  # a level of a white ground
