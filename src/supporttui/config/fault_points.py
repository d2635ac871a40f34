"""Named points on the way from a key press to the desk's confirmation, at which a test can have the process end.

Nothing happens at a point unless the environment names it when the process starts:

- SUPPORTTUI_STOP_AT: a name of `FAULT_POINTS`; `name#3` is the third time that it is reached.
- SUPPORTTUI_STOP_BY: the signal that the process then sends itself, KILL (as it is by default) or STOP.
- SUPPORTTUI_POINTS_TO: a file to which every name is appended when it is reached.
"""

import os
import signal
from collections.abc import Mapping
from typing import Final

FAULT_POINTS: Final = (
    # the interface
    "ui key pressed",
    "ui decided",
    "ui handed over",
    "ui confirmed",
    # what is typed
    "draft typed",
    "draft writing",
    "draft written",
    # from the interface's thread to the outbox
    "engine told",
    "engine obeys",
    "outbox begun",
    "outbox row inserted",
    "outbox committing",
    "outbox committed",
    "undo window over",
    "undo window ended",
    # the sender
    "sender woken",
    "sender chose",
    "upload starting",
    "upload answered",
    "upload kept",
    "delivery starting",
    "delivery in flight",
    "request made",
    "connection opening",
    "connection open",
    "request first byte",
    "request headers sent",
    "request body starting",
    "request sent",
    "answer starting",
    "answer headers read",
    "answer read",
    "answer parsed",
    "sent writing",
    "sent written",
    "rebase written",
    # back to the interface
    "answer in cache",
    "conversation fetched",
    "conversation in cache",
    "news announced",
    # an ambiguous end
    "orphan adopted",
    "lookup starting",
    "lookup answered",
    "repeat queued",
    # leaving
    "leaving told",
    "leaving finished",
)
"""Every point, in the order in which a reply with a file passes them."""

_STOP_AT: Final = "SUPPORTTUI_STOP_AT"
_STOP_BY: Final = "SUPPORTTUI_STOP_BY"
_POINTS_TO: Final = "SUPPORTTUI_POINTS_TO"


class _FaultInjection:
    """What a test has asked for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        name, _, number = environ.get(_STOP_AT, "").partition("#")
        self._name = name
        self._times_left = int(number or 1)
        self._signal = signal.SIGSTOP if environ.get(_STOP_BY) == "STOP" else signal.SIGKILL
        self._record = environ.get(_POINTS_TO, "")
        self.is_on = bool(name or self._record)

    def reached(self, name: str) -> None:
        if self._record:
            descriptor = os.open(self._record, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            os.write(descriptor, f"{name}\n".encode())
            os.close(descriptor)
        if name == self._name:
            self._times_left -= 1
            if self._times_left == 0:
                os.kill(os.getpid(), self._signal)


_INJECTION: Final = _FaultInjection(os.environ)


def fault_point(name: str) -> None:
    """Report that the process has reached this point; a test may have it end there."""
    if _INJECTION.is_on:
        _INJECTION.reached(name)
