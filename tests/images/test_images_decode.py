"""Opening files: good ones of many kinds, and ones that mean harm."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import pyvips
from pictures_made import encoded, psnr, scene, textured
from PIL import Image

from mutoscope.errors import BadImage
from mutoscope.images.decode import open_photo
from mutoscope.images.orient import _STEPS
from mutoscope.shot import Size


def png(width: int, height: int, data: bytes = b"", before: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    tail = chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + before + tail


def jpeg_claiming(width: int, height: int) -> bytes:
    file = bytearray(encoded(scene(64, 64)))
    at = file.find(b"\xff\xc0")
    file[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(file)


def gif_claiming(width: int, height: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HH", width, height) + b"\xf0\0\0" + bytes(6)
    return screen + b"," + struct.pack("<HHHH", 0, 0, width, height) + b"\0\2\2D\1\0;"


def frames(form: str) -> bytes:
    first, *others = (Image.new("RGB", (32, 32), colour) for colour in ("red", "blue", "lime"))
    out = io.BytesIO()
    first.save(out, form, save_all=True, append_images=others)
    return out.getvalue()


NOISE = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
LARGE = encoded(NOISE)
HOSTILE = {
    "png of 60000x60000": (png(60000, 60000), "60000×60000"),
    "png of 14000x14000 without pixels": (png(14000, 14000), "damaged"),
    "jpeg of 60000x60000": (jpeg_claiming(60000, 60000), "60000×60000"),
    "jpeg of 14000x14000 without pixels": (jpeg_claiming(14000, 14000), "damaged"),
    "gif of 60000x60000": (gif_claiming(60000, 60000), "60000×60000"),
    "gif of 14000x14000": (gif_claiming(14000, 14000), "80 megapixels"),
    "empty": (b"", "is empty"),
    "text": (b"not a picture\n" * 9, "a text file"),
    "text in another script": ("žluťoučký kůň ".encode() * 5, "a text file"),
    "pdf": (b"%PDF-1.7\n", "a PDF document"),
    "svg": (b'<?xml version="1.0"?><svg/>', "an SVG"),
    "video": (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "a video"),
    "unknown bytes": (bytes(range(256)), "unknown format"),
    "half a jpeg": (LARGE[: len(LARGE) // 2], "damaged or cut short"),
    "jpeg without its last bytes": (LARGE[:-400], "damaged or cut short"),
    "jpeg with a hole": (LARGE[: len(LARGE) // 2] + b"\xff\xd9", "damaged or cut short"),
    "half a png": (encoded(NOISE, "PNG")[:50_000], "damaged or cut short"),
    "half a webp": (encoded(NOISE, "WEBP")[:9_000], "damaged or cut short"),
    "half an avif": (encoded(NOISE, "AVIF")[:9_000], "damaged or cut short"),
    "half a tiff": (encoded(NOISE, "TIFF")[:50_000], "damaged or cut short"),
    "animated gif": (frames("GIF"), "is animated"),
    "animated webp": (frames("WEBP"), "is animated"),
    "animated png": (frames("PNG"), "is animated"),
    "animated avif": (frames("AVIF"), "is animated"),
    "tiff of three pages": (frames("TIFF"), "3 pages"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_in_one_sentence(name: str) -> None:
    content, said = HOSTILE[name]
    with pytest.raises(BadImage) as refused:
        open_photo(content, name="photo.jpg").thumbnail(64)
    assert said in refused.value.message
    assert "photo.jpg" in refused.value.message
    assert "\n" not in refused.value.message
    assert refused.value.exit_code == 2


def test_hostile_files_cost_neither_time_nor_memory(tmp_path: Path) -> None:
    for number, (content, _) in enumerate(HOSTILE.values()):
        (tmp_path / f"{number}.jpg").write_bytes(content)
    script = """if True:
        import json, pathlib, resource, sys, time
        from mutoscope.errors import BadImage
        from mutoscope.images import sample
        from mutoscope.images.decode import open_photo
        peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        before, slowest = peak(), 0.0
        for path in pathlib.Path(sys.argv[1]).iterdir():
            begin = time.process_time()
            try:
                open_photo(path).thumbnail(512)
            except BadImage:
                pass
            else:
                raise SystemExit(f"{path} was read")
            slowest = max(slowest, time.process_time() - begin)
        print(json.dumps([peak() - before, slowest]))
    """
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    megabytes, seconds = json.loads(done.stdout)
    assert megabytes < 100
    assert seconds < 1
    assert done.stderr == ""


def test_more_bytes_than_allowed() -> None:
    with pytest.raises(BadImage, match=r"0\.0 MB; it must be at most 0\.001 MB"):
        open_photo(encoded(scene()), max_bytes=1000)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda folder: folder / "no.jpg", "no such file", id="missing"),
        pytest.param(lambda folder: folder, "is a folder", id="folder"),
        pytest.param(lambda folder: Path("/dev/null"), "not a plain file", id="device"),
    ],
)
def test_no_file(make: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadImage, match=said):
        open_photo(make(tmp_path))  # type: ignore[operator]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF"])
def test_formats(form: str) -> None:
    rgb = scene()
    photo = open_photo(encoded(rgb, form))
    assert photo.format.upper() == form
    assert photo.size == Size(96, 64)
    assert psnr(photo.thumbnail(96), rgb) > 28


def test_a_wrong_ending_is_noted_and_read(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(encoded(scene(), "JPEG"))
    photo = open_photo(tmp_path / "photo.png")
    assert photo.format == "JPEG"
    assert "the name ends in .png" in photo.notes[0]


@pytest.mark.parametrize("turned", range(1, 9))
def test_orientation(turned: int) -> None:
    upright = scene()
    transposed, mirrored, flipped = _STEPS[turned]
    stored = upright[::-1] if flipped else upright
    stored = stored[:, ::-1] if mirrored else stored
    stored = stored.transpose(1, 0, 2) if transposed else stored
    exif = Image.Exif()
    exif[0x0112] = turned
    content = encoded(np.ascontiguousarray(stored), exif=exif)
    photo = open_photo(content)
    assert photo.size == Size(96, 64)
    assert photo.orientation == turned
    assert psnr(photo.thumbnail(96), upright) > 35
    with Image.open(io.BytesIO(content)) as other:
        from PIL import ImageOps

        assert psnr(np.asarray(ImageOps.exif_transpose(other)), upright) > 35


def test_nonsense_orientation_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    assert open_photo(encoded(scene(), exif=exif)).orientation == 1


def test_focal_length() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 28
    assert open_photo(encoded(scene(), exif=exif)).focal_35mm == 28
    assert open_photo(encoded(scene())).focal_35mm is None


def test_display_p3_becomes_srgb() -> None:
    rgb = scene()
    image = pyvips.Image.new_from_array(rgb).copy(interpretation="srgb")
    wide = image.icc_transform("p3", input_profile="srgb", intent="relative")
    profile = wide.get("icc-profile-data")
    content = encoded(wide.numpy(), icc_profile=profile, quality=100)
    photo = open_photo(content)
    assert "profile" in photo.notes[0]
    assert psnr(photo.thumbnail(96), rgb) > 35
    assert psnr(wide.numpy(), rgb) < 34  # unconverted, it would have shown


def test_srgb_profile_is_left_alone() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = open_photo(encoded(scene(), icc_profile=profile))
    assert photo.notes == ()
    assert psnr(photo.thumbnail(96), scene()) > 35


def test_a_damaged_profile_is_left_out() -> None:
    photo = open_photo(encoded(scene(), icc_profile=b"nonsense" * 40))
    assert psnr(photo.thumbnail(96), scene()) > 35


def test_cmyk_becomes_srgb() -> None:
    image = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    photo = open_photo(encoded(image))
    red, green, blue = photo.thumbnail(64)[32, 32].astype(int)
    assert red > 180
    assert max(green, blue) < 90
    assert "CMYK" in photo.notes[0]


def test_sixteen_bits_become_eight() -> None:
    rgb = scene()
    deep = pyvips.Image.new_from_array(rgb.astype(np.uint16) * 257).copy(interpretation="rgb16")
    photo = open_photo(deep.pngsave_buffer())
    assert np.abs(photo.thumbnail(96).astype(int) - rgb).max() <= 1
    assert "8 bits" in photo.notes[0]


def test_grey_has_three_channels() -> None:
    photo = open_photo(encoded(Image.new("L", (64, 48), 120), "PNG"))
    assert photo.thumbnail(64).shape == (48, 64, 3)
    assert (photo.thumbnail(64) == 120).all()


@pytest.mark.parametrize(
    ("background", "seen"), [((255, 255, 255), (255, 255, 255)), ((0, 128, 0), (0, 128, 0))]
)
def test_alpha_lies_over_the_background(
    background: tuple[int, int, int], seen: tuple[int, int, int]
) -> None:
    image = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    image.paste((0, 0, 200, 255), (0, 0, 32, 64))
    pixels = open_photo(encoded(image, "PNG"), background=background).thumbnail(64)
    assert tuple(pixels[32, 8]) == (0, 0, 200)
    assert tuple(pixels[32, 56]) == seen


def test_palette_with_alpha() -> None:
    image = Image.new("P", (64, 64), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(0, (0, 0, 32, 64))
    photo = open_photo(encoded(image, "PNG", transparency=1))
    pixels = photo.thumbnail(64)
    assert tuple(pixels[32, 8]) == (255, 0, 0)
    assert tuple(pixels[32, 56]) == (255, 255, 255)
    assert "transparent" in photo.notes[0]


def test_thumbnail_is_whole_and_never_enlarged() -> None:
    photo = open_photo(encoded(textured(640, 480)))
    assert photo.thumbnail(160).shape == (120, 160, 3)
    assert photo.thumbnail(9999).shape == (480, 640, 3)


def test_sha256_is_the_files(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(scene()))
    assert open_photo(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert open_photo(path.read_bytes()).sha256 == open_photo(path).sha256


def test_trailing_bytes_do_no_harm() -> None:
    assert open_photo(encoded(scene()) + b"appended by a camera").thumbnail(96).shape == (64, 96, 3)
