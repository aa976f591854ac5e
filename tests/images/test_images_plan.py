"""Where a picture's pixels go: numbers alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutoscope.errors import BadShot, ContractRefused
from mutoscope.images.plan import Box, Plan, plan
from mutoscope.shot import Crop, Fit, Size

TARGET = Size(1280, 720)
sizes = st.builds(Size, st.integers(16, 6000), st.integers(16, 6000))
targets = st.builds(Size, st.integers(64, 4096), st.integers(64, 4096))
fits = st.sampled_from([Fit.AUTO, Fit.COVER, Fit.PAD, Fit.STRETCH])


@given(sizes, targets, fits)
def test_crop_lies_in_the_source_and_place_in_the_target(
    size: Size, target: Size, fit: Fit
) -> None:
    made = plan(size, target, fit)
    assert -1e-6 <= made.crop.left < made.crop.right <= size.width + 1e-6
    assert -1e-6 <= made.crop.top < made.crop.bottom <= size.height + 1e-6
    assert 0 <= made.place.left < made.place.right <= target.width
    assert 0 <= made.place.top < made.place.bottom <= target.height
    assert made.fit is not Fit.AUTO


@given(sizes, targets)
def test_cover_fills_the_frame_and_keeps_the_shape(size: Size, target: Size) -> None:
    made = plan(size, target, Fit.COVER)
    assert made.place == Box(0, 0, target.width, target.height)
    across, down = made.scale
    assert across == pytest.approx(down, rel=1e-9)
    assert made.crop.width == pytest.approx(size.width) or made.crop.height == pytest.approx(
        size.height
    )


@given(sizes, targets)
def test_pad_shows_all_and_keeps_the_shape_within_a_pixel(size: Size, target: Size) -> None:
    made = plan(size, target, Fit.PAD)
    assert made.crop == Box(0, 0, size.width, size.height)
    scale = min(target.width / size.width, target.height / size.height)
    for place, side in ((made.place.width, size.width), (made.place.height, size.height)):
        assert place == int(place)
        assert abs(place - side * scale) <= 1
    assert (made.fill == "") == (made.place == Box(0, 0, target.width, target.height))


boxes = st.tuples(*[st.floats(0, 1)] * 4).map(
    lambda f: Box(min(f[0], f[1]), min(f[2], f[3]), max(f[0], f[1]), max(f[2], f[3]))
)


@given(sizes, targets, boxes)
def test_a_focus_moves_the_window_inside_the_picture(size: Size, target: Size, focus: Box) -> None:
    free, held = plan(size, target, Fit.COVER), plan(size, target, Fit.COVER, focus=focus)
    assert held.crop.width == pytest.approx(free.crop.width)
    assert held.crop.left >= -1e-6
    assert held.crop.right <= size.width + 1e-6
    assert held.crop.top >= -1e-6
    assert held.crop.bottom <= size.height + 1e-6


def test_a_tall_subject_keeps_its_head_and_room_above() -> None:
    made = plan(Size(1000, 2000), TARGET, Fit.COVER, focus=Box(0.3, 0.4, 0.7, 1.0))
    head = 0.4 * 2000
    assert made.crop.top == pytest.approx(head - 0.06 * made.crop.height)


def test_a_subject_at_the_side_is_in_the_middle_of_a_narrow_frame() -> None:
    made = plan(Size(2000, 1000), Size(720, 1280), Fit.COVER, focus=Box(0.6, 0.2, 0.8, 0.9))
    assert (made.crop.left + made.crop.right) / 2 == pytest.approx(1400)


@pytest.mark.parametrize(
    ("size", "options", "fit", "fill", "why"),
    [
        pytest.param((1920, 1080), {}, Fit.COVER, "", "frame's shape", id="same shape"),
        pytest.param((1600, 1000), {}, Fit.COVER, "", "10%", id="loses 10 %: cover"),
        pytest.param((1500, 1000), {}, Fit.PAD, "blur", "16%", id="loses 16 %: pad"),
        pytest.param((1000, 1500), {"kind": "portrait"}, Fit.COVER, "", "portrait", id="portrait"),
        pytest.param((900, 1600), {"kind": "screenshot"}, Fit.COVER, "", "screenshot", id="screen"),
        pytest.param((1600, 1000), {"kind": "art"}, Fit.PAD, "blur", "artwork", id="art is padded"),
        pytest.param(
            (1600, 1000), {"border": "#fafafa"}, Fit.PAD, "#fafafa", "plain", id="product's border"
        ),
        pytest.param(
            (1600, 1000), {"border": "#fafafa", "fill": "#000"}, Fit.PAD, "#000000", "plain",
            id="a fill that was said comes first",
        ),
        pytest.param(
            (1600, 1000), {"kind": "portrait", "border": "#ffffff"}, Fit.COVER, "", "portrait",
            id="a portrait on white is a portrait",
        ),
    ],
)  # fmt: skip
def test_auto(
    size: tuple[int, int], options: dict[str, str], fit: Fit, fill: str, why: str
) -> None:
    made = plan(Size(*size), TARGET, Fit.AUTO, **options)  # type: ignore[arg-type]
    assert (made.fit, made.fill) == (fit, fill)
    assert why in made.notes[0]


def test_strict_takes_the_exact_size() -> None:
    assert plan(TARGET, TARGET, Fit.STRICT).crop == Box(0, 0, 1280, 720)


def test_strict_takes_a_crop_of_the_exact_size() -> None:
    made = plan(Size(2560, 720), TARGET, Fit.STRICT, Crop(0.0, 0.0, 0.5, 1.0))
    assert made.crop == Box(0, 0, 1280, 720)


def test_strict_refuses_any_other_size_in_the_vendors_own_words() -> None:
    with pytest.raises(ContractRefused) as refused:
        plan(Size(1281, 720), TARGET, Fit.STRICT)
    assert refused.value.message == "Inpaint image must match the requested width and height"
    assert refused.value.status == 400
    assert refused.value.code == ""


def test_crop_comes_before_the_fit_and_bounds_what_is_shown() -> None:
    made = plan(Size(1000, 1000), TARGET, Fit.COVER, Crop(0.25, 0.0, 0.75, 1.0))
    assert made.bounds == Box(250, 0, 750, 1000)
    assert (made.crop.left, made.crop.right) == (250, 750)


@pytest.mark.parametrize(
    "edges",
    [
        pytest.param((0.5, 0, 0.5, 1), id="empty"),
        pytest.param((0.8, 0, 0.2, 1), id="inverted"),
        pytest.param((-0.1, 0, 1, 1), id="below 0"),
        pytest.param((0, 0, 1, 1.01), id="above 1"),
        pytest.param((0, 0, float("nan"), 1), id="not a number"),
        pytest.param((0, 0, 0.0001, 1), id="no pixel"),
    ],
)
def test_bad_crop(edges: tuple[float, float, float, float]) -> None:
    with pytest.raises(BadShot, match="crop"):
        plan(Size(1000, 1000), TARGET, Fit.COVER, Crop(*edges))


@pytest.mark.parametrize("fill", ["purple-ish", "#12345", "#gggggg", "12 34"])
def test_bad_fill(fill: str) -> None:
    with pytest.raises(BadShot, match="rrggbb"):
        plan(Size(100, 100), TARGET, Fit.PAD, fill=fill)


def test_bad_kind() -> None:
    with pytest.raises(BadShot, match="portrait, screenshot, product, art"):
        plan(Size(100, 100), TARGET, kind="cat")


def test_small_and_enlarged_pictures_are_warned_of() -> None:
    made = plan(Size(640, 360), TARGET, Fit.COVER)
    assert [word in " ".join(made.warnings) for word in ("360", "2.0 times")] == [True, True]


def test_good_pictures_are_not_warned_of() -> None:
    assert plan(Size(4000, 3000), TARGET, Fit.COVER).warnings == ()


def lost(made: Plan) -> float:
    return round(made.lost, 2)


def test_lost_share() -> None:
    assert lost(plan(Size(4000, 3000), TARGET, Fit.COVER)) == 0.25
    assert lost(plan(Size(4000, 3000), TARGET, Fit.PAD)) == 0
