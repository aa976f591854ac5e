"""Consent: read, judged against a use, and what the owner's policy makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from mutoscope.characters.consent import Consent, Policy, Use, moment, permitted, read, told
from mutoscope.errors import BadInput

ADA: dict[str, Any] = {
    "person": "Ada",
    "given_by": "Ada",
    "at": "2026-11-01",
    "uses": ["local"],
    "until": "2026-11-30",
    "note": "for the school's film",
}
NOW = moment("2026-11-21")


def test_a_record_is_read_as_object_or_as_its_text() -> None:
    found = read(ADA)
    assert found == Consent(**{**ADA, "uses": ("local",)})
    assert read('{"person": "Ada", "given_by": "her agent", "at": "2026-11-01T10:00:00Z", "uses": "any"}').uses == ("any",)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"person": ""}, "consent.person", "Missing"),
        ({"uses": []}, "consent.uses", "Missing"),
        ({"given_by": 7}, "consent.given_by", "text"),
        ({"at": "last week"}, "consent.at", "a day such as"),
        ({"until": "2026-13-01"}, "consent.until", "a day such as"),
        ({"uses": ["locale"]}, "consent.uses", "one of local"),
        ({"untill": "2026-12-01"}, "consent.untill", "did you mean until"),
        ({"person": "a\0b"}, "consent.person", "printed"),
    ],
)
def test_what_is_wrong_in_it_is_named(change: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        read(ADA | change)
    assert caught.value.field == field


@pytest.mark.parametrize("value", ["{", "[]", 7, None])
def test_what_is_no_record(value: object) -> None:
    with pytest.raises(BadInput):
        read(value)


@pytest.mark.parametrize(
    ("faces", "change", "use", "now", "code"),
    [
        (True, None, "local", NOW, "no_consent"),
        (False, None, "local", NOW, None),
        (None, None, "elsewhere", NOW, None),
        (True, {}, "local", NOW, None),
        (True, {}, "local", moment("2026-11-30T23:59:00"), None),  # to the end of its last day
        (True, {}, "local", moment("2026-12-01T00:00:01"), "consent_expired"),
        (False, {}, "local", moment("2027-01-01"), "consent_expired"),
        (True, {"until": ""}, "local", moment("2099-01-01"), None),
        (True, {}, "elsewhere", NOW, "consent_use"),
        (True, {"uses": ["any"]}, "elsewhere", NOW, None),
        (True, {"uses": ["local", "elsewhere"]}, "export", NOW, "consent_use"),
    ],
)
def test_what_stands_against_a_use(
    faces: bool | None, change: dict[str, Any] | None, use: Use, now: float, code: str | None
) -> None:
    consent = None if change is None else read(ADA | change)
    notice = told("Ada", faces, consent, use, now)
    assert (notice.code if notice is not None else None) == code


@pytest.mark.parametrize(
    ("policy", "strict", "outcome"),
    [
        ("warn", False, "told"),
        ("warn", True, "refused"),
        ("refuse", False, "refused"),
        ("allow", False, "silent"),
        ("allow", True, "silent"),
    ],
)
def test_the_owners_policy_decides(policy: Policy, strict: bool, outcome: str) -> None:
    notice = told("Ada", True, None, "local", NOW)
    if outcome == "refused":
        with pytest.raises(BadInput, match="policy") as caught:
            permitted(notice, policy, strict=strict)
        assert (caught.value.code, caught.value.status) == ("moderation_blocked", 400)
    else:
        assert len(permitted(notice, policy, strict=strict)) == (outcome == "told")
    assert permitted(None, policy, strict=strict) == ()
