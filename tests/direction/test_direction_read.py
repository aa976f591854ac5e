from __future__ import annotations

from typing import Any

import pytest

from mutoscope.direction.parse import direct
from mutoscope.direction.read import dump, read
from mutoscope.errors import BadShot


def camera(**changes: object) -> dict[str, Any]:
    return {"camera": [{"move": "pan_left", "start": 0, "end": 2, **changes}]}


def test_round_trip() -> None:
    direction = direct(
        "start static 2 s, then pan left 6 degrees while the trees sway. 50 mm. Add a dragon.", 8
    )
    assert read(dump(direction), 8) == direction


def test_smallest_direction() -> None:
    direction = read('{"camera": [{"move": "zoom_in", "start": 0, "end": 3}]}')
    assert direction.seconds == 3
    assert read({}, 8).camera == ()


def test_camera_is_sorted() -> None:
    moves = [{"move": "pan_left", "start": 2, "end": 4}, {"move": "zoom_in", "start": 0, "end": 2}]
    assert [move.move for move in read({"camera": moves}, 4).camera] == ["zoom_in", "pan_left"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("nope", "direction is not JSON"),
        (b"\xff\xfe", "direction is not JSON"),
        ("[" * 100_000, "direction is nested too deeply"),
        ("[]", "must be an object"),
        ({"cam": []}, "direction has no field 'cam'"),
        ({"camera": 5}, "direction.camera is 5; it must be a list"),
        ({"camera": [5]}, r"direction.camera\[0\] is 5; it must be an object"),
        (camera(move="zom_in"), r"direction.camera\[0\].move is 'zom_in'; it must be one of zoom_in, zoom_out"),
        (camera(colour=1), r"direction.camera\[0\] has no field 'colour'"),
        ({"camera": [{"move": "pan_left", "start": 0}]}, r"direction.camera\[0\] lacks 'end'"),
        (camera(end="a"), r"direction.camera\[0\].end is 'a'; it must be a number"),
        (camera(end=20), r"end is 20.0; it must be from 0 to 8, the clip's seconds"),
        (camera(start=-1), r"start is -1.0; it must be from 0"),
        (camera(start=2), r"end is 2.0; it must be above its start, 2"),
        (camera(end=float("nan")), r"end is nan; it must be from 0"),
        (camera(speed="warp"), "speed is 'warp'; it must be one of slow, normal, fast"),
        (camera(amount=-3), "amount is -3.0; it must be above 0"),
        (camera(move="static", amount=2), "amount is 2.0; it must be left out"),
        (camera(move="zoom_in", amount=0.4), "use zoom_out or dolly_out"),
        ({"first_frame": 1}, "direction.first_frame is 1; it must be true or false"),
        ({"sound": ["a", 5]}, r"direction.sound\[1\] is 5; it must be text"),
        ({"lens": {"focus": "x"}}, "direction.lens.focus is 'x'"),
        ({"lens": {"focal_mm": 1}}, "direction.lens.focal_mm is 1"),
        ({"seconds": "8"}, "direction.seconds is '8'; it must be a number of seconds"),
        ({"camera": [{"move": "static", "start": 0, "end": 1}] * 300}, "at most 256 moves"),
    ],
)  # fmt: skip
def test_refusals_name_field_value_and_what_is_allowed(source: Any, sentence: str) -> None:
    with pytest.raises(BadShot, match=sentence):
        read(source, 8)
