"""Describes what a patch changes, for the lists of unsent changes and the ticket screen."""

from collections.abc import Mapping

from supporttui.domain.patch import NOBODY, TicketPatch
from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Status


def property_words(patch: TicketPatch, titles: Mapping[Status, str] | None = None, assignee: str = "") -> list[str]:
    """Return a phrase for each changed property: `move to Open`, `assigned to Kim`, `severity 2`, `tags vip, bug`.

    `titles` are the policy's names of the statuses; without them the default names are used. Safe to draw.
    """
    words = []
    if patch.status is not None:
        words.append(f"move to {titles[patch.status] if titles else patch.status.value}")
    if patch.assignee_id is not None:
        who = "nobody" if patch.assignee_id == NOBODY else assignee
        words.append(f"assigned to {who}" if who else "assignee")
    if patch.severity is not None:
        words.append(f"severity {patch.severity}")
    if patch.tags is not None:
        tags = safe_line(OutsideText(", ".join(patch.tags)))
        words.append(f"tags {tags}" if tags else "no tags")
    return words
