"""Pull: brings the local copy up to what the help desk has, page by page."""

import asyncio

from supporttui.helpdesks.base import HelpDesk
from supporttui.sync.conversations import Conversations
from supporttui.sync.hub import Hub


class Puller:
    """Asks for changes from where the store stands. What a page does not name stays as it was."""

    def __init__(self, hub: Hub, conversations: Conversations) -> None:
        self._hub = hub
        self._conversations = conversations

    async def pull(self, desk: HelpDesk, event_id: str | None = None) -> None:
        """Take in everything that is new; the board may draw each page as it comes. Raises DeskError.

        `event_id` is the newest event of the desk's stream that called for it.
        A page is kept with the cursor behind it, as one: an interruption costs at most one page. Another window may
        move the cursor meanwhile; a page that comes twice changes nothing.
        """
        seen: set[str | None] = set()
        while True:
            asked, asked_at = self._hub.cache.load_cursor(), asyncio.get_running_loop().time()
            page = await desk.fetch_changes(asked)
            changed = self._hub.cache.apply(page.tickets, page.people, after=asked, cursor=page.cursor)
            stands_at = self._hub.cache.load_cursor()
            is_done = stands_at == page.cursor and not page.has_more
            self._hub.heard(desk.desk_ahead_s, is_current=is_done)
            if changed:
                self._conversations.consider(page.tickets)
                self._hub.announce()
            if is_done:
                self._hub.completed(asked_at, event_id)
            if is_done or stands_at in seen:
                return
            seen.add(stands_at)
