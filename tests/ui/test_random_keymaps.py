"""The whole keymap remapped at random, and the presets: every action by its key, in the palette and in `?`."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual import events
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.pilot import Pilot

from support.app_places import PLACES, opened_place
from support.board_samples import LocalCopy, sample_ticket
from support.random_keymaps import ACTING_EVERYWHERE, random_keymap
from supporttui.config import load_settings
from supporttui.config.key_bindings import CONTEXTS, DEFAULT_KEYS
from supporttui.config.key_presets import PRESETS
from supporttui.config.key_settings import key_problem
from supporttui.presentation.key_names import short_key
from supporttui.ui.app import SupportApp
from supporttui.ui.dialogs.commands import CommandsScreen
from supporttui.ui.dialogs.help import HelpScreen
from supporttui.ui.dialogs.key_list import active_entries, is_listed
from supporttui.ui.key_catalogue import declared_bindings

KEYMAPS = int(os.environ.get("SUPPORTTUI_KEYMAPS", "2"))
"""How many random keymaps are tried; a thorough run takes 200."""


class RecordingApp(SupportApp):
    """Notes what a key would run instead of running it, once that is asked for."""

    ran: list[tuple[DOMNode, str]] | None = None

    async def run_action(self, action: Any, default_namespace: Any = None, namespaces: Any = None) -> bool:
        """As Textual's, up to the action itself."""
        if self.ran is None:
            return await super().run_action(action, default_namespace, namespaces)
        target, name, parameters = self._parse_action(action, default_namespace or self, namespaces)
        if not target.check_action(name, parameters):
            return False
        self.ran.append((default_namespace or self, str(action)))
        return True


@asynccontextmanager
async def running(folder: Path, keymap: Mapping[str, str]) -> Any:
    desk = LocalCopy(folder, [sample_ticket(n, f"Ticket {n}", ago=timedelta(hours=n)) for n in range(1, 4)])
    app = RecordingApp(replace(desk.app_context(), keymap=keymap))
    async with app.run_test(size=(160, 44)) as pilot:
        await pilot.pause()
        yield app, pilot
    desk.cache.close()


@contextmanager
def recorded(app: RecordingApp) -> Iterator[list[tuple[DOMNode, str]]]:
    app.ran = []
    yield app.ran
    app.ran = None


async def pressed(app: RecordingApp, key: str) -> list[tuple[DOMNode, str]]:
    """What a key or a sequence runs."""
    with recorded(app) as ran:
        for one in key.split(" "):
            app.post_message(events.Key(one, key_to_character(one)))
        buffer = app._key_buffer
        for _ in range(2_000):
            await asyncio.sleep(0)
            if ran and not (buffer._waiting or buffer._handling):
                break
        return list(ran)


def active_here(app: RecordingApp) -> dict[str, list[tuple[str, DOMNode, Binding]]]:
    """The keys of each binding of ours that acts now."""
    found: dict[str, list[tuple[str, DOMNode, Binding]]] = {}
    for key, active in app.screen.active_bindings.items():
        id_ = active.binding.id or ""
        if id_ in DEFAULT_KEYS and active.enabled:
            found.setdefault(id_, []).append((key, active.node, active.binding))
    return found


def usual_ids(folder: Path) -> dict[str, set[str]]:
    """What acts in each place under the usual keys."""

    async def run() -> dict[str, set[str]]:
        found = {}
        async with running(folder, {}) as (app, pilot):
            for name, opening in PLACES.items():
                async with opened_place(app, pilot, opening):
                    found[name] = {*active_here(app)}
        return found

    return asyncio.run(run())


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    return usual_ids(tmp_path_factory.mktemp("usual"))


def test_every_binding_acts_in_one_of_the_places(acting: dict[str, set[str]]) -> None:
    assert set().union(*acting.values()) == {*DEFAULT_KEYS} - {"app-interrupt"}  # a screen copies with its key first


def test_every_binding_that_acts_somewhere_is_in_the_context_of_that_place(acting: dict[str, set[str]]) -> None:
    for name, ids in acting.items():
        own = {id_ for id_ in ids if not id_.startswith("app-")}
        assert any(all(context.holds(id_) for id_ in own) for context in CONTEXTS), (name, own)


async def check_places(folder: Path, keymap: dict[str, str], acting: Mapping[str, set[str]]) -> int:
    """Every key of every place runs its action and is in the palette and in `?`; the number of keys that were tried."""
    tried = 0
    declared = {binding.id for binding in declared_bindings() if is_listed(binding)}
    async with running(folder, keymap) as (app, pilot):
        for name, opening in PLACES.items():
            async with opened_place(app, pilot, opening):
                here = active_here(app)
                missing = acting[name] - {*here}
                if "text-left" in acting[name]:  # beside a field the app has the keys that nothing in the field has
                    missing -= {id_ for id_ in missing if id_.startswith("app-") and id_ not in ACTING_EVERYWHERE}
                assert not missing, (name, missing)
                tried += await check_keys(app, here)
                check_palette(app, here)
                assert {*here} <= declared | {"app-interrupt"}
        shown = await help_lines(app, pilot)
        for id_, keys in {**DEFAULT_KEYS, **keymap}.items():
            if id_ in declared:
                assert all(any(short_key(key) in line.split(" ") or short_key(key) in line for line in shown[id_])
                           for key in keys.split(",")), (id_, keys, shown[id_])  # fmt: skip
    return tried


async def check_keys(app: RecordingApp, here: Mapping[str, list[tuple[str, DOMNode, Binding]]]) -> int:
    for id_, bound in here.items():
        for key, node, binding in bound:
            assert (await pressed(app, key))[:1] == [(node, binding.action)], (id_, key)
    return sum(map(len, here.values()))


def check_palette(app: RecordingApp, here: Mapping[str, list[tuple[str, DOMNode, Binding]]]) -> None:
    """The palette over this screen has each action with all of its keys."""
    entries = active_entries(app.screen)
    offered = {entry.key.removeprefix("action:") for entry in app.navigator._actions()}
    for id_, bound in here.items():
        for key, node, binding in bound:
            if is_listed(binding):
                (entry,) = (each for each in entries if (each.node, each.action) == (node, binding.action))
                assert short_key(key) in entry.keys
                assert entry.action == "commands" or entry.id in offered, id_


async def help_lines(app: RecordingApp, pilot: Pilot[None]) -> dict[str, list[str]]:
    """What `?` says of the keys of each binding."""
    app.navigator.open_help()
    await pilot.pause()
    assert isinstance(app.screen, HelpScreen)
    places = {(entry.section, entry.word): entry.keys for entry in app.screen.found}
    found: dict[str, list[str]] = {}
    from supporttui.ui.dialogs.key_list import section_of

    for binding in declared_bindings():
        if is_listed(binding):
            found.setdefault(binding.id or "", []).append(places[section_of(binding), binding.description])
    await app.pop_screen()
    return found


@pytest.mark.timeout(7200)
def test_every_action_is_reachable_under_random_keymaps(tmp_path: Path, acting: dict[str, set[str]]) -> None:
    tried = 0
    for seed in range(KEYMAPS):
        keymap = random_keymap(seed)
        file = tmp_path / "config.toml"
        file.write_text("[keys]\n" + "".join(f'{id_} = "{keys}"\n' for id_, keys in keymap.items()), encoding="utf-8")
        taken = dict(load_settings(file, {}).keys)
        assert taken == keymap
        tried += asyncio.run(check_places(tmp_path / str(seed), taken, acting))
    assert tried > 200 * KEYMAPS


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_has_no_clash_and_every_action_in_every_place(
    tmp_path: Path, preset: str, acting: dict[str, set[str]]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[keys]\npreset = "{preset}"\n', encoding="utf-8")
    keymap = dict(load_settings(file, {}).keys)
    whole = {**DEFAULT_KEYS, **keymap}
    assert {id_: key_problem(id_, whole, keys.split(",")) for id_, keys in whole.items()} == dict.fromkeys(whole, "")
    assert asyncio.run(check_places(tmp_path / "desk", keymap, acting)) > 200


def test_palette_is_what_the_key_opens_over_each_place(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path, {}) as (app, pilot):
            for name, opening in PLACES.items():
                if name in ("palette", "help"):
                    continue
                async with opened_place(app, pilot, opening):
                    await pilot.press("ctrl+p")
                    await pilot.pause()
                    assert isinstance(app.screen, CommandsScreen), name

    asyncio.run(run())
