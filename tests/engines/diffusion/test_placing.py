"""How a model goes onto a device: what stays off it, and why it does not fit."""

from __future__ import annotations

import json
import struct
import time
from pathlib import Path

import pytest
from msgspec import structs

from mutoscope.catalog import load
from mutoscope.catalog.checkpoint import Checkpoint
from mutoscope.config import Gpu
from mutoscope.engines.diffusion import measured, placing
from mutoscope.engines.diffusion.devices import Device
from mutoscope.engines.diffusion.measured import Film
from mutoscope.engines.diffusion.parts import identity, parts
from mutoscope.engines.diffusion.placing import fit, largest, room

GB = 10**9


def gpu(memory: float) -> Device:
    return Device("cuda:0", "NVIDIA Something", int(memory * GB), int(memory * GB), (9, 0))


@pytest.fixture
def checkpoint() -> Checkpoint:
    found = load.contract("wan2.2-ti2v-5b", "diffusion").checkpoint
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "main_memory", lambda: (200 * GB, 100 * GB))


def written(folder: Path, name: str, numbers: int, *, fill: int = 0) -> None:
    """A part with so many numbers in bfloat16; the file is sparse."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    head = json.dumps(
        {"w": {"dtype": "BF16", "shape": [numbers], "data_offsets": [0, 2 * numbers]}}
    )
    file = folder / name / "model.safetensors"
    with file.open("wb") as opened:
        opened.write(struct.pack("<Q", len(head)) + head.encode())
        opened.truncate(8 + len(head) + 2 * numbers)
        opened.seek(8 + len(head) + numbers)
        opened.write(bytes([fill]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, numbers in (("text_encoder", 6 * GB), ("transformer", 5 * GB), ("vae", 3 * GB // 2)):
        written(tmp_path, name, numbers)
    return tmp_path


def test_the_parts_are_weighed_without_being_read(folder: Path) -> None:
    sizes = {one.name: one.bytes(2) for one in parts(folder)}
    assert sizes == {"text_encoder": 12 * GB, "transformer": 10 * GB, "vae": 6 * GB}


@pytest.mark.parametrize(
    ("memory", "offload", "tiled"),
    [
        (80, "none", False),
        (40, "words", False),
        (37, "none", True),
        (27, "words", True),
        (23.3, "model", True),
        (15, "layers", True),
    ],
)
def test_a_smaller_device_keeps_less_on_it(
    checkpoint: Checkpoint, folder: Path, memory: float, offload: str, tiled: bool
) -> None:
    found = fit(checkpoint, folder, gpu(memory), Gpu())
    assert (found.offload, found.tiled) == (offload, tiled)


def test_a_short_film_needs_as_much_to_be_decoded_by_its_frames(
    checkpoint: Checkpoint, folder: Path
) -> None:
    """Wan decodes a few frames at a time: a film of a fifth of the length has no less of them."""
    own, area = largest(checkpoint), checkpoint.area
    short = fit(checkpoint, folder, gpu(80), Gpu(), volume=own // 5, area=area)
    small = fit(checkpoint, folder, gpu(80), Gpu(), volume=own // 5, area=area // 5)
    whole = fit(checkpoint, folder, gpu(80), Gpu())
    assert small.needs < short.needs == whole.needs


def test_a_large_text_encoder_does_not_keep_a_model_off_a_small_device(tmp_path: Path) -> None:
    """LTX-2's, of 24 GB, on a card of 24 GB: it is moved in by its layers, too."""
    ltx = load.contract("ltx-2", "diffusion").checkpoint
    assert ltx is not None
    for name, numbers in (
        ("text_encoder", 12 * GB),
        ("transformer", 19 * GB),
        ("vae", 5 * GB // 4),
    ):
        written(tmp_path, name, numbers)
    five = 121 * ltx.area
    found = fit(ltx, tmp_path, gpu(25.7), Gpu(), volume=five, area=ltx.area)
    assert (found.offload, found.tiled) == ("layers", True)


def test_a_smaller_film_needs_less(checkpoint: Checkpoint, folder: Path) -> None:
    whole = fit(checkpoint, folder, gpu(80), Gpu())
    area = checkpoint.area // 10
    tenth = fit(checkpoint, folder, gpu(80), Gpu(), volume=largest(checkpoint) // 10, area=area)
    assert tenth.needs < whole.needs
    assert tenth.needs >= 28 * GB  # the weights are the same


def test_before_it_is_pulled_the_contract_says_what_it_needs(checkpoint: Checkpoint) -> None:
    found = fit(checkpoint, None, gpu(80), Gpu())
    said = checkpoint.memory
    assert (found.offload, found.needs) == ("none", said.whole + said.decode - said.tiled)
    assert fit(checkpoint, None, gpu(37), Gpu()).needs == said.whole  # in tiles


def test_what_does_not_fit_says_what_it_needs_and_what_there_is(
    checkpoint: Checkpoint, folder: Path
) -> None:
    found = fit(checkpoint, folder, gpu(6), Gpu())
    assert found.offload is None
    assert "needs 12 GiB of a GPU's memory even with its layers moved in" in found.reason
    assert "cuda:0 has 5.6 GiB" in found.reason


def test_parts_that_stay_off_need_room_in_main_memory(
    checkpoint: Checkpoint, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "main_memory", lambda: (16 * GB, 8 * GB))
    found = fit(checkpoint, folder, gpu(15), Gpu())
    assert found.offload is None
    assert "only with parts in main memory, 26 GiB of it, and 13 GiB are there" in found.reason


def test_the_owner_may_give_a_part_of_a_device(checkpoint: Checkpoint, folder: Path) -> None:
    assert fit(checkpoint, folder, gpu(80), Gpu(memory=15 * GB)).offload == "layers"
    assert room(gpu(80), Gpu(memory=15 * GB)) < 15 * GB


def test_the_owner_knows_better(checkpoint: Checkpoint, folder: Path) -> None:
    assert fit(checkpoint, folder, gpu(14), Gpu(offload="none")).offload == "none"


def test_on_the_cpu_a_model_is_in_float32_where_that_fits(
    checkpoint: Checkpoint, folder: Path
) -> None:
    for memory, dtype in ((100, "float32"), (48, "bfloat16")):
        found = fit(checkpoint, folder, Device("cpu", "CPU", int(memory * GB)), Gpu())
        assert (found.offload, found.dtype) == ("none", dtype)
    found = fit(checkpoint, folder, Device("cpu", "CPU", 8 * GB), Gpu())
    assert found.offload is None
    assert "of main memory, and 7.5 GiB are there" in found.reason


def film(volume: int, peak: float, **more: object) -> Film:
    values: dict[str, object] = {"offload": "none", "dtype": "bfloat16", "rest": 24 * GB}
    values |= {"volume": volume, "peak": int(peak * GB)} | more
    return Film(**values)  # type: ignore[arg-type]


def test_what_was_measured_counts_more_than_any_estimate(
    checkpoint: Checkpoint, folder: Path
) -> None:
    own = largest(checkpoint)
    found = fit(checkpoint, folder, gpu(80), Gpu(), known=[film(own, 29)])
    assert (found.needs, found.known) == (29 * GB, True)
    uncounted = structs.replace(checkpoint, memory=structs.replace(checkpoint.memory, decode=0))
    twice = fit(uncounted, folder, gpu(80), Gpu(), volume=2 * own, known=[film(own, 29)])
    assert twice.needs == 34 * GB  # weights once, the film's own twice


def test_a_film_with_other_frames_tells_little_of_what_one_takes_to_be_decoded(
    checkpoint: Checkpoint, folder: Path
) -> None:
    """A long film of small frames and a short one of large ones have as many pixels, and not the same needs."""
    own, area = largest(checkpoint), checkpoint.area
    short, counted = own // 10, fit(checkpoint, folder, gpu(80), Gpu())
    small = film(short, 29, area=area // 10)
    for known, volume in ((small, short), (film(short, 60, area=area), own)):
        found = fit(checkpoint, folder, gpu(80), Gpu(), volume=volume, area=area, known=[known])
        assert (found.known, found.needs) == (False, counted.needs)
    same = film(short, 40, area=area)
    found = fit(checkpoint, folder, gpu(80), Gpu(), volume=short, area=area, known=[same])
    assert (found.known, found.needs) == (True, 40 * GB)


def test_what_ran_out_of_memory_is_not_tried_again_in_that_way(
    checkpoint: Checkpoint, folder: Path
) -> None:
    own = largest(checkpoint)
    out = film(own, 0, failed=True, when=time.time())
    assert fit(checkpoint, folder, gpu(80), Gpu(), known=[out]).offload == "words"
    small = fit(checkpoint, folder, gpu(80), Gpu(), volume=own // 2, known=[out])
    assert small.offload == "none"
    old = film(own, 0, failed=True, when=time.time() - 90_000)  # another program had it, perhaps
    assert fit(checkpoint, folder, gpu(80), Gpu(), known=[old]).offload == "none"
    later = [out, film(own, 60)]  # it went well since
    assert fit(checkpoint, folder, gpu(80), Gpu(), known=later).offload == "none"


def test_films_are_remembered_by_model_and_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path))
    for volume in (10, 20, 10):
        measured.keep("wan /models", "H200", film(volume, 30, step=volume / 10))
    assert [one.volume for one in measured.films("wan /models", "H200")] == [20, 10]
    assert measured.films("wan /models", "A100") == ()
    assert measured.films("wan /elsewhere", "H200") == ()
    assert measured.pace(measured.films("wan /models", "H200"), "none", 40).step == 4.0


def test_a_damaged_memory_is_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTOSCOPE_CACHE", str(tmp_path))
    measured.keep("wan", "H200", film(10, 30))
    (file,) = (tmp_path / "gpu").iterdir()
    file.write_bytes(b"{")
    assert measured.films("wan", "H200") == ()
    monkeypatch.setenv("MUTOSCOPE_CACHE", "off")
    measured.keep("wan", "H200", film(10, 30))
    assert measured.films("wan", "H200") == ()


def test_the_same_part_of_two_checkpoints_is_the_same_and_another_is_not(tmp_path: Path) -> None:
    for model in ("a", "b"):
        written(tmp_path / model, "text_encoder", 1000)
        (tmp_path / model / "text_encoder" / "config.json").write_text(
            json.dumps({"d_model": 8, "_name_or_path": model})
        )
    first = identity(tmp_path / "a", "text_encoder", "bfloat16")
    assert first
    assert identity(tmp_path / "b", "text_encoder", "bfloat16") == first
    assert identity(tmp_path / "b", "text_encoder", "float32") != first
    assert identity(tmp_path / "b", "image_encoder", "bfloat16") == ""
    written(tmp_path / "b", "text_encoder", 1000, fill=7)  # one number of the weights
    assert identity(tmp_path / "b", "text_encoder", "bfloat16") != first
    written(tmp_path / "b", "text_encoder", 1000)
    (tmp_path / "b" / "text_encoder" / "config.json").write_text('{"d_model": 9}')
    assert identity(tmp_path / "b", "text_encoder", "bfloat16") != first
