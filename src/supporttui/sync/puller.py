"""Pull: fetches changed tickets page by page, and attachments."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from supporttui.domain.ticket import Attachment
from supporttui.domain.ticket_id import TicketId
from supporttui.helpdesks.base import (
    DeskError,
    EndlessFeed,
    HelpDesk,
    ListCutShort,
)
from supporttui.sync.conversation_fetcher import ConversationFetcher
from supporttui.sync.engine_context import EngineContext
from supporttui.sync.status import sentence_of
from supporttui.sync.timings import Timings

THIN_PAGE: Final = 5
"""A page with fewer tickets, of which others follow, brings next to nothing."""

MAX_ATTACHMENT_BYTES: Final = 100 * 1024 * 1024
"""Larger files are not fetched; Zendesk takes up to 50 MB."""


FEED_CUT_SHORT: Final = (
    "The help desk broke off the list of its changes: it does not say where it goes on. What it sent is shown; the "
    "rest is asked for again. If this stays, tell whoever runs it."
)

_log = logging.getLogger(__name__)


def attachment_file_name(attachment: Attachment) -> str:
    """A safe file name: the desk's id, then the letters and digits of the sender's name."""
    stem, dot, ending = attachment.file_name.raw.rpartition(".")
    if not dot:
        stem, ending = ending, ""
    letters = (letter if letter.isalnum() or letter == "-" else "_" for letter in stem[:50])
    plain = "".join(letters).strip("_-") or "file"
    suffix = "".join(letter for letter in ending if letter.isascii() and letter.isalnum())[:10]
    return f"{attachment.id}-{plain}.{suffix}" if suffix else f"{attachment.id}-{plain}"


async def download_attachment(
    desk: HelpDesk | None, attachment: Attachment, folder: str, done: Callable[[str, bool], None]
) -> None:
    """Fetch one file; `done` gets its path and True, or a sentence and False."""
    if desk is None:
        done("The help desk cannot be reached now, so the file cannot be fetched. Try again when it is live.", False)
        return
    into = _unused_path(Path(folder), attachment_file_name(attachment))
    try:
        into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        await desk.fetch_attachment(attachment, into, max_bytes=MAX_ATTACHMENT_BYTES)
    except DeskError as error:
        done(sentence_of(error), False)
    except OSError as problem:
        done(f"Cannot write {into}: {problem.strerror}. Free some space or check its permissions.", False)
    else:
        done(str(into), True)


def _unused_path(folder: Path, name: str) -> Path:
    """The path, or one with a number if it exists already."""
    path = folder / name
    return path.with_stem(f"{path.stem}-{secrets.token_hex(3)}") if path.exists() or path.is_symlink() else path


class FeedPace:
    """Slows a desk down whose pages bring nothing new, and gives up where they have no end.

    A page of many tickets of which none is new is an ordinary one: a list that is read again from its beginning.
    """

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._thin_pages = 0
        """Pages in a row that brought next to nothing."""
        self._empty_pages = 0
        """Pages in a row without any ticket that the page before had not, none of them changed."""
        self._last_ids: frozenset[TicketId] = frozenset()

    def ended(self) -> None:
        """Note that the desk reported the end of the feed."""
        self._thin_pages = self._empty_pages = 0

    async def next_page(self, ids: frozenset[TicketId], changed: int) -> None:
        """Wait before the page that follows one with these tickets, as long as it takes. Raises EndlessFeed."""
        brings_nothing = not changed and ids <= self._last_ids
        self._last_ids = ids
        self._empty_pages = self._empty_pages + 1 if brings_nothing else 0
        self._thin_pages = self._thin_pages + 1 if not changed or len(ids) < THIN_PAGE else 0
        if self._empty_pages >= self._timings.most_empty_pages:
            raise EndlessFeed(
                "The help desk says again and again that there are more changes and sends none. It is asked again at "
                "the next occasion; what it sent before is shown. Tell whoever runs it."
            )
        if self._thin_pages > self._timings.quick_pages:
            await asyncio.sleep(self._timings.thin_page_s)


class Puller:
    """Fetches changes from the stored cursor on. Tickets that a page does not name are left unchanged."""

    def __init__(self, engine_context: EngineContext, conversations: ConversationFetcher) -> None:
        self._engine_context = engine_context
        self._conversations = conversations
        self._feed = FeedPace(engine_context.timings)

    async def pull(self, desk: HelpDesk, event_id: str | None = None) -> None:
        """Fetch and store everything that is new, page by page. Raises DeskError.

        `event_id` is the newest event of the desk's stream that called for it.
        A page is kept with the cursor behind it, as one: an interruption costs at most one page. Another window may
        move the cursor meanwhile; a page that comes twice changes nothing.
        """
        seen: set[str | None] = set()
        while True:
            asked, asked_at = self._engine_context.cache.load_cursor(), asyncio.get_running_loop().time()
            page = await desk.fetch_changes(asked)
            page_ids = frozenset(each.id for each in page.tickets)
            tickets = self._engine_context.with_known_values(page.tickets, page.untold)
            changed = self._engine_context.cache.apply(tickets, page.people, after=asked, cursor=page.cursor)
            self._engine_context.note_unreadable(page.unreadable_ids, (each.id for each in page.tickets))
            stands_at = self._engine_context.cache.load_cursor()
            is_done = stands_at == page.cursor and not (page.has_more or page.is_cut_short)
            self._engine_context.note_answer(desk.desk_ahead_s, is_current=is_done)
            if changed:
                self._engine_context.tickets_came_in.set()
                self._conversations.prefetch(tickets)
                self._engine_context.announce()
            if page.is_cut_short:
                raise ListCutShort(FEED_CUT_SHORT)
            if is_done:
                self._engine_context.completed(asked_at, event_id)
            if is_done or stands_at in seen:
                self._feed.ended()
                return
            seen.add(stands_at)
            await self._feed.next_page(page_ids, changed)
