"""A Runway request's fields → a Wish, without anything looked up."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mutoscope.dialects.runway import asking
from mutoscope.dialects.runway.asking import IMAGE_FIELDS, READERS, TEXT_FIELDS, VIDEO_FIELDS
from mutoscope.dialects.runway.routed import GENERATE_FIELDS, generate_video
from mutoscope.dialects.shared.references import Address, Data, FileId, VideoId
from mutoscope.dialects.shared.wish import Wish
from mutoscope.errors import BadInput
from mutoscope.shot import Quality, Role, Size

PICTURE = "data:image/png;base64,AAAA"
OTHER = "https://example.org/b.png"
FILE = "file-" + "0" * 48
UPLOAD = f"runway://uploads/{FILE}"


def image(**given: Any) -> Wish:
    body = {"model": "gen4_turbo", "promptImage": PICTURE, "ratio": "1280:720"} | given
    return asking.image_to_video({name: value for name, value in body.items() if value is not ...})


def text(**given: Any) -> Wish:
    return asking.text_to_video({"model": "gen4.5", "promptText": "a cat"} | given)


def video(**given: Any) -> Wish:
    body = {"model": "aleph2", "videoUri": UPLOAD, "promptText": "warmer"} | given
    return asking.video_to_video({name: value for name, value in body.items() if value is not ...})


@pytest.mark.parametrize(
    ("field", "value", "target", "expected"),
    [
        ("model", "gen4.5", "model", "gen4.5"),
        ("promptText", "pan left", "prompt", "pan left"),
        ("ratio", "1584:672", "size", Size(1584, 672)),
        ("ratio", "720:1280", "size", Size(720, 1280)),
        ("ratio", "16:9", "size", Size(1280, 720)),
        ("ratio", "1:1", "size", Size(720, 720)),
        ("ratio", "21:9", "size", Size(1680, 720)),
        ("duration", 5, "seconds", 5.0),
        ("duration", "10", "seconds", 10.0),
        ("seed", 7, "seed", 7),
        ("audio", True, "sound", True),
        ("negativePrompt", "rain", "negative_prompt", "rain"),
        ("draft", True, "quality", Quality.DRAFT),
        ("draft", False, "quality", Quality.STANDARD),
        ("loop", True, "loop", True),
        ("fps", 30, "fps", 30.0),
    ],
)
def test_a_field_becomes_the_shots(field: str, value: Any, target: str, expected: Any) -> None:
    made = image(**{field: value})
    assert made.shot[target] == expected
    assert made.notices == ()


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({"ratio": "16:9", "resolution": "1080p"}, Size(1920, 1080)),
        ({"ratio": "9:16", "resolution": "768P"}, Size(768, 1366)),
        ({"ratio": "1:1", "resolution": "2k"}, Size(1440, 1440)),
        ({"ratio": "3:2", "resolution": "4k"}, Size(3240, 2160)),
        ({"ratio": "1280:720", "resolution": "4k"}, Size(1280, 720)),  # pixels are pixels
    ],
)
def test_ratio_and_resolution_are_a_size(given: dict[str, str], size: Size) -> None:
    assert image(**given).shot["size"] == size


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({"ratio": "auto_1080p"}, Size(1920, 1080)),
        ({"ratio": "adaptive"}, None),
        ({"ratio": ..., "resolution": "1080p"}, Size(1920, 1080)),
    ],
)
def test_a_shape_that_the_picture_should_give_is_said_to_be_assumed(
    given: dict[str, Any], size: Size | None
) -> None:
    made = image(**given)
    assert made.shot.get("size") == size
    assert [one.code for one in made.notices] == ["size_assumed"]


def test_a_plain_picture_is_the_first_frame() -> None:
    (one,) = image().pictures
    assert (one.role, one.field) == (Role.FIRST_FRAME, "promptImage")
    assert isinstance(one.source, Data)


def test_pictures_at_their_positions() -> None:
    given = [{"uri": PICTURE, "position": "first"}, {"uri": OTHER, "position": "last"}]
    first, last = image(promptImage=given).pictures
    assert (first.role, first.field) == (Role.FIRST_FRAME, "promptImage[0].uri")
    assert (last.role, last.field) == (Role.LAST_FRAME, "promptImage[1].uri")
    assert last.source == Address(OTHER)


def test_pictures_of_a_list_without_positions_are_references() -> None:
    made = image(promptImage=[{"uri": PICTURE}, OTHER], references=[{"uri": OTHER}])
    assert [one.role for one in made.pictures] == [Role.REFERENCE] * 3
    assert [one.field for one in made.pictures] == [
        "promptImage[0].uri", "promptImage[1]", "references[0].uri",
    ]  # fmt: skip


def test_films_may_be_references() -> None:
    made = text(referenceVideos=[{"type": "video", "uri": UPLOAD}])
    (one,) = made.pictures
    assert (one.role, one.film, one.source) == (Role.REFERENCE, True, FileId(FILE))


@pytest.mark.parametrize("uri", [UPLOAD, f"runway://upload/{FILE}", f"runway://{FILE}"])
def test_a_runway_address_is_a_file(uri: str) -> None:
    (one,) = image(promptImage=uri).pictures
    assert one.source == FileId(FILE)


def test_an_edit_starts_from_its_film_and_is_as_long() -> None:
    made = video(duration=5, seed=3)
    assert made.operation == "edit"
    assert made.clip is not None
    assert (made.clip.role, made.clip.source) == (Role.SOURCE, FileId(FILE))
    assert "seconds" not in made.shot
    assert [(one.code, one.field) for one in made.notices] == [("ignored", "duration")]


def test_both_names_of_the_film_mean_the_same() -> None:
    made = video(videoUri=..., promptVideo="video_" + "0" * 48)
    assert made.clip is not None
    assert isinstance(made.clip.source, VideoId)
    with pytest.raises(BadInput, match="same film"):
        video(promptVideo=UPLOAD)


def test_another_shape_alone_is_a_reframe() -> None:
    made = video(promptText=..., targetAspectRatio="9:16")
    assert (made.operation, made.shot["size"]) == ("reframe", Size(720, 1280))
    assert video(targetAspectRatio="9:16").operation == "edit"
    assert video(promptText=..., ratio="1920:1080").shot["size"] == Size(1920, 1080)


def test_an_extension_says_how_much_is_added() -> None:
    made = video(mode="extend", duration=4)
    assert (made.operation, made.shot["seconds"]) == ("extend", 4.0)
    with pytest.raises(BadInput, match="duration"):
        video(mode="extend", duration="auto")


def test_a_new_film_after_a_film_has_it_as_a_reference() -> None:
    made = video(mode="reference", duration=4)
    (one,) = made.pictures
    assert (made.operation, made.clip, one.role, one.film) == ("create", None, Role.REFERENCE, True)


def test_keyframes_are_references_and_it_is_said() -> None:
    made = video(keyframes=[{"seconds": 1.5, "uri": PICTURE}, {"at": 0.5, "uri": OTHER}])
    assert [one.role for one in made.pictures] == [Role.REFERENCE] * 2
    assert [(one.code, one.field) for one in made.notices] == [("approximated", "keyframes")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contentModeration", {"publicFigureThreshold": "low"}),
        ("outputFormat", "prores"),
        ("proresProfile", "422 HQ"),
        ("cfgScale", 0.5),
        ("providerSettings", {"shotType": "customize"}),
        ("promptExpansionMode", "quality"),
        ("referenceAudio", [{"type": "audio", "uri": OTHER}]),
    ],
)
def test_what_has_no_effect_is_named(field: str, value: Any) -> None:
    (notice,) = image(**{field: value}).notices
    assert (notice.code, notice.field) == ("ignored", field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contentModeration", {"publicFigureThreshold": "auto"}),
        ("outputFormat", "mp4"),
        ("promptExpansionMode", "disabled"),
        ("referenceAudio", []),
    ],
)
def test_what_asks_for_nothing_else_is_not(field: str, value: Any) -> None:
    assert image(**{field: value}).notices == ()


def test_an_unknown_field_is_named_with_its_neighbour() -> None:
    (notice,) = image(promptTxt="x").notices
    assert (notice.code, notice.field) == ("unknown_field", "promptTxt")
    assert "promptText" in notice.message


@pytest.mark.parametrize(
    ("wish", "given", "field"),
    [
        (image, {"promptImage": ...}, "promptImage"),
        (image, {"model": ...}, "model"),
        (image, {"promptImage": []}, "promptImage"),
        (image, {"promptImage": 7}, "promptImage"),
        (image, {"promptImage": [{"position": "first"}]}, "promptImage[0].uri"),
        (
            image, {"promptImage": [{"uri": PICTURE, "position": "middle"}]},
            "promptImage[0].position",
        ),
        (image, {"promptImage": "runway://uploads/nothing"}, "promptImage"),
        (image, {"promptImage": "ftp://example.org/a.png"}, "promptImage"),
        (image, {"promptImage": "photo.jpg"}, "promptImage"),
        (image, {"ratio": "wide"}, "ratio"),
        (image, {"ratio": "0:720"}, "ratio"),
        (image, {"ratio": "1:9"}, "ratio"),
        (image, {"ratio": "1:99999"}, "ratio"),
        (image, {"resolution": "9000p"}, "resolution"),
        (image, {"duration": "long"}, "duration"),
        (image, {"duration": 0}, "duration"),
        (image, {"promptText": ""}, "promptText"),
        (image, {"draftTaskId": "x"}, "draftTaskId"),
        (text, {"promptText": None}, "promptText"),
        (video, {"videoUri": ...}, "videoUri"),
        (video, {"promptText": ...}, "promptText"),
        (video, {"mode": "remix"}, "mode"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(wish: Any, given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as raised:
        wish(**given)
    assert raised.value.field == field


def test_what_is_no_address_is_told_which_ones_there_are() -> None:
    with pytest.raises(BadInput, match="an https, a data: or a runway:// address"):
        image(promptImage="photo.jpg")
    with pytest.raises(BadInput, match="an https, a data: or a runway:// address"):
        video(videoUri="film.mp4")


def test_what_the_extras_say_must_agree() -> None:
    assert image(seconds=4, duration=4).shot["seconds"] == 4.0
    made = image(image_url=OTHER, promptImage=...)
    assert [one.role for one in made.pictures] == [Role.FIRST_FRAME]


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("image_to_video", IMAGE_FIELDS),
        ("text_to_video", TEXT_FIELDS),
        ("video_to_video", VIDEO_FIELDS),
    ],
)
def test_every_field_of_the_official_package_is_in_the_table(path: str, table: Any) -> None:
    runwayml = pytest.importorskip("runwayml")
    from importlib import import_module
    from typing import get_type_hints

    assert runwayml.__version__
    module = import_module(f"runwayml.types.{path}_create_params")
    fields: set[str] = set()
    for shape in vars(module).values():
        if isinstance(shape, type) and "model" in getattr(shape, "__annotations__", {}):
            hints = get_type_hints(shape, include_extras=True)
            fields |= {alias(name, str(hint)) for name, hint in hints.items()}
    assert len(fields) > 8
    assert fields <= set(table)
    assert path in READERS


def alias(name: str, hint: str) -> str:
    found = re.search(r"PropertyInfo\(alias='(\w+)'", hint)
    return found[1] if found else name


# what the vendor's router takes


def routed(**given: Any) -> Wish:
    return generate_video({"configId": "flipbook", "input": given})


def test_a_routers_input_is_the_same_shot() -> None:
    made = routed(
        promptText="pan left", aspectRatio="9:16", resolution="1080p", duration=5, seed=3,
        audio=True, negativePrompt="rain",
        referenceImages=[
            {"uri": PICTURE, "role": "first"}, {"uri": OTHER, "role": "last"},
            {"uri": OTHER, "role": "reference"},
        ],
    )  # fmt: skip
    assert made.shot == {
        "model": "flipbook", "prompt": "pan left", "size": Size(1080, 1920), "seconds": 5.0,
        "seed": 3, "sound": True, "negative_prompt": "rain",
    }  # fmt: skip
    assert [one.role for one in made.pictures] == [
        Role.FIRST_FRAME, Role.LAST_FRAME, Role.REFERENCE,
    ]  # fmt: skip
    assert made.pictures[0].field == "input.referenceImages[0].uri"


def test_a_routers_source_is_edited() -> None:
    source = {"uri": UPLOAD, "role": "source"}
    made = routed(
        promptText="warmer", referenceVideos=[source, {"uri": UPLOAD, "role": "reference"}]
    )
    assert (made.operation, made.clip is not None) == ("edit", True)
    assert [(one.role, one.film) for one in made.pictures] == [(Role.REFERENCE, True)]
    assert routed(aspectRatio="1:1", referenceVideos=[source]).operation == "reframe"
    with pytest.raises(BadInput, match="several"):
        routed(promptText="warmer", referenceVideos=[source, source])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "input.promptText"),
        ({"promptText": "x", "aspectRatio": "wide"}, "input.aspectRatio"),
        (
            {"promptText": "x", "referenceImages": [{"uri": PICTURE, "role": "middle"}]},
            "input.referenceImages[0].role",
        ),
    ],
)
def test_what_is_wrong_in_a_routers_input_is_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as raised:
        routed(**given)
    assert raised.value.field == field


def test_every_field_of_a_routers_input_is_in_the_table() -> None:
    pytest.importorskip("runwayml")
    from typing import get_type_hints

    from runwayml.types.generate import video_create_params

    hints = get_type_hints(video_create_params.Input, include_extras=True)
    named = {f"input.{alias(name, str(hint))}" for name, hint in hints.items()}
    assert len(named) == 12
    assert named <= set(GENERATE_FIELDS)
