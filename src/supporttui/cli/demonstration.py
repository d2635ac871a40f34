"""The demonstration desk of this user: one at a time, found by every terminal, thrown away at the end."""

from datetime import datetime
from typing import Final

import msgspec

from supporttui.cli.exits import Exit, Stop
from supporttui.cli.target import NO_DEMO, Target, demo_policy, embedded_target, idle_exit_s
from supporttui.config import Folders, Settings
from supporttui.server.embedded import ensure_running, is_running
from supporttui.server.place import DemoChoice, DeskCard, DeskPlace, choose_socket, load_card
from supporttui.store.cache import Cache
from supporttui.store.files import store_files

LABEL: Final = "demonstration"
AHEAD: Final = "desk_ahead_s"
"""The state under which the local copy keeps the desk's time."""


def demo_place(choice: DemoChoice) -> DeskPlace:
    """Where the demonstration lies, beside what can be fetched again."""
    folders = Folders.of_user()
    folders.create()
    return DeskPlace(
        folder=folders.cache / "demo",
        socket=choose_socket(folders.runtime, "demo"),
        idle_exit_s=idle_exit_s(),
        demo=choice,
    )


def running_place() -> DeskPlace:
    """Where the demonstration is running. Raises Stop where none is."""
    place = demo_place(DemoChoice())
    if load_card(place) is None or not is_running(place):
        raise Stop(NO_DEMO, Exit.UNREACHABLE)
    return place


def running_demo(settings: Settings) -> Target:
    """The demonstration that is running. Raises Stop where none is."""
    place = running_place()
    card = load_card(place)
    if card is None:
        raise Stop(NO_DEMO, Exit.UNREACHABLE)
    return _target(settings, place, card)


def new_demo(settings: Settings, choice: DemoChoice) -> Target:
    """A demonstration from the beginning; where one is running already, that one."""
    place = demo_place(choice)
    return _target(settings, place, ensure_running(place, fresh=True))


def _target(settings: Settings, place: DeskPlace, card: DeskCard) -> Target:
    files = store_files(place.clients / "data", place.clients / "cache", f"demo {card.run}")
    _prepare(files.cache, card)
    return embedded_target(settings, demo_policy(), place, files, LABEL)


def _prepare(cache_path: str, card: DeskCard) -> None:
    """Let a new local copy know the demonstration's time, and what its user has read, before anything is drawn."""
    with Cache(cache_path) as cache:
        if cache.load_state(AHEAD) is not None:
            return
        cache.save_state(AHEAD, msgspec.msgpack.encode(card.ahead_s))
        if card.read_until is not None:
            read_until = datetime.fromisoformat(card.read_until)
            for ticket_id in card.tickets:
                cache.mark_read(ticket_id, read_until)
