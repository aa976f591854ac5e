"""Dream Machine's requests → wishes: keyframes in every form, sizes, concepts, films that are changed."""

from __future__ import annotations

from typing import Any

import pytest

from mutoscope.dialects.luma import again, asking, concepts, sizes
from mutoscope.dialects.luma.generation import MOST_MEMBERS, kept
from mutoscope.dialects.shared.references import Address, Data, FilmFrame, VideoId
from mutoscope.direction.parse import direct
from mutoscope.errors import BadInput, BadShot, ContractRefused
from mutoscope.shot import Fit, Role, Size

IMAGE = {"type": "image", "url": "https://example.com/a.png"}
OTHER = {"type": "image", "url": "https://example.com/b.png"}
FILM = {"type": "generation", "id": "video_0"}
FILM_2 = {"type": "generation", "id": "video_1"}
#: The 34 keys that a public node of ComfyUI has for Dream Machine.
KEYS = (
    "truck_left", "pan_right", "pedestal_down", "low_angle", "pedestal_up", "selfie",
    "pan_left", "roll_right", "zoom_in", "over_the_shoulder", "orbit_right", "orbit_left",
    "static", "tiny_planet", "high_angle", "bolt_cam", "dolly_zoom", "overhead", "zoom_out",
    "handheld", "roll_left", "pov", "aerial_drone", "push_in", "crane_down", "truck_right",
    "tilt_down", "elevator_doors", "tilt_up", "ground_level", "pull_out", "aerial", "crane_up",
    "eye_level",
)  # fmt: skip


def keyframes(first: Any = None, last: Any = None, **fields: Any) -> dict[str, Any]:
    given = {"frame0": first, "frame1": last}
    return {"prompt": "a cup", "keyframes": {k: v for k, v in given.items() if v}, **fields}


def test_every_field_of_a_generation() -> None:
    wish = asking.create(
        keyframes(
            IMAGE, OTHER, model="ray-flash-2", aspect_ratio="9:16", resolution="540p", duration="9s",
            loop=True, concepts=[{"key": "orbit_left"}], callback_url="https://example.com/hook",
            generation_type="video",
        )
    )  # fmt: skip
    assert wish.operation == "create"
    assert wish.shot == {
        "model": "ray-flash-2", "prompt": "a cup. orbit left.", "size": Size(540, 960),
        "seconds": 9.0, "loop": True,
    }  # fmt: skip
    assert [(one.role, one.source, one.field) for one in wish.pictures] == [
        (Role.FIRST_FRAME, Address("https://example.com/a.png"), "keyframes.frame0"),
        (Role.LAST_FRAME, Address("https://example.com/b.png"), "keyframes.frame1"),
    ]
    assert wish.webhook_url == "https://example.com/hook"
    assert wish.notices == ()


@pytest.mark.parametrize(
    ("first", "last", "operation", "pictures"),
    [
        (None, None, "create", []),
        (IMAGE, None, "create", [(Role.FIRST_FRAME, Address(IMAGE["url"]))]),
        (None, IMAGE, "create", [(Role.LAST_FRAME, Address(IMAGE["url"]))]),
        (FILM, None, "extend", []),
        (None, FILM, "create", [(Role.LAST_FRAME, FilmFrame("video_0", last=False))]),
        (FILM, IMAGE, "create", [(Role.FIRST_FRAME, FilmFrame("video_0", last=True)),
                                 (Role.LAST_FRAME, Address(IMAGE["url"]))]),
        (IMAGE, FILM, "create", [(Role.FIRST_FRAME, Address(IMAGE["url"])),
                                 (Role.LAST_FRAME, FilmFrame("video_0", last=False))]),
        (FILM, FILM_2, "create", [(Role.FIRST_FRAME, FilmFrame("video_0", last=True)),
                                  (Role.LAST_FRAME, FilmFrame("video_1", last=False))]),
    ],
    ids=["words", "first", "last", "extend", "lead into", "film to image", "image to film", "between"],
)  # fmt: skip
def test_what_keyframes_ask_for(first: Any, last: Any, operation: str, pictures: Any) -> None:
    wish = asking.create(keyframes(first, last))
    assert wish.operation == operation
    assert [(one.role, one.source) for one in wish.pictures] == pictures
    film = wish.clip.source if wish.clip is not None else None
    assert film == (VideoId("video_0") if operation == "extend" else None)
    joined = [one for one in wish.notices if one.code == "separate_film"]
    assert bool(joined) == (last is not None and last["type"] == "generation")


def test_an_extension_has_its_films_size_and_five_seconds() -> None:
    wish = asking.create(keyframes(FILM, aspect_ratio="1:1", resolution="1080p"))
    assert wish.shot == {"seconds": 5.0, "model": "ray-2", "prompt": "a cup"}
    assert [one.field for one in wish.notices] == ["aspect_ratio", "resolution"]


def test_a_keyframe_may_be_a_data_url_and_leave_its_type_out() -> None:
    wish = asking.create(keyframes({"url": "data:image/png;base64,AAAA"}, {"id": "video_9"}))
    assert isinstance(wish.pictures[0].source, Data)
    assert wish.pictures[1].source == FilmFrame("video_9", last=False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"keyframes": {"frame0": {"type": "video", "url": "x"}}}, "keyframes.frame0.type"),
        ({"keyframes": {"frame0": {"type": "image"}}}, "keyframes.frame0.url"),
        ({"keyframes": {"frame0": {"type": "generation"}}}, "keyframes.frame0.id"),
        ({"keyframes": {"frame0": "https://e/a.png"}}, "keyframes.frame0"),
        ({"keyframes": []}, "keyframes"),
        ({"aspect_ratio": "wide"}, "aspect_ratio"),
        ({"aspect_ratio": "0:1"}, "aspect_ratio"),
        ({"aspect_ratio": "100:1"}, "aspect_ratio"),
        ({"resolution": "big"}, "resolution"),
        ({"duration": "soon"}, "duration"),
        ({"loop": "maybe"}, "loop"),
        ({"callback_url": "data:text/plain,x"}, "callback_url"),
        ({"callback_url": "not an address"}, "callback_url"),
        ({"callback_url": "https://a/x", "webhook_url": "https://b/x"}, "callback_url"),
        ({"aspect_ratio": "1:1", "size": "1280x720"}, "size"),
        ({"concepts": "orbit_left"}, "concepts"),
        ({"concepts": [{"name": "orbit_left"}]}, "concepts[0].key"),
        ({"concepts": [{"key": "orbit_left"}] * 9}, "concepts"),
        ({"concepts": [{"key": "pan_left"}], "direction": {"seconds": 5}}, "concepts"),
        ({"generation_type": "image"}, "generation_type"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_by_its_field(body: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        asking.create({"prompt": "a cup", **body})
    assert refused.value.field == field


def test_an_unknown_concept_is_an_error_that_names_those_near() -> None:
    with pytest.raises(BadInput, match="no concept; did you mean orbit_left, orbit_right"):
        asking.create({"concepts": [{"key": "orbit_lef"}]})


def test_an_empty_prompt_is_none_and_unknown_fields_are_named() -> None:
    wish = asking.create(keyframes(IMAGE, prompt="", frame_rate=24, seed=7) | {"keyframe": 1})
    assert wish.shot == {"model": "ray-2", "seed": 7}
    assert [(one.code, one.field) for one in wish.notices] == [
        ("unknown_field", "frame_rate"), ("unknown_field", "keyframe"),
    ]  # fmt: skip


def test_every_concept_of_dream_machines_is_had() -> None:
    assert sorted(concepts.concepts()) == sorted(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_concept_moves_the_camera_or_says_that_it_cannot(key: str) -> None:
    (read,) = concepts.read("concepts", [{"key": key}])
    direction = direct(concepts.said("A cup of coffee", [read]), 5.0)
    said = concepts.notices([read])
    assert direction.unread == ()
    if concepts.concepts()[key].stands:
        assert direction.camera == ()
        assert "filmed from where it was taken" in said[0].message
    else:
        assert direction.camera
        named = key.replace("crane", "pedestal").replace("push", "dolly").replace("pull", "dolly")
        moves = {one.move for one in direction.camera}
        exact = {"roll_left": "roll_ccw", "roll_right": "roll_cw"}.get(key, named)
        assert exact in moves or said or key == "dolly_zoom"
    if key == "dolly_zoom":
        assert {one.move for one in direction.camera} == {"dolly_in", "zoom_out"}


@pytest.mark.parametrize(
    ("shape", "short", "size"),
    [
        ("16:9", 720, "1280x720"), ("9:16", 720, "720x1280"), ("1:1", 540, "540x540"),
        ("4:3", 1080, "1440x1080"), ("3:4", 540, "540x720"), ("21:9", 540, "1260x540"),
        ("9:21", 720, "720x1680"), ("16:9", 2160, "3840x2160"), (None, 1080, "1920x1080"),
        ("9:16", None, "720x1280"), ("21:9", 1080, "2520x1080"), ("16:9", 360, "640x360"),
    ],
)  # fmt: skip
def test_sizes(shape: str | None, short: int | None, size: str) -> None:
    assert str(sizes.size(shape, short)) == size


def test_a_size_has_its_ratio_and_resolution_back() -> None:
    for ratio in sizes.RATIOS:
        for word, short in (("540p", 540), ("720p", 720), ("1080p", 1080), ("4k", 2160)):
            size = sizes.size(ratio, short)
            assert size is not None
            assert size.width % 2 == size.height % 2 == 0
            assert sizes.named(size) == (ratio, word)
    assert sizes.size(None, None) is None
    assert sizes.resolution("resolution", "4k") == 2160


def test_modify_is_an_edit_with_a_strength() -> None:
    body = {
        "generation_type": "modify_video", "media": {"url": "https://example.com/v.mp4"},
        "mode": "flex_1", "model": "ray-2", "prompt": "warmer",
        "first_frame": {"url": "https://example.com/a.png"},
    }  # fmt: skip
    wish = asking.modify(body)
    assert (wish.operation, wish.shot) == ("edit", {"model": "ray-2", "prompt": "warmer"})
    assert wish.clip is not None
    assert (wish.clip.role, wish.clip.source) == (Role.SOURCE, Address("https://example.com/v.mp4"))
    assert wish.clip.strength == 1 - 3 / 8
    assert [(one.code, one.field) for one in wish.notices] == [("ignored", "first_frame.url")]


def test_modes_keep_less_and_less() -> None:
    kept = [asking.mode("mode", one) for one in asking.MODES]
    assert (kept[0], kept[-1], kept) == (1.0, 0.0, sorted(kept, reverse=True))
    with pytest.raises(BadShot, match="mode is 'strong'"):
        asking.mode("mode", "strong")


def test_reframe_is_a_shape_and_says_what_it_does_not_place() -> None:
    body = {
        "media": {"url": "https://example.com/v.mp4"}, "aspect_ratio": "9:16", "model": "ray-2",
        "grid_position_x": 10, "x_start": 0, "resized_width": 400,
    }  # fmt: skip
    wish = asking.reframe(body)
    assert wish.operation == "reframe"
    assert wish.shot == {"fit": Fit.AUTO, "model": "ray-2", "size": Size(720, 1280)}
    assert {one.field for one in wish.notices} == {"grid_position_x", "x_start", "resized_width"}


@pytest.mark.parametrize(
    ("read", "body", "field"),
    [
        (asking.modify, {"mode": "flex_1"}, "media.url"),
        (asking.reframe, {"aspect_ratio": "9:16"}, "media.url"),
        (asking.reframe, {"media": {"url": "https://e/v.mp4"}}, "aspect_ratio"),
        (asking.modify, {"media": {"url": "v.mp4"}}, "media.url"),
    ],
)
def test_what_a_changed_film_needs(read: Any, body: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(body)
    assert refused.value.field == field


def test_images_are_refused_in_words() -> None:
    with pytest.raises(ContractRefused, match="makes films"):
        asking.films_only("generation_type", "reframe_image")


def test_the_request_is_kept_without_the_pictures_within_it() -> None:
    long = "data:image/png;base64," + "A" * 100_000
    many = kept(
        {"prompt": "x", "junk": [0] * 90_000, "more": {str(n): n for n in range(999)}}, "video"
    )
    assert {len(one) for one in (many["luma"]["junk"], many["luma"]["more"])} == {MOST_MEMBERS}
    shown = kept(keyframes({"type": "image", "url": long}, prompt="x" * 5000, loop=None), "video")
    request = shown["luma"]
    assert request["generation_type"] == "video"
    assert len(request["prompt"]) == 5000
    assert len(request["keyframes"]["frame0"]["url"]) < 100
    assert "loop" not in request


def test_the_steps_of_an_upscale_are_those_of_the_service() -> None:
    assert again.STEPS == (720, 1080, 2160)
