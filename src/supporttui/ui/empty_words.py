"""What panes say in which nothing is."""

from typing import Final

from supporttui.domain.ticket import Status
from supporttui.sync.status import LinkState
from supporttui.ui.board_model import BoardModel

EMPTY: Final = {
    Status.NEW: "Nothing waits for a first answer.",
    Status.OPEN: "Nothing is being worked on.",
    Status.AWAITING_REPLY: "Nobody owes us an answer.",
    Status.ON_HOLD: "Nothing is on hold.",
}


def empty_sentences(model: BoardModel) -> dict[Status, str]:
    """What each pane would say, now."""
    if not model.status.loaded:
        return dict.fromkeys(
            Status, "Loading…" if model.status.link is not LinkState.OFFLINE else "Nothing fetched yet."
        )
    if model.board.only_assignee is not None:
        return dict.fromkeys(Status, "None of yours.")
    days = model.sources.policy.closed_days
    return {**EMPTY, Status.CLOSED: f"Nothing closed in {days} days."}
