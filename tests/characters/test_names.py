"""Characters in prompts: found, told apart from words and moves, and written as the parser reads them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mutoscope.characters.names import Found, find, is_direction, mention
from mutoscope.direction.parse import direct


@dataclass(frozen=True)
class Who:
    id: str
    name: str


ROLLER, NOVA, PAN = Who("char_01ab", "Roller Pan"), Who("char_02", "Nova"), Who("char_03", "Pan")
MING, PRIME, ZOE = Who("char_04", "小明"), Who("char_05", "Nova Prime"), Who("char_06", "Zoé")
DOTS = Who("char_07", "R. 2-D (old)")
ALL = (ROLLER, NOVA, PAN, MING, PRIME, ZOE, DOTS)


def names(found: Found) -> list[str]:
    return [member.name for member in found.members]


@pytest.mark.parametrize(
    ("prompt", "cast", "read"),
    [
        ("@roller_pan walks", ["Roller Pan"], "@Roller_Pan walks"),
        ("@Roller Pan walks", ["Roller Pan"], "@Roller_Pan walks"),
        ("@ROLLER-PAN.", ["Roller Pan"], "@Roller_Pan."),
        ("Roller Pan walks", ["Roller Pan"], "@Roller_Pan walks"),
        ("roller pan walks", ["Roller Pan"], "@Roller_Pan walks"),
        ("char_02 meets @char_01ab", ["Nova", "Roller Pan"], "@Nova meets @Roller_Pan"),
        ("Nova Prime and Nova", ["Nova Prime", "Nova"], "@Nova_Prime and @Nova"),
        ("nova prime", ["Nova Prime"], "@Nova_Prime"),
        ("Nova's hat", ["Nova"], "@Nova's hat"),
        ("(Nova)", ["Nova"], "(@Nova)"),
        ("Nova, then Nova", ["Nova"], "@Nova, then @Nova"),
        ("Zoé sleeps", ["Zoé"], "@Zoé sleeps"),
        ("Zoe\u0301 sleeps", ["Zoé"], "@Zoé sleeps"),  # the accent as a mark of its own
        ("小明在走路", ["小明"], "@小明 在走路"),
        ("看小明走路", ["小明"], "看 @小明 走路"),
        ("看@小明走路", ["小明"], "看 @小明 走路"),
        (
            "@Nova站在左边，@Roller_Pan在右边",
            ["Nova", "Roller Pan"],
            "@Nova 站在左边，@Roller_Pan 在右边",
        ),
        ("左边是Nova", ["Nova"], "左边是 @Nova"),
        ("Novaが歩く", ["Nova"], "@Nova が歩く"),
        ("＠Nova walks", ["Nova"], "@Nova walks"),  # as a Chinese keyboard writes it
        ("R. 2-D (old) rolls", ["R. 2-D (old)"], "@R_2_D_old rolls"),
        ("@r_2_d_old rolls", ["R. 2-D (old)"], "@R_2_D_old rolls"),
    ],
)
def test_found(prompt: str, cast: list[str], read: str) -> None:
    found = find(prompt, ALL)
    assert names(found) == cast
    assert found.prompt == read
    assert found.unknown == ()


@pytest.mark.parametrize(
    "prompt",
    [
        "pan left", "Pan left slowly", "a supernova", "Novas", "nova_prime2", "mail a@nova.com",
        "NOVA", "char_0", "char_022", "a frying pan", "",
    ],
)  # fmt: skip
def test_not_found(prompt: str) -> None:
    found = find(prompt, ALL)
    assert names(found) == []
    assert found.prompt == prompt


def test_a_name_that_is_a_move_takes_an_at_or_the_list() -> None:
    assert is_direction("Pan")
    assert not is_direction("Nova")
    assert names(find("@pan dances, pan left", ALL)) == ["Pan"]
    found = find("Pan smiles", ALL, [PAN])
    assert names(found) == ["Pan"]
    assert found.prompt == "@Pan smiles"


def test_the_list_comes_first_and_frees_the_case() -> None:
    found = find("nova and @zoé", ALL, [ZOE, NOVA])
    assert names(found) == ["Zoé", "Nova"]
    assert found.prompt == "@Nova and @Zoé"


def test_listed_but_not_mentioned_is_in_the_cast() -> None:
    found = find("slow push in", ALL, [NOVA])
    assert names(found) == ["Nova"]
    assert found.prompt == "slow push in"


def test_unknown_mentions_are_told_once() -> None:
    assert find("@ghost and @ghost, @nova, me@home", ALL).unknown == ("@ghost",)


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("@ghost waves", ("@ghost",)),
        ("@ghost, then @phantom", ("@ghost", "@phantom")),
        ('a sign that reads "@home"', ()),
        ("a sign that reads “@home”, @ghost", ("@ghost",)),
        ("ein Schild: „@heim“", ()),
        ("a sign that reads 'it's @home'", ()),
        ("牌子上写着「@home」", ()),
        ('a 12" ruler, @ghost, 5" tall', ("@ghost",)),  # inches
        ("Nova's hat, @ghost's friends' hats", ("@ghost",)),  # apostrophes
        ('"@ghost waves"', ("@ghost",)),  # all of it: nothing is told apart by that
        ("write to me@home.org or a.b@nova.com", ()),
        ("https://site.example/@somebody on a poster", ()),
        ("shot @24fps, 50mm @f/2.8, @f1.8 @iso800 @4k", ()),
        ("@Image1 stands before @video_2", ()),
        ("@imagery floats", ("@imagery",)),
    ],
)
def test_what_counts_as_an_unknown_name(prompt: str, unknown: tuple[str, ...]) -> None:
    assert find(prompt, ALL).unknown == unknown


def test_in_quotation_marks_a_bare_name_is_a_word_and_a_written_at_is_meant() -> None:
    assert names(find('a poster reads "Nova lives"', ALL)) == []
    assert names(find('Nova says "Roller Pan, come"', ALL)) == ["Nova"]
    assert names(find('Nova says "@roller_pan, come"', ALL)) == ["Nova", "Roller Pan"]
    assert names(find('"Nova waves"', ALL)) == ["Nova"]


def test_many_marks_take_no_time() -> None:
    find(" '" * 16_000 + "@ghost", ALL)
    find(' "' * 16_000 + "@ghost", ALL)
    find("« " * 16_000 + "@ghost", ALL)


def test_of_two_with_one_name_the_first_is_meant() -> None:
    newer, older = Who("char_09", "Nova"), Who("char_02", "nova")
    assert [m.id for m in find("Nova", [newer, older]).members] == ["char_09"]


def test_two_of_one_name_by_id_are_told_apart() -> None:
    found = find("char_09 and char_02", [Who("char_09", "Nova"), Who("char_02", "Nova")])
    assert names(found) == ["Nova", "Nova 2"]
    assert found.prompt == "@Nova and @Nova_2"


@pytest.mark.parametrize(
    "name", ["Roller Pan", "Zoom", "Tilt Left", "Dolly", "小推", "Zwei Schwenk"]
)
def test_a_mention_is_nobodys_camera_move(name: str) -> None:
    assert direct(f"{mention(name)} walks through the park", 4.0).camera == ()
    read = direct(f"{mention(name)} walks, the camera pans right", 4.0)
    assert [move.move for move in read.camera] == ["pan_right"]
    assert read.motion[0].target == mention(name)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=60),
    st.lists(
        st.text(min_size=1, max_size=12).filter(lambda s: any(c.isalnum() for c in s)), max_size=4
    ),
)
def test_never_fails_and_loses_no_other_word(prompt: str, called: list[str]) -> None:
    known = [Who(f"char_{n:x}", " ".join(name.split())) for n, name in enumerate(called)]
    known = [one for one in known if one.name]
    found = find(prompt, known)
    again = find(found.prompt, known)
    assert {one.id for one in found.members} <= {one.id for one in again.members}
    assert all(member.mention in found.prompt for member in found.members)


def test_a_wide_at_of_nobody_is_unknown() -> None:
    assert find("＠Mossy走路", ()).unknown == ("@Mossy走路",)
