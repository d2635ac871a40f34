"""Merges one ticket into another, once: what the desk shows of the source tells whether it was done before."""

import asyncio
from typing import Final

from supporttui.domain.safe_text import OutsideText, safe_line
from supporttui.domain.ticket import Lifecycle
from supporttui.helpdesks.base import (
    Conflict,
    ConversationBudget,
    DeskError,
    Interrupted,
    Rejected,
    SendResult,
    TicketMerge,
)
from supporttui.helpdesks.zendesk.answer_decoding import decode
from supporttui.helpdesks.zendesk.client import ZendeskClient
from supporttui.helpdesks.zendesk.conversation_reader import ConversationReader
from supporttui.helpdesks.zendesk.translation import sendable, ticket_number, ticket_path
from supporttui.zendesk_api.merging import JobStatus, MergeRequest, OneJobStatus

FIRST_POLL_S: Final = 0.05
POLL_S: Final = 1.0
POLLS_MAX: Final = 30
_UNFINISHED: Final = ("queued", "working")


async def send_merge(
    client: ZendeskClient, conversations: ConversationReader, merge: TicketMerge, desk: str
) -> SendResult:
    """Merge unless that was done before; return the target. Only Interrupted leaves it unknown whether it was."""
    if not await _is_merged(conversations, merge):
        what = f"the merge of ticket {merge.source_id.label}"
        body = MergeRequest(
            ids=[ticket_number(merge.source_id, desk)],
            target_comment=sendable(merge.target_note),
            source_comment=sendable(merge.source_note),
        )
        path = f"{ticket_path(merge.target_id, desk)}/merge.json"
        try:
            answer = await client.send("POST", path, body, what, merge.operation_id)
        except Rejected:
            if not await _is_merged(conversations, merge):  # else an earlier attempt was applied meanwhile
                raise
            return await _target(conversations, merge)
        await _finish(client, decode(answer.body, OneJobStatus, client.transport.desk_name).job_status, what)
    return await _target(conversations, merge)


async def _target(conversations: ConversationReader, merge: TicketMerge) -> SendResult:
    """Fetch the target after the merge. Raises Interrupted."""
    try:
        ticket, conversation, people = await conversations.fetch(merge.target_id, ConversationBudget())
    except DeskError as problem:
        raise Interrupted(f"It was merged, but {merge.target_id.label} cannot be read: {problem}") from problem
    return SendResult(ticket=ticket, people=people, audit_id=conversation.last_audit_id)


async def _is_merged(conversations: ConversationReader, merge: TicketMerge) -> bool:
    """Whether the source has our note of the merge. Raises Conflict where somebody else has merged it."""
    source, conversation, _people = await conversations.fetch(merge.source_id, ConversationBudget())
    if source.lifecycle is not Lifecycle.MERGED:
        return False
    wanted = sendable(merge.source_note).strip()
    if any(not each.is_public and each.body.raw.strip() == wanted for each in conversation.messages):
        return True
    raise Conflict(f"Ticket {merge.source_id.label} was merged by somebody else. Read it, then decide.")


async def _finish(client: ZendeskClient, job: JobStatus, what: str) -> None:
    """Wait until the job is done. Raises Rejected if it failed, Interrupted if that remains unknown."""
    pause_s = FIRST_POLL_S
    for _attempt in range(POLLS_MAX):
        if job.status == "failed":
            said = safe_line(OutsideText(job.message or "it does not say why"))
            raise Rejected(f"The help desk could not do {what}: {said}")
        if job.status == "completed":
            return
        if job.status not in _UNFINISHED:
            raise Interrupted(f"The help desk began {what} and does not say how that ended.")
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, POLL_S)
        try:
            path = f"/api/v2/job_statuses/{_job_id(job)}.json"
            job = (await client.get(path, OneJobStatus, what)).job_status
        except DeskError as problem:
            raise Interrupted(f"The help desk began {what} and does not say how that ended.") from problem
    raise Interrupted(f"The help desk began {what} and has not ended it yet.")


def _job_id(job: JobStatus) -> str:
    """Return the job's id, which becomes part of a path. Raises Interrupted if it is malformed."""
    if not job.id.isascii() or not job.id.replace("-", "").replace("_", "").isalnum():
        raise Interrupted("The help desk's answer names no job.")
    return job.id
