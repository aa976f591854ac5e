"""Regions: from a caller's mask or point to the plate."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_pictures import landscape

from mutoscope.engines.flipbook.nature import region
from mutoscope.engines.flipbook.nature.grow import grow
from mutoscope.engines.flipbook.nature.region import (
    grown,
    plate_regions,
    read_mask,
    surface,
    to_plate,
)
from mutoscope.engines.flipbook.scene import Mask, Rgb
from mutoscope.errors import BadImage, BadShot
from mutoscope.images.decode import Photo, open_photo
from mutoscope.images.plan import Box, Plan
from mutoscope.shot import Fit, Media, Region, Size

WIDTH, HEIGHT = 400, 300


def lakeside() -> Rgb:
    """Sky, a dark shore, and rippled water below it from row 160 on, with a jetty in it."""
    random = np.random.default_rng(1)
    picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    picture[:150] = (200, 190, 170)
    picture[150:160] = (40, 50, 30)
    picture[160:] = (70, 110, 140)
    picture[160:] += np.linspace(-15, 15, WIDTH)[None, :, None]
    picture[230:, 150:220] = (120, 80, 40)
    picture += 6 * cv2.GaussianBlur(random.standard_normal(picture.shape), (0, 0), 1.0)
    return np.clip(picture, 0, 255).astype(np.uint8)


WATER = np.zeros((HEIGHT, WIDTH), bool)
WATER[160:] = True
WATER[230:, 150:220] = False


def overlap(found: Mask, true: np.ndarray) -> float:
    return float(((found > 0) & true).sum() / ((found > 0) | true).sum())


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    path = tmp_path / "lake.png"
    cv2.imwrite(str(path), lakeside()[..., ::-1])
    return open_photo(path)


def mask_file(folder: Path, mask: np.ndarray, name: str = "mask.png") -> Path:
    path = folder / name
    cv2.imwrite(str(path), mask)
    return path


@pytest.mark.parametrize("point", [(0.2, 0.8), (0.8, 0.7), (0.5, 0.6)])
def test_water_is_grown_up_to_its_shore(point: tuple[float, float]) -> None:
    found = grow(lakeside(), *point, below_sky=True)
    assert found is not None
    assert found.shape == (HEIGHT, WIDTH)
    assert set(np.unique(found)) <= {0, 255}
    assert overlap(found, WATER) > 0.9


def test_the_jetty_is_another_region() -> None:
    found = grow(lakeside(), 0.46, 0.9)
    assert found is not None
    jetty = np.zeros_like(WATER)
    jetty[230:, 150:220] = True
    assert overlap(found, jetty) > 0.85


def test_growing_is_the_same_every_time() -> None:
    one, other = grow(lakeside(), 0.2, 0.8), grow(lakeside(), 0.2, 0.8)
    assert one is not None
    assert other is not None
    assert (one == other).all()


def test_water_that_runs_into_the_sky_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fog.png"
    cv2.imwrite(str(path), np.full((200, 300, 3), 180, np.uint8))
    with pytest.raises(BadShot, match="--region lake=MASK"):
        grown("lake", (0.5, 0.8), open_photo(path))


@pytest.mark.parametrize("size", [(400, 300), (200, 150), (1200, 900), (201, 151)])
def test_a_mask_of_any_size_of_the_picture_s_shape(
    photo: Photo, tmp_path: Path, size: tuple[int, int]
) -> None:
    whole = cv2.resize(WATER.astype(np.uint8) * 255, size, interpolation=cv2.INTER_NEAREST)
    found = read_mask(mask_file(tmp_path, whole), photo)
    assert abs((found > 0).mean() - WATER.mean()) < 0.01


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((300, 500), "mask.png is 500x300; a mask must have the photograph's shape, 400x300"),
        ((400, 300), "lie on its side"),
    ],
)
def test_a_mask_of_another_shape_is_refused(
    photo: Photo, tmp_path: Path, shape: tuple[int, int], message: str
) -> None:
    with pytest.raises(BadImage, match=message):
        read_mask(mask_file(tmp_path, np.full(shape, 255, np.uint8)), photo)


def test_an_empty_mask_is_refused(photo: Photo, tmp_path: Path) -> None:
    with pytest.raises(BadImage, match=r"mask\.png marks nothing"):
        read_mask(mask_file(tmp_path, np.zeros((300, 400), np.uint8)), photo)


def test_a_text_file_is_no_mask(photo: Photo, tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_text("white here, black there\n")
    with pytest.raises(BadImage):
        read_mask(path, photo)


def test_a_region_s_kind_must_be_a_surface() -> None:
    assert surface("Wasser") == "water"
    assert surface("trees") == "foliage"
    with pytest.raises(BadShot, match=r"water, stream, foliage, grass, flowers, .* hair or fire"):
        surface("the cat")


def marked(left: int, top: int, right: int, bottom: int) -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


def box_of(mask: Mask) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


COVER = Plan(
    Size(WIDTH, HEIGHT), Size(640, 360), Fit.COVER,
    crop=Box(0, 37.5, 400, 262.5), place=Box(0, 0, 640, 360),
)  # fmt: skip
PAD = Plan(
    Size(WIDTH, HEIGHT), Size(640, 360), Fit.PAD,
    crop=Box(0, 0, 400, 300), place=Box(80, 0, 560, 360), fill="blur",
)  # fmt: skip


def test_a_mask_goes_the_way_of_its_picture() -> None:
    found = to_plate(marked(100, 100, 200, 200), COVER, 64, 32)
    assert found.shape == (360 + 64, 640 + 128)
    assert box_of(found) == (160 + 64, 100 + 32, 320 + 64, 260 + 32)


def test_a_small_mask_goes_the_same_way() -> None:
    small = cv2.resize(marked(100, 100, 200, 200), (100, 75), interpolation=cv2.INTER_AREA)
    found = box_of(to_plate(np.asarray(small, np.uint8), COVER, 64, 32))
    assert max(abs(a - b) for a, b in zip(found, (224, 132, 384, 292), strict=True)) <= 2


def test_a_large_mask_of_a_small_film() -> None:
    plan = Plan(
        Size(4000, 3000), Size(160, 120), Fit.COVER,
        crop=Box(0, 0, 4000, 3000), place=Box(0, 0, 160, 120),
    )  # fmt: skip
    found = to_plate(marked(100, 100, 200, 200), plan, 0, 0)
    assert box_of(found) == (40, 40, 80, 80)


def test_a_region_at_the_border_goes_on_beyond_it() -> None:
    found = to_plate(marked(0, 150, 400, 300), COVER, 64, 32)
    assert box_of(found)[0] == 0
    assert box_of(found)[2:] == (640 + 128, 360 + 64)


def test_nothing_moves_on_padding() -> None:
    found = to_plate(marked(0, 150, 400, 300), PAD, 16, 16)
    assert box_of(found) == (80 + 16, 180 + 16, 560 + 16, 360 + 16)


def test_regions_of_one_surface_are_joined(photo: Photo, tmp_path: Path) -> None:
    media = Media("0" * 64, "image/png", 1)
    regions = (Region("water", mask=media), Region("lake", point=(0.2, 0.8)))
    masks = {0: mask_file(tmp_path, marked(0, 0, 100, 50))}
    found, notes = plate_regions(regions, masks, photo, PAD)
    assert list(found) == ["water"]
    assert found["water"][:10, 90:190].all()
    assert found["water"][300:, 90:190].all()
    assert len(notes) == 1
    assert "the region grown from lake covers" in notes[0]


def test_a_region_outside_the_part_that_is_shown_is_told(photo: Photo, tmp_path: Path) -> None:
    regions = (Region("grass", mask=Media("0" * 64, "image/png", 1)),)
    found, notes = plate_regions(
        regions, {0: mask_file(tmp_path, marked(100, 0, 200, 30))}, photo, COVER
    )
    assert not found["grass"].any()
    assert notes == ("the region marked as grass lies outside the part that is shown",)


def test_a_busy_picture_grows_something_that_holds_the_point() -> None:
    found = grow(landscape()[:600, :800], 0.5, 0.5)
    if found is not None:
        assert found[290:310, 390:410].any()


def test_water_that_grows_over_most_of_the_picture_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = np.full((90, 160, 3), 128, np.uint8)
    cv2.imwrite(str(tmp_path / "plain.png"), plain)
    everything = np.full((90, 160), 255, np.uint8)
    monkeypatch.setattr(region, "grow", lambda *args, **named: everything)
    with pytest.raises(BadShot, match=r"no water that ends before 55% .*give a mask"):
        region.grown("water", (0.5, 0.5), open_photo(tmp_path / "plain.png"))


def test_a_region_that_points_nearby_do_not_share_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cv2.imwrite(str(tmp_path / "plain.png"), np.full((90, 160, 3), 128, np.uint8))

    def unsteady(rgb: object, x: float, y: float, **named: object) -> Mask:
        mask = np.zeros((90, 160), np.uint8)
        mask[:, :80] = 255 if x <= 0.25 else 0
        mask[:, 20:100] |= 255 if x > 0.25 else 0
        mask[:9] |= 255 * (x > 0.25)
        return mask

    monkeypatch.setattr(region, "grow", unsteady)
    with pytest.raises(BadShot, match="the same from points nearby"):
        region.grown("grass", (0.25, 0.5), open_photo(tmp_path / "plain.png"))
