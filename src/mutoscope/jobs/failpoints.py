"""Places where a test may kill the process, as a power cut would: nothing is closed, nothing is said.

`MUTOSCOPE_FAILPOINT=submit.accepted` kills it there the first time, `submit.accepted@2` the second;
`submit.accepted:stop` halts the process (SIGSTOP), until somebody sends it SIGCONT. Without the
variable nothing happens anywhere.

=================== ================================================================================
cast.found          the shot's characters are known, that is not written down
character.fetched   a character's clip lies in the store, its job does not name it yet
character.kept      its frames lie in the store, the character is not ready
claimed             jobs are leased, none has begun
inputs.fetched      the inputs lie in the store, the shot does not name them yet
prepare.planned     the words are read and the pictures planned, nothing is written down
introduce.sending   a character is about to be registered at the engine's account
introduce.registered it was registered, its id is not written down
introduce.kept      its id is written down with the character, the job does not know it yet
submit.intent       the intent is written down, nothing was sent
submit.sending      the lease is long enough, the order goes out next
submit.found        the engine was asked for an earlier order, the answer is not written down
submit.accepted     the engine took the order, its operation is not written down
poll.asked          the engine said what has become of it, that is not written down
collect.fetched     the footage lies in the work folder
footage.stored      the footage lies in the store, the job does not name it yet
render.started      a local render has begun
render.rendered     its footage lies in the work folder
finish.made         film and extras lie in the store, the job is not completed
webhook.sent        a webhook was sent, what came of it is not written down
committed           a stage's change is written down, nobody was told
swept               a job's files are gone, its row is not
=================== ================================================================================
"""

from __future__ import annotations

import os
import signal
from collections import Counter

VARIABLE = "MUTOSCOPE_FAILPOINT"

_reached: Counter[str] = Counter()


def reach(point: str) -> None:
    """Die here, where the environment says so."""
    named = os.environ.get(VARIABLE)
    if not named or not named.startswith(point):
        return
    name, _, how = named.partition(":")
    name, _, time = name.partition("@")
    if name != point:
        return
    _reached[point] += 1
    if _reached[point] == int(time or 1):
        os.kill(os.getpid(), signal.SIGSTOP if how == "stop" else signal.SIGKILL)
