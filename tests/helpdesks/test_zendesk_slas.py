"""The desk's own clocks, from an answer in the documented form: no desk with SLA policies can run here."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from support.policy_samples import full_policy, new_york, packaged_calendars, ticket_at
from supporttui.domain.clock_explanation import explain_clock
from supporttui.domain.metrics import Metric
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.sla import DESK_TARGET_SOURCE, ticket_clocks
from supporttui.domain.ticket import ConversationTurn, DeskClock, DeskStage, Person, Role, SeverityChange, Status
from supporttui.helpdesks.zendesk.answer_decoding import NOTHING_LOST, ReadItem
from supporttui.helpdesks.zendesk.conversation import parse_conversation, parse_messages
from supporttui.helpdesks.zendesk.sla_clocks import parse_desk_clocks
from supporttui.store.merging import merge_ticket
from supporttui.zendesk_api import responses

RECORDED: dict[str, Any] = json.loads(
    Path(__file__).parents[1].joinpath("data/zendesk_ticket_slas.json").read_text(encoding="utf-8")
)
HOUR = timedelta(hours=1)
CREATED = new_york("2026-06-08 10:00")


def recorded_clocks() -> tuple[DeskClock, ...]:
    return parse_desk_clocks(RECORDED["slas"], RECORDED["metric_events"])


def test_clocks_of_our_metrics_are_read_with_their_last_targets() -> None:
    first, following, resolution = recorded_clocks()

    assert first == DeskClock(
        metric=Metric.FIRST_RESPONSE,
        stage=DeskStage.ACTIVE,
        breach_at=datetime(2026, 6, 8, 18, tzinfo=UTC),
        target=4 * HOUR,
        policy=OutsideText("Premium"),
    )
    assert (following.metric, following.breach_at, following.target) == (Metric.NEXT_RESPONSE, None, None)
    assert (resolution.stage, resolution.target, resolution.in_support_hours) == (DeskStage.PAUSED, 48 * HOUR, False)


@pytest.mark.parametrize("sent", [None, [], {}, "x", {"policy_metrics": {}}, {"policy_metrics": [{"metric": 1}]}])
def test_account_without_slas_or_in_another_form_reports_none(sent: Any) -> None:
    assert parse_desk_clocks(sent, sent) == ()


def test_desks_target_wins_and_its_disagreement_is_marked() -> None:
    late = replace(recorded_clocks()[0], breach_at=new_york("2026-06-08 15:00"), target=3 * HOUR)

    clock = ticket_clocks(ticket_at(CREATED, desk_clocks=(late,)), full_policy(), packaged_calendars())[0]
    account = explain_clock(clock, new_york("2026-06-08 11:00"))

    assert (account.terms.source, account.target, account.disagreement) == (DESK_TARGET_SOURCE, 3 * HOUR, 2 * HOUR)


def comment(number: int, author_id: int, wall: str) -> responses.Comment:
    return responses.Comment(id=number, author_id=author_id, body="x", public=True, created_at=new_york(wall))


def test_conversation_tells_whose_turn_it_was_and_how_severity_changed() -> None:
    written = [(7, "10:00"), (9, "11:00"), (9, "11:05"), (7, "12:00"), (7, "12:30"), (9, "13:00")]
    comments = [comment(n, author, f"2026-06-08 {clock}") for n, (author, clock) in enumerate(written, 1)]
    rated = [("Create", None, "normal", "10:00"), ("Change", "normal", "urgent", "14:02")]
    audits = [
        responses.Audit(
            id=number,
            created_at=new_york(f"2026-06-08 {clock}"),
            events=[
                responses.AuditEvent(id=number, type=kind, field_name="priority", previous_value=before, value=after)
            ],
        )
        for number, (kind, before, after, clock) in enumerate(rated, 1)
    ]
    messages = parse_messages([ReadItem(each, NOTHING_LOST) for each in comments], ticket_at(CREATED))
    ticket, _ = parse_conversation(ticket_at(CREATED), messages, audits, agents())

    assert ticket.turns == (
        ConversationTurn(new_york("2026-06-08 11:00"), is_ours=True),
        ConversationTurn(new_york("2026-06-08 12:00"), is_ours=False),
        ConversationTurn(new_york("2026-06-08 13:00"), is_ours=True),
    )
    assert ticket.severity_history == (SeverityChange(CREATED, 3), SeverityChange(new_york("2026-06-08 14:02"), 1))


def agents() -> dict[int, Person]:

    return {9: Person(9, OutsideText("Kim"), OutsideText("kim@acme.example"), Role.AGENT)}


def test_list_that_tells_none_of_it_keeps_what_the_conversation_told() -> None:
    known = ticket_at(
        CREATED,
        severity=2,
        turns=(ConversationTurn(CREATED + HOUR, is_ours=True),),
        severity_history=(SeverityChange(CREATED, 2),),
        desk_clocks=recorded_clocks(),
    )
    listed = ticket_at(CREATED, severity=1, status=Status.OPEN, updated_at=CREATED + 4 * HOUR)

    merged = merge_ticket(known, listed)

    assert (merged.turns, merged.desk_clocks) == (known.turns, known.desk_clocks)
    moved_on = merge_ticket(known, replace(listed, version="2")).desk_clocks
    assert [(clock.metric, clock.stage, clock.target) for clock in moved_on] == [
        (Metric.FIRST_RESPONSE, None, 4 * HOUR),
        (Metric.RESOLUTION, None, 48 * HOUR),
    ]
    assert merged.severity_history == (SeverityChange(CREATED, 2), SeverityChange(CREATED + 4 * HOUR, 1))
