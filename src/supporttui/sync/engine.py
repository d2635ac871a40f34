"""The engine: keeps the local copy current and sends what was decided, on a thread and an event loop of its own."""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec.structs import replace

from supporttui.config.fault_points import fault_point
from supporttui.domain.board_order import BoardOrder
from supporttui.domain.safe_text import OutsideText, SafeText, safe_line
from supporttui.domain.sla import SlaRules
from supporttui.domain.ticket import Attachment
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import OpenDesk
from supporttui.store.cache import Cache
from supporttui.store.database import StoreProblem
from supporttui.store.operations import Draft, Operation, OperationState, StoreFiles, TransitionRefused
from supporttui.store.outbox import Outbox
from supporttui.store.sla_record_file import SlaRecordFile
from supporttui.store.ticket_order import TicketOrder
from supporttui.sync.exit_signals import SignalPipe
from supporttui.sync.status import NO_SENTENCE, EngineStatus, LinkEvent, LinkState, next_link_state
from supporttui.sync.timings import Now, Timings, utc_now

if TYPE_CHECKING:
    from supporttui.domain.query.query import Query, QueryContext
    from supporttui.helpdesks.base import DeskView
    from supporttui.sync.desk_search import DeskSearchStatus
    from supporttui.sync.engine_loop import EngineLoop
    from supporttui.sync.outbox_service import OutboxService

__all__ = ["Engine", "EngineEnded", "EngineStatus", "LinkState", "OpenDesk", "Timings"]

_log = logging.getLogger(__name__)

_JOIN_EXTRA_S: Final = 2.0
_LOOP_CLOSING_S: Final = 0.5
"""Seconds for the engine's event loop to close once everything is kept; a hanging name lookup is not waited for."""

T = TypeVar("T")


class EngineEnded(RuntimeError):
    """The engine has ended: the caller has to keep the data itself."""


class DeskFinder:
    """Has the engine ask the desk's own search, and for its views. Every method may be called from any thread.

    What comes is in the cache under the `desk_key` of a `BoardSelection`; `on_change` of the engine follows.
    """

    def __init__(
        self, tell: "Callable[[Callable[[EngineLoop], None]], None]", running: "Callable[[], EngineLoop | None]"
    ) -> None:
        self._tell = tell
        self._running = running

    def search(self, query: "Query", context: "QueryContext") -> None:
        """Have the desk look for this; what was asked before and has not come is cancelled."""
        self._tell(lambda run: run.searcher.want(query, context))

    def fetch_view(self, view_id: str) -> None:
        """Fetch the tickets of one of the desk's views, in the same way."""
        self._tell(lambda run: run.searcher.want_view(view_id))

    def cancel(self) -> None:
        """Give up what was asked by either and has not come."""
        self._tell(lambda run: run.searcher.want_nothing())

    @property
    def status(self) -> "DeskSearchStatus | None":
        """How far the last of these is; None where nothing was asked."""
        run = self._running()
        return None if run is None else run.searcher.status

    def want_views(self) -> None:
        """Fetch the list of the desk's views."""
        self._tell(lambda run: run.searcher.want_views())

    @property
    def views(self) -> "tuple[DeskView, ...] | None":
        """The desk's views; None before they were fetched."""
        run = self._running()
        return None if run is None else run.searcher.views

    @property
    def views_problem(self) -> SafeText:
        """Why the last fetch of the list of views failed; empty if it succeeded or is running."""
        run = self._running()
        return NO_SENTENCE if run is None else run.searcher.views_problem


class Engine:
    """One window's engine. Every method may be called from any thread and returns at once, except `stop`.

    `rules` are those by which finished clocks are put on record and tickets are sorted.
    `on_change` is called on the engine's thread, a few times a second at most, when the store or `status` has news.
    """

    def __init__(
        self,
        open_desk: OpenDesk,
        files: StoreFiles,
        *,
        rules: SlaRules,
        on_change: Callable[[], None],
        read_only: bool = False,
        poll_s: float = 10.0,
        now: Now = utc_now,
        timings: Timings | None = None,
    ) -> None:
        self._open_desk = open_desk
        self._files = files
        self._rules = rules
        self._on_change = on_change
        self._read_only = read_only
        self._now = now
        self._timings = timings or Timings(poll_s=poll_s)
        self._commands: queue.SimpleQueue[Callable[[EngineLoop], None]] = queue.SimpleQueue()
        self._run: EngineLoop | None = None
        self._signals: SignalPipe | None = None
        self._status = EngineStatus()
        self._gate = threading.Lock()
        self._has_ended = False
        self._has_finished = threading.Event()
        """Everything is kept. The thread may stay a while: its loop waits for threads that look up names."""
        self._thread = threading.Thread(target=self._live, name="engine", daemon=True)
        self.finder = DeskFinder(self._tell, lambda: self._run)
        """Finds tickets on the desk."""
        self.failure: BaseException | None = None
        """The bug that ended the engine, if one did; the status says so too."""

    def start(self) -> None:
        """Start the thread. Unsent changes of the last run are sent."""
        self._thread.start()

    def stop(self, grace_s: float = 5.0) -> None:
        """Stop, after trying to send what is committed until a timeout; the rest is sent at the next start."""
        with contextlib.suppress(EngineEnded):
            self._tell(lambda run: run.leave(grace_s))
        if self._thread.is_alive():
            self._has_finished.wait(grace_s + _JOIN_EXTRA_S)
            self._thread.join(_LOOP_CLOSING_S)

    def leave_on_signals(self, before_exit: Callable[[], None] = lambda: None) -> None:
        """From now on the signals that end the process do so through the engine, whatever the main thread is stuck in.

        To be called on the main thread. `before_exit` is called right before, from any thread, as by `SignalPipe`.
        """
        pipe = self._signals = SignalPipe(before_exit)
        self._tell(lambda run: run.watch_signals(pipe))

    @property
    def status(self) -> EngineStatus:
        """The engine's state at this moment."""
        run = self._run
        return self._status if run is None else run.engine_context.status

    def submit(self, operation: Operation, draft_id: str | None = None) -> None:
        """Commit an operation to the outbox, drop the draft that it came from, and send it."""
        self._post_to_outbox(
            lambda push: push.submit(operation, draft_id), lambda outbox: outbox.add(operation, draft_id=draft_id)
        )

    def save_draft(self, draft: Draft) -> None:
        """Keep what is being typed; on disk within a fraction of a second."""
        self._post_to_outbox(lambda push: push.drafts.save(draft), lambda outbox: outbox.save_draft(draft))

    def discard_draft(self, draft_id: str) -> None:
        """Drop a draft."""
        self._post_to_outbox(lambda push: push.drafts.discard(draft_id), lambda outbox: outbox.delete_draft(draft_id))

    def when_drafts_are_saved(self, done: Callable[[], None]) -> None:
        """Call this once everything typed so far is on disk, on the engine's thread; at once after its end."""
        try:
            self._post_to_outbox(lambda push: push.drafts.when_saved(done), lambda outbox: done())
        except EngineEnded:
            done()

    def want_conversation(self, ticket_id: TicketId) -> None:
        """Fetch a ticket's conversation now, again where it is known."""
        self._tell(lambda run: run.conversations.want(ticket_id))

    def prefetch_conversation(self, ticket_id: TicketId) -> None:
        """Fetch the conversation of a ticket that is looked at without being opened, within what may be prefetched."""
        self._tell(lambda run: run.conversations.prefetch_previewed(ticket_id))

    def conversation_problem(self, ticket_id: TicketId) -> SafeText | None:
        """Why the last wanted conversation of this ticket did not come; None where it did or is under way."""
        run = self._run
        return None if run is None else run.conversations.problems.get(ticket_id)

    def want_older_messages(self, ticket_id: TicketId) -> None:
        """Fetch this ticket's conversation next, with more of its older messages than the local copy has."""
        self._tell(lambda run: run.conversations.want_older(ticket_id))

    def mark_read(self, ticket_id: TicketId, at: datetime) -> None:
        """Note up to which instant a ticket was read."""
        self._tell(lambda run: run.mark_read(ticket_id, at))

    def save_attachment(self, attachment: Attachment, done: Callable[[str, bool], None], folder: str = "") -> None:
        """Fetch a file into a folder, which is made; `done` gets its path and True, or one sentence and False.

        Without a folder it goes into the desk's own. `done` is called on the engine's thread. Neither text has been
        made safe to draw.
        """
        self._tell(lambda run: run.save_attachment(attachment, done, folder))

    def retry(self, operation_id: str) -> None:
        """A person decided that this operation be sent, on the ticket as it is now."""
        self._post_to_outbox(lambda push: push.retry(operation_id), lambda outbox: outbox.requeue(operation_id, None))

    def drop(self, operation_id: str) -> None:
        """A person decided that this operation be not sent."""
        self._post_to_outbox(
            lambda push: push.drop(operation_id),
            lambda outbox: outbox.change(operation_id, OperationState.WITHDRAWN),
        )

    def withdraw(self, operation_id: str, draft: Draft | None = None) -> None:
        """Take back what has not left yet, and keep its text as this draft; too late, nothing is changed."""
        self._post_to_outbox(
            lambda push: push.withdraw(operation_id, draft), lambda outbox: outbox.withdraw(operation_id, draft)
        )

    def refresh(self) -> None:
        """Ask the desk now, or try to reach it now."""
        self._tell(lambda run: run.refresh())

    def _tell(self, command: "Callable[[EngineLoop], None]") -> None:
        """Queue a command for the engine's thread."""
        with self._gate:
            if self._has_ended and self.failure is not None:
                return  # the status says so for as long as the window is open
            if self._has_ended:
                raise EngineEnded("The engine has ended; nothing more can be sent from this window.")
            self._commands.put(command)
            if self._run is not None:
                self._run.schedule_commands()
        fault_point("engine told")

    def _post_to_outbox(
        self, command: "Callable[[OutboxService], None]", write_directly: Callable[[Outbox], object]
    ) -> None:
        """Send a command to the outbox service, which a read-only engine does not have.

        If a fault has ended the engine, it is written to the outbox directly, for the next start.
        """
        if self._read_only:
            raise ValueError("this engine is read-only: it sends nothing")
        if self._has_ended and self.failure is not None:
            self._write_without_engine(write_directly)
        else:
            self._tell(lambda run: command(run.push) if run.push is not None else None)

    def _write_without_engine(self, write: Callable[[Outbox], object]) -> None:
        """Write on the caller's thread; the status says where the disk refuses."""
        try:
            with contextlib.closing(Outbox(self._files.outbox, self._files.desk)) as outbox:
                write(outbox)
        except (StoreProblem, TransitionRefused) as problem:
            self._status = replace(self._status, sentence=safe_line(OutsideText(f"Not kept: {problem}")))
            self._on_change()

    def _live(self) -> None:
        """The engine's thread; everything below runs in it."""
        sentence = ""
        try:
            import asyncio  # here and below: not needed for the first picture

            asyncio.run(self._main())
        except Exception as problem:  # noqa: BLE001 - the thread's edge: a bug must be seen, and Textual owns the terminal
            self.failure = problem
            _log.exception("the engine ended")
            sentence = (
                f"The engine stopped on a fault of its own ({type(problem).__name__}). What you write is kept and is "
                "sent at the next start. Quit and start again."
            )
        self._has_ended = True
        self._has_finished.set()
        if self._signals is not None:
            self._signals.disarm()
        link = next_link_state(self._status.link, LinkEvent.ENGINE_ENDED)
        self._status = replace(self._status, link=link, sentence=safe_line(OutsideText(sentence)))
        self._on_change()

    async def _main(self) -> None:
        run = self._run = await self._open_parts()
        number = 0
        try:
            number = await run.live()
        except Exception as problem:
            self.failure = problem  # before anybody can find that the engine has ended
            raise
        finally:
            with self._gate:
                self._has_ended = True
                self._status = run.engine_context.status
                run.close()
                self._run = None
            self._has_finished.set()
        if number and self._signals is not None:
            self._signals.end_process(number)  # here: the loop's own ending waits for threads that look up names

    async def _open_parts(self) -> "EngineLoop":
        """Open the files of the store, retrying each, and make the parts that work on them."""
        from supporttui.sync.engine_loop import EngineLoop  # the parts that work: not needed for the first picture
        from supporttui.sync.sla_recorder import SlaRecorder

        retry_s = self._timings.store_retry_s
        cache = await _open_when_possible(self._open_cache, self._wait_for_store, retry_s)
        outbox = None
        if not self._read_only:
            outbox = await _open_when_possible(
                lambda: Outbox(self._files.outbox, self._files.desk), self._wait_for_store, retry_s
            )
        records = await _open_when_possible(
            lambda: SlaRecordFile(self._files.sla_records, self._files.desk, is_checked=True),
            self._wait_for_store,
            retry_s,
        )
        run = EngineLoop(
            self._open_desk,
            self._files,
            cache,
            outbox,
            lambda context: SlaRecorder(context, records, self._rules),
            self._commands,
            self._timings,
            self._now,
            self._on_change,
        )
        run.engine_context.zone = self._rules.calendars.desk.zone
        return run

    def _open_cache(self) -> Cache:
        return Cache(self._files.cache, self._files.desk, TicketOrder(BoardOrder(*self._rules), self._now))

    def _wait_for_store(self, problem: StoreProblem) -> None:
        link = next_link_state(self._status.link, LinkEvent.STORE_UNUSABLE)
        self._status = EngineStatus(link=link, sentence=safe_line(OutsideText(str(problem))))
        self._on_change()


async def _open_when_possible(opening: Callable[[], T], refused: Callable[[StoreProblem], None], retry_s: float) -> T:
    """Open a file of the store, retrying until it works; `refused` is called with each error."""
    import asyncio

    while True:
        try:
            return opening()
        except StoreProblem as problem:
            refused(problem)
            await asyncio.sleep(retry_s)
