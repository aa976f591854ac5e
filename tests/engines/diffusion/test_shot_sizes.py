"""The canvas is legal, within the tier's area, and loses as little of the frame as can be."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.diffusion.shot_stage import checkpoint
from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Tier
from mutoscope.catalog.rules import Sides
from mutoscope.engines.diffusion.shot.sizes import SQUEEZED, canvas, notes, placed
from mutoscope.shot import Quality, Size

STANDARD = Quality.STANDARD
MODELS = [one.model for one in load.contracts("diffusion") if one.checkpoint is not None]
evens = st.integers(32, 2048).map(lambda half: 2 * half)


def model(name: str):  # type: ignore[no-untyped-def]
    found = load.contract(name, "diffusion").checkpoint
    assert found is not None
    return found


@settings(deadline=None, max_examples=150)
@given(evens, evens, st.sampled_from(MODELS), st.sampled_from(list(Quality)), st.booleans())
def test_every_canvas_is_legal_and_the_frame_lies_on_it(
    wide: int, tall: int, name: str, quality: Quality, pictured: bool
) -> None:
    found, target = model(name), Size(wide, tall)
    made = canvas(target, found, quality, pictured=pictured)
    assert found.sides.allows(made.size)
    area = made.size.width * made.size.height
    least = found.sides.low  # a very long frame may need one side at its least
    assert area <= (found.tiers[quality.value].area or found.area) or least in (
        made.size.width,
        made.size.height,
    )
    window = made.window
    assert window.left >= 0
    assert window.top >= 0
    assert window.right <= made.size.width + 1e-6
    assert window.bottom <= made.size.height + 1e-6
    across, down = made.scale
    assert max(across / down, down / across) - 1 <= (SQUEEZED if pictured else 1e-6) + 1e-9


@given(evens, evens)
def test_a_canvas_lying_is_a_canvas_standing_turned(wide: int, tall: int) -> None:
    found = msgspec.structs.replace(
        checkpoint("first"), area=901_120, sides=Sides(a=32, low=256, high=1280)
    )
    one = canvas(Size(wide, tall), found, STANDARD, pictured=True)
    other = canvas(Size(tall, wide), found, STANDARD, pictured=True)
    areas = [a.size.width * a.size.height for a in (one, other)]
    assert min(areas) >= 0.8 * max(areas)


@pytest.mark.parametrize(
    ("target", "size", "says"),
    [
        ("1280x720", "1280x704", "2.3% taller"),
        ("720x1280", "704x1280", "2.3% wider"),
        ("1920x1080", "1280x704", "scaled to 1920x1080"),
        ("1280x704", "1280x704", ""),
        ("640x352", "640x352", ""),
    ],
)
def test_the_models_own_shape_is_taken(target: str, size: str, says: str) -> None:
    made = canvas(
        Size(*map(int, target.split("x"))), model("wan2.2-ti2v-5b"), STANDARD, pictured=True
    )
    assert str(made.size) == size
    assert says in made.says()
    assert bool(made.says()) == bool(says)


def test_without_a_picture_nothing_is_squeezed_and_the_film_is_cropped() -> None:
    made = canvas(Size(1280, 720), model("wan2.2-ti2v-5b"), STANDARD, pictured=False)
    assert made.says() == "made at 1280x704, scaled to 1309x720, cropped to 1280x720"


def test_best_is_made_at_the_models_own_area_and_draft_at_the_tiers() -> None:
    found = model("wan2.2-ti2v-5b")
    sizes = {one: canvas(Size(640, 352), found, one, pictured=True).size for one in Quality}
    assert str(sizes[Quality.BEST]) == "1280x704"
    assert str(sizes[STANDARD]) == "640x352"
    draft = canvas(Size(1280, 720), found, Quality.DRAFT, pictured=True).size
    assert draft.width * draft.height <= found.tiers["draft"].area


def test_a_tier_may_reach_beyond_the_checkpoints_usual_area() -> None:
    tiers = checkpoint().tiers | {"best": Tier(steps=8, guidance=5.0, area=4 * 96 * 64)}
    found = checkpoint("first", tiers=tiers)
    assert canvas(Size(192, 128), found, Quality.BEST, pictured=True).size == Size(192, 128)
    assert canvas(Size(192, 128), found, STANDARD, pictured=True).size == Size(96, 64)


def test_what_will_be_soft_small_or_of_a_strange_shape_is_said() -> None:
    found = model("wan2.2-ti2v-5b")
    soft = canvas(Size(1920, 1080), found, STANDARD, pictured=True)
    assert "enlarged 1.5 times" in notes(soft, found, STANDARD)[0]
    small = canvas(Size(320, 320), found, STANDARD, pictured=True)
    assert "far below what the model makes best (1280x704" in notes(small, found, STANDARD)[0]
    long = canvas(Size(2048, 512), found, STANDARD, pictured=True)
    assert any("the shape" in one for one in notes(long, found, STANDARD))
    assert notes(canvas(Size(1280, 720), found, STANDARD, pictured=True), found, STANDARD) == ()


def test_beyond_a_small_squeeze_the_frame_is_a_window_in_the_middle() -> None:
    made = placed(Size(96, 64), Size(96, 48), pictured=True)
    assert (made.window.left, made.window.top, made.window.bottom) == (0, 8, 56)
    assert made.says() == "made at 96x64, cropped to 96x48"
