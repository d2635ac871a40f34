"""Detects what leaves a connection dead without an error: the host slept, its clock was set, or its network changed."""

import socket
from collections.abc import Callable
from typing import Final

from supporttui.sync.timings import Now

CLOCK_JUMP_S: Final = 5.0
"""More than this between what the two clocks of the machine have counted, or between two looks, is no jitter."""

NETWORK_CHECK_S: Final = 2.0

# Addresses for documentation (RFC 5737, RFC 3849): nothing is sent to them, only the way there is looked up.
_PROBE_ADDRESSES: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def local_addresses() -> tuple[str, ...]:
    """The addresses from which this machine would reach the world; empty without a network."""
    found = []
    for family, far in _PROBE_ADDRESSES:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return tuple(found)


class HostMonitor:
    """Looked at a few times a second; says when whatever is connected should be connected anew."""

    def __init__(
        self, now: Now, loop_s: Callable[[], float], addresses: Callable[[], tuple[str, ...]] = local_addresses
    ) -> None:
        self._now = now
        self._loop_s = loop_s
        self._addresses = addresses
        self._awake_s, self._wall_s = loop_s(), now().timestamp()
        self._looked_s = self._awake_s
        self._known = addresses()

    def has_changed(self, due_s: float) -> bool:
        """Whether the machine slept, its clock was set, the process stood still or the network is another one.

        `due_s` is how long ago the last look should have been.
        """
        awake_s, wall_s = self._loop_s(), self._now().timestamp()
        awake_for_s, wall_for_s = awake_s - self._awake_s, wall_s - self._wall_s
        self._awake_s, self._wall_s = awake_s, wall_s
        has_jumped = abs(wall_for_s - awake_for_s) > CLOCK_JUMP_S or awake_for_s - due_s > CLOCK_JUMP_S
        return self._has_other_network(awake_s) or has_jumped

    def _has_other_network(self, awake_s: float) -> bool:
        """Whether this machine is now reached under other addresses. Losing them all is noticed by the link itself."""
        if awake_s - self._looked_s < NETWORK_CHECK_S:
            return False
        self._looked_s = awake_s
        before, now_known = self._known, self._addresses()
        if now_known:
            self._known = now_known
        return bool(now_known) and now_known != before
