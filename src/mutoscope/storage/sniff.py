"""A media type from a file's first bytes; names and what senders claim do not count."""

from __future__ import annotations

HEAD = 4096  # bytes that are enough for every signature here

#: (offset, bytes) that must all be there → media type
SIGNATURES: tuple[tuple[tuple[tuple[int, bytes], ...], str], ...] = (
    (((0, b"\xff\xd8\xff"),), "image/jpeg"),
    (((0, b"\x89PNG\r\n\x1a\n"),), "image/png"),
    (((0, b"RIFF"), (8, b"WEBP")), "image/webp"),
    (((0, b"GIF87a"),), "image/gif"),
    (((0, b"GIF89a"),), "image/gif"),
    (((0, b"II*\x00"),), "image/tiff"),
    (((0, b"MM\x00*"),), "image/tiff"),
    (((0, b"BM"), (6, b"\x00\x00\x00\x00")), "image/bmp"),
    (((0, b"\xff\x0a"),), "image/jxl"),
    (((0, b"\x00\x00\x00\x0cJXL \r\n\x87\n"),), "image/jxl"),
    (((0, b"RIFF"), (8, b"AVI ")), "video/x-msvideo"),
    (((0, b"RIFF"), (8, b"WAVE")), "audio/wav"),
    (((0, b"OggS"),), "audio/ogg"),
    (((0, b"fLaC"),), "audio/flac"),
    (((0, b"ID3"),), "audio/mpeg"),
    (((0, b"%PDF-"),), "application/pdf"),
)

#: brand of an ISO base media file (its `ftyp` box) → media type, the first that is named counts
BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}


def media_type(head: bytes) -> str:
    """The media type that `head`, a file's first HEAD bytes, shows; "" where it shows none."""
    for parts, kind in SIGNATURES:
        if all(head[at : at + len(mark)] == mark for at, mark in parts):
            return kind
    if head[4:8] == b"ftyp":
        return _iso(head)
    if head[:4] == b"\x1aE\xdf\xa3":  # EBML: WebM names its document type, Matroska its own
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    return ""


def _iso(head: bytes) -> str:
    length = min(int.from_bytes(head[:4], "big"), len(head))
    major, compatible = head[8:12], [head[at : at + 4] for at in range(16, length - 3, 4)]
    known = [BRANDS[brand] for brand in (major, *compatible) if brand in BRANDS]
    if not known or not (major in BRANDS or known[0].startswith("image/")):
        return "video/mp4"
    # mif1 says only "a still"; another brand says how it is coded
    return next((kind for kind in known if kind != "image/heif"), known[0])
