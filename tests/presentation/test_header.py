"""The line above the board gets shorter with the screen, never untrue."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from rich.cells import cell_len

from support.board_samples import NOW, LocalCopy, sample_ticket
from support.policy_samples import packaged_calendar
from supporttui.presentation.board.board_model import BoardModel
from supporttui.presentation.board.freshness import Freshness, FreshnessState, freshness
from supporttui.presentation.board.header import header_items, place_items, support_hours_forms
from supporttui.sync.status import EngineStatus, LinkState, SyncRecord, save_sync_record

ZONE = ZoneInfo("America/New_York")


def line(model: BoardModel, width: int) -> str:
    fresh = fresh_at(model.status, NOW)
    text = ""
    for start, item in place_items(header_items(model, NOW, fresh), width):
        text += " " * (start - cell_len(text)) + item.text
    return text


def fresh_at(status: EngineStatus, now: datetime) -> Freshness:
    return freshness(status, now, poll_s=10, zone=ZONE, loaded=0)


def model_of(tmp_path: Path, *, is_demo: bool = False) -> BoardModel:
    desk = LocalCopy(tmp_path / "desk", [sample_ticket(1, "one")])
    model = BoardModel(desk.app_context(is_demo=is_demo), desk.engine)
    model.load()
    desk.engine.say(unsent=2)
    return model


def test_a_wide_line_says_everything(tmp_path: Path) -> None:
    said = [part for part in line(model_of(tmp_path), 200).split("  ") if part.strip()]
    assert [part.strip() for part in said] == [
        "supporttui",
        "Acme Support",
        "Support open until 17:00 EST",
        "● live 0s",
        "↑ 2 unsent",
        "Kim Lee",
        "Mon 23 Nov 14:31 EST",
    ]


@pytest.mark.parametrize("width", range(20, 210, 7))
def test_no_width_is_exceeded_and_the_time_is_always_there(tmp_path: Path, width: int) -> None:
    text = line(model_of(tmp_path, is_demo=True), width)
    assert cell_len(text) <= max(width, 30)
    assert "14:31" in text


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_demonstration_says_so_with_its_time(tmp_path: Path, width: int) -> None:
    text = line(model_of(tmp_path, is_demo=True), width)
    assert "DEMO" in text
    assert "● " in text
    assert "2 unsent" in text or "↑2" in text


def test_a_clock_that_is_wrong_by_the_desks_is_said_but_a_demonstration_sets_its_own(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", [sample_ticket(1, "one")])
    desk.engine.say(desk_ahead_s=95.0)
    for is_demo, words in ((False, "this machine's clock is 1m slow"), (True, "")):
        model = BoardModel(desk.app_context(is_demo=is_demo), desk.engine)
        model.load()
        assert ("clock is" in line(model, 200)) is bool(words)
        assert words in line(model, 200)


def test_a_narrow_line_still_says_until_when_support_is_open(tmp_path: Path) -> None:
    assert "open until 17:00" in line(model_of(tmp_path), 80)


def test_a_holiday_is_named() -> None:
    thanksgiving = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
    forms = support_hours_forms(packaged_calendar(), thanksgiving)
    assert forms[0] == "Support closed until Mon 08:00 EST · Thanksgiving Day"
    assert forms[-1] == "closed"


def test_a_night_needs_no_reason() -> None:
    night = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    assert support_hours_forms(packaged_calendar(), night)[0] == "Support closed until Tue 08:00 EST"


@pytest.mark.parametrize(
    ("link", "age_s", "feed", "words"),
    [
        (LinkState.LIVE, 2, FreshnessState.CURRENT, "● live 2s"),
        (LinkState.LIVE, 30, FreshnessState.CURRENT, "● live 30s"),
        (LinkState.LIVE, 31, FreshnessState.STALE, "○ silent since 14:31 EST"),
        (LinkState.POLLING, 30, FreshnessState.CURRENT, "● asked 30s ago"),
        (LinkState.POLLING, 31, FreshnessState.STALE, "○ silent since 14:31 EST"),
        (LinkState.CONNECTING, 5, FreshnessState.WAITING, "○ connecting"),
        (LinkState.CONNECTING, 3600, FreshnessState.STALE, "○ connecting since 14:31 EST"),
        (LinkState.OFFLINE, 1, FreshnessState.STALE, "○ offline since 14:31 EST"),
        (LinkState.OFFLINE, 3 * 86400, FreshnessState.STALE, "○ offline since Mon 23 Nov 14:31 EST"),
        (LinkState.UNAUTHORISED, 1, FreshnessState.STALE, "○ refused since 14:31 EST"),
        (LinkState.STOPPED, 1, FreshnessState.STALE, "○ stopped since 14:31 EST"),
    ],
)
def test_nothing_is_called_current_when_it_is_not(
    link: LinkState, age_s: int, feed: FreshnessState, words: str
) -> None:
    fresh = fresh_at(EngineStatus(link=link, last_sync_at=NOW), NOW + timedelta(seconds=age_s))
    assert (fresh.feed, fresh.forms[0]) == (feed, words)


def test_a_desk_that_was_never_reached_has_no_age() -> None:
    offline = fresh_at(EngineStatus(link=LinkState.OFFLINE), NOW)
    assert (offline.forms[0], offline.age) == ("○ offline, nothing fetched yet", "")


def test_before_the_engine_has_begun_the_last_run_is_remembered(tmp_path: Path) -> None:
    desk = LocalCopy(tmp_path / "desk", [sample_ticket(1, "one")])
    desk.cache.save_state("desk_ahead_s", msgspec.msgpack.encode(90.0))
    save_sync_record(desk.cache, SyncRecord(at=NOW, asked_at=0.0, announced=None, by=b""))
    desk.engine.shown_status = EngineStatus()
    model = BoardModel(desk.app_context(), desk.engine)
    assert model.now() == NOW + timedelta(seconds=90)
    assert (model.status.loaded, model.status.last_sync_at) == (True, NOW)
