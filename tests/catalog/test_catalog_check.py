"""A shot against a contract: lenient says, strict refuses as the vendor did, an engine's limits hold."""

from __future__ import annotations

from typing import Any

import pytest

from mutoscope.catalog.check import check, compat_setting
from mutoscope.catalog.load import contract, contracts
from mutoscope.direction.model import Direction
from mutoscope.errors import BadShot, ContractRefused
from mutoscope.shot import Anchor, Crop, Kind, Media, Region, Role, Shot, Size

PHOTO = Media(sha256="ab" * 32, type="image/jpeg", length=1000)
STILL = (Anchor(PHOTO),)


def shot(**rest: Any) -> Shot:
    return Shot(**({"anchors": STILL} | rest))


# the shot, the model, the message in strict or from the engine
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "sora seconds": (
        {"seconds": 5}, "sora-2",
        "Invalid value: '5'. Supported values are: '4', '8', and '12'.",
    ),
    "sora snapshot": (
        {"seconds": 5}, "sora-2-2025-12-08",
        "Invalid value: '5'. Supported values are: '4', '8', and '12'.",
    ),
    "sora size": (
        {"size": Size(1920, 1080)}, "sora-2",
        "Invalid value: '1920x1080'. Supported values are: '720x1280' and '1280x720'.",
    ),
    "sora seed": ({"seed": 7}, "sora-2", "openai/sora-2 takes no seed (seed)"),
    "sora two pictures": (
        {"anchors": (Anchor(PHOTO, Role.FIRST_FRAME), Anchor(PHOTO, Role.LAST_FRAME))}, "sora-2",
        "the shot has 2 pictures; openai/sora-2 takes 0 to 1",
    ),
    "sora large file": (
        {"anchors": (Anchor(Media("ab" * 32, "image/png", 20_971_521)),)}, "sora-2",
        "anchor.media is 20,971,521 bytes long; openai/sora-2 takes at most 20,971,520",
    ),
    "sora gif": (
        {"anchors": (Anchor(Media("ab" * 32, "image/gif", 10)),)}, "sora-2",
        "anchor.media is image/gif; openai/sora-2 takes image/jpeg, image/png or image/webp",
    ),
    "sora three characters": (
        {"cast": ("a", "b", "c")}, "sora-2",
        "cast is 3 characters; openai/sora-2 takes at most 2 in one prompt",
    ),
    "azure takes": (
        {"takes": 6, "seconds": 5}, "sora", "takes is 6; azure/sora takes whole numbers from 1 to 5",
    ),
    "azure half second": (
        {"seconds": 2.5}, "sora",
        "seconds is 2.5; azure/sora takes whole numbers from 1 to 20 s; the nearest is 2",
    ),
    "veo reference on fast": (
        {"seconds": 8}, "veo-3.1-fast-generate-001",
        "the shot has a reference picture; vertex/veo-3.1-fast-generate-001 takes"
        " first_frame, last_frame or source",
    ),
    "veo square": (
        {"seconds": 8, "size": Size(720, 720)}, "veo-3.1-generate-001",
        "size is 720x720; vertex/veo-3.1-generate-001 takes 16:9 or 9:16 at 720p, 1080p or 4k",
    ),
    "runway prompt in UTF-16": (
        {"seconds": 5, "prompt": "😀" * 501}, "gen4.5",
        "prompt is 1,002 characters long; runway/gen4.5 takes at most 1,000",
    ),
    "luma remix": (
        {"seconds": 5, "kind": Kind.REMIX, "anchors": (Anchor(PHOTO, Role.SOURCE),)}, "ray-2",
        "kind is remix; luma/ray-2 can create, extend, edit or reframe",
    ),
    "flipbook long": (
        {"seconds": 60.5}, "flipbook",
        "seconds is 60.5; flipbook takes 0.5 to 60 s; the nearest is 60",
    ),
    "flipbook short": (
        {"seconds": 0.4}, "flipbook",
        "seconds is 0.4; flipbook takes 0.5 to 60 s; the nearest is 0.5",
    ),
    "flipbook rate": ({"fps": 90}, "flipbook", "fps is 90; flipbook takes 12 to 60"),
    "flipbook small": (
        {"size": Size(62, 64)}, "flipbook",
        "size is 62x64; flipbook takes sides that are even numbers from 64 to 4096 px",
    ),
    "flipbook large": (
        {"size": Size(4098, 64)}, "flipbook",
        "size is 4098x64; flipbook takes sides that are even numbers from 64 to 4096 px",
    ),
    "flipbook words alone": (
        {"anchors": ()}, "flipbook", "the shot has no pictures; flipbook takes 1 to 16",
    ),
    "flipbook two references": (
        {"anchors": STILL * 2}, "flipbook",
        "the shot has 2 reference pictures; flipbook takes 1 at most",
    ),
    "flipbook pictures": (
        {"anchors": tuple(Anchor(PHOTO, Role.FRAME, frame=at) for at in range(17))}, "flipbook",
        "the shot has 17 pictures; flipbook takes 1 to 16",
    ),
    "flipbook cast": (
        {"cast": ("mia", "leo", "ada")}, "flipbook",
        "cast is 3 characters; flipbook takes at most 2 in one prompt",
    ),
    "flipbook takes": ({"takes": 2}, "flipbook", "takes is 2; flipbook takes 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_word_for_word(case: str) -> None:
    fields, model, message = REFUSED[case]
    native = contract(model).native
    with pytest.raises(ContractRefused) as caught:
        check(shot(**fields), contract(model), None if native else "strict")
    assert caught.value.message == message
    assert caught.value.code == "invalid_value"
    assert caught.value.status == 400


@pytest.mark.parametrize("case", [case for case in REFUSED if not case.startswith("flipbook")])
def test_lenient_says_every_limit_and_refuses_nothing(case: str) -> None:
    fields, model, _ = REFUSED[case]
    said = check(shot(**fields), contract(model), "lenient")
    assert said
    assert all(contract(model).name in limit.message for limit in said)
    assert all(limit.code in ("outside_contract", "not_supported") for limit in said)


def test_lenient_names_all_limits_at_once() -> None:
    said = check(
        shot(seconds=5, size=Size(640, 480), loop=True, negative_prompt="blur"), contract("sora-2")
    )
    assert [limit.field for limit in said] == ["seconds", "size", "negative_prompt", "loop"]
    assert (
        said[0].message
        == "seconds is 5; openai/sora-2 takes 4, 8, 12, 16 or 20 s; the nearest is 4"
    )


@pytest.mark.parametrize("seconds", [4, 8, 12, 16, 20])
def test_the_later_lengths_pass_in_strict(seconds: int) -> None:
    assert check(shot(seconds=seconds), contract("sora-2"), "strict") == ()


@pytest.mark.parametrize("compat", ["lenient", "strict"])
def test_an_engine_says_what_it_leaves_undone(compat: str) -> None:
    said = check(
        shot(negative_prompt="people", anchors=(Anchor(PHOTO, strength=0.5),)),
        contract("flipbook"),
        compat,
    )
    assert [(limit.field, limit.code) for limit in said] == [
        ("negative_prompt", "not_supported"),
        ("anchor.strength", "not_supported"),
    ]


def test_what_flipbook_can_do_is_not_remarked_on() -> None:
    everything = shot(
        seed=5,
        loop=True,
        anchors=(Anchor(PHOTO, Role.FIRST_FRAME, crop=Crop(0.1)), Anchor(PHOTO, Role.LAST_FRAME)),
        regions=(Region("water", point=(0.5, 0.5)),),
        direction=Direction(seconds=4),
    )
    assert check(everything, contract("flipbook"), "strict") == ()


def test_the_setting_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUTOSCOPE_COMPAT", raising=False)
    assert compat_setting() == "lenient"
    monkeypatch.setenv("MUTOSCOPE_COMPAT", "strict")
    assert compat_setting() == "strict"
    assert compat_setting("lenient") == "lenient"
    with pytest.raises(ContractRefused):
        check(shot(seconds=5), contract("sora-2"))
    monkeypatch.setenv("MUTOSCOPE_COMPAT", "loose")
    with pytest.raises(BadShot, match="MUTOSCOPE_COMPAT is 'loose'"):
        compat_setting()


@pytest.mark.parametrize("one", contracts(), ids=lambda one: f"{one.vendor}/{one.model}")
def test_every_contracts_own_defaults_pass_in_strict(one: Any) -> None:
    width, _, height = (one.default_size or "1280x720").partition("x")
    role = Role.FIRST_FRAME if Role.FIRST_FRAME in one.roles else Role.REFERENCE
    if Kind.CREATE not in one.kinds:  # it films films
        role = Role.SOURCE
    roles = [role]
    if one.images is not None and not one.images.allows(1):  # words alone, or from one to another
        roles = [Role.FIRST_FRAME, Role.LAST_FRAME] if one.images.allows(2) else []
    plain = shot(
        model=one.model,
        kind=one.kinds[0],
        seconds=one.default_seconds,
        size=Size(int(width), int(height)),
        anchors=tuple(Anchor(PHOTO, role) for role in roles),
    )
    assert check(plain, one, "strict") == ()
