"""Keys typed in bursts, split anywhere, do what the same keys do one at a time: into every screen."""

import asyncio
import gc
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.app_driver import settle
from support.key_bursts import ALL_SCREENS, PASTE, SETTLED, BurstApp, Outcome, burst_desk, key_event, random_burst
from supporttui.ui.app import SupportApp

BURSTS = int(os.environ.get("SUPPORTTUI_BURSTS", "300"))
"""How many sequences are tried; a thorough run takes 5,000."""

SHARDS = 5
SIZE = (80, 24)


@pytest.fixture
def without_collections() -> Iterator[None]:
    """The window's own process spends little time in the garbage collector, too."""
    gc.collect()
    gc.freeze()
    former = gc.get_threshold()
    gc.set_threshold(*former[:2], 1_000)
    yield
    gc.set_threshold(*former)
    gc.unfreeze()


async def differences_of(folder: Path, seed: int, count: int) -> list[str]:
    """The bursts after which something differs, each with what does; what was tried is printed."""
    chance, differing, keys = random.Random(seed), [], 0
    with burst_desk(folder) as desk:
        app = BurstApp(desk)
        async with app.run_test(size=SIZE):
            for number in range(count):
                burst = random_burst(chance, number)
                keys += len(burst.keys)
                app.draw(is_wanted=number % 2 == 0)
                singly = await app.type_keys(burst.keys, [SETTLED] * len(burst.keys))
                quickly = await app.type_keys(burst.keys, burst.pauses)
                if quickly != singly:
                    differing.append(f"{burst}\n{singly.differences(quickly)}")
            await app.begin_anew()
    print(f"{count} bursts, {keys} keys, {len(app.opened)} kinds of screens, {len(differing)} differences")
    assert count < len(ALL_SCREENS) or app.opened >= ALL_SCREENS, ALL_SCREENS - app.opened
    return differing


@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("without_collections")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_burst_does_what_its_keys_do_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shard: int
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "here there")  # so that no key opens a browser
    differing = asyncio.run(differences_of(tmp_path, shard, BURSTS // SHARDS))
    assert not differing, "\n\n".join(differing)


FOUND: dict[str, tuple[str, ...]] = {
    "a page in a pane that was just unfolded": ("5", "2", "pagedown", "k"),
    "the end of the properties": ("enter", "p", "G", "end", "2"),
    "the end of the keys": ("enter", "?", "end"),
    "a page in the form": ("N", "tab", "@", "x", "shift+tab", "t", "pagedown"),
    "fields of the form": ("N", "x", "tab", "x", "tab", "j", "enter", "tab", "tab", "i"),
    "what is over in a folded pane": ("enter", "S", "1", "escape", "4"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_bursts_have_found_stays_mended(tmp_path: Path, name: str) -> None:
    async def scene() -> None:
        with burst_desk(tmp_path) as desk:
            app = BurstApp(desk)
            async with app.run_test(size=SIZE):
                singly = await app.type_keys(FOUND[name], [SETTLED] * len(FOUND[name]))
                quickly = await app.type_keys(FOUND[name], [0] * len(FOUND[name]))
                assert quickly == singly, singly.differences(quickly)

    asyncio.run(scene())


async def typed(folder: Path, *keys: str) -> Outcome:
    """What comes of these keys in one go."""
    with burst_desk(folder) as desk:
        app = BurstApp(desk)
        async with app.run_test(size=(120, 36)):
            return await app.type_keys(keys, [0] * len(keys))


def test_the_fields_of_a_new_ticket_take_what_was_typed_between_the_tabs(tmp_path: Path) -> None:
    keys = ["N", *"eve@acme.example", "tab", *"Sub", "tab", "2", "tab", *"Desc"]
    found = asyncio.run(typed(tmp_path, *keys))
    ((_, _, _, fields),) = found.drafts
    assert fields == {**fields, "requester": "eve@acme.example", "subject": "Sub", "severity": "2"}
    assert "Desc" in found.screen


def test_no_key_acts_on_the_ticket_while_an_answer_is_being_written(tmp_path: Path) -> None:
    for way_out in (["tab"], ["shift+tab"], ["ctrl+g", "tab"]):
        keys = ["enter", "r", *"Dear", *way_out, "m", "c", "a", "S"]
        found = asyncio.run(typed(tmp_path / way_out[-1] / str(len(way_out)), *keys))
        assert found.sent == []
        assert found.screens[-1] == "TicketScreen"
        assert "Dear" in found.drafts[0][1]


def test_keys_behind_the_one_that_quits_end_nothing_in_a_fault(tmp_path: Path) -> None:
    async def scene() -> None:
        with burst_desk(tmp_path) as desk:
            app = SupportApp(desk.app_context())
            async with app.run_test(size=(120, 36)) as pilot:
                await settle(pilot)
                for key in ("q", "j", "m", "c", PASTE, "r", "tab", "x"):
                    app.post_message(key_event(key))
                await pilot.pause()
            assert app.failure is None
            assert desk.engine.submitted == []

    asyncio.run(scene())
