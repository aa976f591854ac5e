"""The media type comes from the content."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from mutoscope.storage.sniff import media_type


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = b"ftyp" + major + b"\0\0\0\0" + b"".join(compatible)
    return (len(body) + 4).to_bytes(4, "big") + body + b"\0\0\0\x08free"


HEADS = {
    "mp4": (ftyp(b"isom", b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4"),
    "mov": (ftyp(b"qt  ", b"qt  "), "video/quicktime"),
    "avif": (ftyp(b"avif", b"mif1", b"miaf"), "image/avif"),
    "avif as mif1": (ftyp(b"mif1", b"avif", b"miaf"), "image/avif"),
    "heic": (ftyp(b"heic", b"mif1", b"heic"), "image/heic"),
    "heic as mif1": (ftyp(b"mif1", b"mif1", b"heic"), "image/heic"),
    "webm": (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"),
    "matroska": (b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska", "video/x-matroska"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
    "avi": (b"RIFF\x24\0\0\0AVI LIST", "video/x-msvideo"),
    "ogg": (b"OggS\0\x02", "audio/ogg"),
    "pdf": (b"%PDF-1.7", "application/pdf"),
    "empty": (b"", ""),
    "text": (b"hello, this is not a picture", ""),
    "short": (b"\x89PN", ""),
    "box cut off": (b"\0\0\0\x18ftyp", "video/mp4"),
}


@pytest.mark.parametrize("name", HEADS)
def test_signatures(name: str) -> None:
    head, kind = HEADS[name]
    assert media_type(head) == kind


@pytest.mark.parametrize(
    ("format", "kind"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif"),
     ("TIFF", "image/tiff"), ("BMP", "image/bmp"), ("AVIF", "image/avif")],
)  # fmt: skip
def test_files_as_a_library_writes_them(format: str, kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 30, 30)).save(file, format)
    assert media_type(file.getvalue()[:4096]) == kind
