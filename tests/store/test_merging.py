"""What a list's report does to what a conversation told."""

from msgspec.structs import replace

from support.sample_values import START, at, make_ticket
from supporttui.domain.ticket import Status, StatusChange
from supporttui.store.merging import merge_ticket

REFINED = make_ticket(
    updated=10,
    status=Status.OPEN,
    first_reply_at=at(9.5),
    replied_at=at(10),
    status_history=(StatusChange(START, Status.NEW), StatusChange(at(9.5), Status.OPEN)),
    status_changed_at=at(9.5),
)


def test_a_list_takes_nothing_from_a_refined_ticket_of_the_same_version() -> None:
    listed = make_ticket(updated=10, status=Status.OPEN, first_reply_at=at(9), status_changed_at=at(9.5))
    assert merge_ticket(REFINED, listed) == replace(REFINED, customer_wrote_at=None)


def test_a_newer_status_is_added_to_the_known_history() -> None:
    listed = make_ticket(updated=20, status=Status.ON_HOLD, first_reply_at=at(9), status_changed_at=at(19))
    merged = merge_ticket(REFINED, listed)
    assert merged.status_history == (*REFINED.status_history, StatusChange(at(19), Status.ON_HOLD))
    assert merged.status_changed_at == at(19)
    assert merged.first_reply_at == at(9.5)
    assert merged.replied_at == at(10)


def test_an_older_report_changes_nothing() -> None:
    assert merge_ticket(REFINED, make_ticket(updated=9)) is REFINED


def test_a_fetched_conversation_wins_over_what_was_known() -> None:
    fetched = replace(REFINED, first_reply_at=at(8), status_history=(StatusChange(START, Status.OPEN),))
    assert merge_ticket(REFINED, fetched).first_reply_at == at(8)
    assert merge_ticket(REFINED, fetched).status_history == (StatusChange(START, Status.OPEN),)


def test_without_any_figures_a_new_status_began_with_the_update() -> None:
    known = make_ticket(updated=1, status_changed_at=START)
    assert merge_ticket(known, make_ticket(updated=5, status=Status.OPEN)).status_changed_at == at(5)
    assert merge_ticket(known, make_ticket(updated=5)).status_changed_at == START
