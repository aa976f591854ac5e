"""A job's id ↔ a task's, which is a UUID.

A job's id has 64 bits of time and 128 of chance, a UUID 122 bits that are free: it takes the 51 bits of
the time that are ever set before the year 2041 and the first 71 of chance. That is enough to find the one
job whose id begins so; two would have to be born in the same microsecond and agree in all of these.
An id that does not fit stands for itself. The version is 4, as there: programs may check that.
"""

from __future__ import annotations

import re
import uuid

TIME, CHANCE = 51, 71  # bits
_JOB = re.compile(r"video_([0-9a-f]{16})([0-9a-f]{32})")
_MASK = (1 << 62) - 1
#: Whole hexadecimal digits of the chance that a UUID holds.
DIGITS = CHANCE // 4


def task_id(job: str) -> str:
    """The UUID of a job's id."""
    found = _JOB.fullmatch(job)
    if found is None or (time := int(found[1], 16)) >> TIME:
        return job
    bits = time << CHANCE | int(found[2], 16) >> (128 - CHANCE)
    first, middle, last = bits >> 74, bits >> 62 & 0xFFF, bits & _MASK
    return str(uuid.UUID(int=first << 80 | 4 << 76 | middle << 64 | 2 << 62 | last))


def beginning(task: str) -> str | None:
    """How the id of a task's job begins; None for what is no task's UUID."""
    try:
        number = uuid.UUID(task).int
    except ValueError:
        return None
    if number >> 76 & 0xF != 4 or number >> 62 & 0b11 != 2 or len(task) != 36:
        return None
    bits = (number >> 80) << 74 | (number >> 64 & 0xFFF) << 62 | number & _MASK
    time, chance = bits >> CHANCE, bits & (1 << CHANCE) - 1
    return f"video_{time:016x}{chance >> CHANCE % 4:0{DIGITS}x}"
