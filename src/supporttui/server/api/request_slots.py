"""Limits on concurrent requests and event streams: for one person, and for all people of a kind."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from supporttui.server.api_errors import ApiError, ServiceUnavailable, TooManyAtOnce, TooManyStreams
from supporttui.server.people import Actor

STREAMS_MAX: Final = 50
"""Event streams that one person may have open: their windows, and as many again that ended unnoticed."""

AGENTS_MAX: Final = 100
"""Agents who use one server process at the same time."""

WINDOWS_PER_AGENT: Final = 4
"""Event streams of each agent, one per window: a board, a wall, and two that ended unnoticed."""


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """The slots that one person may hold, and all people of their kind together. The kinds share nothing."""

    per_end_user: int
    all_end_users: int
    per_agent: int
    all_agents: int

    def of(self, actor: Actor) -> tuple[int, int]:
        """Return the limit of this person, and that of all people of their kind."""
        return (self.per_agent, self.all_agents) if actor.is_agent else (self.per_end_user, self.all_end_users)

    @property
    def total(self) -> int:
        """The number of slots for everybody together."""
        return self.all_agents + self.all_end_users


REQUEST_LIMITS: Final = SlotLimits(
    per_end_user=32, all_end_users=100, per_agent=100, all_agents=AGENTS_MAX + AGENTS_MAX // 2
)
"""One request for each agent and half as many again, since an agent may have several."""

STREAM_LIMITS: Final = SlotLimits(
    per_end_user=STREAMS_MAX, all_end_users=100, per_agent=STREAMS_MAX, all_agents=AGENTS_MAX * WINDOWS_PER_AGENT
)

CONNECTIONS_MAX: Final = REQUEST_LIMITS.total + STREAM_LIMITS.total + 50
"""Connections for all slots, and some more for those that are being accepted or refused."""


class SlotCounter:
    """Counts open slots. Used on the event loop only, so that no other request runs between check and count."""

    def __init__(self, limits: SlotLimits, refusal: Callable[[int], ApiError]) -> None:
        self._limits = limits
        self._refusal = refusal
        """The error for a person who has reached their own limit."""
        self._by_person: Counter[int] = Counter()
        self._by_kind: Counter[bool] = Counter()

    @contextmanager
    def held(self, actor: Actor) -> Iterator[None]:
        """Hold a slot. Raises ApiError if the person or all people of their kind have reached the limit."""
        per_person, of_all = self._limits.of(actor)
        if self._by_person[actor.id] >= per_person:
            raise self._refusal(per_person)
        if self._by_kind[actor.is_agent] >= of_all:
            raise ServiceUnavailable("The desk has as many requests under way as it takes; try again in a moment.")
        self._by_person[actor.id] += 1
        self._by_kind[actor.is_agent] += 1
        try:
            yield
        finally:
            self._by_kind[actor.is_agent] -= 1
            self._by_person[actor.id] -= 1
            if not self._by_person[actor.id]:
                del self._by_person[actor.id]


def request_slots() -> SlotCounter:
    """Return the counter of requests that are being received or answered."""
    return SlotCounter(REQUEST_LIMITS, TooManyAtOnce)


def stream_slots() -> SlotCounter:
    """Return the counter of event streams."""
    return SlotCounter(STREAM_LIMITS, TooManyStreams)
