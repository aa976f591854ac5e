"""What a graph can take, told by its placeholders."""

from __future__ import annotations

from mutoscope.catalog.model import Contract, Feature, Inputs, Source
from mutoscope.catalog.rules import Range
from mutoscope.engines.comfyui.graph import Graph
from mutoscope.shot import Kind, Role

#: feature → placeholders, one of which it needs
_FEATURES: dict[Feature, tuple[str, ...]] = {
    "seed": ("seed",),
    "negative_prompt": ("negative",),
    "loop": ("loop", "last_frame"),
    "sound": ("sound",),
    "tracks": ("music", "voice"),
    "strength": ("strength",),
    "regions": ("mask_1",),
    "cast": ("prompt", "reference_1"),
}
_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/heic")
_FIGURES = ("kinds", "seconds", "images", "roles", "features", "inputs", "minutes")


def kinds(graph: Graph) -> tuple[Kind, ...]:
    """The kinds of shot that it films."""
    if graph.table.kinds:
        return graph.table.kinds
    if "source" not in graph.names:
        return (Kind.CREATE,)
    of_films = (Kind.EDIT, Kind.REMIX)
    return of_films if graph.required("source") else (Kind.CREATE, *of_films)


def roles(graph: Graph) -> dict[Role, int]:
    """How many pictures and films it takes in each role."""
    names, frames, references = graph.names, graph.slots("frame"), graph.slots("reference")
    begins = "first_frame" in names or bool(frames)
    found = {
        # a picture that is alone is taken as the one to begin with, whatever it is for
        Role.REFERENCE: len(references) + ("reference_film" in names) or int(begins),
        Role.FIRST_FRAME: int(begins),
        Role.LAST_FRAME: int("last_frame" in names or bool(frames)),
        Role.FRAME: len(frames) or int(begins),
        Role.SOURCE: int("source" in names),
    }
    return {role: most for role, most in found.items() if most}


def contract(graph: Graph, name: str, vendor: str) -> Contract:
    """The contract of the model `name`, which the account `vendor` films with this graph."""
    pictures = [
        one for one in graph.names
        if one in ("first_frame", "last_frame", *graph.slots("frame"), *graph.slots("reference"))
    ]  # fmt: skip
    needed = sum(map(graph.required, pictures))
    features: set[Feature] = {
        feature for feature, places in _FEATURES.items() if graph.names.intersection(places)
    }
    if graph.table.sound:
        features.add("sound")
    if "cast" in features and graph.slots("reference") and not needed:
        features.add("cast_alone")
    source = Source("own", f"the placeholders of {graph.file}")
    return Contract(
        vendor=vendor,
        model=name,
        title=graph.table.title or f"{name}, by ComfyUI",
        native=True,
        kinds=kinds(graph),
        seconds=Range(*graph.table.seconds),
        default_seconds=min(max(4.0, graph.table.seconds[0]), graph.table.seconds[1]),
        images=Range(needed, len(pictures)),
        roles=roles(graph),
        features=frozenset({"crop", *features}),
        inputs=Inputs(types=_TYPES, forms=("file", "bytes")),
        minutes=graph.table.minutes,
        sources=dict.fromkeys(_FIGURES, source),
    )
