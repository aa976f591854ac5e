"""Who asks: what the rest of the server knows of whoever sent a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """`request.state.caller`. Every query names `project`; another project's object is a 404.

    `scopes` is empty for a key that may do everything. A signed link names one object and carries no
    project: there `link` is true, `project` is "", and `reads` is None.
    """

    project: str
    key_id: str | None = None
    scopes: tuple[str, ...] = ()
    requests_per_minute: int | None = None
    jobs_at_once: int | None = None
    link: bool = False

    @property
    def reads(self) -> str | None:
        """For `Ledger.get(id, caller.reads)` where signed links lead: None means any project's."""
        return None if self.link else self.project

    def may(self, scope: str) -> bool:
        """Whether a scope such as "videos:write" is granted; "videos" grants both its verbs."""
        if not self.scopes:
            return True
        room, _, _ = scope.partition(":")
        return scope in self.scopes or room in self.scopes


#: Whoever calls a loopback server for which no key was made.
OWNER = Caller("default")
LINKED = Caller("", link=True)
