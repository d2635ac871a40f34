"""Which change `u` takes back, in words."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.board_samples import LocalCopy, sample_ticket
from supporttui.domain.patch import TicketPatch
from supporttui.domain.ticket import Status
from supporttui.presentation.undo import change_words, move_operation
from supporttui.ui.app import SupportApp


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (TicketPatch(status=Status.OPEN), "the move of #4 to Open"),
        (TicketPatch(assignee_id=1, status=Status.OPEN), "the assignment of #4"),
        (TicketPatch(severity=2), "the severity of #4"),
        (TicketPatch(body="x", is_public=True), "the reply on #4"),
        (TicketPatch(body="x", is_public=False), "the note on #4"),
    ],
)
def test_change_is_named_with_its_ticket(tmp_path: Path, patch: TicketPatch, words: str) -> None:
    ticket = sample_ticket(4, "Subject", ago=timedelta(hours=1))
    model = SupportApp(LocalCopy(tmp_path, [ticket]).app_context()).model

    assert change_words(replace(move_operation(ticket, Status.OPEN, ticket.created_at), patch=patch), model) == words
