"""docs/dialects.md is what the dialects are now."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from mutoscope.dialects import docs
from mutoscope.dialects.all import NAMES, dialect
from mutoscope.dialects.shared.extras_table import FIELDS
from mutoscope.dialects.shared.table import Field
from mutoscope.shot import Shot

PAGE = Path(__file__).parents[2] / "docs" / "dialects.md"


def test_the_page_is_up_to_date() -> None:
    assert docs.main([str(PAGE), "--check"]) == 0, f"python -m {docs.__name__} docs/dialects.md"


@pytest.mark.parametrize("name", NAMES)
def test_every_field_of_a_dialect_leads_somewhere(name: str) -> None:
    tables = dialect(name).tables
    assert tables, "a dialect shows what its fields become"
    for where in tables.values():
        module, _, table = where.partition(":")
        for wire, one in getattr(import_module(module), table).items():
            room, _, rest = one.to.partition(".")
            if room == "shot":
                assert rest in Shot.__dataclass_fields__, (wire, one.to)
            else:
                known = room in ("", "job", "takes") or one.to.startswith(
                    ("picture", "film", "other")
                )
                assert known, (wire, one.to)


def test_how_a_field_is_told() -> None:
    assert docs.becomes(Field("shot.seconds")) == "Shot: `seconds`"
    assert docs.becomes(Field("picture: last frame")) == "picture: last frame"
    assert (
        docs.becomes(Field("", says="no | rule"))
        == "nothing here, and a notice says so: no \\| rule"
    )
    assert len(FIELDS) == 29
