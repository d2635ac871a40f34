"""What the ticket screen's parts say, as plain values: conversation, why, effect of sending, the way through a pane."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from support.app_driver import ALEX, DANA, HOUR, MONDAY, message, ticket
from support.board_samples import LocalCopy
from support.desks.in_memory_help_desk import AGENT
from support.policy_samples import NEW_YORK, new_york, packaged_calendar, packaged_policy, ticket_at
from support.sample_values import operation_with, ticket_key, ticket_keys
from supporttui.domain.clock_explanation import explain_clock
from supporttui.domain.effects import effect_of_sending
from supporttui.domain.patch import TicketPatch
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.sla import first_response_clock
from supporttui.domain.support_calendar import Calendars
from supporttui.domain.ticket import Conversation, HistoryEvent, Message, Status
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.ticket.conversation_layout import ConversationLayout
from supporttui.presentation.ticket.conversation_parts import ReadingContext, size_text
from supporttui.presentation.ticket.drafts import (
    ComposedMessage,
    message_draft,
    message_from_draft,
    message_operation,
    message_to_edit_again,
)
from supporttui.presentation.ticket.instants_text import instant_text, reader_instant_text
from supporttui.presentation.ticket.panel_facts import PanelSection, panel_lines
from supporttui.presentation.ticket.ticket_sections import counted_rows
from supporttui.presentation.ticket.ticket_trail import TicketTrail
from supporttui.store.operations import Draft, Operation, OperationKind, OperationState

POLICY, CALENDAR = packaged_policy(), packaged_calendar()


def said(
    messages: Sequence[Message],
    *,
    history: Sequence[HistoryEvent] = (),
    unsent: Sequence[Operation] = (),
    width: int = 80,
    unread_after: datetime | None = None,
    requester_id: int = DANA.id,
) -> list[str]:
    conversation = Conversation(
        ticket_id=ticket_key(1),
        messages=tuple(messages),
        history=tuple(history),
        last_audit_id=None,
        ticket_version="1",
    )
    setting = ReadingContext(
        people={AGENT.id: AGENT, DANA.id: DANA, ALEX.id: ALEX},
        requester_id=requester_id,
        me_id=AGENT.id,
        policy=POLICY,
        zone=NEW_YORK,
        today=MONDAY.astimezone(NEW_YORK).date(),
        unread_after=unread_after,
    )
    lines = ConversationLayout().lines(conversation, unsent, setting, width)
    return ["".join(text for text, _ in line.runs) for line in lines]


def change(field: str, before: str | None, after: str | None, at: datetime = MONDAY) -> HistoryEvent:
    old, new = (OutsideText(value) if value else None for value in (before, after))
    return HistoryEvent(at=at, author_id=AGENT.id, field=field, before=old, after=new)


def operation(**more: object) -> Operation:
    values = {"id": "a", "kind": OperationKind.UPDATE, "created_at": MONDAY, "ticket_id": 1, "body": "Hi", **more}
    return operation_with(**values)


@given(st.text(max_size=400), st.integers(4, 120))
def test_whatever_is_written_no_line_is_wider_than_its_room(body: str, width: int) -> None:
    lines = said([message(1, DANA.id, body, age=HOUR)], width=width)
    bodies = lines[3:]
    assert all(cell_len(line) <= max(width - 2, 8) for line in bodies)


def test_days_are_named_and_only_once() -> None:
    lines = said([message(n, DANA.id, "x", age=timedelta(days=days)) for n, days in enumerate((400, 3, 1, 1, 0))])
    days = [line for line in lines if " November" in line or " October" in line]
    assert days == [
        "Sunday 19 October 2025",
        "Friday 20 November",
        "Sunday 22 November · yesterday",
        "Monday 23 November · today",
    ]


def test_history_stands_between_the_messages_in_our_words() -> None:
    events = [change("status", "new", "open"), change("assignee", None, "1"), change("other", "a", "b")]
    lines = said([message(1, DANA.id, "x", age=HOUR)], history=events)
    assert lines[-3:] == ["· you · status: New → Open", "· you · assignee: Kim Lee", ""]


def test_a_third_person_and_an_unknown_one_are_named_as_well_as_can_be() -> None:
    lines = said([message(1, ALEX.id, "x", age=HOUR), message(2, 77, "y", age=HOUR)])
    assert "Alex [bold]Oyelaran[/bold] · also on this ticket" in lines
    assert "person 77 · also on this ticket" in lines


def test_a_requester_who_is_an_agent_never_replies_to_themselves() -> None:
    written = [message(1, AGENT.id, "It burns", age=HOUR), message(2, AGENT.id, "Still", age=HOUR)]
    of_another, own = said(written), said(written, requester_id=AGENT.id)
    assert "you · public reply" in of_another
    assert "you · public reply" not in own
    assert own.count("you") == 2


def test_a_description_that_one_of_us_entered_speaks_for_the_customer() -> None:
    lines = said([message(1, AGENT.id, "White page.", age=HOUR), message(2, AGENT.id, "On it.", age=HOUR)])
    assert [line for line in lines if " · " in line and "November" not in line] == [
        "Dana Reyes · customer · entered by you",
        "you · public reply",
    ]


def test_the_first_message_after_the_last_look_is_marked() -> None:
    lines = said([message(n, DANA.id, f"m{n}", age=n * HOUR) for n in (3, 2, 1)], unread_after=MONDAY - 2.5 * HOUR)
    assert lines.index("m3") < lines.index("new since you looked") < lines.index("m2")
    assert lines.count("new since you looked") == 1


def test_an_unsent_reply_says_how_it_stands_and_what_can_be_done() -> None:
    waiting = said([], unsent=[operation(state=OperationState.IN_FLIGHT, status=Status.OPEN)])
    assert waiting[:2] == ["your public reply, as Open · sending…", "Hi"]
    unknown = said([], unsent=[operation(state=OperationState.UNKNOWN, error=OutsideText("No answer came."))])
    assert unknown[:4] == [
        "your public reply · ✗ may or may not have arrived",
        "Hi",
        "No answer came.",
        "R retry   E edit   X discard",
    ]


def test_sizes_have_two_or_three_digits() -> None:
    assert [size_text(n) for n in (3, 999, 1000, 14_210, 999_499, 1_200_000, 52_000_000, 3 * 10**9)] == [
        "3 B",
        "999 B",
        "1.0 kB",
        "14 kB",
        "999 kB",
        "1.2 MB",
        "52 MB",
        "3.0 GB",
    ]


def why_of(created: str, now: str, severity: int = 2) -> list[str]:
    clock = first_response_clock(ticket_at(new_york(created), severity=severity), POLICY, CALENDAR)
    section = PanelSection("What counted", tuple(counted_rows(explain_clock(clock, new_york(now)), NEW_YORK)))
    return ["".join(text for text, _ in line).rstrip() for line in panel_lines([section], 42)]


def test_why_lists_holidays_nights_and_what_is_ahead() -> None:
    assert why_of("2026-11-25 16:00", "2026-11-27 10:00") == [
        "What counted",
        "Wed 25 Nov  16:00–17:00    1h 00m",
        "‖ Thanksgiving Day, Friday after",
        "Thanksgiving",
        "ahead",
        "‖ Friday after Thanksgiving, weekend",
        "Mon 30 Nov  08:00–16:00    8h 00m",
    ]
    assert "‖ night" in why_of("2026-11-23 16:00", "2026-11-24 10:00")


def test_why_sums_up_what_is_long_ago() -> None:
    lines = why_of("2026-09-01 08:00", "2026-11-23 14:00")
    assert lines[1].startswith("earlier days: ")
    assert len(lines) < 25


def effect(severity: int, created: str, now: str, *, is_public: bool = True, **more: object) -> str:
    subject = ticket_at(new_york(created), severity=severity, **more)
    patch = TicketPatch(body="An answer.", is_public=is_public)
    return effect_of_sending(subject, POLICY, Calendars(CALENDAR), patch, new_york(now)).sentence


def test_the_effect_of_sending_is_what_the_clock_will_read() -> None:
    assert effect(1, "2026-11-23 11:13", "2026-11-23 14:31") == "first response met, 42m to spare"
    assert effect(2, "2026-11-23 11:00", "2026-11-23 14:00") == "first response met, 6h 00m to spare"
    assert effect(1, "2026-11-23 08:00", "2026-11-23 13:20") == "first response 1h 20m late; the clock stops"
    assert effect(1, "2026-11-23 11:13", "2026-11-23 14:31", is_public=False).startswith("a note does not stop")
    given_before = effect(1, "2026-11-23 08:00", "2026-11-23 13:20", first_reply_at=new_york("2026-11-23 09:00"))
    assert given_before == "the first response was given before"


def test_instants_are_named_by_their_day_and_for_the_reader() -> None:
    now = new_york("2026-11-23 14:31")
    assert instant_text(new_york("2026-11-23 15:13"), NEW_YORK, now) == "today 15:13"
    assert instant_text(new_york("2026-11-24 08:00"), NEW_YORK, now) == "tomorrow 08:00"
    assert instant_text(new_york("2027-01-04 16:00"), NEW_YORK, now) == "Mon 4 Jan 2027 16:00"
    assert reader_instant_text(now, NEW_YORK, now, NEW_YORK) == ""


def three_tickets(folder: Path) -> tuple[LocalCopy, BoardModel]:
    desk = LocalCopy(folder / "desk", [ticket(n, "x", age=(4 - n) * HOUR) for n in (1, 2, 3)])
    model = BoardModel(desk.app_context(), desk.engine)
    model.load()
    return desk, model


def test_the_trail_keeps_the_order_of_the_pane_while_tickets_leave_it(tmp_path: Path) -> None:
    desk, model = three_tickets(tmp_path)
    trail = TicketTrail(model.board, ticket_key(1))
    desk.cache.apply([replace(ticket(1, "x", age=3 * HOUR), status=Status.OPEN, version="2")], ())
    model.reload()
    assert trail.neighbour(ticket_key(1), 1) == ticket_key(2)
    assert trail.neighbour(ticket_key(2), -1) is None
    assert trail.neighbour(ticket_key(3), 1) is None
    model.close()


def test_after_answering_the_last_one_the_worst_that_is_left_follows(tmp_path: Path) -> None:
    _, model = three_tickets(tmp_path)
    trail = TicketTrail(model.board, ticket_key(3))
    assert [trail.next_after_sending(each) for each in ticket_keys(3, 1, 2)] == [*ticket_keys(1, 2), None]
    model.close()


def test_a_draft_gives_back_what_was_written() -> None:
    written = ComposedMessage("text", is_public=False, status=Status.ON_HOLD, files=("/a b", "/c"))
    assert message_from_draft(message_draft(written, "id", ticket_key(1), MONDAY)) == written


def test_a_refused_note_never_turns_into_a_public_reply() -> None:
    draft = Draft(id="d", updated_at=MONDAY, ticket_id=ticket_key(1), is_public=True, body="public")
    again = message_to_edit_again(operation(is_public=False, body="secret"), draft)
    assert (again.is_public, again.body) == (False, "public\n\nsecret")


def test_a_reply_is_based_on_the_version_that_was_seen() -> None:
    subject = ticket(1, "x", age=HOUR, version="v2", customer_wrote_at=MONDAY)
    seen = Conversation(
        ticket_id=ticket_key(1),
        messages=(message(1, DANA.id, "x", age=HOUR),),
        history=(),
        last_audit_id=7,
        ticket_version="v1",
    )
    sent = message_operation(ComposedMessage("answer"), subject, seen, POLICY, MONDAY)
    assert (sent.based_on, sent.audit_mark, sent.patch.status) == ("v1", 7, Status.OPEN)
    current = replace(seen, messages=(*seen.messages, message(2, DANA.id, "y", age=timedelta())))
    assert message_operation(ComposedMessage("answer"), subject, current, POLICY, MONDAY).based_on == "v2"
