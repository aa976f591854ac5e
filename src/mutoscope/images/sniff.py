"""What a file is, by its first bytes: a name may lie."""

from __future__ import annotations

from dataclasses import dataclass

from mutoscope.errors import BadImage

#: Enough of a file's start for every test below.
HEAD_BYTES = 64


@dataclass(frozen=True, slots=True)
class Format:
    """A picture format: its name, libvips' loader, and the endings that such files have."""

    name: str
    loader: str
    suffixes: tuple[str, ...]
    media_type: str


JPEG = Format("JPEG", "jpegload", (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), "image/jpeg")
PNG = Format("PNG", "pngload", (".png", ".apng"), "image/png")
WEBP = Format("WebP", "webpload", (".webp",), "image/webp")
AVIF = Format("AVIF", "heifload", (".avif", ".avifs"), "image/avif")
HEIC = Format("HEIC", "heifload", (".heic", ".heif", ".hif"), "image/heic")
GIF = Format("GIF", "gifload", (".gif",), "image/gif")
TIFF = Format("TIFF", "tiffload", (".tif", ".tiff"), "image/tiff")

READABLE = (JPEG, PNG, WEBP, AVIF, HEIC, GIF, TIFF)
ALLOWED = "a JPEG, PNG, WebP, AVIF, TIFF or GIF picture"

#: (offset, bytes there, format)
_MAGIC: tuple[tuple[int, bytes, Format], ...] = (
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (8, b"WEBP", WEBP),
    (4, b"ftypavif", AVIF),
    (4, b"ftypavis", AVIF),
    *((4, b"ftyp" + brand, HEIC) for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis")),
    (4, b"ftypmif1", HEIC),
    (4, b"ftypmsf1", HEIC),
    (0, b"GIF87a", GIF),
    (0, b"GIF89a", GIF),
    (0, b"II*\0", TIFF),
    (0, b"MM\0*", TIFF),
)

#: (offset, bytes there, what it is): named, so that the person knows what to do.
_REFUSED: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF", "a PDF document"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"BM", "a BMP bitmap"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"8BPS", "a Photoshop document"),
    (4, b"ftyp", "a video"),
    (0, b"\x1aE\xdf\xa3", "a video"),
)


def sniff(head: bytes, name: str) -> Format:
    """The format of a file that starts with `head`. Raises BadImage for anything but a picture."""
    if not head:
        raise BadImage(f"{name} is empty; it must be {ALLOWED}")
    for offset, magic, found in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            # mif1 says only "a still in this box"; the compatible brands say which
            return AVIF if found is HEIC and b"avif" in head else found
    for offset, magic, what in _REFUSED:
        if head[offset : offset + len(magic)] == magic:
            raise BadImage(f"{name} is {what}; it must be {ALLOWED}")
    raise BadImage(f"{name} is {_guess(head)}, not a picture; it must be {ALLOWED}")


def _guess(head: bytes) -> str:
    if b"<svg" in head.lower() or b"<?xml" in head.lower():
        return "an SVG or XML file"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # else a character was cut in half by the end of the head
            return "of an unknown format"
    return "of an unknown format" if b"\0" in head else "a text file"
