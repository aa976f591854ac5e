"""A body of Vertex → a wish: what this service has beside Veo's table, and buckets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mutoscope.dialects.google.buckets import Buckets
from mutoscope.dialects.shared.references import Address, Data
from mutoscope.dialects.vertex.asking import read
from mutoscope.errors import BadInput, BadShot, CannotWrite
from mutoscope.shot import Fit, Quality, Role, Size

MODEL = "veo-3.1-generate-001"
BYTES = {"bytesBase64Encoded": "AAAA", "mimeType": "image/png"}


def ask(instance: Any, parameters: Any = None, **more: Any) -> tuple[Any, dict[str, Any]]:
    body = {"instances": [{"prompt": "a cat", **instance}], "parameters": parameters or {}, **more}
    return read(body, MODEL)


def test_everything_that_the_client_can_send() -> None:
    wish, kept = ask(
        {"image": BYTES, "lastFrame": {"gcsUri": "gs://b/last.png", "mimeType": "image/png"}},
        {
            "sampleCount": 2, "storageUri": "gs://b/o/", "fps": 24, "durationSeconds": 8, "seed": 7,
            "aspectRatio": "9:16", "resolution": "1080p", "personGeneration": "allow_all",
            "pubsubTopic": "projects/p/topics/t", "negativePrompt": "blurry", "enhancePrompt": True,
            "generateAudio": True, "compressionQuality": "LOSSLESS", "resizeMode": "PAD",
        },
        labels={"team": "x"},
    )  # fmt: skip
    assert wish.shot == {
        "model": MODEL, "prompt": "a cat", "fps": 24.0, "seconds": 8.0, "seed": 7,
        "size": Size(1080, 1920), "negative_prompt": "blurry", "sound": True,
        "quality": Quality.BEST, "fit": Fit.PAD,
    }  # fmt: skip
    assert wish.takes == 2
    first, last = wish.pictures
    assert (first.role, first.source) == (Role.FIRST_FRAME, Data("AAAA"))
    assert (last.role, last.source) == (Role.LAST_FRAME, Address("gs://b/last.png"))
    assert kept == {"bucket": "gs://b/o/", "labels": {"team": "x"}}
    said = [notice.field for notice in wish.notices]
    assert "parameters.pubsubTopic" in said
    assert "parameters.enhancePrompt" in said
    assert "parameters.storageUri" not in said


def test_names_in_snake_case_mean_the_same() -> None:
    snake = read(
        {"instances": [{"prompt": "a cat", "last_frame": {"gcs_uri": "gs://b/l.png"}, "image": BYTES}],
         "parameters": {"storage_uri": "gs://b/o", "duration_seconds": 8}}, MODEL,
    )  # fmt: skip
    camel = ask(
        {"image": BYTES, "lastFrame": {"gcsUri": "gs://b/l.png"}},
        {"storageUri": "gs://b/o", "durationSeconds": 8},
    )
    assert snake[1] == camel[1]
    assert [one.source for one in snake[0].pictures] == [one.source for one in camel[0].pictures]


def test_references_of_either_type_and_a_film_to_extend() -> None:
    wish, _ = ask({"referenceImages": [
        {"image": BYTES, "referenceType": "ASSET"}, {"image": {"gcsUri": "gs://b/s.png"}, "referenceType": "STYLE"},
    ]})  # fmt: skip
    assert [one.role for one in wish.pictures] == [Role.REFERENCE] * 2
    for film in (
        {"bytesBase64Encoded": "AAAA", "mimeType": "video/mp4"},
        {"gcsUri": "gs://b/a.mp4"},
    ):
        wish, _ = ask({"video": film})
        assert wish.operation == "extend"
        assert wish.clip is not None


@pytest.mark.parametrize("mode", ["INSERT", "REMOVE", "REMOVE_STATIC", "OUTPAINT"])
def test_a_mask_is_refused_whatever_its_mode(mode: str) -> None:
    with pytest.raises(BadInput, match="mask") as refused:
        ask({"image": BYTES, "mask": BYTES | {"maskMode": mode}})
    assert refused.value.field == "instances[].mask"


@pytest.mark.parametrize(
    ("instance", "parameters", "more", "message"),
    [
        ({}, {"storageUri": "/tmp/films"}, {}, "gs://bucket/prefix"),
        ({"image": {"gcsUri": "s3://b/a.png"}}, {}, {}, "gs://bucket/prefix"),
        ({"image": {"gcsUri": "gs://b/a.png", "bytesBase64Encoded": "AAAA"}}, {}, {}, "one of the two"),
        ({"image": {}}, {}, {}, "neither"),
        ({}, {}, {"labels": ["a"]}, "an object"),
        ({}, {"resizeMode": "STRETCH"}, {}, "CROP"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(instance: Any, parameters: Any, more: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        ask(instance, parameters, **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "bucket"
    (place / "in").mkdir(parents=True)
    (place / "in" / "a.png").write_bytes(b"picture")
    (tmp_path / "secret").write_bytes(b"secret")
    return place


def test_an_object_is_a_file_of_the_folder(folder: Path) -> None:
    buckets = Buckets({"gs://mine/": str(folder), "gs://mine/in": str(folder / "in")})
    assert buckets.find("image", "gs://mine/in/a.png") == folder / "in" / "a.png"
    assert buckets.find("image", "gs://mine/new.png") == folder / "new.png"


@pytest.mark.parametrize(
    "uri",
    [
        "gs://mine/../secret", "gs://mine/in/../../secret", "gs://mine//etc/passwd", "gs://mine/./a",
        "gs://mine/in\\..\\secret", "gs://mine/a\0b", "gs://mine/out/secret", "gs://mine/" + "a" * 1025,
    ],
)  # fmt: skip
def test_nothing_leads_out_of_the_folder(folder: Path, uri: str) -> None:
    (folder / "out").symlink_to(folder.parent)
    with pytest.raises(BadShot, match="an object's name"):
        Buckets({"gs://mine": str(folder)}).find("image", uri)


def test_a_bucket_of_another_name_is_refused_and_those_that_are_had_are_named(folder: Path) -> None:
    buckets = Buckets({"gs://mine/in": str(folder)})
    for uri in ("gs://mine/inner/a.png", "gs://mine", "gs://other/a.png", "gs://mine/i"):
        with pytest.raises(BadShot, match="below gs://mine/in"):
            buckets.find("image", uri)
    with pytest.raises(BadShot, match="no folder stands for a bucket"):
        Buckets({}).find("image", "gs://mine/a.png")


def test_a_film_is_copied_whole_and_once(folder: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    buckets = Buckets({"gs://mine": str(folder)})
    buckets.write("storageUri", "gs://mine/o/1/sample_0.mp4", film)
    made = folder / "o" / "1" / "sample_0.mp4"
    assert made.read_bytes() == b"film"
    before = made.stat().st_mtime_ns
    buckets.write("storageUri", "gs://mine/o/1/sample_0.mp4", film)
    assert made.stat().st_mtime_ns == before
    assert [one.name for one in made.parent.iterdir()] == ["sample_0.mp4"]


def test_what_cannot_be_written_names_no_folder(folder: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    with pytest.raises(CannotWrite) as failed:
        Buckets({"gs://mine": str(folder)}).write("storageUri", "gs://mine/in/a.png/x.mp4", film)
    assert str(folder) not in failed.value.message
