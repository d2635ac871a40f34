"""Several clocks on one ticket: the board shows the worst, the ticket all, and each change its effect on them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual.pilot import Pilot

from support.app_driver import screen_text, settle
from support.board_samples import NOW, LocalCopy, sample_ticket
from support.policy_samples import full_policy
from support.sample_values import ticket_key
from supporttui.domain.metrics import Metric
from supporttui.domain.policy import ServicePolicy, Target
from supporttui.domain.sla_record import new_sla_records, policy_key
from supporttui.domain.support_calendar import ALWAYS_OPEN_HOURS, policy_calendar
from supporttui.domain.ticket import Status
from supporttui.store.sla_record_file import SlaRecordFile
from supporttui.ui.app import SupportApp

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WAITED = sample_ticket(
    1038, "Cannot sign in", Status.OPEN, severity=1, ago=5 * HOUR, answered_after=HOUR, wrote_ago=HOUR + 48 * MINUTE
)
FRESH = sample_ticket(1042, "Board won't load", severity=1, ago=3 * HOUR + 48 * MINUTE)


def pausing() -> ServicePolicy:
    return replace(full_policy(), pause_on={Metric.RESOLUTION: frozenset({Status.AWAITING_REPLY, Status.ON_HOLD})})


def play(folder: Path, scene: Callable[[SupportApp, Pilot[Any], LocalCopy], Awaitable[None]], *tickets: Any) -> None:
    async def run() -> None:
        desk = LocalCopy(folder / "desk", tickets or (WAITED, FRESH))
        desk.reorder(pausing(), desk.app_context().calendars)
        app = SupportApp(replace(desk.app_context(), policy=pausing()))
        async with app.run_test(size=(160, 60)) as pilot:
            await settle(pilot)
            await scene(app, pilot, desk)

    asyncio.run(run())


async def press(app: SupportApp, pilot: Pilot[Any], *keys: str) -> str:
    await pilot.press(*keys)
    await settle(pilot)
    return screen_text(app)


def test_board_shows_the_worst_clock_and_the_ticket_all_of_them(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[Any], _desk: LocalCopy) -> None:
        title = next(line for line in screen_text(app).splitlines() if "Open 1" in line)
        assert "12m" in title.split("Open 1")[1].split("Awaiting")[0]
        text = await press(app, pilot, "2", "enter")
        assert "next response 0:12:00" in text
        assert text.index("Next response") < text.index("First response") < text.index("Resolution")
        assert text.count("What counted") == 3
        assert "Mon 23" in text

    play(tmp_path, scene)


def test_move_says_what_it_does_to_every_clock(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[Any], _desk: LocalCopy) -> None:
        text = await press(app, pilot, "2", "m")
        assert "next response goes on counting, 12m left; resolution pauses until the customer answers" in text
        assert "next response ends as closed unanswered; resolution met" in text
        assert "no clock counts that wait" not in text

    play(tmp_path, scene)


def test_reply_says_what_it_does_to_every_clock(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[Any], _desk: LocalCopy) -> None:
        text = await press(app, pilot, "2", "r")
        assert "If you send now: next response met, 12m to spare; resolution goes on counting" in text

    play(tmp_path, scene)


def test_severity_says_what_it_does_to_every_clock(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[Any], _desk: LocalCopy) -> None:
        text = await press(app, pilot, "1", "enter", "S")
        assert "2  first response 5h 12m left instead of 12m left" in text

    play(tmp_path, scene)


def test_what_first_lists_the_order_and_opens_the_chosen_ticket(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[Any], _desk: LocalCopy) -> None:
        text = await press(app, pilot, "t")
        assert "0 breached · 2 before close at Mon 23 17:00 EST · 0 within the hour after Tue 24 08:00" in text
        assert "In this order, 2 min a first response and 15 any other answer, 1 more breaches" in text
        assert "▌  1  Mon 23 14:43  1 #1038   next response  0:12:00 too late  Cannot sign in" in text
        assert "   2  Mon 23 15:03  1 #1042   first response 0:32:00 left      Board won't load" in text
        assert "#1042" in (await press(app, pilot, "j", "enter")).splitlines()[0]

    play(tmp_path, scene, WAITED, sample_ticket(1042, "Board won't load", severity=1, ago=3 * HOUR + 28 * MINUTE))


def test_what_first_with_nothing_to_do_says_so(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[Any], _desk: LocalCopy) -> None:
        assert "nothing waits" in await press(app, pilot, "t")
        assert "What to do first" not in await press(app, pilot, "enter")

    play(tmp_path, scene, sample_ticket(7, "Done", Status.CLOSED, ago=HOUR, answered_after=MINUTE, in_status=MINUTE))


def test_finished_clock_is_kept_as_it_was_judged_when_the_policy_changes(tmp_path: Path) -> None:
    async def scene(app: SupportApp, _pilot: Pilot[Any], desk: LocalCopy) -> None:
        first = app.model.row(ticket_key(1038))
        assert first is not None
        with contextlib.closing(SlaRecordFile(desk.files.sla_records, desk.files.desk)) as records:
            records.add({ticket_key(1038): new_sla_records(first.clocks, policy_key(pausing()))}, NOW)
            kept = records.load([ticket_key(1038)])
        rows = {n: replace(row, first_response=MINUTE) for n, row in full_policy().severities.items()}
        app.model.rows._rules = app.model.rows._rules._replace(policy=replace(full_policy(), severities=rows))
        app.model.rows.forget()
        app.model.load()

        assert [(each.metric, each.used) for each in kept[ticket_key(1038)]] == [(Metric.FIRST_RESPONSE, HOUR)]
        row = app.model.row(ticket_key(1038))
        assert row is not None
        assert row.clocks[0].read(NOW).target == 4 * HOUR

    play(tmp_path, scene)


def test_worst_clock_changes_on_the_board_when_another_becomes_worse(tmp_path: Path) -> None:
    async def run() -> None:
        desk = LocalCopy(tmp_path / "desk", [WAITED])
        more = {Metric.NEXT_RESPONSE: Target(18 * HOUR, ""), Metric.RESOLUTION: Target(24 * HOUR, "")}
        rows = {n: replace(row, more=more) for n, row in full_policy().severities.items()}
        policy = replace(
            full_policy(),
            severities=rows,
            calendars={"always": ALWAYS_OPEN_HOURS},
            metric_calendars={Metric.RESOLUTION: "always"},
        )
        always = {"always": policy_calendar(ALWAYS_OPEN_HOURS, 2020, 2030)}
        context = replace(desk.app_context(), policy=policy, named_calendars=always)
        desk.reorder(policy, context.calendars)
        app = SupportApp(context)
        async with app.run_test(size=(160, 60)) as pilot:
            await settle(pilot)
            seen = []
            for later in (0 * HOUR, 10 * HOUR):
                desk.now = NOW + later
                assert app.model.rearrange() == {ticket_key(1038)}
                row = app.model.row(ticket_key(1038))
                assert row is not None
                seen.append(row.clock.terms.metric)

            assert seen == [Metric.NEXT_RESPONSE, Metric.RESOLUTION]

    asyncio.run(run())
