"""Keys come before news, and only a process of its own is changed for them."""

import asyncio
import gc
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events
from textual.screen import Screen

from board_samples import Desk, sample
from supporttui.sync.status import EngineStatus, Link
from supporttui.ui.app import SupportApp
from supporttui.ui.keys_first import ANSWER_S, PUT_OFF_S, SWITCH_S, KeysFirst
from supporttui.ui.live import LiveScreen


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
    keys = KeysFirst()
    keys.begin()
    assert not keys.is_answering(100.0)
    keys.typed(100.0)
    assert keys.is_answering(100.0 + ANSWER_S / 2)
    assert not keys.is_answering(100.0 + ANSWER_S * 2)


def test_somebody_who_never_stops_typing_sees_news_all_the_same() -> None:
    keys, answered, put_off = KeysFirst(), 0, 0
    keys.begin()
    for number in range(100):
        now = 100.0 + number * ANSWER_S / 2
        keys.typed(now)
        if keys.is_answering(now):
            put_off += 1
        else:
            answered += 1
    assert put_off > answered > 100 * ANSWER_S / 2 / PUT_OFF_S / 2


def test_a_start_is_left_to_itself_by_the_collector() -> None:
    gc.disable()  # as a start does
    keys = KeysFirst()
    keys.begin()
    before = gc.get_freeze_count()
    keys.drawn()
    assert gc.isenabled()
    assert gc.get_freeze_count() > before
    assert sys.getswitchinterval() == pytest.approx(SWITCH_S)


def test_a_process_that_is_not_its_own_stays_as_it_is() -> None:
    keys, interval, frozen = KeysFirst(), sys.getswitchinterval(), gc.get_freeze_count()
    keys.typed(100.0)
    keys.drawn()
    keys.heard(EngineStatus(link=Link.LIVE))
    assert not keys.is_answering(100.0)
    assert (sys.getswitchinterval(), gc.get_freeze_count()) == (interval, frozen)


def test_the_installed_textual_draws_a_screen_by_the_timer_that_is_ours() -> None:
    assert "_update_timer" in inspect.unwrap(Screen._on_idle).__code__.co_names
    assert "_update_timer" in Screen._on_timer_update.__code__.co_names
    assert vars(LiveScreen)["_update_timer"].func.__code__.co_names[:2] == ("set_interval", "FRAME_S")


def test_a_key_that_comes_back_from_a_closed_screen_while_leaving_is_no_mistake(tmp_path: Path) -> None:
    async def run() -> None:
        app = SupportApp(Desk(tmp_path / "desk", [sample(1, "Printer on fire")]).sources())
        async with app.run_test():
            pass
        key = events.Key("x", "x")
        key._set_forwarded()
        await app.on_event(key)
        assert not app.screen_stack

    asyncio.run(run())
