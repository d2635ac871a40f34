"""Two keys one after the other: the first waits in the key line, and nothing ever happens by surprise."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot

from support.app_driver import screen_text
from support.board_samples import LocalCopy, sample_ticket
from supporttui.config.key_presets import PRESETS
from supporttui.ui.app import SupportApp
from supporttui.ui.board.screen import BoardScreen
from supporttui.ui.panes.status_pane import StatusPane
from supporttui.ui.typing_area import PlainTextArea

Scene = Callable[[SupportApp, Pilot[None]], Awaitable[None]]


def played(folder: Path, keymap: dict[str, str], scene: Scene) -> None:
    async def run() -> None:
        desk = LocalCopy(folder, [sample_ticket(n, f"Ticket {n}", ago=timedelta(hours=n)) for n in range(1, 9)])
        app = SupportApp(replace(desk.app_context(), keymap=keymap))
        async with app.run_test(size=(120, 36)) as pilot:
            await settled(app, pilot)
            await scene(app, pilot)
        desk.cache.close()

    asyncio.run(run())


async def settled(app: SupportApp, pilot: Pilot[None]) -> None:
    buffer = app._key_buffer
    for _ in range(300):
        await pilot.pause()
        if not (buffer._waiting or buffer._handling or buffer._opening):
            break
    await pilot.pause()


async def burst(app: SupportApp, pilot: Pilot[None], *keys: str) -> None:
    """Keys typed at once."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))
    await settled(app, pilot)


def cursor(app: SupportApp) -> int:
    assert isinstance(app.screen, BoardScreen)
    assert isinstance(app.focused, StatusPane)
    return app.focused.view.cursor


def test_first_key_waits_and_says_what_may_follow(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await burst(app, pilot, "G")
        assert cursor(app) == 7
        await burst(app, pilot, "g")
        assert "g…" in screen_text(app)
        assert "g first ticket" in screen_text(app)
        assert "esc cancels" in screen_text(app)
        assert cursor(app) == 7
        await burst(app, pilot, "g")
        assert cursor(app) == 0
        assert "g…" not in screen_text(app)

    played(tmp_path, dict(PRESETS["vim"]), scene)


def test_escape_cancels_and_an_unknown_second_key_does_nothing_and_says_so(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await burst(app, pilot, "G", "g", "escape")
        assert cursor(app) == 7
        assert "g…" not in screen_text(app)
        await burst(app, pilot, "g", "r")
        assert isinstance(app.screen, BoardScreen)
        assert "g r is no key here; nothing was done." in screen_text(app)
        await burst(app, pilot, "g", "g")
        assert cursor(app) == 0

    played(tmp_path, dict(PRESETS["vim"]), scene)


def test_sequences_in_a_burst_keep_the_order_of_typing(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await burst(app, pilot, "G", "g", "g", "j", "j", "enter", "G", "g", "g", "escape", "j")
        assert cursor(app) == 3

    played(tmp_path, dict(PRESETS["vim"]), scene)


def test_keys_of_a_sequence_are_text_where_one_types(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await burst(app, pilot, "r")
        await burst(app, pilot, *"eggs:", "g", "g")
        area = app.screen.query_one(PlainTextArea)
        assert area.text == "eggs:gg"

    played(tmp_path, dict(PRESETS["vim"]), scene)


def test_paste_and_the_mouse_end_the_wait(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await burst(app, pilot, "G", "g")
        await pilot.click(StatusPane)
        await settled(app, pilot)
        assert "g…" not in screen_text(app)
        await burst(app, pilot, "G", "g")
        app.post_message(events.Paste("g"))
        await burst(app, pilot, "k")
        assert cursor(app) == 6

    played(tmp_path, dict(PRESETS["vim"]), scene)


def test_emacs_keys_work_while_writing(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await burst(app, pilot, "ctrl+n", "r")
        await burst(app, pilot, *"one", "enter", *"two")
        area = app.screen.query_one(PlainTextArea)
        await burst(app, pilot, "ctrl+a")
        assert area.cursor_location == (1, 0)
        await burst(app, pilot, "ctrl+p", "ctrl+e", "ctrl+b")
        assert area.cursor_location == (0, 2)
        await burst(app, pilot, "ctrl+n", "ctrl+b", "ctrl+f", "ctrl+d")
        assert area.text == "one\ntw"
        await burst(app, pilot, "ctrl+k", "ctrl+x", "ctrl+s")
        assert "one" in str(app.engine.submitted[-1].patch.body)  # type: ignore[attr-defined]  # the stub's own

    played(tmp_path, dict(PRESETS["emacs"]), scene)


def test_keys_can_be_exchanged_while_writing(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await burst(app, pilot, "r")
        await burst(app, pilot, *"Hello", "ctrl+e")
        assert app.engine.submitted  # type: ignore[attr-defined]  # the stub's own

    played(tmp_path, {"composer-send": "ctrl+e", "composer-editor": "ctrl+s"}, scene)


def test_a_letter_given_to_a_binding_of_the_app_is_text_where_one_types(tmp_path: Path) -> None:
    async def scene(app: SupportApp, pilot: Pilot[None]) -> None:
        await burst(app, pilot, "colon")
        assert "type to find" in screen_text(app)
        await burst(app, pilot, "escape", "r")
        await burst(app, pilot, "colon", *"zZ")
        assert app.screen.query_one(PlainTextArea).text.endswith("zZ")

    played(tmp_path, dict(PRESETS["vim"]) | {"board-mine": "Z"}, scene)
