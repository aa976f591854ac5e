"""An order into a workflow: what goes where, what becomes of each wish, and what a graph's contract is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines.comfy_graphs import TABLE, graph, node, nodes
from engines.orders_made import media, order, picture
from mutoscope.catalog.check import check
from mutoscope.config import EngineAccount, Settings
from mutoscope.direction.model import Direction
from mutoscope.engines.base import CastMember, Order
from mutoscope.engines.comfyui import contract
from mutoscope.engines.comfyui.assign import Assigned, assigned, wanted
from mutoscope.engines.comfyui.fill import filled, optional_kinds, without
from mutoscope.engines.comfyui.graph import Graph
from mutoscope.engines.comfyui.placeholders import Values
from mutoscope.engines.registry import Engines
from mutoscope.errors import ContractRefused, NotAccepted
from mutoscope.shot import Anchor, Kind, Quality, Region, Role, Shot, Size, Track

PLAIN = {"1": node("Any", text="{{prompt}}")}


def with_places(folder: Path, *names: str, table: str = "") -> Graph:
    """A graph with words, and these placeholders."""
    made = {"1": node("Any", text="{{prompt}}")}
    made |= {
        f"{at}": node("LoadImage", image=f"{{{{{name}}}}}") for at, name in enumerate(names, 2)
    }
    return graph(folder, made, table=table)


def told(given: Assigned) -> dict[str, tuple[str, str]]:
    return {one.words: (one.outcome, one.how) for one in given.said}


def test_what_is_filmed_is_what_the_model_can(tmp_path: Path) -> None:
    made = graph(tmp_path, nodes(), TABLE + "")
    given = assigned(order(tmp_path, size=Size(1280, 720), seconds=5.0, fps=24.0), made, "comfy")
    assert (str(given.size), given.frames, given.fps) == ("1280x720", 81, 16)
    assert given.values["frames"] == 81
    assert given.values["fps"] == 16
    assert type(given.values["fps"]) is int
    assert given.values["name"] == "video_1-1"
    assert given.values["steps"] == 6
    assert given.quiet >= {"seed", "strength", "negative"}


def test_a_quality_sets_the_graphs_own_placeholders(tmp_path: Path) -> None:
    made = graph(tmp_path)
    draft = assigned(order(tmp_path, quality=Quality.DRAFT), made, "comfy")
    assert draft.values["steps"] == 4
    best = assigned(order(tmp_path, quality=Quality.BEST), made, "comfy")
    assert best.values["steps"] == 6
    assert told(best)["quality best"] == ("not_possible", "wan.json has one quality")


def test_every_wish_without_a_place_is_told(tmp_path: Path) -> None:
    made = with_places(tmp_path, "first_frame")
    mask = Region("water", mask=media(7))
    spot = Region("clouds", point=(0.5, 0.2))
    asked = order(
        tmp_path, Role.FIRST_FRAME, negative_prompt="rain", seed=9, sound=True, loop=True,
        quality=Quality.BEST, regions=(mask, spot), tracks=(Track(media(8, "audio/wav")),),
        direction=Direction(seconds=4.0),
    )  # fmt: skip
    asked = replace(
        asked, masks={0: picture(tmp_path, "mask.png")}, tracks={0: tmp_path / "music.wav"}
    )
    said = told(assigned(asked, made, "comfy"))
    lacks = {words for words, (outcome, _) in said.items() if outcome == "not_possible"}
    assert lacks == {
        "negative prompt", "seed", "sound", "loop", "quality best", "marked water", "marked clouds",
        "music", "direction",
    }  # fmt: skip


def test_every_wish_with_a_place_is_passed_on(tmp_path: Path) -> None:
    places = (
        "first_frame",
        "last_frame?",
        "mask_1",
        "music",
        "reference_1",
        "negative",
        "seed",
        "sound",
    )
    made = with_places(tmp_path, *places)
    mask = Region("water", mask=media(7))
    asked = order(
        tmp_path, Role.FIRST_FRAME, Role.REFERENCE, negative_prompt="rain", seed=9, sound=True, loop=True,
        regions=(mask,), tracks=(Track(media(8, "audio/wav")),),
    )  # fmt: skip
    asked = replace(
        asked, masks={0: picture(tmp_path, "mask.png")}, tracks={0: tmp_path / "music.wav"}
    )
    given = assigned(asked, made, "comfy")
    assert not [one for one in given.said if one.outcome == "not_possible"]
    assert {name: path.name for name, path in given.files.items()} == {
        "first_frame": "0.png", "reference_1": "1.png", "mask_1": "mask.png", "music": "music.wav",
        "last_frame": "0.png",
    }  # fmt: skip
    assert told(given)["loop"] == ("approximated", "its first frame was sent as its last, too")
    assert (given.values["negative"], given.values["seed"], given.values["sound"]) == (
        "rain",
        9,
        True,
    )
    assert not given.quiet & {"negative", "seed", "sound"}


def test_pictures_at_frames_go_with_the_frame_as_it_is_counted_there(tmp_path: Path) -> None:
    made = with_places(
        tmp_path, "first_frame?", "frame_1", "frame_2", table='fps = 16\nframes = "4k+1"'
    )
    anchors = (
        Anchor(media(0), Role.FIRST_FRAME),
        Anchor(media(1), Role.FRAME, frame=48),
        Anchor(media(2), Role.LAST_FRAME),
    )
    asked = order(tmp_path, anchors=anchors, seconds=4.0, fps=24.0)
    given = assigned(asked, made, "comfy")
    assert given.files.keys() == {"first_frame", "frame_1", "frame_2"}
    at = {given.files[f"frame_{n}"].name: given.values[f"frame_{n}_at"] for n in (1, 2)}
    assert given.frames == 65
    assert at == {"1.png": 32, "2.png": 64}


def test_a_lone_picture_is_the_one_to_begin_with(tmp_path: Path) -> None:
    made = with_places(tmp_path, "first_frame")
    for role, words in ((Role.REFERENCE, "reference picture"), (Role.FRAME, "picture at frame 5")):
        given = assigned(order(tmp_path, role), made, "comfy")
        assert given.files.keys() == {"first_frame"}
        assert told(given)[words] == ("approximated", "sent as the picture to begin with")


def test_a_picture_without_a_place_is_told(tmp_path: Path) -> None:
    made = with_places(tmp_path, "first_frame")
    given = assigned(
        order(tmp_path, Role.FIRST_FRAME, Role.LAST_FRAME, Role.REFERENCE), made, "comfy"
    )
    lack = ("not_possible", "wan.json has no place for it")
    assert told(given)["last frame"] == told(given)["reference picture"] == lack


def test_characters_take_the_places_that_are_left_or_the_words(tmp_path: Path) -> None:
    nova = CastMember("Nova", "a tall robot", pictures=(picture(tmp_path, "nova.png"),))
    kit = CastMember("Kit", "a red fox", pictures=(picture(tmp_path, "kit.png"),))
    asked = order(tmp_path, Role.FIRST_FRAME, Role.REFERENCE, prompt="@Nova waves", cast=("Nova",))
    asked = replace(asked, cast={"Nova": nova})
    made = with_places(tmp_path, "first_frame", "reference_1", "reference_2?")
    given = assigned(asked, made, "comfy")
    assert given.files["reference_2"].name == "nova.png"
    assert given.values["prompt"] == "Nova waves"
    both = replace(asked, cast={"Nova": nova, "Kit": kit})
    given = assigned(both, made, "comfy")
    assert "reference_2" not in given.files
    assert given.values["prompt"] == "Nova (a tall robot) waves. With Kit (a red fox)."
    assert told(given)["@Nova"][0] == "approximated"


def test_a_file_that_the_graph_needs_and_the_shot_has_not_is_refused(tmp_path: Path) -> None:
    made = with_places(tmp_path, "first_frame", "last_frame")
    with pytest.raises(
        NotAccepted, match=r"wan\.json needs a last frame, and this shot has none"
    ) as caught:
        assigned(order(tmp_path), made, "comfy")
    assert caught.value.final


def test_a_missing_picture_takes_along_what_needs_it_alone(tmp_path: Path) -> None:
    made = graph(tmp_path, nodes(clip_vision_end_image=["12", 0]) | {
        "12": node("CLIPVisionEncode", clip_vision=["13", 0], image=["4", 0]),
        "13": node("UNETLoader", unet_name="x"),
    })  # fmt: skip
    known = {"first_frame", "prompt"}
    assert without(made, known, {}) == {"4", "11"}  # 12 still has a link
    needs = {"CLIPVisionEncode": ("clip_vision", "image"), "WanFirstLastFrameToVideo": ("width",)}
    assert without(made, known, needs) == {"4", "11", "12"}
    assert without(made, {*known, "last_frame"}, needs) == set()
    assert "CLIPVisionEncode" in optional_kinds(made, known)
    assert optional_kinds(made, {*known, "last_frame"}) == set()
    sent = filled(made, Values({"prompt": "x", "first_frame": "a.png"}), needs)
    assert sent["5"]["inputs"].keys() >= {"start_image"}
    assert not sent["5"]["inputs"].keys() & {"end_image", "clip_vision_end_image"}
    assert made.nodes["5"]["inputs"]["end_image"] == ["11", 0]  # the graph itself stays


def test_a_node_that_takes_only_the_missing_picture_is_asked_about_before_it_is_left_out(
    tmp_path: Path,
) -> None:
    """Its only link is the picture's: without a word of ComfyUI's it would go, and all behind it."""
    nodes = {
        "1": node("LoadImage", image="{{first_frame?}}"),
        "2": node("Latent", start_image=["1", 0], text="{{prompt}}"),
        "3": node("Save", samples=["2", 0]),
    }
    made = graph(tmp_path, nodes, table="")
    assert optional_kinds(made, {"prompt"}) == {"Latent", "Save"}
    assert without(made, {"prompt"}, {"Latent": (), "Save": ("samples",)}) == {"1"}


def test_an_edit_keeps_its_own_length() -> None:
    source = (Anchor(media(1, "video/mp4"), Role.SOURCE),)
    assert wanted(Shot(kind=Kind.EDIT, anchors=source)) == {"size": "1280x720"}
    assert wanted(Shot())["frames"] == 96


@pytest.mark.parametrize(
    ("places", "roles", "kinds", "least", "most"),
    [
        (("first_frame",), {"reference": 1, "first_frame": 1, "frame": 1}, ["create"], 1, 1),
        (("first_frame?", "last_frame?"),
         {"reference": 1, "first_frame": 1, "last_frame": 1, "frame": 1}, ["create"], 0, 2),
        (("reference_1", "reference_2?"), {"reference": 2}, ["create"], 1, 2),
        (("source",), {"source": 1}, ["edit", "remix"], 0, 0),
        (("source?",), {"source": 1}, ["create", "edit", "remix"], 0, 0),
        ((), {}, ["create"], 0, 0),
    ],
)  # fmt: skip
def test_placeholders_make_the_contract(
    tmp_path: Path, places: tuple[str, ...], roles: dict[str, int], kinds: list[str], least: int, most: int
) -> None:  # fmt: skip
    made = contract.contract(with_places(tmp_path, *places), "wan", "comfy")
    assert {str(role): count for role, count in made.roles.items()} == roles
    assert [str(kind) for kind in made.kinds] == kinds
    assert made.images is not None
    assert made.images.allows(least)
    assert made.images.allows(most)
    assert not made.images.allows(most + 1)
    assert not made.images.allows(least - 1)


def test_features_and_lengths_are_in_the_contract(tmp_path: Path) -> None:
    made = contract.contract(graph(tmp_path), "wan", "comfy")
    assert made.features == {"crop", "seed", "negative_prompt", "strength", "loop", "cast"}
    assert made.title == "Wan 2.2"
    with pytest.raises(ContractRefused, match=r"wan takes 0.2 to 5 s; the nearest is 5"):
        check(Shot(model="wan", seconds=8.0, anchors=(Anchor(media(), Role.FIRST_FRAME),)), made)


def settings(folder: Path, **models: str) -> Settings:
    made: dict[str, Any] = {
        "kind": "comfyui",
        "base_url": "http://127.0.0.1:8188",
        "folder": folder,
    }
    return Settings(engines={"comfy": EngineAccount(models=models, **made)})


def test_each_model_of_an_account_has_its_own_contract(tmp_path: Path) -> None:
    with_places(tmp_path, "first_frame")
    (tmp_path / "graphs" / "wan.json").rename(tmp_path / "graphs" / "still.json")
    with_places(tmp_path)
    (tmp_path / "graphs" / "wan.json").rename(tmp_path / "graphs" / "words.json")
    folder = settings(tmp_path / "graphs", still="still", words="words")
    engines = Engines(folder, compute=None)  # type: ignore[arg-type]
    assert engines.route(Shot(model="words", prompt="a cat")) == "comfy"
    with pytest.raises(ContractRefused, match="has no picture, and comfy films a photograph"):
        engines.route(Shot(model="still", prompt="a cat"))
    assert engines.contract("words") == engines.own("comfy", "words")
    assert engines.contract("sora-2") != engines.own("comfy", "sora-2")
    own = engines.own("comfy", "words")
    assert own is not None
    assert own.images is not None
    assert not own.images.allows(1)


def test_a_broken_graph_has_no_contract_and_does_not_break_the_others(tmp_path: Path) -> None:
    with_places(tmp_path)
    (tmp_path / "graphs" / "bad.json").write_text("{")
    engines = Engines(settings(tmp_path / "graphs", wan="wan", bad="bad"), compute=None)  # type: ignore[arg-type]
    assert engines.own("comfy", "bad") is None
    assert engines.own("comfy", "wan") is not None


def test_an_order_is_the_same_however_often_it_is_assigned(tmp_path: Path) -> None:
    made = with_places(tmp_path, "first_frame")
    asked: Order = order(tmp_path)
    assert assigned(asked, made, "comfy") == assigned(asked, made, "comfy")
