"""Where a character stands: words of four languages, and geometry."""

from __future__ import annotations

import pytest

from mutoscope.engines.flipbook.casting.placing import Ground, Measures, Place, placed
from mutoscope.engines.flipbook.casting.words import Wanted, wanted

WIDE, TALL = Ground(0, 0, 1280, 720, (64, 32, 64, 32)), Ground(0, 0, 720, 1280, (32, 64, 32, 64))
PERSON = Measures(200, 600, 0.55, frozenset())
BUST = Measures(300, 400, 0.8, frozenset({"bottom"}))
CAR = Measures(800, 300, 0.3, frozenset())
OPEN = Wanted()


@pytest.mark.parametrize(
    ("prompt", "side", "distance"),
    [
        ("@Nova stands on the left, slow push in", "left", ""),
        ("on the right stands @Nova", "right", ""),
        ("@Nova in the middle of the square", "centre", ""),
        ("@Nova in the background on the left", "left", "far"),
        ("close-up of @Nova", "", "near"),
        ("@Nova walks left", "", ""),
        ("@Nova waves. The camera pans to the left", "", ""),
        ("pan left, @Nova", "", ""),
        ("@Bob on the left and @Nova on the right", "right", ""),
        ("@Bob on the left and @Nova", "", ""),
        ("@Novak on the left, @Nova", "", ""),
        ("@NOVA on the left", "left", ""),
        ("@Nova to the left of @Bob", "", ""),
        ("@Nova steht links im Bild", "left", ""),
        ("@Nova geht nach links", "", ""),
        ("auf der rechten Seite @Nova im Hintergrund", "right", "far"),
        ("@Nova til højre i forgrunden", "right", "near"),
        ("@Nova 在左边", "left", ""),
        ("@Nova 向左走", "", ""),
        ("nobody here", "", ""),
    ],
)
def test_words(prompt: str, side: str, distance: str) -> None:
    found = wanted(prompt, "@Nova")
    assert (found.side, found.distance) == (side, distance)


def one(measures: Measures, word: Wanted = OPEN, ground: Ground = WIDE) -> Place:
    (place,) = placed([(measures, word)], ground)
    return place


def middle(place: Place) -> float:
    return place.x + place.width / 2


def test_a_person_stands_in_the_lower_third_in_proportion() -> None:
    place = one(PERSON)
    assert place.height == pytest.approx(0.55 * 720, abs=2)
    assert place.width / place.height == pytest.approx(1 / 3, abs=0.01)
    assert place.feet == place.y + place.height
    assert 0.8 * 720 < place.feet < 0.95 * 720
    assert middle(place) == pytest.approx(640, abs=2)


def test_sides_and_distances() -> None:
    left, right = one(PERSON, Wanted("left")), one(PERSON, Wanted("right"))
    assert middle(left) < 0.35 * 1280 < 0.65 * 1280 < middle(right)
    far, near = one(PERSON, Wanted("", "far")), one(PERSON, Wanted("", "near"))
    assert far.height < 0.6 * one(PERSON).height < one(PERSON).height < near.height
    assert far.feet is not None
    assert near.feet is not None
    assert far.feet < near.feet


def test_what_its_clip_cut_off_stays_out_of_the_picture() -> None:
    place = one(BUST)
    assert place.feet is None
    assert place.y + place.height == 720 + 32
    for width in (500, 1400):
        close = one(Measures(width, 720, 1.0, frozenset({"top", "bottom"})))
        assert close.y == -32
        assert close.y + close.height == 720 + 32
    headless = one(Measures(300, 700, 1.0, frozenset({"top"})))
    assert headless.y == -32
    assert headless.feet == headless.y + headless.height
    assert 0.85 * 720 < headless.feet < 720
    assert one(Measures(300, 400, 0.5, frozenset({"left"}))).x == -64
    at_right = one(Measures(300, 400, 0.5, frozenset({"right"})))
    assert at_right.x + at_right.width == 1280 + 64


@pytest.mark.parametrize("ground", [WIDE, TALL])
@pytest.mark.parametrize("measures", [PERSON, CAR, BUST])
def test_nothing_is_broader_than_there_is_room(measures: Measures, ground: Ground) -> None:
    place = one(measures, OPEN, ground)
    assert place.width <= 0.81 * ground.width
    assert place.height <= ground.height + 2 * ground.beyond[3]
    assert place.x >= 0
    assert place.x + place.width <= ground.width


def test_a_small_cut_out_is_not_blown_up() -> None:
    assert one(Measures(20, 60, 0.5, frozenset())).height <= 120


def test_two_stand_beside_each_other_in_their_order() -> None:
    first, second = placed([(PERSON, OPEN), (CAR, OPEN)], WIDE)
    assert first.x + first.width < second.x
    first, second = placed([(PERSON, Wanted("right")), (CAR, OPEN)], WIDE)
    assert middle(second) < middle(first)
    first, second = placed([(PERSON, Wanted("left")), (PERSON, Wanted("left"))], WIDE)
    assert first.x < second.x
    assert middle(second) < 0.5 * 1280


def test_the_pictures_own_subject_is_not_hidden() -> None:
    taken = tuple(0.6 if 40 <= k < 60 else 0.0 for k in range(100))
    ground = Ground(0, 0, 1280, 720, (64, 32, 64, 32), taken)
    assert abs(middle(one(PERSON, OPEN, ground)) - 640) > 150


def test_a_padded_picture_is_stood_in_not_its_border() -> None:
    ground = Ground(280, 0, 720, 720, (0, 32, 0, 32))
    for word in (OPEN, Wanted("left"), Wanted("right")):
        place = one(PERSON, word, ground)
        assert place.x >= 280
        assert place.x + place.width <= 1000
    cut = one(Measures(300, 400, 0.5, frozenset({"left"})), OPEN, ground)
    assert cut.x == 280


def test_what_was_cut_off_stays_out_of_the_film_also_below_padding() -> None:
    padded = Ground(0, 200, 360, 240, above=200, below=200, margin=30)
    bust = Measures(300, 300, 0.9, frozenset({"bottom"}))
    (place,) = placed([(bust, Wanted())], padded)
    assert place.feet is None
    assert place.y + place.height == 640 + 30
    whole = Measures(100, 300, 0.5, frozenset())
    (place,) = placed([(whole, Wanted())], padded)
    assert place.feet is not None
    assert 200 <= place.y < place.feet <= 440
