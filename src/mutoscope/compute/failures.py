"""What went wrong in a worker process, as an error that the pool's caller can read."""

from __future__ import annotations

import errno
import pickle
import signal
from collections.abc import Iterator

from mutoscope.errors import EngineFailed, MutoscopeError

#: How libraries say that memory could not be had, where they do not raise MemoryError.
_NO_MEMORY = ("insufficient memory", "out of memory", "cannot allocate", "failed to allocate",
              "bad_alloc", "unable to allocate", "malloc failed")  # fmt: skip


def crossing(error: BaseException, limit: int, name: str) -> BaseException:
    """The error as it crosses to the pool: Mutoscope's own and OSError as they are, anything else an
    EngineFailed. `limit` is the memory the process may have, in bytes, 0 for no limit."""
    if any(_is_memory(one) for one in _chain(error)):
        return out_of_memory(limit, name)
    if isinstance(error, MutoscopeError):
        return error if _survives(error) else EngineFailed(error.message, code=error.code)
    if isinstance(error, OSError):
        return OSError(error.errno, error.strerror or str(error), error.filename)
    return EngineFailed(f"the {name} failed: {type(error).__name__}: {error}")


def goes_on(error: BaseException, crossed: BaseException) -> bool:
    """Whether the process may take more work after this. Memory that ran out leaves a process that a
    fresh one is better than, except where the work says so itself, and has given it back; `device_failed`
    is said of a GPU that does nothing more for this process."""
    code = getattr(crossed, "code", "")
    return code != "device_failed" and (code != "out_of_memory" or crossed is error)


def out_of_memory(limit: int, name: str) -> EngineFailed:
    allowed = f", the limit is {limit / 2**30:.3g} GiB (compute.{name}_memory)" if limit else ""
    return EngineFailed(
        f"the {name} ran out of memory{allowed}; ask for a smaller size",
        code="out_of_memory", hint="a smaller or shorter film needs less memory",
    )  # fmt: skip


def out_of_time(seconds: float, name: str, setting: str = "") -> EngineFailed:
    """`setting` is where the limit stands, compute.<name>_seconds where nothing is given."""
    setting = setting or f"compute.{name}_seconds"
    return EngineFailed(
        f"the {name} took longer than {seconds:g} seconds, the limit ({setting}); "
        "ask for a smaller or shorter film",
        code="out_of_time", hint="a smaller or shorter film takes less time",
    )  # fmt: skip


def died(status: int, limit: int, peak: int, name: str) -> EngineFailed:
    """`status` as of a child process: below 0 a signal. `peak` is the most memory it had, in bytes."""
    if limit and peak > 0.8 * limit:
        return out_of_memory(limit, name)
    if status == -signal.SIGKILL:
        return EngineFailed(
            f"the process of the {name} was killed from outside, most likely by the system because "
            "memory ran out; ask for a smaller size, or give the machine more memory",
            code="worker_died",
        )
    how = f"by {_signal(-status)}" if status < 0 else f"with exit status {status}"
    return EngineFailed(
        f"the process of the {name} ended {how}, in the middle of the work", code="worker_died"
    )


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time ones have no names
        return f"signal {number}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, also where that was left out of its message."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, MutoscopeError):
        return False
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    text = str(error).lower()
    return any(words in text for words in _NO_MEMORY)


def _survives(error: BaseException) -> bool:
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)
    except Exception:
        return False
