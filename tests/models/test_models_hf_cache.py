"""What the hub's own client has already is linked: nothing is downloaded or kept twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.known_models import FILES, NAME, REPOSITORY, SHARD, VAE
from models.standin_hub import Hub, hf_cache
from mutoscope import models
from mutoscope.errors import Missing
from mutoscope.models import hf_cache as cache
from mutoscope.models import hub as client
from mutoscope.models.pull import Pulled, pull
from mutoscope.models.record import File

WHOLE = sum(map(len, FILES.values()))


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    """The cache's folder, with a whole checkpoint in it."""
    hf_cache(tmp_path / "hf" / "hub", REPOSITORY, FILES, "a" * 40)
    return tmp_path / "hf" / "hub"


def one() -> Pulled:
    [made] = pull(NAME)
    return made


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"HF_HUB_CACHE": "/a", "HF_HOME": "/b"}, "/a"),
        ({"HUGGINGFACE_HUB_CACHE": "/c", "HF_HOME": "/b"}, "/c"),
        ({"HF_HOME": "/b", "XDG_CACHE_HOME": "/d"}, "/b/hub"),
        ({"XDG_CACHE_HOME": "/d"}, "/d/huggingface/hub"),
        ({}, "~/.cache/huggingface/hub"),
    ],
)
def test_it_lies_where_the_client_has_it(environment: dict[str, str], place: str) -> None:
    assert cache.folder(environment) == Path(place).expanduser()


@pytest.mark.torch
def test_it_is_where_the_client_has_it() -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    own = {name: value for name, value in os.environ.items() if name != "HF_HOME"}
    if "HF_HOME" not in os.environ:
        assert cache.folder(own) == Path(constants.HF_HUB_CACHE)


def test_a_listing_has_the_hashes_that_the_blobs_are_named_by(cached: Path) -> None:
    found = cache.listing(REPOSITORY, "main")
    assert found is not None
    assert found.commit == "a" * 40
    assert set(found.files) == set(FILES)
    assert len(found.files[SHARD].sha256) == 64
    assert len(found.files["vae/config.json"].git) == 40
    assert cache.listing(REPOSITORY, "a" * 40) == found
    assert cache.listing(REPOSITORY, "v2") is None
    assert cache.listing("nobody/nothing", "main") is None
    blob = cache.blob(REPOSITORY, found.files[SHARD])
    assert blob is not None
    assert blob.read_bytes() == FILES[SHARD]
    assert cache.blob(REPOSITORY, File(size=1, sha256="f" * 64)) is None


def test_that_it_is_there_is_said(cached: Path) -> None:
    said = f"{NAME} is not here, but in the Hugging Face cache; `mutoscope models pull {NAME}` links it"
    assert models.lacking(NAME) == said
    (
        cached / f"models--{REPOSITORY.replace('/', '--')}" / "snapshots" / ("a" * 40) / SHARD
    ).unlink()
    assert "get it with" in models.lacking(NAME), "half of it is not said to be there"


def test_offline_a_whole_copy_is_enough(cached: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    made = one()
    assert (made.downloaded, made.linked, made.commit) == (0, WHOLE, "a" * 40)
    assert models.lacking(NAME) == ""
    room = cached / f"models--{REPOSITORY.replace('/', '--')}" / "blobs"
    inodes = {path.stat().st_ino for path in room.iterdir()}
    assert (Path(made.path) / VAE).stat().st_ino in inodes, "linked, not copied"


def test_without_the_client_a_whole_copy_is_enough(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "find_spec", lambda name: None)
    assert one().linked == WHOLE


def test_offline_half_a_copy_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half = {name: body for name, body in FILES.items() if name != SHARD}
    hf_cache(tmp_path / "hf" / "hub", REPOSITORY, half, "a" * 40)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Missing, match=r"HF_HUB_OFFLINE is set, and .* only in part"):
        one()


def test_a_copy_that_was_damaged_is_not_taken(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = cache.listing(REPOSITORY, "main")
    assert found is not None
    blob = cache.blob(REPOSITORY, found.files[SHARD])
    assert blob is not None
    blob.write_bytes(bytes(len(FILES[SHARD])))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Missing, match="HF_HUB_OFFLINE is set"):
        one()
    assert models.find(NAME) is None


def test_where_links_to_content_cannot_be_made_links_to_names_are(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(source: object, target: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    place = Path(one().path)
    assert (place / VAE).is_symlink()
    assert models.lacking(NAME) == ""
    (place / VAE).resolve().unlink()  # the owner empties the cache
    assert f"{VAE} is missing" in models.lacking(NAME)


@pytest.mark.torch
def test_online_only_what_the_cache_does_not_have_is_downloaded(hub: Hub, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    older = {name: body for name, body in FILES.items() if name != VAE}
    hf_cache(tmp_path / "hf" / "hub", REPOSITORY, older, "a" * 40)
    made = one()
    assert made.downloaded == len(FILES[VAE])
    assert made.linked == WHOLE - made.downloaded
    assert hub.served.total() == made.downloaded
    assert made.commit in hub.repositories[REPOSITORY].commits, "the commit is today's"


@pytest.mark.torch
def test_online_a_damaged_copy_is_downloaded_instead(hub: Hub, cached: Path) -> None:
    pytest.importorskip("huggingface_hub")
    found = cache.listing(REPOSITORY, "main")
    assert found is not None
    blob = cache.blob(REPOSITORY, found.files[SHARD])
    assert blob is not None
    blob.write_bytes(bytes(len(FILES[SHARD])))
    assert (Path(one().path) / SHARD).read_bytes() == FILES[SHARD]
    assert hub.served[SHARD] == len(FILES[SHARD])


@pytest.mark.torch
def test_the_clients_own_download_is_such_a_cache(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "client"))
    huggingface_hub.snapshot_download(
        REPOSITORY, endpoint=hub.address, cache_dir=tmp_path / "client",
        allow_patterns=[f"{part}/*" for part in ("transformer", "vae", "scheduler")],
    )  # fmt: skip
    before = hub.served.total()
    made = one()
    assert made.linked > 2 * len(FILES[SHARD])
    listed = len(FILES["model_index.json"])  # read for the plan, and then downloaded
    assert hub.served.total() - before == made.downloaded + listed
