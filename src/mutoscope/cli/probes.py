"""What `mutoscope doctor` looks at. Each probe runs in a process of its own (`mutoscope.cli.examine`)."""

from __future__ import annotations

import os
import platform
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutoscope.cli.finding import Finding
from mutoscope.cli.probes_gpu import gpu
from mutoscope.compute.memory import main_memory

if TYPE_CHECKING:
    from mutoscope.engines.base import Readiness


def machine() -> Iterator[Finding]:
    """Python, processor and memory."""
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Finding(name="Python", state="ok", detail=python, needed=True)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding(name="CPU cores", state="ok", detail=f"{cores} for this process")
    total, free = (None if one is None else one / 1e9 for one in main_memory())
    low = free is not None and free < 1.0
    yield Finding(
        name="memory",
        state="note" if low or total is None else "ok",
        detail="not known" if total is None else f"{free:.1f} of {total:.1f} GB free",
        mend="a 1280x720 film needs about 1 GB" if low else "",
    )


def disk() -> Iterator[Finding]:
    """Space and write access where weights and films go."""
    from mutoscope.weights import cache

    yield _space("weights folder", cache.folder())
    try:
        here = Path.cwd()
    except OSError as error:
        mend = "go to a folder that is there"
        yield Finding(name="this folder", state="note", detail=f"{error.strerror}", mend=mend)
    else:
        yield _space("this folder", here)


def _space(name: str, folder: Path) -> Finding:
    """Whether there is room to write in `folder`, or in the nearest one above it that is there."""
    place = next(one for one in (folder, *folder.parents) if one.exists())
    if not place.is_dir():
        detail = f"{place} is a file, not a folder"
        return Finding(name=name, state="note", detail=detail, mend="name another folder")
    free = shutil.disk_usage(place).free / 1e9
    writable = os.access(place, os.W_OK)
    mend = "work in another folder" if not writable else "make room" if free < 0.5 else ""
    detail = f"{folder}: {free:.1f} GB free{'' if writable else ', not writable'}"
    return Finding(name=name, state="note" if mend else "ok", detail=detail, mend=mend)


def video() -> Iterator[Finding]:
    """PyAV and the codecs inside it."""
    import av
    from av.codec import Codec

    inside = getattr(av, "ffmpeg_version_info", "")
    yield Finding(
        name="PyAV", state="ok", detail=f"{version('av')}, FFmpeg {inside}".strip(), needed=True
    )
    found = []
    for codec in ("libx264", "libx265", "libsvtav1", "libvpx-vp9", "aac"):
        try:
            Codec(codec, "w")
        except Exception:
            continue
        found.append(codec)
    has = "libx264" in found
    yield Finding(
        name="encoders",
        state="ok" if has else "missing",
        detail=", ".join(found),
        mend="" if has else "install PyAV from its wheel: pip install --force-reinstall av",
        needed=True,
    )


def arrays() -> Iterator[Finding]:
    """NumPy and OpenCV."""
    import cv2
    import numpy

    yield Finding(name="NumPy", state="ok", detail=numpy.__version__, needed=True)
    yield Finding(name="OpenCV", state="ok", detail=cv2.__version__, needed=True)


def images() -> Iterator[Finding]:
    """libvips and the picture formats that it reads."""
    import pyvips

    inside = ".".join(str(pyvips.version(part)) for part in range(3))
    yield Finding(
        name="libvips", state="ok", detail=f"{inside}, pyvips {version('pyvips')}", needed=True
    )
    reads = {kind: _reads(pyvips, _sample(pyvips, suffix)) for kind, suffix in FORMATS.items()}
    reads["HEIC"] = _reads(pyvips, HEIC)
    lacking = [kind for kind, well in reads.items() if not well]
    yield Finding(
        name="picture formats",
        state="missing" if not reads["JPEG"] else "note" if lacking else "ok",
        detail=", ".join(kind for kind, well in reads.items() if well),
        mend=f"no {', '.join(lacking)}: convert such pictures first" if lacking else "",
        needed=True,
    )


#: A grey 64x64 picture, HEVC in a HEIC file: libvips reads the container, and the picture only where
#: it was built with a decoder for HEVC.
HEIC = b64decode(
    "AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAABJ21ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAAAA"
    "AAAADnBpdG0AAAAAAAEAAAAeaWxvYwAAAABEAAABAAEAAAABAAABRwAAABYAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAAKtpcHJwAAAAjmlwY28AAAByaHZjQwEECAAAAJ+oAAAAAB7wAPz9+PgAAA8DoAABABdAAQwB//8E"
    "CAAAAwCfqAAAAwAAHroCQKEAAQAmQgEBBAgAAAMAn6gAAAMAAB6gIIEFlupJMrmgIAAAAwAgAAADACGiAAEAB0QBwXKw"
    "IkAAAAAUaXNwZQAAAAAAAABAAAAAQAAAABVpcG1hAAAAAAAAAAEAAQKBAgAAAB5tZGF0AAAAEigBrwtg+wiUbEL7AkC1"
    "G3PD+A=="
)
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WebP": ".webp", "AVIF": ".avif"}


def _sample(pyvips: Any, suffix: str) -> bytes:
    """A small picture of that format, empty where it cannot be written."""
    try:
        grey = (pyvips.Image.black(16, 16, bands=3) + 99).cast("uchar")
        return bytes(grey.write_to_buffer(suffix))
    except Exception:
        return b""


def _reads(pyvips: Any, data: bytes) -> bool:
    try:
        return bool(pyvips.Image.new_from_buffer(data, "").avg() > 0)
    except Exception:
        return False


def learned() -> Iterator[Finding]:
    """onnxruntime, which runs the learned weights."""
    import onnxruntime

    providers = [
        name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers()
    ]
    yield Finding(
        name="onnxruntime",
        state="ok",
        detail=f"{onnxruntime.__version__} ({', '.join(providers)})",
        needed=True,
    )


def kernels() -> Iterator[Finding]:
    """numba, and whether the kernels that it compiles are already on disk."""
    import numba
    from platformdirs import user_cache_path

    import mutoscope

    package = Path(mutoscope.__file__).parent
    modules = {path.stem for path in package.rglob("*.py")}
    # numba keeps them beside the module, or in its own folder where that cannot be written
    places = {package, Path(os.environ.get("NUMBA_CACHE_DIR") or user_cache_path("numba"))}
    count = sum(
        1 for place in places for kept in place.rglob("*.nbi") if kept.name.split(".")[0] in modules
    )
    yield Finding(name="numba", state="ok", detail=numba.__version__, needed=True)
    yield Finding(
        name="kernels",
        state="ok" if count else "note",
        detail=f"{count} compiled" if count else "not compiled yet",
        mend="" if count else "the first film compiles them, which takes some seconds",
    )


def weights() -> Iterator[Finding]:
    """Every entry of the weights' manifest, verified."""
    from mutoscope.errors import MutoscopeError
    from mutoscope.weights import cache, manifest

    for entry in manifest.entries().values():
        size = f"{entry.size / 1e6:.1f} MB"
        get = f"mutoscope weights fetch {entry.name}"
        try:
            path = cache.verify(entry)
        except MutoscopeError as damaged:
            yield Finding(name=entry.name, state="broken", detail=damaged.message, mend=get)
            continue
        if path is None:
            kind = entry.title if entry.default else f"{entry.title}, optional"
            yield Finding(
                name=entry.name,
                state="missing" if entry.default else "note",
                detail=f"not here ({kind}, {size}): it {entry.purpose}",
                mend=get,
            )
        else:
            whose = "your own file" if path == cache.own_path(entry) else entry.title
            yield Finding(name=entry.name, state="ok", detail=f"verified, {whose}")


def engines() -> Iterator[Finding]:
    """Every engine of the entry point group that needs no account, and what it says of itself."""
    from mutoscope.engines.find import ACCOUNTS

    for point in sorted(entry_points(group="mutoscope.engines"), key=lambda one: one.name):
        if point.name in ACCOUNTS:
            continue
        needed = point.name == "flipbook"
        try:
            readiness = point.load()().check()
        except Exception as error:
            detail = f"{type(error).__name__}: {error}".splitlines()[0]
            yield Finding(name=point.name, state="broken", detail=detail, needed=needed)
            continue
        yield _readiness(point.name, readiness, needed)


def accounts() -> Iterator[Finding]:
    """Every engine of the settings, and what it says of itself."""
    from mutoscope.configure import load
    from mutoscope.engines import find
    from mutoscope.errors import BadInput, MutoscopeError

    try:
        found = load()[0].engines
    except BadInput as error:
        yield Finding(name="accounts", state="broken", detail=error.message)
        return
    for name, account in found.items():
        try:
            readiness = find.maker(account.kind)(name, account).check()
        except Exception as error:
            said = str(error) if isinstance(error, MutoscopeError) else repr(error)
            yield Finding(name=name, state="broken", detail=said.splitlines()[0])
            continue
        yield _readiness(name, readiness, needed=False)


def _readiness(name: str, readiness: Readiness, needed: bool) -> Finding:
    limits = "; ".join(readiness.limits)
    return Finding(
        name=name,
        state="missing" if not readiness.ready else "note" if limits else "ok",
        detail="ready" if readiness.ready else "unavailable",
        mend="; ".join(readiness.reasons) or limits,
        needed=needed,
    )


def settings() -> Iterator[Finding]:
    """The settings in the environment."""
    from mutoscope.catalog.check import compat_setting
    from mutoscope.errors import BadInput

    try:
        compat = compat_setting()
    except BadInput as error:
        mend = "set MUTOSCOPE_COMPAT to lenient or strict"
        yield Finding(name="compat", state="broken", detail=error.message, mend=mend, needed=True)
    else:
        whence = "MUTOSCOPE_COMPAT" if "MUTOSCOPE_COMPAT" in os.environ else "default"
        yield Finding(name="compat", state="ok", detail=f"{compat} ({whence})")


#: name → probe
PROBES: dict[str, Callable[[], Iterator[Finding]]] = {
    probe.__name__: probe
    for probe in (
        machine, disk, arrays, video, images, learned, kernels, weights, engines, accounts, gpu, settings,
    )
}  # fmt: skip
