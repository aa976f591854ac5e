"""Have pip download a source package without running anything in it.

pip keeps a source package only after whatever builds it has said its name and version, and would run the
package's own code for that. Here a stand-in for setuptools is put in its way, which reads both from
PKG-INFO; and pip checks the archive's SHA-256 before it unpacks it.
"""

from __future__ import annotations

from pathlib import Path

from mutoscope.weights.manifest import Sdist

BACKEND = """\
import os


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    with open("PKG-INFO", encoding="utf-8") as file:
        fields = dict(line.rstrip("\\n").split(": ", 1) for line in file if ": " in line)
    name, version = fields["Name"], fields["Version"]
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    os.mkdir(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w") as file:
        file.write(f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    return folder


class __legacy__:
    get_requires_for_build_wheel = staticmethod(get_requires_for_build_wheel)
    prepare_metadata_for_build_wheel = staticmethod(prepare_metadata_for_build_wheel)
"""


def asked(source: Sdist, work: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Words for `pip download`, and what to add to its environment. Files are written below `work`."""
    place = work / "setuptools"
    place.mkdir(parents=True, exist_ok=True)
    (place / "__init__.py").write_text("")
    (place / "build_meta.py").write_text(BACKEND)
    wanted = work / "wanted.txt"
    wanted.write_text(f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n")
    words = (f"--requirement={wanted}", "--no-binary=:all:", "--no-build-isolation")
    # the switch is a setting, as later versions of pip know no other way and may drop the word
    return words, {"PYTHONPATH": str(work), "PIP_USE_PEP517": "1"}
