from __future__ import annotations

import subprocess
import sys

import pytest

from mutoscope.direction.model import Direction
from mutoscope.direction.parse import direct
from mutoscope.errors import BadShot


def laid(prompt: str, seconds: float | None = 8) -> list[tuple[str, float, float]]:
    return [(move.move, move.start, move.end) for move in direct(prompt, seconds).camera]


def codes(direction: Direction) -> set[str]:
    return {advice.code for advice in direction.advice}


def test_move_without_beats_fills_the_clip() -> None:
    assert laid("pan left") == [("pan_left", 0, 8)]


def test_no_camera_words_leave_the_camera_to_the_engine() -> None:
    read = direct("A quiet meadow at dawn", 8)
    assert read.camera == ()
    assert read.unread == ()


def test_length_without_seconds_comes_from_the_prompt() -> None:
    assert direct("a 6-second clip, pan right").seconds == 6
    assert direct("start static 0.5 s, dolly in 2 s, hold 1 s, pan left 1.5 s").seconds == 5
    assert direct("pan right").seconds == 4


def test_leftover_is_held_and_said() -> None:
    read = direct("dolly in 2 s", 8)
    assert [(m.move, m.start, m.end) for m in read.camera] == [("dolly_in", 0, 2), ("static", 2, 8)]
    assert "held" in codes(read)


def test_too_long_is_scaled_and_said() -> None:
    read = direct("dolly in 6 s, then pan left 6 s", 6)
    assert [(m.move, m.start, m.end) for m in read.camera] == [
        ("dolly_in", 0, 3),
        ("pan_left", 3, 6),
    ]
    assert "scaled" in codes(read)


def test_beat_after_the_clip_is_said() -> None:
    assert "late" in codes(direct("pan left at 100 seconds", 8))
    assert laid("zoom in for 0 seconds") == [("zoom_in", 0, 8)]


def test_making_a_video_from_an_image_does_not_pin_the_first_frame() -> None:
    assert not direct("Make a video from this image").first_frame
    assert direct("beginne mit diesem Bild").first_frame


def test_length_of_the_prompt_against_seconds_is_said() -> None:
    assert "length" in codes(direct("a 6-second clip, pan right", 8))
    assert "length" not in codes(direct("a 8-second clip, pan right", 8))


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("pan left while zooming in", [("pan_left", 0, 8), ("zoom_in", 0, 8)]),
        ("pan left and tilt up", [("pan_left", 0, 8), ("tilt_up", 0, 8)]),
        ("pan left, then tilt up", [("pan_left", 0, 4), ("tilt_up", 4, 8)]),
        ("pan left and at the end zoom in", [("pan_left", 0, 5.333), ("zoom_in", 5.333, 8)]),
        ("at 2 seconds pan left", [("static", 0, 2), ("pan_left", 2, 8)]),
        ("zoom in for the last 3 seconds", [("static", 0, 5), ("zoom_in", 5, 8)]),
        ("dolly in during the second half of the clip", [("static", 0, 4), ("dolly_in", 4, 8)]),
        ("Zoom in for two seconds and then hold.", [("zoom_in", 0, 2), ("static", 2, 8)]),
        ("in den letzten 2 Sekunden heranzoomen", [("static", 0, 6), ("zoom_in", 6, 8)]),
        ("前3秒镜头不动，之后放大", [("static", 0, 3), ("zoom_in", 3, 8)]),
    ],
)  # fmt: skip
def test_times(prompt: str, expected: list[tuple[str, float, float]]) -> None:
    assert laid(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "amount"),
    [
        ("the camera rolls clockwise about 6 degrees", 6),
        ("pan left by a quarter turn", 90),
        ("orbit right halfway around the vase", 180),
        ("zoom in by 20 percent", 1.2),
        ("zoom in 1.5x", 1.5),
        ("truck left by 10 %", 0.1),
        ("Schwenk nach rechts um 30 Grad", 30),
        ("镜头顺时针环绕半圈", 180),
        ("pan left", None),
    ],
)
def test_amounts(prompt: str, amount: float | None) -> None:
    assert [move.amount for move in direct(prompt, 8).camera] == [amount]


def test_amount_in_a_unit_that_does_not_fit_is_said() -> None:
    read = direct("zoom in 30 degrees", 8)
    assert read.camera[0].amount is None
    assert "amount" in codes(read)


@pytest.mark.parametrize(
    ("prompt", "speeds"),
    [
        ("slowly pan left and quickly tilt up", ["slow", "fast"]),
        ("whip pan left", ["fast"]),
        ("langsamer Schwenk nach links", ["slow"]),
        ("bitte pan left, aber langsam", ["slow"]),
        ("steadily dolly in", ["normal"]),
        ("hurtig panorering til højre", ["fast"]),
        ("快速拉近", ["fast"]),
        ("Slow motion of a wave, pan left", ["normal"]),
    ],
)
def test_speeds(prompt: str, speeds: list[str]) -> None:
    assert [move.speed for move in direct(prompt, 8).camera] == speeds


@pytest.mark.parametrize(
    ("prompt", "moves"),
    [
        ("the camera trucks right", ["truck_right"]),
        ("the camera slowly trucks to the left", ["truck_left"]),
        ("Die Kamera truckt nach rechts", ["truck_right"]),
        ("kameraet trucker til højre", ["truck_right"]),
        ("two trucks drive to the right", []),
        ("en trucker kører til højre", []),
    ],
)
def test_a_camera_trucks_and_trucks_drive(prompt: str, moves: list[str]) -> None:
    assert [move.move for move in direct(prompt, 8).camera] == moves


def test_a_noun_that_is_a_verb_elsewhere_may_move() -> None:
    for prompt, target, kind in (
        ("the drop bounces", "drop", "bounce"),
        ("the swing swings", "swing", "swing"),
        ("waves crash against the rocks", "waves", "crash"),
    ):
        (motion,) = direct(prompt, 8).motion
        assert (motion.target, motion.kind) == (target, kind)


@pytest.mark.parametrize("prompt", ["pan slowly", "orbit around the vase", "tracking shot"])
def test_default_side_is_said(prompt: str) -> None:
    read = direct(prompt, 8)
    assert read.camera[0].move.endswith("_right")
    assert "side" in codes(read)


def test_camera_follows_whom_it_follows() -> None:
    assert laid("The train moves left, the camera follows") == [("truck_left", 0, 8)]


@pytest.mark.parametrize(
    "prompt",
    [
        "no camera movement", "the camera does not move", "don't move the camera", "ohne Kamerabewegung",
        "Die Kamera bewegt sich nicht", "intet kamera", "Kameraet bevæger sig ikke", "镜头不动", "不要移动镜头",
    ],
)  # fmt: skip
def test_whole_camera_negated_is_one_static(prompt: str) -> None:
    assert laid(prompt) == [("static", 0, 8)]


@pytest.mark.parametrize(
    "prompt", ["don't zoom", "without panning", "nicht schwenken", "zoom ikke", "不要推近"]
)
def test_negated_move_is_left_out_and_said(prompt: str) -> None:
    read = direct(prompt, 8)
    assert read.camera == ()
    assert "left_out" in codes(read)


def test_contradiction_is_said() -> None:
    read = direct("static shot with a slow zoom in", 8)
    assert [move.move for move in read.camera] == ["zoom_in"]
    assert "contradiction" in codes(read)


def test_lens_style_sound_keep_loop_and_first_frame() -> None:
    read = direct(
        "Start with this image. Pan right, keeping the product in the centre, 50 mm, shallow focus. "
        "Stop motion, seamless loop. Sound of waves.",
        8,
    )
    assert (read.lens.focal_mm, read.lens.focus) == (50, "shallow")
    assert read.lens.hfov == pytest.approx(39.6, abs=0.1)
    assert read.style == "stop_motion"
    assert read.keep == ("the product in the centre",)
    assert read.sound == ("Sound of waves",)
    assert read.loop
    assert read.first_frame
    assert [move.move for move in read.camera] == ["pan_right"]


def test_motion_has_target_way_and_cause() -> None:
    read = direct("The trees sway in the wind from the left; a car drives to the right", 8)
    sway, drive = read.motion
    assert (sway.kind, sway.group, sway.target, sway.cause) == (
        "sway",
        "nature",
        "trees",
        "wind from the left",
    )
    assert (drive.kind, drive.group, drive.target, drive.direction) == (
        "drive",
        "object",
        "car",
        "right",
    )


def test_layers() -> None:
    read = direct("Background: stays still. Foreground: a car drives left to right.", 8)
    assert read.keep == ("background",)
    assert [(one.kind, one.direction) for one in read.motion] == [("drive", "right")]


def test_unread_holds_orders_and_no_scenery() -> None:
    read = direct("A calm lake. Add a dragon. The camera does a wibble. Pan left.", 8)
    assert read.unread == ("Add a dragon", "The camera does a wibble")


def test_unknown_language_is_unread_and_said() -> None:
    read = direct("Камера медленно движется влево", 8)
    assert read.camera == ()
    assert read.unread
    assert "language" in codes(read)


@pytest.mark.parametrize(
    ("prompt", "first"),
    [("Schwenk nach links über den See", "de"), ("panorer til højre", "da"), ("镜头不动", "zh")],
)
def test_language(prompt: str, first: str) -> None:
    assert direct(prompt).languages[0] == first


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e9])
def test_seconds_are_checked(seconds: float) -> None:
    with pytest.raises(BadShot, match="seconds is"):
        direct("pan left", seconds)


def test_reading_imports_nothing_heavy() -> None:
    heavy = ("numpy", "cv2", "numba", "av", "onnxruntime", "pyvips")
    code = (
        "import sys, mutoscope.direction.parse, mutoscope.direction.check, mutoscope.direction.build,"
        f" mutoscope.direction.read; print([one for one in {heavy} if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
