"""A ticket's metrics: updated with each change, shown as a metric set."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from supporttui.server.schema import seconds_between
from supporttui.zendesk_api.responses import MetricSet, MetricTime

FINISHED = ("solved", "closed")


def first_figures(status: str, *, is_assigned: bool, by_agent: bool, at: datetime) -> dict[str, Any]:
    """Return the metrics of a new ticket; its description is not a reply, whoever wrote it."""
    return {
        "status_updated_at": at,
        "requester_updated_at": at,
        "assignee_updated_at": at if by_agent and is_assigned else None,
        "latest_comment_at": at,
        "initially_assigned_at": at if is_assigned else None,
        "assigned_at": at if is_assigned else None,
        "first_solved_at": at if status in FINISHED else None,
        "solved_at": at if status in FINISHED else None,
        "first_reply_at": None,
        "replies": 0,
        "reopens": 0,
        "assignee_stations": 1 if is_assigned else 0,
        "hold_s": 0,
        "pending_s": 0,
    }


def after_status(ticket: RowMapping, status: str, at: datetime) -> dict[str, Any]:
    """Return the metrics that a new status changes."""
    spent = seconds_between(ticket["status_updated_at"], at)
    columns: dict[str, Any] = {"status_updated_at": at}
    if ticket["status"] == "hold":
        columns["hold_s"] = ticket["hold_s"] + spent
    if ticket["status"] == "pending":
        columns["pending_s"] = ticket["pending_s"] + spent
    was_finished, is_finished = ticket["status"] in FINISHED, status in FINISHED
    if is_finished and not was_finished:
        columns["solved_at"] = at
        columns["first_solved_at"] = ticket["first_solved_at"] or at
    if was_finished and not is_finished:
        columns["solved_at"] = None
        columns["reopens"] = ticket["reopens"] + 1
    return columns


def after_assigning(ticket: RowMapping, assignee_id: int | None, at: datetime) -> dict[str, Any]:
    """Return the metrics that a new assignee changes."""
    if assignee_id is None:
        return {"assigned_at": None}
    return {
        "initially_assigned_at": ticket["initially_assigned_at"] or at,
        "assigned_at": at,
        "assignee_stations": ticket["assignee_stations"] + 1,
    }


def after_comment(ticket: RowMapping, *, answers: bool, at: datetime) -> dict[str, Any]:
    """Return the metrics that a comment changes; `answers` is whether it is a public reply by a human agent."""
    columns: dict[str, Any] = {"latest_comment_at": at}
    if answers:
        columns["replies"] = ticket["replies"] + 1
        columns["first_reply_at"] = ticket["first_reply_at"] or at
    return columns


def metric_set(ticket: RowMapping, now: datetime, base: str) -> MetricSet:
    """Return the ticket's metrics as a response."""
    created_at, status = ticket["created_at"], ticket["status"]
    in_status = seconds_between(ticket["status_updated_at"], ticket["solved_at"] or now)
    hold_s = ticket["hold_s"] + (in_status if status == "hold" else 0)
    pending_s = ticket["pending_s"] + (in_status if status == "pending" else 0)
    whole_s = seconds_between(created_at, ticket["solved_at"] or now)
    reply_s = _span(created_at, ticket["first_reply_at"])
    return MetricSet(
        id=ticket["id"],
        ticket_id=ticket["id"],
        url=f"{base}/api/v2/ticket_metrics/{ticket['id']}.json",
        created_at=created_at,
        updated_at=ticket["updated_at"],
        status_updated_at=ticket["status_updated_at"],
        requester_updated_at=ticket["requester_updated_at"],
        assignee_updated_at=ticket["assignee_updated_at"],
        latest_comment_added_at=ticket["latest_comment_at"],
        initially_assigned_at=ticket["initially_assigned_at"],
        assigned_at=ticket["assigned_at"],
        solved_at=ticket["solved_at"],
        replies=ticket["replies"],
        reopens=ticket["reopens"],
        group_stations=1 if ticket["group_id"] is not None else 0,
        assignee_stations=ticket["assignee_stations"],
        reply_time_in_minutes=_minutes(reply_s),
        reply_time_in_seconds=MetricTime(calendar=reply_s),
        first_resolution_time_in_minutes=_minutes(_span(created_at, ticket["first_solved_at"])),
        full_resolution_time_in_minutes=_minutes(_span(created_at, ticket["solved_at"])),
        agent_wait_time_in_minutes=_minutes(pending_s),
        requester_wait_time_in_minutes=_minutes(max(0, whole_s - pending_s)),
        on_hold_time_in_minutes=_minutes(hold_s),
    )


def _span(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else seconds_between(start, end)


def _minutes(span_s: int | None) -> MetricTime:
    return MetricTime(calendar=None if span_s is None else span_s // 60)
