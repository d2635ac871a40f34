"""Finished clocks are put on record where tickets come in, in a file that outlives the cache."""

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from support.board_samples import sample_ticket
from support.clock.waiting import wait_until
from support.desks.embedded_desk import EmbeddedDesk
from support.engines import WindowGroup
from support.policy_samples import packaged_policy, packaged_rules
from support.sample_values import make_reply, ticket_key
from supporttui.domain.sla import ClockState, SlaRules, ticket_clocks
from supporttui.domain.sla_record import SlaRecord, policy_key
from supporttui.domain.ticket import Status
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache import Cache
from supporttui.store.sla_record_file import SlaRecordFile
from supporttui.sync.sla_recorder import record_answer

MICROSECOND = timedelta(microseconds=1)


def stricter() -> SlaRules:
    """Rules by which every answer was late."""
    severities = packaged_policy().severities.items()
    rows = {n: replace(row, first_response=MICROSECOND, target_text="at once") for n, row in severities}
    return packaged_rules()._replace(policy=replace(packaged_policy(), severities=rows))


def recorded(windows: WindowGroup, ticket_id: TicketId) -> tuple[SlaRecord, ...]:
    with contextlib.closing(SlaRecordFile(windows.files.sla_records, windows.files.desk)) as records:
        return records.load([ticket_id]).get(ticket_id, ())


def delete_cache(windows: WindowGroup) -> None:
    for path in Path(windows.files.cache).parent.glob("cache.db*"):
        path.unlink()


def answered_ticket(desk: EmbeddedDesk, windows: WindowGroup, **options: Any) -> TicketId:
    """A ticket that an engine has answered and put on record; the engine has ended."""
    ticket_id = desk.create()
    engine = windows.live(desk.open_desk, **options)
    engine.submit(make_reply(ticket_id, "Try again, please."))
    wait_until(lambda: recorded(windows, ticket_id))
    engine.stop()
    return ticket_id


def test_a_later_policy_does_not_rewrite_a_finished_clock_after_the_cache_was_deleted(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    ticket_id = answered_ticket(desk, windows)
    before = recorded(windows, ticket_key(ticket_id))
    delete_cache(windows)

    engine = windows.live(desk.open_desk, rules=stricter())
    wait_until(lambda: windows.ticket(ticket_key(ticket_id)) is not None)
    engine.stop()

    ticket, after = windows.ticket(ticket_key(ticket_id)), recorded(windows, ticket_key(ticket_id))
    assert ticket is not None
    assert after == before
    assert before[0].policy_key == policy_key(packaged_policy())
    clock = ticket_clocks(ticket, *stricter(), after)[0]
    assert clock.terms.judged is not None
    assert clock.terms.target == packaged_policy().counted_severity(ticket.severity).first_response


def test_an_engine_that_only_reads_records_too(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    ticket_id = desk.create()
    desk.update(ticket_id, status="solved")
    windows.live(desk.open_desk, read_only=True)
    wait_until(lambda: recorded(windows, ticket_id))


def test_windows_that_record_at_once_leave_one_record(desk: EmbeddedDesk, windows: WindowGroup) -> None:
    tickets = [desk.create() for _number in range(20)]
    for ticket_id in tickets:
        desk.update(ticket_id, status="solved")
    for rules in (packaged_rules(), stricter(), packaged_rules()):
        windows.live(desk.open_desk, rules=rules)
    wait_until(lambda: all(recorded(windows, each) for each in tickets))
    windows.close()
    assert {len(recorded(windows, each)) for each in tickets} == {1}


def test_what_a_window_that_was_killed_has_not_recorded_is_recorded_at_the_next_start(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    with Cache(windows.files.cache, windows.files.desk) as cache:
        tickets = [sample_ticket(number, "Done", answered_after=MICROSECOND) for number in range(1, 251)]
        cache.apply(tickets, ())
    windows.live(desk.open_desk)
    wait_until(lambda: recorded(windows, ticket_key(250)))
    assert all(recorded(windows, ticket_key(number)) for number in range(1, 251))


def test_after_the_file_of_records_was_damaged_the_clocks_are_recorded_again_and_that_is_said(
    desk: EmbeddedDesk, windows: WindowGroup
) -> None:
    ticket_id = answered_ticket(desk, windows)
    Path(windows.files.sla_records).write_bytes(b"not a database" * 1000)
    engine = windows.live(desk.open_desk)
    wait_until(lambda: recorded(windows, ticket_key(ticket_id)))
    assert "record of finished SLA clocks was damaged" in engine.status.sentence


def test_a_script_records_from_the_answer_merged_with_what_is_known(windows: WindowGroup) -> None:
    created_at = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    known = sample_ticket(7, "Slow", Status.OPEN, severity=1)
    known = replace(known, created_at=created_at, updated_at=created_at, first_reply_at=created_at + MICROSECOND)
    with Cache(windows.files.cache, windows.files.desk) as cache:
        cache.apply([known], ())
    answer = replace(known, first_reply_at=None, updated_at=created_at + timedelta(minutes=5), version="v2")
    record_answer(windows.files, packaged_rules(), answer)

    (record,) = recorded(windows, ticket_key(7))
    assert record.used == MICROSECOND
    clock = ticket_clocks(known, *packaged_rules(), (record,))[0]
    assert clock.read(created_at).state is ClockState.MET
