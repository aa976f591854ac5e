"""The hub, through its own client: what a repository has, and one file of it, resumed where it was cut off.

The environment speaks as it always does to that client: `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`, and
the system's proxies. The client itself throws away what came of a file when it is ended; so the transfer
is its requests, and the file is ours.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mutoscope.errors import Cancelled, Missing
from mutoscope.models.listing import Listing
from mutoscope.models.record import File

INSTALL = 'pip install "mutoscope[gpu]"'
MOST = 50 * 10**9  # bytes of a file that the hub gives over HTTP, as its client 2.4 has it
TIMEOUT = 20.0  # seconds without a byte
TRIES = 5  # in a row that brought nothing
WAIT = 1.0  # seconds between two of them
BUSY = 4  # times that a hub which is overloaded is asked again


class Unreachable(Missing):
    """The hub cannot be asked at all: a copy that is here already may do."""


class Gone(Missing):
    """The commit is no longer there: a repository's history can be rewritten."""


def offline() -> bool:
    """Whether the environment says to stay away from the network."""
    said = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return said.upper() in ("1", "ON", "YES", "TRUE")


def listing(repository: str, revision: str) -> Listing:
    """What a revision means now. Raises Missing, Unreachable."""
    with _told(repository, revision):
        found = (
            _client()
            .HfApi(endpoint=_endpoint())
            .model_info(repository, revision=revision, files_metadata=True, timeout=TIMEOUT)
        )
    files = {
        one.rfilename: File(size=one.lfs.size, sha256=one.lfs.sha256)
        if one.lfs
        else File(size=one.size or 0, git=one.blob_id or "")
        for one in found.siblings or ()
    }
    return Listing(commit=found.sha, files=files)


def read(repository: str, commit: str, name: str) -> bytes:
    """A small file's content. Raises Missing, Unreachable."""
    from huggingface_hub.utils import http_backoff

    with _told(repository, commit):
        answer = http_backoff(
            "GET", _address(repository, commit, name), headers=_headers(), timeout=TIMEOUT,
            max_retries=BUSY,
        )  # fmt: skip
        _utils().hf_raise_for_status(answer)
        return bytes(answer.content)


def download(
    repository: str,
    commit: str,
    name: str,
    part: Path,
    size: int,
    moved: Callable[[int], None],
    stop: threading.Event,
) -> None:
    """Bring `part` to the `size` bytes of the file, from the length that it has now. `moved` hears of
    bytes that came, and of those that have to come again as a negative number. Raises Missing, Unreachable
    — what came so far stays — and Cancelled once `stop` is set."""
    tries = TRIES
    while (had := _length(part)) != size:
        trouble: Exception | None = None
        with _told(repository, commit):
            try:
                _transfer(_address(repository, commit, name), part, size, moved, stop)
            except _client().errors.HfHubHTTPError:
                raise  # an answer, and no: asking again brings the same
            except _client().errors.HTTPError as error:
                trouble = error
            if _length(part) > had:
                tries = TRIES
                continue
            tries -= 1
            if tries == 0:
                raise trouble or Missing(f"{repository} breaks off in {name} again and again")
        if stop.wait(WAIT):
            raise Cancelled("stopped")


def _transfer(
    url: str, part: Path, size: int, moved: Callable[[int], None], stop: threading.Event
) -> None:
    from huggingface_hub.utils import http_stream_backoff

    had = _length(part)
    if had > size:
        part.unlink()
        moved(-had)
        had = 0
    headers = _headers() | ({"Range": f"bytes={had}-"} if had else {})
    with http_stream_backoff(
        "GET", url, headers=headers, timeout=TIMEOUT, max_retries=BUSY, retry_on_exceptions=()
    ) as answer:
        _utils().hf_raise_for_status(answer)
        span = str(answer.headers.get("Content-Range", ""))
        goes_on = answer.status_code == 206 and span.startswith(f"bytes {had}-")
        if had and not goes_on:
            moved(-had)
        done = had if goes_on else 0
        with part.open("ab" if goes_on else "wb", buffering=0) as file:
            for chunk in answer.iter_bytes():  # as it comes: a break loses none of it
                if stop.is_set():
                    raise Cancelled("stopped")
                if done + len(chunk) > size:
                    raise Missing(f"{url} sends more than the {size:,} bytes that the hub lists")
                file.write(chunk)
                done += len(chunk)
                moved(len(chunk))


@contextmanager
def _told(repository: str, revision: str) -> Iterator[None]:
    """The client's errors as sentences."""
    errors = _client().errors
    page = f"{_endpoint() or _client().constants.ENDPOINT}/{repository}"
    try:
        yield
    except errors.OfflineModeIsEnabled:
        raise Unreachable("HF_HUB_OFFLINE is set") from None
    except errors.GatedRepoError:
        raise Missing(
            f"{repository} is gated: accept its terms on {page} with your account there, and set HF_TOKEN "
            "to a token of that account"
        ) from None
    except errors.RevisionNotFoundError:
        raise Gone(f"{repository} has no revision {revision!r}") from None
    except errors.RepositoryNotFoundError:
        raise Missing(
            f"the hub has no repository {repository}, or not for you: where it is private, set HF_TOKEN to "
            "a token of an account that may read it"
        ) from None
    except errors.EntryNotFoundError as error:
        gone = str(error.response.url).partition("/resolve/")[2].partition("/")[2]
        raise Missing(f"{repository} lists {gone} and does not have it") from None
    except errors.HfHubHTTPError as error:
        raise Missing(_answer(error.response.status_code, repository)) from None
    except errors.HTTPError as error:
        raise Unreachable(f"no answer from {page} ({error or type(error).__name__})") from None


def _answer(status: int, repository: str) -> str:
    meaning = {
        401: "it does not know the token in HF_TOKEN",
        403: f"it refuses access; see the page of {repository} there, and set HF_TOKEN",
        429: "it asks to slow down; try again later, or set HF_TOKEN",
    }
    return f"the hub answers HTTP {status}: {meaning.get(status, 'try again later')}"


def _client() -> Any:
    """Raises Unreachable where it is not installed: what is in a cache can be had without it."""
    if offline():
        raise Unreachable("HF_HUB_OFFLINE is set")
    if find_spec("huggingface_hub") is None:
        raise Unreachable(f"the hub's client is not installed here ({INSTALL})")
    import logging

    import huggingface_hub
    import huggingface_hub.constants
    import huggingface_hub.errors

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what goes wrong is told by us
    return huggingface_hub


def _utils() -> Any:
    import huggingface_hub.utils

    return huggingface_hub.utils


def _endpoint() -> str | None:
    said = (os.environ.get("HF_ENDPOINT") or "").rstrip("/")
    if said and urlsplit(said).scheme not in ("http", "https"):
        raise Missing(f"HF_ENDPOINT is {said!r}; it must be an http or https address")
    return said or None


def _address(repository: str, commit: str, name: str) -> str:
    return str(_client().hf_hub_url(repository, name, revision=commit, endpoint=_endpoint()))


def _headers() -> dict[str, str]:
    made: dict[str, str] = _utils().build_hf_headers(
        library_name="mutoscope", library_version=version("mutoscope")
    )
    return made | {"Accept-Encoding": "identity"}  # packed, its length would not be the file's


def _length(part: Path) -> int:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0
