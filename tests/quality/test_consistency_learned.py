"""With the learned weights: who is the same and who is not, on the example photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import filmed
import numpy as np
import pytest

from mutoscope import weights
from mutoscope.quality.consistency import consistency
from mutoscope.quality.consistency.identity import people
from mutoscope.quality.consistency.looks import look
from mutoscope.quality.consistency.scores import look_distance

pytestmark = pytest.mark.weights
EXAMPLES = Path(__file__).parents[2] / "examples"
needs = pytest.mark.skipif(
    weights.find("identity") is None or weights.find("looks") is None,
    reason="the weights identity and looks are fetched by name",
)
#: The first of the 128 numbers that dlib 20.0.1 gives for `waves()`.
BY_DLIB = [-0.06966, 0.10737, 0.07884, -0.08418, -0.13527, -0.06113, -0.01887, -0.07924]


def waves() -> filmed.Rgb:
    y, x = np.mgrid[:150, :150]
    red, green, blue = np.sin(x / 9 + y / 23), np.cos(y / 7), np.sin((x - y) / 15)
    return np.stack([128 + 100 * red, 128 + 90 * green, 128 + 80 * blue], -1).astype(np.uint8)


@needs
def test_a_face_has_dlibs_own_numbers() -> None:
    from mutoscope.images.sessions import session

    network = session("identity")
    assert network is not None
    feed = np.ascontiguousarray(waves().transpose(2, 0, 1)[None], np.float32)
    (found,) = network.run({"face": feed})
    np.testing.assert_allclose(found[0, :8], BY_DLIB, atol=2e-5)
    assert float(np.linalg.norm(found[0])) == pytest.approx(1.35955, abs=1e-4)


def changed(rgb: filmed.Rgb, change: str) -> filmed.Rgb:
    height, width = rgb.shape[:2]
    made: Any
    match change:
        case "mirrored":
            made = rgb[:, ::-1]
        case "dark":
            made = (rgb * 0.5).astype(np.uint8)
        case "small":
            made = cv2.resize(rgb, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
        case "blurred":
            made = cv2.GaussianBlur(rgb, (0, 0), 2)
        case "jpeg":
            made = cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], 1)
        case _:
            turn = cv2.getRotationMatrix2D((width / 2, height / 2), 10, 1)
            made = cv2.warpAffine(rgb, turn, (width, height))
    return np.ascontiguousarray(made, np.uint8)


@needs
@pytest.mark.parametrize("change", ["mirrored", "dark", "small", "blurred", "jpeg", "turned"])
def test_one_person_stays_one_person(change: str) -> None:
    rgb = filmed.photograph("astronaut", 512)
    (one,), (other,) = people(rgb)[0], people(changed(rgb, change))[0]
    assert float(np.linalg.norm(one.vector - other.vector)) < 0.4  # the same below 0.6


@needs
def test_looks_hardly_change_with_light_and_ground() -> None:
    rgb = filmed.photograph("coffee", 400)
    height, width = rgb.shape[:2]
    alpha = np.zeros((height, width), np.float32)
    cv2.ellipse(alpha, (width // 2, height // 2), (110, 90), 0, 0, 360, 1.0, -1)
    other = filmed.textured(width, height)
    ground = np.where(alpha[..., None] > 0, rgb, other)
    dark = (rgb * 0.7).astype(np.uint8)
    looks = [look(picture, alpha) for picture in (rgb, ground, dark, other)]
    assert all(one is not None for one in looks)
    first = looks[0]
    assert first is not None
    before, lit, unlike = (look_distance(first, one) for one in looks[1:] if one is not None)
    assert before < 0.05  # of the ground, the edge's softness alone shows
    assert lit < 0.5 < 1.2 < unlike


@needs
def test_a_character_in_a_clip_of_its_own_and_in_another(tmp_path: Path) -> None:
    def pushed_in(name: str) -> Path:
        photo = np.ascontiguousarray(filmed.photograph(name, 520)[:320])
        frames = filmed.under_a_camera(photo, (480, 300), 8, zoom=1.2)
        return filmed.film(tmp_path / f"{name}.mp4", frames)

    own, cat = pushed_in("astronaut"), pushed_in("chelsea")
    found = consistency(EXAMPLES / "astronaut.jpg", [own, cat], samples=2)
    hers, its = (clip.scores for clip in found.clips)
    assert hers["face"] is not None
    assert hers["face"] > 90
    assert hers["whole"] is not None
    assert hers["whole"] > 75
    assert its["face"] is None
    assert found.clips[1].missing["face"] == "no face is seen"
    assert (its["whole"] or 0.0) < 30


def test_weights_that_are_not_here_leave_parts_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", str(tmp_path))
    found = consistency(None, [EXAMPLES / "astronaut.jpg"])
    assert set(found.scores.values()) == {None}
    assert found.missing["face"] == "needs the weights identity: mutoscope weights fetch identity"
    assert found.missing["whole"] == "needs the weights matte: mutoscope weights fetch matte"
