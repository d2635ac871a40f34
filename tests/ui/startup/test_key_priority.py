"""Keys come before news, and only a process of its own is changed for them."""

import asyncio
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events

from support.board_samples import LocalCopy, sample_ticket
from supporttui.ui.app import SupportApp
from supporttui.ui.startup.key_priority import (
    DEFER_AFTER_KEY_S,
    MAX_DEFERRED_S,
    THREAD_SWITCH_S,
    KeyPriority,
    pause_garbage_collection,
)
from supporttui.ui.terminal.framed_app import FRAME_INTERVAL_S


@pytest.fixture(autouse=True)
def same_process() -> Iterator[None]:
    """What belongs to the whole process is put back."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)
    gc.unfreeze()
    gc.enable()


def test_what_has_time_waits_for_the_answer_to_a_key() -> None:
    keys = KeyPriority()
    keys.own_process()
    assert not keys.should_defer(100.0)
    keys.note_key(100.0)
    assert keys.should_defer(100.0 + DEFER_AFTER_KEY_S / 2)
    assert not keys.should_defer(100.0 + DEFER_AFTER_KEY_S * 2)


def test_somebody_who_never_stops_typing_sees_news_all_the_same() -> None:
    keys, answered, put_off = KeyPriority(), 0, 0
    keys.own_process()
    for number in range(100):
        now = 100.0 + number * DEFER_AFTER_KEY_S / 2
        keys.note_key(now)
        if keys.should_defer(now):
            put_off += 1
        else:
            answered += 1
    assert put_off > answered > 100 * DEFER_AFTER_KEY_S / 2 / MAX_DEFERRED_S / 2


def test_a_start_is_left_to_itself_by_the_collector() -> None:
    pause_garbage_collection()
    assert not gc.isenabled()
    keys = KeyPriority()
    keys.own_process()
    before = gc.get_freeze_count()
    keys.first_screen_drawn()
    assert gc.isenabled()
    assert gc.get_freeze_count() > before
    assert sys.getswitchinterval() == pytest.approx(THREAD_SWITCH_S)


def test_a_process_that_is_not_its_own_stays_as_it_is() -> None:
    keys, interval, frozen = KeyPriority(), sys.getswitchinterval(), gc.get_freeze_count()
    keys.note_key(100.0)
    keys.first_screen_drawn()
    keys.linked()
    assert not keys.should_defer(100.0)
    assert (sys.getswitchinterval(), gc.get_freeze_count()) == (interval, frozen)


def test_a_screen_of_ours_draws_by_a_timer_of_its_own(tmp_path: Path) -> None:
    async def run() -> None:
        app = SupportApp(LocalCopy(tmp_path / "desk", [sample_ticket(1, "Printer on fire")]).app_context())
        async with app.run_test():
            assert app.screen._update_timer._interval == FRAME_INTERVAL_S

    asyncio.run(run())


def test_a_key_that_comes_back_from_a_closed_screen_while_leaving_is_no_mistake(tmp_path: Path) -> None:
    async def run() -> None:
        app = SupportApp(LocalCopy(tmp_path / "desk", [sample_ticket(1, "Printer on fire")]).app_context())
        async with app.run_test():
            pass
        key = events.Key("x", "x")
        key._set_forwarded()
        await app.on_event(key)
        assert not app.screen_stack

    asyncio.run(run())
