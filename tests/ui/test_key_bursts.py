"""Keys typed in bursts, split anywhere, do what the same keys do one at a time: into every screen."""

import asyncio
import itertools
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from textual import events
from textual.pilot import Pilot

from support.app_driver import screen_text
from support.board_samples import LocalCopy, sample_ticket
from supporttui.domain.ticket import Status
from supporttui.ui.app import SupportApp
from supporttui.ui.startup.key_buffer import KeyBuffer

BURSTS = int(os.environ.get("SUPPORTTUI_BURSTS", "12"))
"""How many sequences are tried; a thorough run takes 500."""

COMMANDS = [
    "r",
    "i",
    "m",
    "o",
    "w",
    "h",
    "c",
    "a",
    "s",
    "S",
    "n",
    "g",
    "t",
    "p",
    "J",
    "K",
    "j",
    "k",
    "1",
    "2",
    "3",
    "?",
]
WRITING = ["tab", "shift+tab", "ctrl+s", "ctrl+o", "ctrl+t", "ctrl+g", "ctrl+n", "escape", "enter", "x", "é", "space"]
PASTE = "pasted"
CHARACTERS = {"space": " ", "enter": "\r", "tab": "\t", "escape": "\x1b"}

Keys = list[str]
sequences = some.lists(some.sampled_from([*COMMANDS, *WRITING, PASTE]), min_size=4, max_size=14)


def event_of(key: str) -> events.Event:
    if key == PASTE:
        return events.Paste(" a text\nof two lines ")
    return events.Key(key, CHARACTERS.get(key, key if len(key) == 1 else None))


async def settled(app: SupportApp, pilot: Pilot[None]) -> None:
    """Until no key waits and everything that was asked for is there."""
    buffer: KeyBuffer = app._key_buffer
    for _ in range(300):
        await pilot.pause()
        if not (buffer._waiting or buffer._handling or buffer._opening):
            break
    await pilot.pause()
    await pilot.pause()


def outcome(app: SupportApp, desk: LocalCopy) -> dict[str, Any]:
    """Everything that a user would see or find on the desk afterwards."""
    drafts = app.model.outbox_view.drafts()
    return {
        "sent": [(each.kind, each.ticket_id, each.patch, each.subject) for each in desk.engine.submitted],
        "drafts": sorted((str(each.ticket_id), each.body, each.is_public, each.fields) for each in drafts),
        "screens": [type(screen).__name__ for screen in app.screen_stack],
        "focus": type(app.focused).__name__,
        "screen": screen_text(app),
    }


async def typed(folder: Path, bursts: list[Keys]) -> dict[str, Any]:
    """What comes of these keys, each burst in one go."""
    desk = LocalCopy(
        folder, [sample_ticket(n, f"Ticket {n}", list(Status)[n % 3], ago=timedelta(hours=n)) for n in range(1, 9)]
    )
    app = SupportApp(desk.app_context())
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(app, pilot)
        for burst in bursts:
            for key in burst:
                app.post_message(event_of(key))
            await settled(app, pilot)
        found = outcome(app, desk)
    desk.cache.close()
    return found


def split(keys: Keys, at: list[int]) -> list[Keys]:
    edges = [0, *sorted({each % len(keys) for each in at}), len(keys)]
    return [keys[start:end] for start, end in itertools.pairwise(edges) if start < end]


@pytest.mark.timeout(1800)
@settings(
    max_examples=BURSTS,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(keys=sequences, at=some.lists(some.integers(0, 40), max_size=2))
def test_a_burst_does_what_its_keys_do_one_at_a_time(tmp_path_factory: Any, keys: Keys, at: list[int]) -> None:
    folder = tmp_path_factory.mktemp("bursts")
    slow = asyncio.run(typed(folder / "slow", [[key] for key in keys]))
    quick = asyncio.run(typed(folder / "quick", split(keys, at)))
    assert quick == slow


def test_the_fields_of_a_new_ticket_take_what_was_typed_between_the_tabs(tmp_path: Path) -> None:
    keys = ["N", *"eve@acme.example", "tab", *"Sub", "tab", "2", "tab", *"Desc"]
    found = asyncio.run(typed(tmp_path, [keys]))
    ((_, _, _, fields),) = found["drafts"]
    assert dict(fields) == {**dict(fields), "requester": "eve@acme.example", "subject": "Sub", "severity": "2"}
    assert "Desc" in found["screen"]


def test_no_key_acts_on_the_ticket_while_an_answer_is_being_written(tmp_path: Path) -> None:
    for way_out in (["tab"], ["shift+tab"], ["ctrl+g", "tab"]):
        keys = ["enter", "r", *"Dear", *way_out, "m", "c", "a", "S"]
        found = asyncio.run(typed(tmp_path / way_out[-1] / str(len(way_out)), [keys]))
        assert found["sent"] == []
        assert found["screens"][-1] == "TicketScreen"
        assert "Dear" in found["drafts"][0][1]


def test_keys_behind_the_one_that_quits_end_nothing_in_a_fault(tmp_path: Path) -> None:
    async def scene() -> None:
        desk = LocalCopy(tmp_path, [sample_ticket(1, "Printer on fire")])
        app = SupportApp(desk.app_context())
        async with app.run_test(size=(120, 36)) as pilot:
            await settled(app, pilot)
            for key in ("q", "j", "m", "c", PASTE, "r", "tab", "x"):
                app.post_message(event_of(key))
            await pilot.pause()
        desk.cache.close()
        assert app.failure is None
        assert desk.engine.submitted == []

    asyncio.run(scene())
