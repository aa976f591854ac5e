"""`mutoscope measure`: any film in, a table, JSON and a sheet out; errors in one sentence."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import mutoscope
from made_films import moved, pan, still, written
from mutoscope.cli.measure import measure, show
from mutoscope.direction.model import Direction, Move
from mutoscope.errors import BadInput, BadShot, Cancelled, CannotWrite
from mutoscope.quality.prepared import held_against
from mutoscope.shot import Shot

pytestmark = pytest.mark.slow

SECONDS, FRAMES = 1.0, 24


@pytest.fixture(autouse=True)
def _no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", "/nowhere")


@pytest.fixture
def panned(tmp_path: Path) -> Path:
    return written(tmp_path / "film.mp4", moved(FRAMES, pan))


def clip(path: Path, *moves: str) -> Path:
    """What `animate --json` prints of a film, as far as it matters here."""
    direction = Direction(
        seconds=SECONDS,
        camera=tuple(Move(move=move, start=0.0, end=SECONDS) for move in moves),  # type: ignore[arg-type]
    )
    import msgspec

    values = {"path": str(path), "seconds": SECONDS, "direction": msgspec.to_builtins(direction)}
    place = path.with_suffix(".json")
    place.write_text(json.dumps(values))
    return place


def test_a_table_that_fits_a_terminal(panned: Path, capsys: pytest.CaptureFixture[str],
                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", "80")
    measure(panned)
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[0].startswith(str(panned)[:60])
    assert "192x108, 1.00 s, 24 frames at 24 fps" in said
    for name in ("VBench's rule", "pan right", "strict fit", "smoothness", "warp error", "sharpness"):  # fmt: skip
        assert name in said, name
    assert "outline: needs the matte weights: mutoscope weights fetch matte" in said.replace("\n    ", " ")  # fmt: skip
    assert "sound: the film has no sound" in said
    assert all(len(line) <= 80 for line in lines[1:])


def test_json_has_every_figure(panned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measure(panned, json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["frames"] == len(found["times"]) == len(found["camera"]["pan"]) == FRAMES
    assert found["camera"]["pan"][-1] == pytest.approx(2 * (FRAMES - 1) / 192, abs=0.003)
    assert found["vbench"]["classes"] == ["pan_right"]
    assert found["smoothness"]["score"] > 0.97
    assert found["loop"]["closed"] is False
    assert found["followed"] is None
    assert found["missing"]["sound"]


@pytest.mark.parametrize(("move", "followed"), [("pan_right", True), ("pan_left", False)])
def test_the_moves_that_were_asked_for_are_judged(
    panned: Path, capsys: pytest.CaptureFixture[str], move: str, followed: bool
) -> None:
    measure(shot=clip(panned, move))
    said = capsys.readouterr().out
    assert ("✓" if followed else "✗") in next(line for line in said.splitlines() if move.replace("_", " ") in line)  # fmt: skip
    assert ("not done" in said) is not followed


def test_a_shots_own_words_are_read(panned: Path) -> None:
    shot = panned.with_suffix(".json")
    shot.write_bytes(Shot(prompt="pan right", seconds=SECONDS).to_json())
    assert mutoscope.measure(panned, shot=shot).followed
    with pytest.raises(BadInput, match="no film is named"):
        mutoscope.measure(shot=shot)


def test_a_clip_that_was_asked_to_loop(tmp_path: Path) -> None:
    """Out and back: at the end it is where it was, and the move was there all the same."""

    def swing(number: int) -> tuple[float, float, float]:
        return 20 * float(np.sin(2 * np.pi * number / FRAMES)), 0.0, 1.0

    film = written(tmp_path / "film.mp4", moved(FRAMES, swing))
    place = clip(film, "pan_right")
    values = json.loads(place.read_text())
    once = mutoscope.measure(shot=place)
    place.write_text(
        json.dumps(values | {"report": {"done": [{"words": "loop", "outcome": "done"}]}})
    )
    loop = mutoscope.measure(shot=place)
    assert not once.followed
    assert loop.followed
    assert loop.loop_asked
    assert loop.loop is not None
    assert loop.loop.closed


def test_a_film_that_stands(tmp_path: Path) -> None:
    film = written(tmp_path / "film.mp4", moved(FRAMES, still))
    found = mutoscope.measure(shot=clip(film, "static"))
    assert found.followed
    assert found.vbench.classes == ("static",)
    assert found.cuts.still == 1


def test_the_sheet(panned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sheet.png"
    measure(panned, sheet=out)
    assert f"sheet: {out}" in capsys.readouterr().out
    page = cv2.imread(str(out))
    assert page is not None
    assert page.shape[1] == 1360
    assert page.shape[0] > 700
    # the camera's way is drawn in its own colour over the first frame, and only there
    way = np.abs(page.astype(int) - (84, 180, 255)).max(-1) < 24
    assert way[70:450, 28:668].sum() > 200
    with pytest.raises(CannotWrite, match="cannot be written"):
        mutoscope.measure(panned, sheet=tmp_path / "nowhere" / "sheet.png")


def test_against_the_stills(tmp_path: Path) -> None:
    frames = moved(8, pan)
    film = written(tmp_path / "film.mp4", frames)
    for name, frame in (("first", frames[0]), ("last", frames[-1])):
        cv2.imwrite(str(tmp_path / f"{name}.png"), frame[..., ::-1])
    found = mutoscope.measure(film, still=tmp_path / "first.png", last=tmp_path / "last.png")
    assert found.first is not None
    assert found.last is not None
    assert found.first.framed
    assert found.first.psnr > 30
    assert found.last.psnr > 30
    other = held_against(frames[0], tmp_path / "last.png", None, "still")
    assert other is not None
    assert other.psnr < 25
    with pytest.raises(BadInput, match=r"gone\.png is not there"):
        held_against(frames[0], tmp_path / "gone.png", None, "still")


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_hardly_any_frames(tmp_path: Path, frames: int) -> None:
    film = written(tmp_path / "film.mp4", moved(frames, pan))
    found = mutoscope.measure(film, sheet=tmp_path / "sheet.png")
    assert found.frames == frames
    assert found.missing["outline"]
    json.loads(found.to_json())
    assert (tmp_path / "sheet.png").exists()


def test_an_upright_film_with_an_odd_rate(tmp_path: Path) -> None:
    film = written(tmp_path / "film.mp4", moved(9, pan, (108, 192)), fps=17)
    found = mutoscope.measure(film, sheet=tmp_path / "sheet.png")
    assert (found.width, found.height) == (108, 192)
    assert found.fps == pytest.approx(17, abs=0.01)


@pytest.mark.parametrize(
    ("content", "said"),
    [("not json", "is not JSON"), ("[1]", "neither a shot nor a clip"), ('{"a": 1}', "neither a shot nor a clip")],
)  # fmt: skip
def test_a_shot_that_is_none(panned: Path, content: str, said: str) -> None:
    place = panned.with_suffix(".json")
    place.write_text(content)
    with pytest.raises(BadInput, match=said):
        mutoscope.measure(panned, shot=place)


def test_a_direction_with_a_fault(panned: Path) -> None:
    place = panned.with_suffix(".json")
    place.write_text(json.dumps({"seconds": 1.0, "direction": {"camera": [{"move": "sideways"}]}}))
    with pytest.raises(BadShot):
        mutoscope.measure(panned, shot=place)


def test_a_broken_film_is_one_line_and_code_2(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\0\0\0\x20ftypisom" + bytes(300))
    ended = subprocess.run(
        [sys.executable, "-m", "mutoscope", "measure", str(film)], capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("mutoscope: film.mp4: the film is damaged or cut short")
    assert ended.stderr.count("\n") == 1


def test_it_can_be_stopped_and_awaited(panned: Path) -> None:
    with pytest.raises(Cancelled):
        mutoscope.measure(panned, cancel=lambda: True)

    async def awaited() -> mutoscope.Measured:
        return await mutoscope.aio.measure(panned)

    found = asyncio.run(awaited())
    assert isinstance(found, mutoscope.Measured)
    assert found.frames == FRAMES


def test_asking_for_the_verb_loads_nothing_heavy() -> None:
    code = "import sys, mutoscope.quality.measure; print({'cv2', 'numpy', 'av'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "set()"


def test_names_with_brackets_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    film = written(tmp_path / "a [bold] film.mp4", moved(3, pan))
    show(Console(), mutoscope.measure(film))
    assert "[bold]" in capsys.readouterr().out
