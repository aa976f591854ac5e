"""With the learned weights: faces, portraits, crops about the subject; on the example photographs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutoscope.images.decode import open_photo
from mutoscope.images.faces import find_faces
from mutoscope.images.framing import framing
from mutoscope.images.inspect import inspect
from mutoscope.images.kinds import kind_of
from mutoscope.shot import Fit, Size

pytestmark = pytest.mark.weights
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "count"), [("astronaut", 1), ("chelsea", 0), ("coffee", 0), ("rocket", 0)]
)
def test_faces(name: str, count: int, capfd: pytest.CaptureFixture[str]) -> None:
    found = find_faces(open_photo(EXAMPLES / f"{name}.jpg").thumbnail(640))
    assert found is not None
    assert len(found) == count
    assert capfd.readouterr().err == ""


def test_a_face_makes_a_portrait_which_auto_covers() -> None:
    photo = open_photo(EXAMPLES / "astronaut.jpg")
    assert kind_of(photo) == ("portrait", None)
    planned = framing(photo, Size(1280, 720))
    assert planned.fit is Fit.COVER
    assert "portrait" in planned.notes[0]


def test_cover_keeps_the_subject_where_the_middle_would_cut_it() -> None:
    photo = open_photo(EXAMPLES / "astronaut.jpg")
    (face,) = find_faces(photo.thumbnail(640)) or ()
    about = framing(photo, Size(1280, 720), Fit.COVER)
    middle = framing(photo, Size(1280, 720), Fit.COVER, aware=False)
    top = face.box.top * photo.height
    assert about.crop.top < top
    assert top - about.crop.top > top - middle.crop.top


def test_subject_share() -> None:
    subject = inspect(EXAMPLES / "coffee.jpg").image["subject"]
    assert subject.verdict == "good"
    assert subject.value == pytest.approx(0.48, abs=0.05)
    assert inspect(EXAMPLES / "chelsea.jpg").image["subject"].value is None


def test_the_example_pair_belongs_together() -> None:
    pair = inspect(EXAMPLES / "coffee.jpg", EXAMPLES / "coffee-near.jpg").pair
    assert pair is not None
    assert pair.same_composition
    assert pair.same_light
    assert not pair.unlikely_smooth
    assert pair.zoom == pytest.approx(600 / 450, abs=0.03)
