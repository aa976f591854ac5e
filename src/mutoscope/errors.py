"""Every error that Mutoscope raises on purpose.

::

    MutoscopeError            something that was asked for did not happen, and why
    ├── BadInput              what the caller gave cannot be used (exit 2, HTTP 400)
    │   ├── BadShot           a field of a shot, direction or setting is out of what is allowed
    │   ├── BadImage          an image file cannot be read, or may not be
    │   └── ContractRefused   the vendor's contract does not take this shot
    ├── Missing               weights, a model or an engine that this needs is not here (exit 3, HTTP 503)
    ├── WeightsCorrupt        a weights file is not the one its manifest names (exit 3)
    ├── CannotWrite           the result cannot be written where it was asked for (exit 4)
    ├── EngineFailed          an engine took the shot and could not finish it (exit 1, HTTP 500)
    │   ├── NotAccepted       it is certain that the engine did not take the shot: another may have it
    │   └── Unconfirmed       whether the engine took the shot cannot be known: it is not sent again
    └── Cancelled             the caller stopped it (exit 130)

The message is one sentence for the person who caused it: what, where, what is allowed, how to mend it.
"""

from __future__ import annotations

from typing import ClassVar


class MutoscopeError(Exception):
    """Something that was asked for did not happen; the message says what and why."""

    exit_code: ClassVar[int] = 1
    status: ClassVar[int] = 500
    code: str = "failed"

    def __init__(
        self, message: str, *, field: str | None = None, code: str | None = None, hint: str = ""
    ):
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint
        if code is not None:
            self.code = code


class BadInput(MutoscopeError):
    """What the caller gave cannot be used."""

    exit_code = 2
    status = 400
    code = "invalid_value"


class BadShot(BadInput):
    """A field of a shot, a direction or a setting is out of what is allowed."""

    @classmethod
    def of(cls, field: str, value: object, allowed: str, hint: str = "") -> BadShot:
        """`field` had `value`; `allowed` finishes the sentence «it must be …»."""
        shown = repr(value)
        if len(shown) > 80:
            shown = shown[:77] + "..."
        mend = f"; {hint}" if hint else ""
        return cls(f"{field} is {shown}; it must be {allowed}{mend}", field=field, hint=hint)


class BadImage(BadInput):
    """An image file cannot be read, or may not be."""

    code = "invalid_image"


class ContractRefused(BadInput):
    """The vendor's contract does not take this shot; the message is the vendor's own where known."""


class Missing(MutoscopeError):
    """Weights, a model or an engine that this needs is not here."""

    exit_code = 3
    status = 503
    code = "unavailable"


class WeightsCorrupt(MutoscopeError):
    """A weights file is not the one that its manifest names."""

    exit_code = 3
    code = "weights_corrupt"


class CannotWrite(MutoscopeError):
    """The result cannot be written where it was asked for."""

    exit_code = 4
    code = "cannot_write"


class EngineFailed(MutoscopeError):
    """An engine took the shot and could not finish it."""

    code = "engine_failed"


class NotAccepted(EngineFailed):
    """It is certain that the engine did not take the shot. `retry_after` in seconds, where it said so;
    `final` where asking it again would be refused again."""

    code = "engine_refused"
    retry_after: float | None = None
    final: bool = False


class Unconfirmed(EngineFailed):
    """Whether the engine took the shot cannot be known; it is never sent again by itself."""

    code = "unconfirmed"


class Cancelled(MutoscopeError):
    """The caller stopped it."""

    exit_code = 130
    code = "cancelled"
