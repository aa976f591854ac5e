"""A shot takes what makes sense on every engine, and names field, value and what is allowed where not."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutoscope.direction.model import Direction, Move
from mutoscope.errors import BadShot
from mutoscope.shot import Anchor, Crop, Fit, Kind, Media, Quality, Region, Role, Shot, Size

PHOTO = Media(sha256="ab" * 32, type="image/jpeg", length=12)


def anchor(role: str = "reference", **rest: Any) -> Anchor:
    return Anchor(media=PHOTO, role=Role(role), **rest)


# what is made, the field in the message, and a part of what is allowed
BAD: dict[str, tuple[Callable[[], object], str, str]] = {
    "seconds zero": (lambda: Shot(seconds=0), "seconds", "above 0"),
    "seconds negative": (lambda: Shot(seconds=-4), "seconds", "above 0"),
    "seconds nan": (lambda: Shot(seconds=math.nan), "seconds", "above 0"),
    "seconds infinite": (lambda: Shot(seconds=math.inf), "seconds", "86,400"),
    "seconds words": (lambda: Shot(seconds="8"), "seconds", "above 0"),  # type: ignore[arg-type]
    "seconds true": (lambda: Shot(seconds=True), "seconds", "above 0"),
    "fps zero": (lambda: Shot(fps=0), "fps", "above 0"),
    "fps nan": (lambda: Shot(fps=math.nan), "fps", "1000"),
    "fps huge": (lambda: Shot(fps=1e9), "fps", "1000"),
    "size odd": (lambda: Shot(size=Size(1281, 720)), "size", "even"),
    "size zero": (lambda: Size(0, 720), "size.width", "from 1"),
    "size negative": (lambda: Size(1280, -2), "size.height", "from 1"),
    "size fraction": (lambda: Size(12.5, 2), "size.width", "whole number"),  # type: ignore[arg-type]
    "size words": (lambda: Shot(size="1280x720"), "size", "even"),  # type: ignore[arg-type]
    "seed negative": (lambda: Shot(seed=-1), "seed", "from 0"),
    "seed too large": (lambda: Shot(seed=2**63), "seed", "2^63 - 1"),
    "seed fraction": (lambda: Shot(seed=1.5), "seed", "whole number"),  # type: ignore[arg-type]
    "takes zero": (lambda: Shot(takes=0), "takes", "from 1 to 100"),
    "takes many": (lambda: Shot(takes=101), "takes", "from 1 to 100"),
    "prompt long": (lambda: Shot(prompt="a" * 32_001), "prompt", "32,000 characters"),
    "prompt NUL": (lambda: Shot(prompt="a\0b"), "prompt", "NUL"),
    "prompt surrogate": (lambda: Shot(prompt="\ud800"), "prompt", "Unicode"),
    "prompt none": (lambda: Shot(prompt=None), "prompt", "text"),  # type: ignore[arg-type]
    "negative prompt": (lambda: Shot(negative_prompt="\0"), "negative_prompt", "NUL"),
    "model empty": (lambda: Shot(model=""), "model", "1 to 200"),
    "fit unknown": (lambda: Shot(fit="zoom"), "fit", "cover, pad"),  # type: ignore[arg-type]
    "kind unknown": (lambda: Shot(kind="redo"), "kind", "remix"),  # type: ignore[arg-type]
    "quality unknown": (lambda: Shot(quality="hi"), "quality", "draft"),  # type: ignore[arg-type]
    "loop word": (lambda: Shot(loop="yes"), "loop", "true or false"),  # type: ignore[arg-type]
    "sound number": (lambda: Shot(sound=1), "sound", "true or false"),  # type: ignore[arg-type]
    "pad colour": (lambda: Shot(pad_colour="mauve"), "pad_colour", "#rrggbb"),
    "direction words": (lambda: Shot(direction="pan"), "direction", "a Direction"),  # type: ignore[arg-type]
    "extend nothing": (lambda: Shot(kind=Kind.EXTEND), "kind", "source"),
    "cast twice": (lambda: Shot(cast=("mia", "mia")), "cast", "once"),
    "cast empty": (lambda: Shot(cast=("",)), "cast", "1 to 200"),
    "cast text": (lambda: Shot(cast="mia"), "cast", "a list"),  # type: ignore[arg-type]
    "crop over": (lambda: Crop(right=1.2), "crop.right", "from 0 to 1"),
    "crop below": (lambda: Crop(left=-0.1), "crop.left", "from 0 to 1"),
    "crop nan": (lambda: Crop(top=math.nan), "crop.top", "from 0 to 1"),
    "crop inverted": (lambda: Crop(left=0.8, right=0.2), "crop.right", "greater than crop.left"),
    "crop empty": (lambda: Crop(top=0.5, bottom=0.5), "crop.bottom", "greater than crop.top"),
    "sha256 short": (lambda: Media("ab", "image/png", 1), "media.sha256", "64 characters"),
    "sha256 upper": (lambda: Media("AB" * 32, "image/png", 1), "media.sha256", "a-f"),
    "media type": (lambda: Media("ab" * 32, "png", 1), "media.type", "image/png"),
    "media length": (lambda: Media("ab" * 32, "image/png", -1), "media.length", "from 0"),
    "anchor no media": (lambda: Anchor(media="a.png"), "anchor.media", "Media"),  # type: ignore[arg-type]
    "anchor role": (lambda: Anchor(PHOTO, "start"), "anchor.role", "first_frame"),  # type: ignore[arg-type]
    "strength over": (lambda: anchor(strength=1.1), "anchor.strength", "from 0 to 1"),
    "strength nan": (lambda: anchor(strength=math.nan), "anchor.strength", "from 0 to 1"),
    "crop words": (lambda: anchor(crop=(0, 0, 1, 1)), "anchor.crop", "a Crop"),
    "frame without role": (lambda: anchor(frame=3), "anchor.frame", "left out"),
    "role without frame": (lambda: anchor("frame"), "anchor.frame", "number"),
    "frame negative": (lambda: anchor("frame", frame=-1), "anchor.frame", "from 0"),
    "frame beyond": (
        lambda: Shot(seconds=2, fps=24, anchors=(anchor("frame", frame=48),)),
        "anchor.frame", "from 0 to 47",
    ),
    "two first frames": (
        lambda: Shot(anchors=(anchor("first_frame"), anchor("first_frame"))),
        "anchors", "at most one first_frame",
    ),
    "two last frames": (
        lambda: Shot(anchors=(anchor("last_frame"), anchor("last_frame"))),
        "anchors", "at most one last_frame",
    ),
    "two at one frame": (
        lambda: Shot(anchors=(anchor("frame", frame=5), anchor("frame", frame=5))),
        "anchors", "another picture is there",
    ),
    "first frame and frame 0": (
        lambda: Shot(anchors=(anchor("first_frame"), anchor("frame", frame=0))),
        "anchors", "the first_frame is there",
    ),
    "last frame and its number": (
        lambda: Shot(seconds=1, anchors=(anchor("frame", frame=23), anchor("last_frame"))),
        "anchors", "is there already",
    ),
    "first and last of one frame": (
        lambda: Shot(seconds=0.01, anchors=(anchor("first_frame"), anchor("last_frame"))),
        "anchors", "is there already",
    ),
    "anchors of media": (lambda: Shot(anchors=(PHOTO,)), "anchors", "Anchors"),  # type: ignore[arg-type]
    "region bare": (lambda: Shot(regions=(PHOTO,)), "regions", "a kind"),  # type: ignore[arg-type]
    "region nameless": (lambda: Region("", mask=PHOTO), "region.kind", "1"),
    "region unmarked": (lambda: Region("water"), "region", "a mask or by a point"),
    "region both": (lambda: Region("water", PHOTO, (0.5, 0.5)), "region", "one of the two"),
    "region number": (lambda: Region("water", point=3), "region.point", "fractions"),  # type: ignore[arg-type]
    "region off": (lambda: Region("water", point=(0.5, 1.5)), "region.point", "fractions"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_values_name_field_value_and_what_is_allowed(case: str) -> None:
    make, field, allowed = BAD[case]
    with pytest.raises(BadShot) as caught:
        make()
    error = caught.value
    assert error.field == field
    assert error.message.startswith(f"{field} is ")
    assert allowed in error.message
    assert "\n" not in error.message
    assert len(error.message) < 300


def test_a_shot_cannot_be_changed() -> None:
    shot = Shot(prompt="slow push in")
    with pytest.raises(dataclasses.FrozenInstanceError):
        shot.prompt = "pan"  # type: ignore[misc]


def test_lists_and_words_become_the_shots_own_types() -> None:
    shot = Shot(anchors=[anchor()], fit="cover", kind="create", seconds=6)  # type: ignore[arg-type]
    assert shot.anchors == (anchor(),)
    assert shot.fit is Fit.COVER
    assert shot.kind is Kind.CREATE
    assert isinstance(shot.seconds, float)
    assert shot == Shot(anchors=(anchor(),), fit=Fit.COVER, seconds=6.0)
    assert hash(shot) == hash(Shot(anchors=(anchor(),), fit=Fit.COVER, seconds=6.0))


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"),
    [(4, 24, 96), (0.5, 12, 6), (1, 23.976, 24), (0.001, 12, 1), (60, 60, 3600), (2.02, 24, 48)],
)
def test_frames_are_seconds_times_fps_and_at_least_one(
    seconds: float, fps: float, frames: int
) -> None:
    assert Shot(seconds=seconds, fps=fps).frames == frames


def test_one_picture_may_be_first_and_last_frame() -> None:
    shot = Shot(anchors=(anchor("first_frame"), anchor("last_frame")))
    assert [one.role for one in shot.anchors] == [Role.FIRST_FRAME, Role.LAST_FRAME]


def test_an_extension_starts_from_its_source() -> None:
    assert Shot(kind=Kind.EXTEND, anchors=(anchor("source"),)).kind is Kind.EXTEND


texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)
fractions = st.floats(0, 1)
medias = st.builds(
    Media,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    type=st.sampled_from(["image/png", "video/mp4", "application/octet-stream"]),
    length=st.integers(0, 2**63 - 1),
)
crops = st.builds(
    Crop,
    left=st.floats(0, 0.49),
    top=st.floats(0, 0.49),
    right=st.floats(0.5, 1),
    bottom=st.floats(0.5, 1),
)
anchors = st.builds(
    Anchor,
    media=medias,
    role=st.just(Role.REFERENCE),
    strength=fractions,
    crop=st.none() | crops,
)
directions = st.builds(
    Direction,
    seconds=st.floats(0.5, 60),
    camera=st.tuples(
        st.builds(Move, move=st.just("pan_left"), start=st.floats(0, 1), end=st.floats(1, 4))
    ),
    keep=st.tuples(texts),
)
shots = st.builds(
    Shot,
    prompt=texts,
    model=texts.filter(bool),
    negative_prompt=texts,
    size=st.builds(
        Size, st.integers(1, 2048).map(lambda n: 2 * n), st.integers(1, 9).map(lambda n: 2 * n)
    ),
    seconds=st.floats(0.01, 86_400),
    fps=st.floats(0.01, 1000),
    seed=st.integers(0, 2**63 - 1),
    loop=st.booleans(),
    sound=st.booleans(),
    fit=st.sampled_from(Fit),
    pad_colour=st.sampled_from(["", "blur", "#00ffAA"]),
    quality=st.sampled_from(Quality),
    takes=st.integers(1, 100),
    anchors=st.lists(anchors, max_size=3).map(tuple),
    regions=st.just(())
    | st.tuples(st.builds(Region, st.just("water"), medias))
    | st.just((Region("foliage", point=(0.25, 0.5)),)),
    direction=st.none() | directions,
    cast=st.lists(texts.filter(bool), max_size=3, unique=True).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(shots)
def test_a_shot_comes_back_from_json_as_it_was(shot: Shot) -> None:
    assert Shot.from_json(shot.to_json()) == shot


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a shot as JSON"),
        (b"[]", "not a shot as JSON"),
        (b'{"prompt": 3}', "$.prompt"),
        (b'{"fit": "zoom"}', "$.fit"),
        (b'{"seconds": 0}', "above 0"),
        (b'{"seconds": null}', "$.seconds"),
        (b'{"fish": 1}', "unknown here: fish"),
        (b'{"size": {"width": 2, "height": 2, "depth": 2}}', "unknown here: size.depth"),
        (b'{"cast": "mia"}', "$.cast"),
    ],
)
def test_json_that_is_no_shot_is_refused_in_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(BadShot) as caught:
        Shot.from_json(data)
    assert said in caught.value.message
