"""What a pane is called, and what it says of itself at an instant."""

from datetime import datetime

import msgspec

from supporttui.domain.board import PaneRows
from supporttui.domain.clock_text import short_clock_text
from supporttui.domain.policy import ServicePolicy
from supporttui.domain.ticket import Status
from supporttui.ui.row_face import Tone, tone_of
from supporttui.ui.widgets.pane_frame import Title


class PaneWords(msgspec.Struct, frozen=True):
    """What a pane is called."""

    number: int
    name: str
    right: str = ""
    """What stands at the right of the title where no clock runs."""


def words_of(status: Status, policy: ServicePolicy) -> PaneWords:
    """What the pane of a status is called."""
    right = f"{policy.closed_days} days" if status is Status.CLOSED else ""
    return PaneWords([*Status].index(status) + 1, policy.statuses[status].title, right)


def title_of(words: PaneWords, rows: PaneRows, now: datetime, *, age: str) -> Title:
    """The title over these rows; the age of the data where that must be said on a pane that is folded up."""
    worst = rows.worst
    reading = worst.clock.read(now) if worst is not None else None
    return Title(
        number=words.number,
        name=words.name,
        count=str(len(rows)),
        age=age,
        worst=short_clock_text(reading) if reading is not None else words.right,
        tone=tone_of(reading) if reading is not None else Tone.QUIET,
    )
