"""What ComfyUI tells: progress by websocket, entries of its history, the film among its files."""

from __future__ import annotations

import io
import json
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mutoscope.engines.comfyui import answers
from mutoscope.engines.comfyui.bringing import Wanted, brought
from mutoscope.engines.comfyui.progress import Progress, shares
from mutoscope.errors import EngineFailed
from mutoscope.finish.encode import Mp4Writer, rgb_frame
from mutoscope.finish.footage import chosen, shape
from mutoscope.shot import Size

GRAPH = {
    "1": {"class_type": "LoadImage"}, "2": {"class_type": "KSampler"},
    "3": {"class_type": "KSamplerSelect"}, "4": {"class_type": "SaveVideo"},
}  # fmt: skip


def made(id: str = "me") -> Progress:
    return Progress(id, shares(GRAPH), {"2": "KSampler (node 2)"})


def said(kind: str, **data: Any) -> str:
    return json.dumps({"type": kind, "data": data})


def states(nodes: dict[str, tuple[str, float, float]], id: str = "me") -> str:
    told = {
        name: {"state": state, "value": value, "max": most, "display_node_id": name}
        for name, (state, value, most) in nodes.items()
    }
    return said("progress_state", prompt_id=id, nodes=told)


def test_sampling_is_most_of_the_bar() -> None:
    heard = made()
    heard.hear(states({"1": ("finished", 1, 1), "2": ("running", 10, 20)}))
    half = heard.fraction
    assert 0.45 < half < 0.6
    assert heard.stage == "KSampler (node 2)"
    heard.hear(states({"1": ("finished", 1, 1), "2": ("finished", 20, 20), "4": ("running", 0, 1)}))
    assert 0.9 < heard.fraction < 1.0


def test_a_bar_never_goes_back() -> None:
    heard = made()
    heard.hear(said("progress", value=19, max=20, node="2", prompt_id="me"))
    high = heard.fraction
    heard.hear(said("progress", value=1, max=20, node="2", prompt_id="me"))
    assert heard.fraction == high


def test_an_older_servers_messages_are_enough() -> None:
    heard = made()
    heard.hear(said("execution_cached", nodes=["1"], prompt_id="me"))
    heard.hear(said("executing", node="2", prompt_id="me"))
    heard.hear(said("progress", value=5, max=10, node="2"))
    assert 0.4 < heard.fraction < 0.6
    heard.hear(said("executing", node="4", prompt_id="me"))
    assert heard.fraction > 0.9
    heard.hear(said("execution_success", prompt_id="me"))
    assert heard.ended


@pytest.mark.parametrize(
    "message",
    ["", "[]", "{}", '{"type": "progress"}', '{"type": "progress", "data": {"max": 0, "node": "2"}}',
     b"", b"abc", struct.pack(">II", 4, 999) + b"{}", struct.pack(">II", 1, 1) + b"no picture",
     states({"2": ("running", 19, 20)}, "another"), said("execution_success", prompt_id="another"),
     '{"type": "progress_state", "data": {"nodes": {"2": 5}}}'],
)  # fmt: skip
def test_a_message_that_says_nothing_changes_nothing(message: str | bytes) -> None:
    heard = made()
    heard.hear(message)
    assert (heard.fraction, heard.ended, heard.preview) == (0.0, False, None)


def test_previews_of_both_kinds_are_seen() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    heard = made()
    heard.hear(struct.pack(">II", 1, 1) + out.getvalue())
    assert heard.preview == (out.getvalue(), ".jpg")
    for id, seen in (("another", ".jpg"), ("me", ".png")):
        png = io.BytesIO()
        Image.new("RGB", (8, 8)).save(png, "PNG")
        told = json.dumps({"prompt_id": id}).encode()
        heard.hear(struct.pack(">II", 4, len(told)) + told + png.getvalue())
        assert heard.preview is not None
        assert heard.preview[1] == seen


def file(name: str, **more: Any) -> dict[str, Any]:
    return {"filename": name, "subfolder": "", "type": "output"} | more


TEMP = {"type": "temp"}
VIDEO = {"images": [file("a.mp4")], "animated": [True]}


@pytest.mark.parametrize(
    ("outputs", "output", "names", "others"),
    [
        ({"1": VIDEO}, "", ["a.mp4"], ()),
        ({"1": {"gifs": [file("a.mp4", frame_rate=16.0)]}}, "", ["a.mp4"], ()),
        ({"1": VIDEO, "2": {"video": [file("b.webm")]}}, "", ["b.webm"], ("a.mp4",)),
        ({"1": VIDEO, "2": {"video": [file("b.webm")]}}, "1", ["a.mp4"], ("b.webm",)),
        ({"2": {"images": [file("p.mp4", **TEMP)]}, "1": VIDEO}, "", ["a.mp4"], ()),
        ({"2": {"images": [file("p.mp4", **TEMP)]}}, "", ["p.mp4"], ()),
        ({"1": {"images": [file("a.webp")], "animated": [True]},
          "2": {"images": [file("x.png"), file("y.png")]}}, "", ["a.webp"], ("x.png", "y.png")),
        ({"1": VIDEO, "3": {"images": [file("a.webp")], "animated": [True]}}, "", ["a.mp4"], ("a.webp",)),
        ({"1": {"images": [file(f"{n}.png") for n in range(3)]}}, "", ["0.png", "1.png", "2.png"], ()),
        ({"1": {"gifs": [file("a.gif")]}}, "", ["a.gif"], ()),
        ({"1": {"images": [file("a.png")], "animated": [True]}}, "", ["a.png"], ()),
    ],
)  # fmt: skip
def test_which_file_is_the_film(
    outputs: Any, output: str, names: list[str], others: tuple[str, ...]
) -> None:
    found = answers.made({"outputs": outputs}, output)
    assert found is not None
    assert [one.name for one in found.files] == names
    assert found.others == others


@pytest.mark.parametrize(
    "outputs",
    [{}, None, {"1": {"images": [file("still.png")]}}, {"1": {"text": ["a cat"]}},
     {"1": {"audio": [file("a.flac")]}}, {"1": None}, {"1": {"images": [None, 5, {}]}}],
)  # fmt: skip
def test_no_film_is_a_failure_that_says_so(outputs: Any) -> None:
    entry = {"outputs": outputs, "status": {"status_str": "success"}}
    status = answers.status(entry, "")
    assert (status.state, status.code) == ("failed", "no_film")
    assert status.error.startswith("the workflow ended, and no node of it made a film")


def test_an_entry_without_a_word_is_done_where_there_is_a_film() -> None:
    assert answers.status({"outputs": {"1": VIDEO}, "status": None}, "").state == "done"


def test_interrupted_is_cancelled() -> None:
    told = {"status_str": "error", "messages": [["execution_interrupted", {"node_id": "2"}]]}
    assert answers.status({"outputs": {}, "status": told}, "").state == "cancelled"


def test_a_refusal_without_nodes_says_its_message() -> None:
    error = {
        "type": "missing_node_type",
        "message": "Node 'X' not found.",
        "details": "Node ID '#3'",
    }
    body = json.dumps({"error": error, "node_errors": {}}).encode()
    assert answers.refusal(body, 400, "") == (
        "Node 'X' not found. (Node ID '#3')", "missing_node_type")  # fmt: skip
    assert answers.refusal(b"<html>", 502, "") == ("HTTP 502", "http_502")


def film(path: Path, size: Size, frames: int, fps: float) -> Path:
    """Each frame a brightness of its own."""
    with Mp4Writer(path, size, fps, preset="ultrafast") as writer:
        for at in range(frames):
            writer.write(rgb_frame(np.full((size.height, size.width, 3), 20 + 10 * at, np.uint8)))
    return path


def levels(path: Path) -> list[int]:
    seen = shape(path)
    numbers = list(range(seen.frames))
    return [round((float(one.mean()) - 20) / 10) for _, one in chosen(path, numbers, seen.width)]


@pytest.mark.parametrize(
    ("frames", "fps", "wanted", "shown"),
    [
        (8, 16, Wanted(Size(64, 36), 24, 12), [0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7]),
        (9, 16, Wanted(Size(64, 36), 24, 12), [0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7]),
        (12, 24, Wanted(Size(64, 36), 12, 6), [1, 3, 5, 7, 9, 11]),
        (12, 24, Wanted(Size(64, 36), 24, 10), list(range(10))),
        (6, 24, Wanted(Size(64, 36), 24, 12), list(range(6))),  # a shorter one stays short
        (6, 24, Wanted(Size(48, 36)), list(range(6))),
    ],
)
def test_frames_are_shown_at_their_time(
    tmp_path: Path, frames: int, fps: float, wanted: Wanted, shown: list[int]
) -> None:
    source = film(tmp_path / "made.mp4", Size(64, 36), frames, fps)
    done = brought(source, fps, wanted, tmp_path / "out.mp4")
    assert levels(done.path) == shown
    assert done.frames == len(shown)
    assert done.size == wanted.size
    assert shape(done.path).rate == Fraction(wanted.fps or fps)


def test_what_is_over_is_cut_off_evenly(tmp_path: Path) -> None:
    row = tmp_path / "pictures"
    row.mkdir()
    image = np.zeros((40, 100, 3), np.uint8)
    image[:, 30:70] = 255
    for at in range(3):
        Image.fromarray(image).save(row / f"{at:06d}.png")
    done = brought(row, 12, Wanted(Size(40, 40), 12, 3), tmp_path / "out.mp4")
    ((_, shown),) = chosen(done.path, [1], 40)
    assert shown[:, 2:38].min() > 230
    assert done.said == (("40x40", "filmed at 100x40, scaled to it and cut to its shape"),)


@pytest.mark.parametrize(("kind", "ending"), [("GIF", ".gif"), ("PNG", ".apng"), ("WEBP", ".webp")])
def test_a_moving_picture_is_a_film(tmp_path: Path, kind: str, ending: str) -> None:
    first, *rest = [Image.new("RGB", (64, 36), (20 + 20 * at,) * 3) for at in range(8)]
    source = tmp_path / f"made{ending}"
    first.save(source, kind, save_all=True, append_images=rest, duration=62, loop=0)
    done = brought(source, 16, Wanted(Size(64, 36), 16, 8), tmp_path / "out.mp4")
    assert done.frames == 8
    assert [round(level / 2) for level in levels(done.path)] == list(range(8))
    assert done.said == ()


@pytest.mark.parametrize("colour", [(200, 60, 60), (40, 180, 90), (60, 70, 210)])
def test_its_colours_stay(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    """A film without a word on its colours, as most nodes write them, is BT.601."""
    import av

    source = tmp_path / "made.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=16, options={"crf": "5"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        flat = np.full((64, 96, 3), colour, np.uint8)
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(flat)))
        container.mux(stream.encode())
    for size in (Size(64, 36), Size(96, 64)):  # written again, and copied
        done = brought(source, 16, Wanted(size, 16, 3), tmp_path / "out.mp4")
        ((_, shown),) = chosen(done.path, [1], size.width)
        assert np.abs(shown.reshape(-1, 3).mean(0) - colour).max() < 4


def test_its_sound_comes_along_as_far_as_the_film_goes(tmp_path: Path) -> None:
    from mutoscope.sound.mux import add_sound
    from mutoscope.sound.pcm import Pcm

    source = film(tmp_path / "made.mp4", Size(64, 36), 24, 12)
    raw = tmp_path / "tone.f32"
    raw.write_bytes((0.3 * np.sin(np.arange(2 * 96_000) / 20)).astype(np.float32).tobytes())
    add_sound(source, Pcm(raw, 96_000), source)
    done = brought(source, 12, Wanted(Size(32, 18), 12, 12), tmp_path / "out.mp4")
    import av

    with av.open(str(done.path)) as container:
        (sound,) = container.streams.audio
        assert sound.duration is not None
        assert sound.time_base is not None
        assert 0.95 < float(sound.duration * sound.time_base) < 1.1
    whole = brought(source, 12, Wanted(Size(64, 36), 12, 24), tmp_path / "same.mp4")
    with av.open(str(whole.path)) as container:
        assert len(container.streams.audio) == 1
    assert whole.said == ()


def test_what_is_no_film_is_one_sentence(tmp_path: Path) -> None:
    source = tmp_path / "made.mp4"
    source.write_bytes(b"\x00\x00\x00\x18ftypisom" + b"\x00" * 200)
    with pytest.raises(EngineFailed, match="the film cannot be read") as caught:
        brought(source, 24, Wanted(Size(64, 36), 24, 12), tmp_path / "out.mp4")
    assert "\n" not in caught.value.message
    assert not (tmp_path / "out.mp4").exists()
