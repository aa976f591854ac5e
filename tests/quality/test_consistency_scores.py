"""From distances to scores, and from the frames of clips to what is said of them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mutoscope.quality.consistency.figure import Seen
from mutoscope.quality.consistency.looks import Look
from mutoscope.quality.consistency.result import ClipScores, Consistency, Sample
from mutoscope.quality.consistency.scores import CURVES, PARTS, Curve, Part, distances


@pytest.mark.parametrize("part", PARTS)
def test_a_score_falls_from_100_as_distance_grows(part: Part) -> None:
    curve = CURVES[part]
    found = [curve.score(distance) for distance in np.linspace(0, 3, 61)]
    assert found[0] == pytest.approx(100)
    assert all(one > other for one, other in pairwise(found))
    assert found[-1] > 0
    assert curve.score(curve.middle) == pytest.approx(50, abs=0.2)
    assert curve.score(1e9) == pytest.approx(0)


def test_the_faces_curve_is_the_networks_own_rule() -> None:
    assert CURVES["face"].middle == 0.6


def face(*values: float) -> Seen:
    return Seen(face=np.array(values, np.float32))


def test_a_part_is_as_far_as_the_nearest_reference_that_shows_it() -> None:
    near, far, none = face(0.0, 0.5), face(3.0, 0.0), Seen()
    assert distances(face(0.0, 0.0), [far, none, near]) == {"face": 0.5}
    assert distances(none, [near]) == {}
    assert distances(near, [none]) == {}


def test_face_and_clothing_count_in_the_whole_where_a_face_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def vector(value: float) -> Look:
        return Look(np.array([value], np.float32), np.zeros(1, np.float32))

    class Figure:
        def __init__(self, worn: float, whole: float, level: float | None) -> None:
            self.worn, self.look, self.at = vector(worn), vector(whole), level

        def level(self, other: object) -> float | None:
            return self.at

        def clothing(self, level: float | None) -> Look:
            return self.worn

        def whole(self, level: float | None) -> Look:
            return self.look

    def apart(level: float | None) -> dict[Part, float]:
        both = [Figure(0.0, 0.0, level), Figure(0.54, 0.4, level)]
        at = (np.zeros(1, np.float32), np.full(1, 0.3, np.float32))
        one, other = (Seen(face, body) for face, body in zip(at, both, strict=True))  # type: ignore[arg-type]
        return distances(one, [other])

    monkeypatch.setitem(CURVES, "clothing", Curve(1.08, 0.1))
    monkeypatch.setitem(CURVES, "whole", Curve(0.9, 0.1))
    seen, turned = apart(1.2), apart(None)
    assert turned["whole"] == pytest.approx(0.4)
    assert seen["whole"] == pytest.approx((0.4 + 0.54 / 1.08 * 0.9 + 0.3 / 0.6 * 0.9) / 3)
    assert seen["clothing"] == turned["clothing"] == pytest.approx(0.54)


def sample(number: int, missing: dict[str, str] | None = None, **scores: float) -> Sample:
    return Sample(number, number / 10, scores, missing or {})  # type: ignore[arg-type]


def clip(name: str, *samples: Sample) -> ClipScores:
    return ClipScores(Path(name), samples)


NO_FACE = {"face": "no face is seen"}


def test_a_clips_score_is_the_mean_of_the_frames_that_show_the_part() -> None:
    found = clip(
        "a.mp4",
        Sample(0, 0.0, reference=True),
        sample(1, face=90.0, whole=80.0),
        sample(2, NO_FACE, whole=60.0),
        sample(3, {"clothing": "what it wears is outside the frame"}, face=70.0, whole=100.0),
    )
    assert found.scores == {"face": 80.0, "clothing": None, "whole": 80.0}
    assert found.missing == {"clothing": "what it wears is outside the frame"}
    assert [found.counted(part) for part in PARTS] == [2, 0, 3]
    assert found.worst is not None
    assert (found.worst[0].frame, found.worst[1]) == (2, "whole")


def test_in_all_every_clip_that_shows_a_part_counts_the_same() -> None:
    many = clip("a.mp4", *(sample(n, face=90.0) for n in range(5)))
    few = clip("b.mp4", sample(0, face=10.0))
    none = clip("c.mp4", sample(0, NO_FACE))
    found = Consistency((), (many, few, none))
    assert found.scores["face"] == 50.0
    assert found.scores["whole"] is None


def test_json_says_every_score_and_why_there_is_none() -> None:
    found = Consistency(
        ((Path("ref.png"), Sample(0, 0.0, reference=True)),),
        (clip("a.mp4", sample(3, NO_FACE, clothing=51.23, whole=97.77)),),
        ("a note",),
    )
    told = json.loads(found.to_json())
    assert (told["face"], told["clothing"], told["whole"]) == (None, 51.2, 97.8)
    assert told["missing"] == NO_FACE
    (one,) = told["clips"]
    assert one["clip"] == "a.mp4"
    assert one["worst"] == {"frame": 3, "at": 0.3, "part": "clothing", "score": 51.2}
    assert one["frames"] == 1
    assert one["frames_with"] == {"face": 0, "clothing": 1, "whole": 1}
    assert one["samples"] == [
        {"frame": 3, "at": 0.3, "face": None, "clothing": 51.2, "whole": 97.8, "missing": NO_FACE}
    ]
    assert told["reference"] == [{"file": "ref.png", "frame": 0, "at": 0.0}]
    assert set(told["method"]) == set(PARTS)
    assert told["notes"] == ["a note"]


def test_a_clip_that_shows_nothing_has_no_worst_frame() -> None:
    found = clip("a.mp4", sample(0, dict.fromkeys(PARTS, "nothing stands out clearly")))
    assert found.worst is None
    assert "worst" not in found.to_builtins()
    assert set(found.missing) == set(PARTS)
