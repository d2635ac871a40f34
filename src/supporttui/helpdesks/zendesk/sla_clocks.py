"""The desk's own service clocks: what Zendesk reports of its SLA policies on one ticket.

https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/ (`slas`, `metric_events`) and
https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/ (`apply_sla`). An account without
SLA policies sends neither; data in an undocumented form is ignored, since it is only a second opinion.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from supporttui.domain.metrics import Metric
from supporttui.domain.safe_text import OutsideText
from supporttui.domain.ticket import DeskClock, DeskStage
from supporttui.zendesk_api.responses import Json

METRIC_OF_WORD: Final[Mapping[str, Metric]] = {
    "first_reply_time": Metric.FIRST_RESPONSE,
    "next_reply_time": Metric.NEXT_RESPONSE,
    "total_resolution_time": Metric.RESOLUTION,
    "resolution_time": Metric.RESOLUTION,
}
STAGE_OF_WORD: Final[Mapping[str, DeskStage]] = {
    "active": DeskStage.ACTIVE,
    "paused": DeskStage.PAUSED,
    "achieved": DeskStage.MET,
    "fulfilled": DeskStage.MET,
    "breached": DeskStage.BREACHED,
}

Applied = tuple[timedelta, bool, OutsideText | None]
"""A target, whether it counts business hours only, and the policy's name."""


def parse_desk_clocks(slas: Json, metric_events: Json) -> tuple[DeskClock, ...]:
    """Return the desk's clocks of a ticket, in the order of our metrics; none if it reports none."""
    applied = _applied(metric_events)
    stages = dict(_stages(slas))
    clocks = []
    for metric in Metric:
        if metric in stages:
            stage, breach_at = stages[metric]
            target, in_hours, policy = applied.get(metric, (None, True, None))
            clocks.append(
                DeskClock(
                    metric=metric,
                    stage=stage,
                    breach_at=breach_at,
                    target=target,
                    in_support_hours=in_hours,
                    policy=policy,
                )
            )
    return tuple(clocks)


def _stages(slas: Json) -> Iterator[tuple[Metric, tuple[DeskStage, datetime | None]]]:
    """Yield the stage of each metric, from `slas`."""
    for each in _objects(slas.get("policy_metrics") if isinstance(slas, dict) else None):
        metric = METRIC_OF_WORD.get(str(each.get("metric")))
        stage = STAGE_OF_WORD.get(str(each.get("stage")))
        if metric is not None and stage is not None:
            yield metric, (stage, _instant(each.get("breach_at")))


def _applied(events: Json) -> dict[Metric, Applied]:
    """Return the targets applied last, from `metric_events`."""
    if not isinstance(events, dict):
        return {}
    applied: dict[Metric, Applied] = {}
    found = [event for group in events.values() for event in _objects(group) if event.get("type") == "apply_sla"]
    for event in sorted(found, key=lambda event: str(event.get("time"))):
        metric, sla = _metric(event), _object(event.get("sla"))
        target = _target(sla)
        if metric is not None and target is not None:
            title = _object(sla.get("policy")).get("title")
            name = OutsideText(title) if isinstance(title, str) else None
            applied[metric] = (target, sla.get("business_hours") is not False, name)
    return applied


def _metric(event: Mapping[str, Json]) -> Metric | None:
    """Return the metric of an event; the first instance of a reply time is the first reply."""
    if event.get("metric") == "reply_time":
        return Metric.FIRST_RESPONSE if event.get("instance_id") == 1 else Metric.NEXT_RESPONSE
    return METRIC_OF_WORD.get(str(event.get("metric")))


def _target(sla: Mapping[str, Json]) -> timedelta | None:
    """Return the target, from seconds if given, else from minutes."""
    for key, unit in (("target_in_seconds", timedelta(seconds=1)), ("target", timedelta(minutes=1))):
        amount = sla.get(key)
        if isinstance(amount, int) and not isinstance(amount, bool) and 0 < amount < 10**9:
            return amount * unit
    return None


def _objects(found: Json) -> list[dict[str, Json]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _object(found: Json) -> dict[str, Json]:
    return found if isinstance(found, dict) else {}


def _instant(text: Json) -> datetime | None:
    """Return the time in UTC, also without an offset; None if there is none, or it is out of range."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
        return None if at is None else at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
