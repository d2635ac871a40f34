"""Describes what a patch changes, for the lists of unsent changes and the ticket screen."""

from collections.abc import Mapping

from supporttui.domain.patch import UNASSIGNED, TicketPatch
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
        who = "nobody" if patch.assignee_id == UNASSIGNED else assignee
        words.append(f"assigned to {who}" if who else "assignee")
    if patch.severity is not None:
        words.append(f"severity {patch.severity}")
    if patch.tags is not None:
        tags = safe_line(OutsideText(", ".join(patch.tags)))
        words.append(f"tags {tags}" if tags else "no tags")
    return [*words, *other_property_words(patch)]


def other_property_words(patch: TicketPatch) -> list[str]:
    """Return such phrases for all properties except status, assignee, severity and tags."""
    return [*_people_words(patch), *_link_words(patch)]


def _people_words(patch: TicketPatch) -> list[str]:
    words = [] if patch.group_id is None else ["no group" if patch.group_id == UNASSIGNED else "group"]
    if patch.requester_id is not None:
        words.append("requester")
    for each in patch.cc_changes:
        who = safe_line(OutsideText(each.email)) or "a person"
        words.append(f"no copies to {who}" if each.is_removed else f"copies to {who}")
    return words


def _link_words(patch: TicketPatch) -> list[str]:
    words = [] if patch.resulting_type is None else [patch.resulting_type.value]
    if patch.problem_id is not None:
        words.append(f"incident of {patch.problem_id.label}")
    if patch.field_changes:
        count = len(patch.field_changes)
        words.append("1 custom field" if count == 1 else f"{count} custom fields")
    if patch.development_ticket is not None:
        key = safe_line(OutsideText(patch.development_ticket))
        words.append(f"development ticket {key}" if key else "no development ticket")
    return words
