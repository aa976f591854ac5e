"""The words of a command line that say who agreed to a character."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mutoscope.errors import BadInput

if TYPE_CHECKING:
    from mutoscope.characters.consent import Consent


@dataclass(frozen=True)
class ConsentWords:
    """`--person` and what belongs to it."""

    person: Annotated[str | None, Parameter(help="The real person who is shown.")] = None
    given_by: Annotated[
        str | None, Parameter(help="Who gave the consent; the person where left out.")
    ] = None
    agreed: Annotated[str | None, Parameter(help="When, as a day; today where left out.")] = None
    uses: Annotated[
        str | None,
        Parameter(help="For what: local, elsewhere, export, any (comma between)."),
    ] = None
    until: Annotated[str | None, Parameter(help="The last day it holds for.")] = None
    note: Annotated[str | None, Parameter(help="Terms that are kept beside it.")] = None

    def record(self) -> Consent | None:
        """The consent record; None where no person is named. Raises BadInput."""
        from mutoscope.characters.consent import USES, read

        if self.person is None:
            given = [
                one for one in (self.given_by, self.agreed, self.uses, self.until, self.note) if one
            ]
            if given:
                raise BadInput("a consent needs --person: the real person who is shown")
            return None
        if not self.uses:
            raise BadInput(f"--person needs --uses: what was agreed to, of {', '.join(USES)}")
        return read(
            {
                "person": self.person,
                "given_by": self.given_by or self.person,
                "at": self.agreed or time.strftime("%Y-%m-%d"),
                "uses": self.uses,
                "until": self.until or "",
                "note": self.note or "",
            }
        )
