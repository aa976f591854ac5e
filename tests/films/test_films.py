"""The main job, whole: a photograph and a sentence in, a film and the truth out."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

import mutoscope
from mutoscope.images.decode import open_photo
from mutoscope.images.fit import fitted
from mutoscope.images.plan import plan

EXAMPLES = Path(__file__).parents[2] / "examples"
PHOTO = EXAMPLES / "coffee.jpg"

pytestmark = pytest.mark.slow


def frames(film: Path) -> list[npt.NDArray[np.uint8]]:
    """Every frame as RGB."""
    with av.open(str(film)) as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def psnr(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    error = float(np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2))
    return 10 * float(np.log10(255**2 / max(error, 1e-9)))


def test_a_photograph_and_a_sentence_become_a_film(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    clip = mutoscope.animate(
        PHOTO, "Slow push in, starting with this image. The cat stretches. Birds sing.",
        size="640x360", fit="cover", seconds=2, output=film,
    )  # fmt: skip
    assert clip.path == film
    assert (clip.frames, clip.seconds, str(clip.size)) == (48, 2.0, "640x360")
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.pix_fmt) == (640, 360, "yuv420p")
        assert stream.average_rate == 24
        assert sum(1 for _ in container.decode(video=0)) == 48
    assert any("push" in one.words.lower() for one in clip.report.done)
    refused = " ".join(one.words for one in clip.report.not_possible)
    assert "stretch" in refused
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4"]


def test_the_first_frame_is_the_prepared_still(tmp_path: Path) -> None:
    clip = mutoscope.animate(
        PHOTO, "pull out slowly", first_frame=True, size="640x360", fit="cover", seconds=1,
        output=tmp_path / "film.mp4",
    )  # fmt: skip
    photo = open_photo(PHOTO)
    first = frames(clip.path)[0]
    from mutoscope.images.framing import framed
    from mutoscope.shot import Anchor, Fit, Media, Shot, Size

    shot = Shot(size=Size(640, 360), fit=Fit.COVER)
    still, _ = fitted(photo, framed(photo, shot, Anchor(Media("0" * 64, "image/jpeg", 1))))
    assert psnr(first, still) > 36


def test_two_stills_are_met_at_both_ends(tmp_path: Path) -> None:
    photo = open_photo(PHOTO)
    size = mutoscope.Size(480, 320)
    whole, _ = fitted(photo, plan(photo.size, size, mutoscope.Fit.COVER))
    near, _ = fitted(
        photo, plan(photo.size, size, mutoscope.Fit.COVER, mutoscope.Crop(0.1, 0.1, 0.9, 0.9))
    )
    import cv2

    names = []
    for name, picture in (("whole.png", whole), ("near.png", near)):
        cv2.imwrite(str(tmp_path / name), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        names.append(tmp_path / name)
    clip = mutoscope.animate(
        names[0], "move closer", last=names[1], size=size, seconds=1, output=tmp_path / "film.mp4"
    )
    made = frames(clip.path)
    assert len(made) == 24
    assert psnr(made[0], whole) > 32
    assert psnr(made[-1], near) > 32


def test_a_loop_closes_without_a_seam(tmp_path: Path) -> None:
    clip = mutoscope.animate(
        PHOTO, "orbit left", loop=True, size="480x320", seconds=2, output=tmp_path / "film.mp4"
    )
    made = [frame.astype(np.float64) for frame in frames(clip.path)]
    steps = [float(np.abs(b - a).mean()) for a, b in zip(made, [*made[1:], made[0]], strict=True)]
    # the codec's keyframe adds to the step; before encoding it is in tests/flipbook
    assert steps[-1] <= 1.6 * max(steps[-2], steps[0])


def test_the_same_request_gives_the_same_frames(tmp_path: Path) -> None:
    digests = []
    for name in ("one.mp4", "two.mp4"):
        clip = mutoscope.animate(
            PHOTO,
            "handheld, truck right",
            seed=7,
            size="320x240",
            seconds=1,
            output=tmp_path / name,
        )
        digests.append(hashlib.sha256(np.stack(frames(clip.path)).tobytes()).hexdigest())
    assert digests[0] == digests[1]


def test_extras_are_made_beside_the_film(tmp_path: Path) -> None:
    clip = mutoscope.animate(
        PHOTO, "push in", size="320x240", seconds=1, output=tmp_path / "film.mp4",
        extras=("preview", "thumbnail", "spritesheet", "sheet"),
    )  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["film.mp4", *(path.name for path in clip.extras.values())]
    )
    assert all(path.stat().st_size > 500 for path in clip.extras.values())


def test_progress_is_told_and_cancel_leaves_nothing(tmp_path: Path) -> None:
    seen: list[str] = []

    def told(stage: str, done: float) -> None:
        assert 0 <= done <= 1
        seen.append(stage)

    with pytest.raises(mutoscope.MutoscopeError) as stopped:
        mutoscope.animate(
            PHOTO, "push in", size="640x360", seconds=60, output=tmp_path / "film.mp4",
            progress=told, cancel=lambda: "render" in seen,
        )  # fmt: skip
    assert stopped.value.exit_code == 130
    assert "render" in seen
    assert not list(tmp_path.iterdir())


def test_the_async_verb_makes_the_same_film(tmp_path: Path) -> None:
    async def made() -> Any:
        return await mutoscope.aio.animate(
            PHOTO, "push in", size="320x240", seconds=1, output=tmp_path / "film.mp4"
        )

    assert asyncio.run(made()).frames == 24


def test_a_photograph_as_bytes_is_taken(tmp_path: Path) -> None:
    clip = mutoscope.animate(
        PHOTO.read_bytes(), "push in", size="320x240", seconds=1, output=tmp_path / "film.mp4"
    )
    assert clip.frames == 24


def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "mutoscope", "animate", str(PHOTO), "push in", "--seconds", "60",
         "--size", "1280x720", "-o", str(tmp_path / "film.mp4")],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 30
    while not any(tmp_path.rglob("*.mp4*")) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130, said
    assert said.strip() == "mutoscope: stopped; nothing half-written was left"
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mutoscope.finish import encode

    def full(self: object, frame: object, alpha: object = None) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(encode.FilmWriter, "write", full)
    with pytest.raises(mutoscope.MutoscopeError, match="No space left") as refused:
        mutoscope.animate(PHOTO, "push in", size="320x240", seconds=1, output=tmp_path / "film.mp4")
    assert refused.value.exit_code == 4
    assert not list(tmp_path.iterdir())


def test_a_name_that_nobody_chose_is_not_taken_from_another_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def other(stage: str, done: float) -> None:
        Path("coffee.mp4").write_bytes(b"another's")
        Path("coffee-2-edited.mp4").write_bytes(b"another's")

    made = mutoscope.animate(
        PHOTO, "push in", size="320x240", seconds=1, extras=["thumbnail"], progress=other
    )
    assert made.path == Path("coffee-2.mp4")
    assert made.extras == {"thumbnail": Path("coffee-2.thumbnail.webp")}
    edited = mutoscope.edit(made.path, "warmer", progress=other)
    assert edited.path == Path("coffee-2-edited-2.mp4")
    assert {Path(name).read_bytes() for name in ("coffee.mp4", "coffee-2-edited.mp4")} == {
        b"another's"
    }
    mine = {made.path, edited.path, *made.extras.values()}
    assert {path.name for path in tmp_path.iterdir()} - {str(one) for one in mine} == {
        "coffee.mp4", "coffee-2-edited.mp4",
    }  # fmt: skip
    assert mutoscope.animate(
        PHOTO, "push in", size="320x240", seconds=1, output="coffee.mp4"
    ).path == Path("coffee.mp4"), "a name that was chosen is taken"


@pytest.mark.parametrize("name", ["film.gif", "film.webm", "film.mov"])
def test_a_film_takes_the_format_of_its_name(tmp_path: Path, name: str) -> None:
    clip = mutoscope.animate(
        PHOTO, "push in", size="128x96", seconds=0.5, output=tmp_path / name, extras=["sheet"]
    )
    assert (clip.path, clip.frames) == (tmp_path / name, 12)
    assert {one.name for one in tmp_path.iterdir()} == {name, "film.sheet.png"}


def test_a_sequence_of_pictures_is_a_folder(tmp_path: Path) -> None:
    clip = mutoscope.animate(
        PHOTO, "push in", size="128x96", seconds=0.5, output=tmp_path / "shot" / "%05d.png"
    )
    assert clip.path == tmp_path / "shot"
    assert len(list(clip.path.iterdir())) == 12


def test_a_fast_gif_says_how_many_frames_it_shows(tmp_path: Path) -> None:
    clip = mutoscope.animate(
        PHOTO, "push in", size="128x96", seconds=0.5, fps=60, output=tmp_path / "a.gif"
    )
    assert (clip.frames, clip.fps, clip.seconds) == (10, 20.0, 0.5)


def test_alpha_where_no_format_has_it_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(mutoscope.MutoscopeError, match="has no transparency; take vp9"):
        mutoscope.animate(PHOTO, alpha=True, output=tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []
