"""The cast of a shot at a server elsewhere: each character in the best form that it takes, and told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engines.orders_made import engine, media, order
from mutoscope.engines.base import CastMember, Instruction, Introducing, Order
from mutoscope.engines.openai_videos import answers
from mutoscope.engines.openai_videos.encoding import encoded
from mutoscope.engines.openai_videos.quirks import Quirks, quirks, table
from mutoscope.engines.openai_videos.request import Request, Upload, introduction, requested
from mutoscope.errors import NotAccepted, Unconfirmed
from mutoscope.shot import Anchor, Role
from vendor_process import VendorProcess

TINY = Path(__file__).parents[1] / "standin" / "tiny.mp4"


def pan(**fields: object) -> CastMember:
    values: dict[str, object] = {
        "description": "a  red\nroller skate", "clip": TINY, "id": "char_here",
        "pictures": (Path("a.jpg"), Path("b.jpg")), "cutouts": (Path("a.png"), Path("b.png")),
    }  # fmt: skip
    return CastMember("Roller Pan", **(values | fields))  # type: ignore[arg-type]


def cast(folder: Path, *members: CastMember, prompt: str = "@Roller_Pan turns. @Roller_Pan waves", **fields: object) -> Order:  # fmt: skip
    made = order(folder, prompt=prompt, **fields)
    return replace(made, cast={one.name: one for one in members})


def sent(made: Order, row: Quirks | str = "sora") -> Request:
    return requested(made, quirks(row, "relay") if isinstance(row, str) else row, "relay", "m")


def told(request: Request, words: str = "@Roller_Pan") -> Instruction:
    (one,) = [said for said in request.said if said.words == words]
    return one


def test_a_registered_one_goes_as_its_id_and_is_named_to_the_letter(tmp_path: Path) -> None:
    made = sent(cast(tmp_path, pan(registered="char_there")))
    assert made.fields["characters"] == [{"id": "char_there"}]
    assert made.fields["prompt"] == "Roller Pan turns. Roller Pan waves"
    assert told(made).outcome == "done"
    assert "char_there" in told(made).how


def test_one_that_the_prompt_does_not_name_is_named_in_it(tmp_path: Path) -> None:
    made = sent(cast(tmp_path, pan(registered="char_there"), prompt="slow push in"))
    assert made.fields["prompt"] == "slow push in. With Roller Pan."


def test_another_mutoscope_is_told_its_own_id(tmp_path: Path) -> None:
    made = sent(cast(tmp_path, pan(registered="char_there")), "mutoscope")
    assert made.fields["prompt"] == "@char_there turns. @char_there waves"
    assert "characters" not in made.fields  # its name would be read as a word of the direction
    listed = sent(cast(tmp_path, pan(registered="char_there"), prompt="push in"), "mutoscope")
    assert listed.fields["prompt"] == "push in"
    assert listed.fields["characters"] == [{"id": "char_there"}]


def test_reference_pictures_go_where_there_is_room(tmp_path: Path) -> None:
    bare = replace(cast(tmp_path, pan()), stills={})
    bare = replace(bare, shot=replace(bare.shot, anchors=()))
    made = sent(bare, "vllm-omni-h3")
    assert made.uploads == tuple(Upload("input_references", Path(f"{one}.jpg")) for one in "ab")
    assert told(made).how == "2 reference pictures of it were sent"
    beside = sent(cast(tmp_path, pan()), "vllm-omni-h3")
    assert [one.field for one in beside.uploads] == ["input_reference"]
    assert told(beside).how.endswith("beside a first frame")
    assert "(a red roller skate)" in beside.fields["prompt"]


def test_a_clip_goes_with_its_strength(tmp_path: Path) -> None:
    made = sent(cast(tmp_path, pan(strength=0.7)), "relay-video")
    assert made.uploads[-1] == Upload("reference_video", TINY)
    assert made.fields["influence_strength"] == 0.7
    assert told(made).how == "its clip was sent to go by, with a strength of 0.7"
    assert not [one for one in made.said if "strength" in one.words]


def test_a_second_one_does_not_take_the_clip_s_place(tmp_path: Path) -> None:
    bob = CastMember("Bob", "a cup", clip=TINY)
    made = sent(cast(tmp_path, pan(), bob), "relay-video")
    assert [one.field for one in made.uploads] == ["input_reference", "reference_video"]
    assert told(made, "@Bob").how.endswith("it takes one clip to go by")
    assert made.fields["prompt"].endswith("With Bob (a cup).")


def test_a_description_is_written_once(tmp_path: Path) -> None:
    made = sent(cast(tmp_path, pan()), "relay")
    assert made.fields["prompt"] == "Roller Pan (a red roller skate) turns. Roller Pan waves"
    assert told(made).outcome == "approximated"


@pytest.mark.parametrize("name", sorted(table()))
def test_what_can_go_in_no_form_is_told_and_never_as_a_mention(tmp_path: Path, name: str) -> None:
    made = sent(cast(tmp_path, CastMember("Roller Pan")), name)
    assert "@" not in made.fields["prompt"]
    assert told(made).outcome == "not_possible"
    assert told(made).how.startswith("its name alone was sent: ")


def test_why_it_is_not_registered_is_passed_on(tmp_path: Path) -> None:
    made = sent(cast(tmp_path, pan(unregistered="relay refused the character: too long")))
    assert told(made).how == (
        "its description was written into the prompt: relay refused the character: too long"
    )


def test_more_than_a_server_takes_go_in_the_next_form(tmp_path: Path) -> None:
    three = [CastMember(name, f"a {name}", registered=f"char_{name}") for name in "ABC"]
    made = sent(cast(tmp_path, *three, prompt="@A, @B, @C"))
    assert [one["id"] for one in made.fields["characters"]] == ["char_A", "char_B"]
    assert made.fields["prompt"] == "A, B, C (a C)"
    assert "takes 2 registered" in told(made, "@C").how


def test_names_that_begin_alike(tmp_path: Path) -> None:
    first, second = (
        CastMember("Bo", "one", registered="1"),
        CastMember("Bo 2", "two", registered="2"),
    )
    made = sent(cast(tmp_path, first, second, prompt="@Bo_2 left of @Bo"))
    assert made.fields["prompt"] == "Bo 2 left of Bo"


def test_a_strength_that_a_form_has_not_is_told(tmp_path: Path) -> None:
    made = sent(cast(tmp_path, pan(registered="x", strength=0.4)))
    assert told(made, "@Roller_Pan strength 0.4").outcome == "not_possible"


def test_a_film_to_go_by(tmp_path: Path) -> None:
    anchors = (
        Anchor(media(0), Role.FIRST_FRAME),
        Anchor(media(1, "video/mp4"), Role.REFERENCE, strength=0.5),
    )
    made = order(tmp_path, anchors=anchors)
    made = replace(made, stills={0: made.stills[0]}, clips={1: TINY})
    there = sent(made, "relay-video")
    assert there.uploads[-1] == Upload("reference_video", TINY)
    assert there.fields["influence_strength"] == 0.5
    assert told(there, "reference video").outcome == "done"
    assert told(sent(made), "reference video").outcome == "not_possible"


def test_ids_in_each_encoding(tmp_path: Path) -> None:
    request = sent(cast(tmp_path, pan(registered="char_there")))
    request = replace(request, uploads=())
    body = b"".join(one for one in encoded(request, "multipart").pieces if isinstance(one, bytes))
    assert b'name="characters[][id]"\r\n\r\nchar_there\r\n' in body
    assert encoded(request, "json").pieces[0] == (
        b'{"prompt":"Roller Pan turns. Roller Pan waves","model":"m","size":"128x72","seconds":"4",'
        b'"characters":[{"id":"char_there"}]}'
    )
    assert b"characters%5B%5D%5Bid%5D=char_there" in encoded(request, "form").pieces[0]  # type: ignore[operator]


def test_a_film_in_json_is_a_data_url(tmp_path: Path) -> None:
    body = encoded(introduction(pan(), quirks("mutoscope", "x")), "json").pieces[0]
    assert isinstance(body, bytes)
    assert body.startswith(b'{"name":"Roller Pan","description":"a  red\\nroller skate","video":"data:video/mp4;base64,')  # fmt: skip


def test_a_report_from_there_keeps_how_the_character_went(tmp_path: Path) -> None:
    said = (
        Instruction("push in", "approximated", "sent as words"),
        Instruction("@Nova", "done", "sent as its id"),
        Instruction("@Bob", "not_possible", "its name alone was sent"),
    )
    theirs = (
        Instruction("push in", "done"),
        Instruction("@Nova", "approximated", "a cut-out"),
    )
    assert answers.joined(said, theirs) == (
        theirs[0],
        Instruction("@Nova", "approximated", "sent as its id; there: a cut-out"),
        said[2],
    )


@pytest.fixture
def vendor() -> Iterator[VendorProcess]:
    with VendorProcess("sora") as started:
        yield started


def test_a_character_is_registered_and_known(vendor: VendorProcess) -> None:
    async def scenario() -> None:
        relay = engine(vendor.base_url, "sora")
        assert isinstance(relay, Introducing)
        id = await relay.introduce(pan(), again=False, instead="")
        assert await relay.knows(id)
        vendor.control(forget=True)
        assert not await relay.knows(id)
        vendor.control(character=["500", "422"])
        with pytest.raises(Unconfirmed, match="took the character"):
            await relay.introduce(pan(), again=True, instead="")
        with pytest.raises(NotAccepted, match="refused the character") as caught:
            await relay.introduce(pan(), again=True, instead="")
        assert caught.value.final
        await relay.close()

    asyncio.run(scenario())


def test_a_repeated_registration_is_the_first_one_where_keys_are_known() -> None:
    async def scenario(base_url: str) -> None:
        there = engine(base_url, "mutoscope")
        first = await there.introduce(pan(), again=False, instead="")
        assert await there.introduce(pan(), again=True, instead="") == first
        assert await there.introduce(pan(), again=False, instead=first) != first
        await there.close()

    with VendorProcess("mutoscope") as vendor:
        asyncio.run(scenario(vendor.base_url))
        first, _ = vendor.seen()["characters"]
        assert first["fields"] == {"name": "Roller Pan", "description": pan().description}
        assert first["clip"]["type"] == "video/mp4"
