"""Any libvips image to sRGB, 8 bits, three channels."""

from __future__ import annotations

from typing import Any

import pyvips

from mutoscope.images.header import profile_name


def opaque(image: Any, background: tuple[int, int, int]) -> Any:
    """`image` over a plain colour where it is transparent, before any resampling, so that colours
    under transparent pixels cannot bleed in."""
    if not image.hasalpha():
        return image
    scale = 257 if image.format == "ushort" else 1
    colour: list[float] = [level * scale for level in background]
    if image.bands < 4:  # grey and alpha: Rec. 601 luma of the colour
        red, green, blue = colour
        colour = [0.299 * red + 0.587 * green + 0.114 * blue]
    if image.bands > 4:  # CMYK and alpha: the paper
        colour = [0] * (image.bands - 1)
    return image.flatten(background=colour, max_alpha=65535 if image.format == "ushort" else 255)


def srgb(image: Any) -> Any:
    """`image` (no alpha; grey, RGB or CMYK, 8 or 16 bits, any embedded profile) as sRGB uint8.

    CMYK without a profile takes libvips' own; a damaged profile is left out.
    """
    embedded = profile_name(image)
    if embedded or (image.interpretation == "cmyk"):
        try:
            image = image.icc_transform("srgb", embedded=bool(embedded), intent="relative")
        except pyvips.Error:
            image = image.colourspace("srgb")
    else:
        image = image.colourspace("srgb")
    if image.format != "uchar":
        image = image.cast("uchar")
    if image.bands == 1:
        image = image.bandjoin([image, image])
    return image if image.bands == 3 else image.extract_band(0, n=3)
