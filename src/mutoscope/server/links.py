"""Links that open one thing to whoever has them, until they expire: signed, not stored."""

from __future__ import annotations

import hmac
import math
import time
import urllib.parse
from functools import lru_cache

STEADY = 300  # seconds: expiry times are multiples, so that a link stays the same from poll to poll
KEPT = 4096  # signatures in memory
SHORT = 3600.0  # seconds: a link that lives no longer than this expires to the second


class Links:
    """`secret` signs; `public_url` is how clients reach this server, without a slash at its end.

    What is signed is the path, its variant and the time it expires: nothing else in the URL counts.
    """

    def __init__(self, secret: bytes, public_url: str) -> None:
        self._secret = secret
        # a link keeps its text from poll to poll: most are asked for again and again
        self._signature = lru_cache(maxsize=KEPT)(self._signed)
        self.public_url = public_url.rstrip("/")

    def sign(self, path: str, *, seconds: float, method: str = "GET") -> str:
        """The whole URL of `path` ("/v1/videos/…/content", with "?variant=…" or without), good for at
        least `seconds`: for reading it, or for a POST or PUT to it."""
        expires = self.end(seconds)
        place, _, query = path.partition("?")
        variant = dict(urllib.parse.parse_qsl(query)).get("variant", "") if query else ""
        chosen = f"variant={urllib.parse.quote(variant)}&" if variant else ""
        signature = self._signature(_verb(method), place, variant, expires)
        return f"{self.public_url}{place}?{chosen}expires={expires}&signature={signature}"

    @staticmethod
    def end(seconds: float) -> int:
        """When a link that is signed now expires, in seconds since 1970: as long as that stays the same,
        so does the link."""
        end = time.time() + seconds
        return math.ceil(end) if seconds <= SHORT else math.ceil(end / STEADY) * STEADY

    def opens(self, method: str, path: str, query: str) -> bool:
        """Whether this is what an unexpired link allows: reading exactly what it names, or the POST or
        PUT that it was signed for."""
        if "signature=" not in query:
            return False
        asked = urllib.parse.parse_qs(query, keep_blank_values=True)
        if any(len(values) > 1 for values in asked.values()):
            return False
        one = {name: values[0] for name, values in asked.items()}
        digits = one.get("expires", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
            return False
        expected = self._signature(_verb(method), path, one.get("variant", ""), int(digits))
        given = one.get("signature", "").encode()
        return hmac.compare_digest(expected.encode(), given) and int(digits) >= time.time()

    def _signed(self, verb: str, path: str, variant: str, expires: int) -> str:
        said = f"{verb}{path}\n{variant}\n{expires}".encode()
        return hmac.digest(self._secret, said, "sha256").hex()[:40]


def _verb(method: str) -> str:
    """What stands before the path in what is signed: nothing for reading, so that links keep their text
    from one release to the next."""
    return "" if method in ("GET", "HEAD") else f"{method} "
