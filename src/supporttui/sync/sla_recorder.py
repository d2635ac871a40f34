"""Records finished SLA clocks from the tickets that come into the cache."""

import asyncio
import contextlib

import msgspec

from supporttui.domain.sla import SlaRules, ticket_clocks
from supporttui.domain.sla_record import SlaRecord, new_sla_records, policy_key
from supporttui.domain.ticket import Status, Ticket
from supporttui.domain.ticket_id import TicketId
from supporttui.store.cache import Cache, RevisionPosition
from supporttui.store.database import StoreProblem, StoreTooNew
from supporttui.store.merging import merge_ticket
from supporttui.store.operations import StoreFiles
from supporttui.store.sla_record_file import SlaRecordFile
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.timings import Now, utc_now

TICKETS_PER_STEP = 100
"""Tickets whose clocks are made in one go; in between, the loop does what else there is."""

LAST_STEPS = 10
"""At most so many steps when the engine ends; the next start goes on from there."""

_STATE_NAME = "sla_recorded_to"


class _RecordedTo(msgspec.Struct, frozen=True, array_like=True):
    """Up to which change of the cache the clocks are on record, and in which file of records."""

    file_identity: bytes
    revision: int
    row_number: int


def missing_records(records: SlaRecordFile, rules: SlaRules, tickets: list[Ticket]) -> dict[TicketId, list[SlaRecord]]:
    """The records of these tickets' finished clocks that the file does not have yet."""
    known, key = records.load(ticket.id for ticket in tickets), policy_key(rules.policy)
    fresh = {
        each.id: new_sla_records(ticket_clocks(each, *rules, known.get(each.id, ())), key)
        for each in tickets
        if each.first_reply_at is not None or each.status is Status.CLOSED  # else no clock can be finished
    }
    return {ticket_id: found for ticket_id, found in fresh.items() if found}


def record_answer(files: StoreFiles, rules: SlaRules, answer: Ticket, now: Now = utc_now) -> None:
    """Record the finished clocks of a ticket as a write's answer has it, without an engine. Raises StoreProblem."""
    with contextlib.closing(SlaRecordFile(files.sla_records, files.desk)) as records:
        with Cache(files.cache, files.desk) as cache:
            ticket = merge_ticket(cache.load_ticket(answer.id), answer)
        records.add(missing_records(records, rules, [ticket]), now())


class SlaRecorder:
    """Follows the changes of the cache, whichever window made them. Lives on the engine's loop.

    How far it has come is kept in the cache, so that what a window that was killed has not recorded is recorded by
    the next one, and all of it after either file was replaced.
    """

    def __init__(self, engine_context: EngineContext, records: SlaRecordFile, rules: SlaRules) -> None:
        self._engine_context = engine_context
        self._records = records
        self._rules = rules
        self._notices_of = b""

    async def run(self) -> None:
        """Record, for ever, whenever tickets have come in."""
        came_in = self._engine_context.tickets_came_in
        while True:
            try:
                self._records.import_from_cache(self._engine_context.cache.path, self._engine_context.now())
                came_in.set()
                while await came_in.wait():
                    came_in.clear()
                    if self._record_step():
                        came_in.set()
                    await asyncio.sleep(0)
            except StoreTooNew as problem:
                return self._engine_context.report_notice(str(problem))
            except StoreProblem as problem:
                self._engine_context.report_store_problem(problem)
                await asyncio.sleep(self._engine_context.timings.store_retry_s)

    def close(self) -> None:
        """Record what came in last, and close the file. Raises StoreProblem."""
        try:
            for _step in range(LAST_STEPS):
                if not self._record_step():
                    break
        finally:
            self._records.close()

    def _record_step(self) -> bool:
        """Record the clocks of the next tickets that changed; whether there may be more."""
        cache, identity = self._engine_context.cache, self._records.identity()
        self._report_notices(identity)
        before = self._recorded_to(identity)
        reached, tickets = cache.load_changes_page(before, TICKETS_PER_STEP)
        if reached == before:
            return False
        self._records.add(missing_records(self._records, self._rules, tickets), self._engine_context.now())
        cache.save_state(_STATE_NAME, msgspec.msgpack.encode(_RecordedTo(identity, *reached)))
        return len(tickets) == TICKETS_PER_STEP

    def _recorded_to(self, identity: bytes) -> RevisionPosition:
        raw = self._engine_context.cache.load_state(_STATE_NAME)
        mark = msgspec.msgpack.decode(raw, type=_RecordedTo) if raw else None
        if mark is None or mark.file_identity != identity:
            return RevisionPosition(0)
        return RevisionPosition(mark.revision, mark.row_number)

    def _report_notices(self, identity: bytes) -> None:
        """Say, once for each file, that it had to be recovered."""
        if identity != self._notices_of:
            self._notices_of = identity
            for sentence in self._records.load_notices()[-1:]:
                self._engine_context.report_notice(sentence)
