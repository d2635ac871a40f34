"""`[keys]` takes no key away silently, and refuses what cannot be pressed."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import supporttui.ui
from supporttui.config import ConfigProblem, Settings, load_settings
from supporttui.config.key_bindings import CONTEXTS, DEFAULT_KEYS


def keys_of(folder: Path, *lines: str) -> Settings:
    file = folder / "config.toml"
    file.write_text("\n".join(["[keys]", *lines]), encoding="utf-8")
    return load_settings(file, {})


def declared_bindings() -> Iterator[Binding]:
    for module in pkgutil.walk_packages(supporttui.ui.__path__, "supporttui.ui."):
        found = importlib.import_module(module.name)
        for value in vars(found).values():
            if inspect.isclass(value) and value.__module__ == module.name and issubclass(value, DOMNode):
                yield from Binding.make_bindings(value.__dict__.get("BINDINGS", ()))


def test_list_of_bindings_is_what_the_screens_declare() -> None:
    declared: dict[str, list[str]] = {}
    for binding in declared_bindings():
        if binding.id is not None and not binding.id.startswith("go-to-digit"):
            declared.setdefault(binding.id, []).append(binding.key)

    assert {id_: set(keys.split(",")) for id_, keys in DEFAULT_KEYS.items()} == {
        id_: set(keys) for id_, keys in declared.items()
    }


def test_every_binding_is_active_somewhere_and_none_has_a_key_of_another() -> None:
    for id_ in DEFAULT_KEYS:
        assert any(context.holds(id_) for context in CONTEXTS), id_
    for context in CONTEXTS:
        taken: dict[str, str] = {}
        for id_ in filter(context.holds, DEFAULT_KEYS):
            for key in DEFAULT_KEYS[id_].split(","):
                assert taken.setdefault(key, id_) == id_, (context.name, key)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('board-mine = "r"', '"r" is the key of board-reply on the board; choose another key, or give board-reply'),
        ('board-mine = "F,u"', '"u" is the key of app-undo on the board'),
        ('app-undo = "t"', '"t" is the key of board-what-first on the board'),
        ('app-outbox = "p"', '"p" is the key of ticket-properties on a ticket'),
        ('conversation-down = "J"', '"J" is the key of ticket-next on a ticket'),
        ('move-to-closed = "h"', '"h" is the key of move-to-on-hold where a status is chosen'),
        ('board-mine = "ctrl+p"', '"ctrl+p" is the key of app-commands on the board'),
        ('board-mine = "ctrl+q"', '"ctrl+q" is needed on the board already; choose another key'),
        ('links-copy = "enter"', '"enter" is needed in the list of links already'),
        ('composer-send = "s"', '"s" is text while writing; choose a key with ctrl, or f1 to f12'),
        ('composer-send = "?"', '"question_mark" is text while writing'),
        ('composer-send = "ctrl+k"', '"ctrl+k" is needed while writing already; choose another key'),
        ('composer-send = "enter"', '"enter" is needed while writing already'),
        ('new-ticket-send = "space"', '"space" is text in the form for a new ticket'),
        ('go-to-go = "x"', '"x" is text where a number is typed'),
        ('board-mine = "ctrl+h"', 'a terminal sends the same for "ctrl+h" and backspace; choose another key'),
        ('board-mine = "ctrl+i"', 'a terminal sends the same for "ctrl+i" and tab'),
        ('board-mine = "Ctrl+M"', 'a terminal sends the same for "Ctrl+M" and enter'),
        ('board-mine = "ctrl+["', 'a terminal sends the same for "ctrl+[" and escape'),
        ('board-mine = "shift+f"', 'a terminal does not tell shift from "shift+f"; write the letter itself, "F"'),
        ('board-mine = "ctrl+shift+f"', 'a terminal sends the same for "ctrl+shift+f" and "ctrl+f"'),
        ('board-mine = "ctrl+enter"', 'a terminal does not send "ctrl+enter"; write a character, f1 to f12'),
        ('board-mine = "super+f"', 'a terminal does not send "super+f"'),
        ('board-mine = "ctrl+1"', 'a terminal does not send "ctrl+1"'),
        ('board-mine = "esc"', '"esc" is no key; write "escape"'),
        ('board-mine = "entre"', '"entre" is no key; did you mean enter?'),
        ('board-mine = "F,"', 'a key is missing between commas; the comma itself is written "comma"'),
        ('bord-mine = "F"', "there is no key binding of this name; did you mean board-mine?"),
        ('open-ticket = "o"', "there is no key binding of this name"),
    ],
)
def test_key_that_cannot_work_is_refused_with_its_line_and_a_remedy(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigProblem) as found:
        keys_of(tmp_path, line)

    assert said in str(found.value)
    assert found.value.line == 2


def test_two_bindings_can_exchange_their_keys(tmp_path: Path) -> None:
    keys = keys_of(tmp_path, 'board-mine = "r"', 'board-reply = "f"').keys

    assert keys == {"board-mine": "r", "board-reply": "f"}


def test_two_bindings_cannot_be_given_one_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="is the key of board-density"):
        keys_of(tmp_path, 'board-mine = "x"', 'board-density = "x"')


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("?", "question_mark"),
        ("/", "slash"),
        ("comma", "comma"),
        ("Ctrl+B", "ctrl+b"),
        ("F9", "f9"),
        ("ä", "ä"),
        ("alt+f", "alt+f"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("alt+up", "alt+up"),
        ("shift+alt+pagedown", "alt+shift+pagedown"),
        ("Shift+F5", "shift+f5"),
        ("alt+f12", "alt+f12"),
        ("F,F , Z", "F,Z"),
        ("f", "f"),
    ],
)
def test_keys_are_kept_by_the_names_of_their_events(tmp_path: Path, written: str, key: str) -> None:
    taken = {"?": "app-help", "/": "board-filter", "F9": "board-view-8"}
    free = f'{taken[written]} = "f1"' if written in taken else ""
    assert keys_of(tmp_path, f'board-mine = "{written}"', free).keys["board-mine"] == key
