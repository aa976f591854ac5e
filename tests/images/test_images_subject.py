"""The subject's matte, and the gate that tells an answer from a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mutoscope.errors import Cancelled
from mutoscope.images import subject
from mutoscope.images.decode import open_photo
from mutoscope.images.subject import SubjectMatte, find_subject, forget, overlap, subject_of

EXAMPLES = Path(__file__).parents[2] / "examples"


class Network:
    """Stands in for the network: `answer` gets the 320×320 picture (0..1), gives the map."""

    def __init__(self, kind: str) -> None:
        self.inputs = [("x", [1, 3, 320, 320], "tensor(float)")]
        self.outputs = ["y", "z"]
        self.kind, self.runs = kind, 0

    def run(self, feeds: dict[str, npt.NDArray[Any]], outputs: list[str]) -> list[npt.NDArray[Any]]:
        self.runs += 1
        assert outputs == ["y"]
        (picture,) = feeds.values()
        assert picture.shape == (1, 3, 320, 320)
        assert picture.dtype == np.float32
        if self.kind == "bright":  # what it sees goes with the picture
            return [picture.mean(1, keepdims=True)]
        place = np.zeros(
            (1, 1, 320, 320), np.float32
        )  # always the same corner, whatever it is shown
        place[..., :120, :120] = 1
        return [place]


@pytest.fixture
def disc() -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[0:240, 0:320]
    inside = (x - 190) ** 2 + (y - 110) ** 2 < 60**2
    return np.where(inside[..., None], np.uint8(250), np.uint8(10)) * np.ones(3, np.uint8)


def using(network: Network | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "session", lambda name: network)


def test_an_answer_that_stays_makes_a_stable_matte(
    disc: npt.NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network("bright")
    using(network, monkeypatch)
    found = find_subject(disc)
    assert found is not None
    assert found.stable
    assert found.quality > 0.95
    assert found.cover == pytest.approx(np.pi * 60**2 / (240 * 320), rel=0.03)
    assert network.runs == 2
    assert found.alpha.shape == (480, 640)
    box = found.box
    assert box is not None
    assert (box.left, box.top) == pytest.approx((130 / 320, 50 / 240), abs=0.01)
    assert (box.right, box.bottom) == pytest.approx((250 / 320, 170 / 240), abs=0.01)


def test_an_answer_that_does_not_stay_is_rejected_early(
    disc: npt.NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network("corner")
    using(network, monkeypatch)
    found = find_subject(disc)
    assert found is not None
    assert not found.stable
    assert network.runs == 2


def test_a_picture_without_anything_costs_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network("bright")
    using(network, monkeypatch)
    found = find_subject(np.full((90, 160, 3), 128, np.uint8))
    assert found is not None
    assert not found.stable
    assert found.box is None
    assert network.runs == 1


def test_without_weights_there_is_no_answer(
    disc: npt.NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    using(None, monkeypatch)
    assert find_subject(disc) is None


def test_it_can_be_stopped(disc: npt.NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> None:
    using(Network("bright"), monkeypatch)
    with pytest.raises(Cancelled):
        find_subject(disc, cancel=lambda: True)


def test_a_photograph_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network("bright")
    using(network, monkeypatch)
    monkeypatch.setenv("MUTOSCOPE_CACHE", "off")
    photo = open_photo(EXAMPLES / "rocket.jpg")
    forget()
    first = subject_of(photo)
    runs = network.runs
    assert subject_of(photo) is first
    assert network.runs == runs
    forget()


def test_a_subject_is_kept_for_the_next_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network("bright")
    using(network, monkeypatch)
    (tmp_path / "weights").write_bytes(b"w")
    monkeypatch.setattr("mutoscope.weights.find", lambda name: tmp_path / "weights")
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path / "cache"))
    photo = open_photo(EXAMPLES / "rocket.jpg")
    forget()
    first = subject_of(photo)
    runs = network.runs
    forget()
    second = subject_of(photo)
    assert network.runs == runs
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.alpha, second.alpha)
    assert (first.quality, first.cover) == (second.quality, second.cover)
    (file,) = (tmp_path / "cache" / "subjects").iterdir()
    file.write_bytes(file.read_bytes()[:-9])  # damaged: looked for again
    forget()
    third = subject_of(photo)
    assert network.runs > runs
    assert third is not None
    np.testing.assert_array_equal(first.alpha, third.alpha)
    forget()


@pytest.mark.parametrize(
    ("quality", "cover", "stable"),
    [
        (0.9, 0.3, True),
        (0.69, 0.3, False),
        (0.9, 0.009, False),
        (0.9, 0.75, False),
        (0.7, 0.02, True),
    ],
)
def test_the_gate(quality: float, cover: float, stable: bool) -> None:
    assert SubjectMatte(np.zeros((2, 2), np.float32), quality, cover).stable is stable


def test_overlap() -> None:
    one = np.zeros((4, 4), np.float32)
    assert overlap(one, one) == 0
    one[:2] = 1
    other = np.zeros((4, 4), np.float32)
    other[1:3] = 1
    assert overlap(one, other) == pytest.approx(1 / 3)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "stable"),
    [("astronaut", True), ("coffee", True), ("rocket", True), ("chelsea", False)],
)
def test_photographs_pass_and_fail_the_gate(name: str, stable: bool) -> None:
    found = find_subject(open_photo(EXAMPLES / f"{name}.jpg").thumbnail(640))
    assert found is not None
    assert found.stable is stable
