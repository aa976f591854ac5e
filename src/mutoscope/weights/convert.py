"""Functions that turn what a source holds into the file that is wanted.

An entry of the manifest names one by its key here (`convert = "…"`). A converter reads `raw`, whose
SHA-256 was checked, and writes `out`, whose SHA-256 will be: it must give the same bytes every time.
It raises ValueError, with the reason in one line, for a file that is not what it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Converter = Callable[[Path, Path], None]  # raw, out


def _ifnet(raw: Path, out: Path) -> None:
    from mutoscope.weights import ifnet

    ifnet.convert(raw, out)


def _alexnet_lpips(raw: Path, out: Path) -> None:
    from mutoscope.weights import alexnet_lpips

    alexnet_lpips.convert(raw, out)


def _alexnet_looks(raw: Path, out: Path) -> None:
    from mutoscope.weights import alexnet_looks

    alexnet_looks.convert(raw, out)


def _face_resnet(raw: Path, out: Path) -> None:
    from mutoscope.weights import face_resnet

    face_resnet.convert(raw, out)


CONVERTERS: dict[str, Converter] = {
    "ifnet": _ifnet,
    "alexnet_lpips": _alexnet_lpips,
    "alexnet_looks": _alexnet_looks,
    "face_resnet": _face_resnet,
}
