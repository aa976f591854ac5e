"""What of a picture moves by itself in a film: its surfaces, and the words for them."""

from __future__ import annotations

from typing import Literal, get_args

Surface = Literal["water", "foliage", "grass", "flowers"]
SURFACES: tuple[Surface, ...] = get_args(Surface)

#: The words that name a surface, in the languages of the lexicons. Whole words, lower case;
#: Chinese ones count anywhere.
WORDS: dict[Surface, str] = {
    "water": "water waters lake sea ocean river stream pond pool puddle creek brook bay lagoon surf "
    "wave waves surface waterfall fountain canal harbour harbor fjord tide reflection reflections "
    "wasser see meer ozean fluss bach teich pfütze welle wellen wasseroberfläche bucht brandung "
    "brunnen wasserfall kanal hafen spiegelung "
    "vand vandet sø søen hav havet flod floden å åen bølge bølger bølgerne bølgen dam dammen fjorden "
    "vandoverfladen 水 湖 海 河 溪 池 波 浪 江",
    "foliage": "foliage tree trees leaf leaves branch branches bush bushes forest canopy hedge shrub "
    "shrubs ivy palm palms willow fern ferns plant plants vines reeds "
    "laub baum bäume baumkronen blatt blätter ast äste zweig zweige busch büsche wald hecke farn "
    "farne pflanze pflanzen palme palmen weide schilf "
    "løv løvet træ træer træerne træet blad blade bladene gren grene grenene busk buske buskene skov "
    "skoven plante planter siv 树 树叶 叶 枝 林 植物 灌木 芦苇",
    "grass": "grass grasses meadow field fields lawn wheat crops barley corn straw gras gräser wiese "
    "feld felder rasen weizen halme getreide græs græsset eng engen mark marken hvede korn "
    "草 麦 田",
    "flowers": "flower flowers blossom blossoms petal petals bloom blooms tulips roses poppies "
    "dandelion blume blumen blüte blüten blütenblätter rosen tulpen mohn löwenzahn "
    "blomst blomster blomsten blomsterne kronblade roser tulipaner 花",
}
_SURFACE_OF = {word: surface for surface, words in WORDS.items() for word in words.split()}


def surface_of(words: str) -> Surface | None:
    """The surface that `words` ("the trees", "die Blätter", "水面") name; None where they name none."""
    lowered = words.lower()
    for word in reversed(lowered.replace("-", " ").split()):  # the noun comes last
        if (surface := _SURFACE_OF.get(word.strip(".,;:!?'\"()"))) is not None:
            return surface
    for word, surface in _SURFACE_OF.items():
        if not word.isascii() and ord(word[0]) >= 0x2E80 and word in lowered:
            return surface
    return None
