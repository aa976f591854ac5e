"""Folders of pictures, promises: skipped when done, told apart, none half-written, none lost."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
from pathlib import Path

import pytest
from pictures_made import encoded, scene, textured
from PIL import Image

from mutoscope.errors import BadInput, BadShot, CannotWrite, ContractRefused
from mutoscope.images import batch, encode
from mutoscope.images.batch import Outcome, Summary, prepare_all
from mutoscope.images.gather import gather
from mutoscope.images.prepare import Prepared, Recipe, prepare, prepared
from mutoscope.shot import Crop, Fit, Size

RECIPE = Recipe(size=Size(128, 72), fit=Fit.PAD, fill="#000000")


def put(folder: Path, *names: str) -> list[Path]:
    """Pictures of the form that their names end in."""
    forms = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
    paths = []
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(textured(160, 120, number), forms[path.suffix.lower()]))
        paths.append(path)
    return paths


def results(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".mutoscope-prepare.jsonl"
    )


def counts(summary: Summary) -> tuple[int, int, int]:
    prepared, unchanged, failed = (
        len(summary.of(state)) for state in ("prepared", "unchanged", "failed")
    )
    return prepared, unchanged, failed


def test_a_folder_becomes_files_of_exactly_the_size(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.jpg", "b.png", "deep/c.webp")
    (tmp_path / "in" / "notes.txt").write_text("not a picture")
    (tmp_path / "in" / ".hidden.jpg").write_bytes(b"")
    summary = prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")
    assert counts(summary) == (3, 0, 0)
    assert results(tmp_path / "out") == ["a.jpg", "b.jpg", "deep/c.jpg"]
    for name in results(tmp_path / "out"):
        with Image.open(tmp_path / "out" / name) as image:
            assert (image.size, image.mode, image.format) == ((128, 72), "RGB", "JPEG")


def test_what_is_done_and_unchanged_is_skipped(tmp_path: Path) -> None:
    first, second = put(tmp_path / "in", "a.jpg", "b.jpg")
    prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")
    before = (tmp_path / "out" / "a.jpg").stat().st_mtime_ns
    assert counts(prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")) == (0, 2, 0)
    assert (tmp_path / "out" / "a.jpg").stat().st_mtime_ns == before
    second.write_bytes(encoded(scene()))
    assert counts(prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")) == (1, 1, 0)
    (tmp_path / "out" / "a.jpg").unlink()
    assert counts(prepare_all([first], RECIPE, tmp_path / "out")) == (1, 0, 0)


def test_another_recipe_is_not_done(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.jpg")
    prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")
    for recipe in (
        Recipe(size=Size(128, 72), fit=Fit.COVER, focus="centre"),
        Recipe(size=Size(128, 72), fit=Fit.COVER, focus="centre", crop=Crop(0, 0, 0.5, 1)),
        Recipe(size=Size(128, 72), fit=Fit.COVER, focus="centre", quality=90),
    ):
        assert counts(prepare_all([tmp_path / "in"], recipe, tmp_path / "out")) == (1, 0, 0)


def test_a_record_that_was_cut_off_loses_one_picture_only(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.jpg", "b.jpg", "c.jpg")
    prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out", jobs=1)
    record = tmp_path / "out" / ".mutoscope-prepare.jsonl"
    record.write_bytes(record.read_bytes()[:-20])
    assert counts(prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")) == (1, 2, 0)


def test_what_fails_is_told_and_stops_nothing(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.jpg", "z.jpg")
    (tmp_path / "in" / "m.jpg").write_text("hello")
    summary = prepare_all([tmp_path / "in", tmp_path / "no.jpg"], RECIPE, tmp_path / "out")
    assert counts(summary) == (2, 0, 2)
    assert "text file" in " ".join(outcome.error for outcome in summary.of("failed"))
    assert "no such file" in " ".join(outcome.error for outcome in summary.of("failed"))


def test_names_that_collide_are_told_apart_and_stay(tmp_path: Path) -> None:
    put(tmp_path / "one", "a.jpg", "a.png", "A.webp")
    put(tmp_path / "two", "a.jpg")
    both = [tmp_path / "one", tmp_path / "two"]
    prepare_all(both, RECIPE, tmp_path / "out")
    assert (
        results(tmp_path / "out") == ["A-webp.jpg", "a-jpg.jpg", "a-png.jpg", "a.jpg"]
        or len({name.casefold() for name in results(tmp_path / "out")})
        == len(results(tmp_path / "out"))
        == 4
    )
    assert counts(prepare_all(both[::-1], RECIPE, tmp_path / "out")) == (0, 4, 0)
    put(tmp_path / "zero", "a.jpg")
    prepare_all([tmp_path / "zero"], RECIPE, tmp_path / "out")
    assert len(results(tmp_path / "out")) == 5


def test_results_never_take_a_sources_place(tmp_path: Path) -> None:
    (photo,) = put(tmp_path, "a.jpg")
    before = photo.read_bytes()
    with pytest.raises(BadInput, match="take the place"):
        prepare_all([photo], RECIPE, tmp_path)
    assert photo.read_bytes() == before


def test_results_inside_the_folder_are_not_taken_for_sources(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    prepare_all([tmp_path], RECIPE, tmp_path / "out")
    assert counts(prepare_all([tmp_path], RECIPE, tmp_path / "out")) == (0, 1, 0)


def test_no_picture_at_all(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no picture"):
        prepare_all([tmp_path], RECIPE, tmp_path / "out")


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "in", *(f"{n}.jpg" for n in range(6)))
    write, written = Path.write_bytes, threading.Semaphore(2)

    def full(path: Path, content: bytes) -> int:
        if path.name.endswith(".part") and not written.acquire(blocking=False):
            write(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CannotWrite, match="No space left"):
        prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out", jobs=2)
    monkeypatch.undo()
    left = results(tmp_path / "out")
    assert len(left) == 2
    for name in left:
        with Image.open(tmp_path / "out" / name) as image:
            image.load()
    assert counts(prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")) == (4, 2, 0)


def test_ctrl_c_leaves_nothing_half_written_and_the_next_run_goes_on(tmp_path: Path) -> None:
    put(tmp_path / "in", *(f"{n}.jpg" for n in range(8)))

    def stop(outcome: Outcome, total: int) -> None:
        assert total == 8
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out", jobs=1, done=stop)
    done = results(tmp_path / "out")
    assert 1 <= len(done) < 8
    assert all(name.endswith(".jpg") and not name.startswith(".") for name in done)
    summary = prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")
    assert counts(summary) == (8 - len(done), len(done), 0)


def test_parts_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.jpg")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".a.jpg.1-1.part").write_bytes(b"half")
    prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")
    assert results(tmp_path / "out") == ["a.jpg"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.jpg")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotWrite, match="--out"):
        prepare_all([tmp_path / "in"], RECIPE, tmp_path / "file" / "out")


def test_one_pictures_surprise_is_one_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "in", "a.jpg", "b.jpg")

    def surprising(source: Path, recipe: Recipe, path: Path) -> Prepared:
        if source.name == "a.jpg":
            raise RuntimeError("unheard of")
        return prepared(source, recipe, path)

    monkeypatch.setattr(batch, "prepared", surprising)
    assert counts(prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")) == (1, 0, 1)


def test_gather_keeps_order_and_takes_each_once(tmp_path: Path) -> None:
    a, b = put(tmp_path / "in", "a.jpg", "b.jpg")
    tasks = gather([b, tmp_path / "in", a], tmp_path / "out", ".png")
    assert [task.name for task in tasks] == ["b.png", "a.png"]


@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_prepare_gives_bytes(form: str) -> None:
    made = prepare(encoded(textured(320, 240)), "128x72", fit="cover", focus="centre", format=form)
    assert made.path is None
    with Image.open(io.BytesIO(made.content)) as image:
        assert image.size == (128, 72)
        assert image.format == form.upper()
    assert made.to_builtins()["target"] == "128x72"


def test_prepare_writes_a_file_in_the_form_of_its_ending(tmp_path: Path) -> None:
    made = prepare(encoded(scene()), "64x64", fit="pad", output=tmp_path / "new" / "a.png")
    assert made.path == tmp_path / "new" / "a.png"
    assert made.path.read_bytes() == made.content
    assert made.content[:4] == b"\x89PNG"


def test_lossless_formats_hold_the_very_frame() -> None:
    import numpy as np

    rgb = textured(128, 72)
    for form, quality in (("png", 95), ("webp", 100)):
        with Image.open(io.BytesIO(encode.encoded(rgb, form, quality))) as image:
            assert np.array_equal(np.asarray(image.convert("RGB")), rgb)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "bmp"}, "jpeg, png, webp"),
        ({"quality": 0}, "1 to 100"),
        ({"fit": "squeeze"}, "auto, cover, pad"),
        ({"focus": "feet"}, "subject, centre"),
        ({"kind": "cat"}, "portrait"),
        ({"fill": "mauve?"}, "rrggbb"),
        ({"size": "12"}, "1280x720"),
    ],
)
def test_bad_options(options: dict[str, object], said: str) -> None:
    with pytest.raises(BadShot, match=said):
        prepare(encoded(scene()), **options)  # type: ignore[arg-type]


def test_strict_is_refused_as_the_vendor_does() -> None:
    with pytest.raises(ContractRefused, match=r"^Inpaint image must match"):
        prepare(encoded(scene()), "128x72", fit="strict")


def test_record_is_json_lines(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.jpg", "b.jpg")
    prepare_all([tmp_path / "in"], RECIPE, tmp_path / "out")
    lines = (tmp_path / "out" / ".mutoscope-prepare.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["name"] for line in lines) == ["a.jpg", "b.jpg"]
