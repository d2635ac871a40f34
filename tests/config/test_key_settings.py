"""`[keys]` takes no key away silently, and refuses what cannot be pressed."""

from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, Settings, load_settings
from supporttui.config.key_bindings import CONTEXTS, DEFAULT_KEYS
from supporttui.config.key_presets import PRESETS
from supporttui.config.key_settings import key_problem, parse_key_list
from supporttui.config.unreliable_keys import unreliable_reason
from supporttui.ui.key_catalogue import declared_bindings


def keys_of(folder: Path, *lines: str) -> Settings:
    file = folder / "config.toml"
    file.write_text("\n".join(["[keys]", *lines]), encoding="utf-8")
    return load_settings(file, {})


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
    assert {
        id_: key_problem(id_, DEFAULT_KEYS, keys.split(",")) for id_, keys in DEFAULT_KEYS.items()
    } == dict.fromkeys(DEFAULT_KEYS, "")


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
        ('links-copy = "enter"', '"enter" is the key of list-choose in the list of links'),
        ('composer-send = "s"', '"s" is text while writing; choose a key with ctrl, or f1 to f12'),
        ('composer-send = "?"', '"question_mark" is text while writing'),
        ('composer-send = "ctrl+k"', '"ctrl+k" is the key of text-delete-to-end while writing; choose another key'),
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
        ('board-mine = "alt+f"', 'a terminal sends the same for "alt+f" and ctrl+right; choose another key'),
        ('board-mine = "alt+b"', 'a terminal sends the same for "alt+b" and ctrl+left'),
        ('board-mine = "alt+5"', '"alt+5" types a character of its own, as on a Mac; choose another key'),
        ('board-mine = "alt+backspace"', 'a terminal sends the same for "alt+backspace" and ctrl+w'),
        ('board-mine = "g x"', '"g x" begins with "g", which is the key of board-go-to on the board; choose another'),
        ('board-mine = "x y z"', '"x y z" are 3 keys; a sequence has two, such as "g g"'),
        ('board-mine = "x escape"', '"x escape" cannot be typed: escape cancels a sequence'),
        ('composer-send = "x y"', '"x" is text while writing'),
        (
            'composer-send = "ctrl+k ctrl+s"',
            '"ctrl+k ctrl+s" begins with "ctrl+k", which is the key of text-delete-to-end',
        ),
        ('preset = "emcas"', "there is no such preset; did you mean emacs?"),
        ('command-x = "f6"', "write it as `key` below [commands.x]"),
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
        ("alt+g", "alt+g"),
        ("g  x", "g x"),
        ("Ctrl+X ctrl+s", "ctrl+x ctrl+s"),
        ("/ ?", "slash question_mark"),
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
    taken = {"?": "app-help", "/": "board-filter", "F9": "board-view-8", "g  x": "board-go-to", "/ ?": "board-filter"}
    free = f'{taken[written]} = "f1"' if written in taken else ""
    assert keys_of(tmp_path, f'board-mine = "{written}"', free).keys["board-mine"] == key


@pytest.mark.parametrize("preset", PRESETS)
def test_no_binding_rests_on_keys_that_terminals_or_tmux_swallow(preset: str) -> None:
    """Selecting text by keys is left out: everything can be done without it."""
    keys = {**DEFAULT_KEYS, **PRESETS[preset]}
    resting = {
        id_: {key: unreliable_reason(key) for key in each.split(",")}
        for id_, each in keys.items()
        if not id_.startswith("text-select-") and all(map(unreliable_reason, each.split(",")))
    }
    assert resting == {}


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("ctrl+b", "tmux takes it as its prefix"),
        ("ctrl+a", "GNU screen"),
        ("ctrl+q", "flow control"),
        ("ctrl+backslash", "SIGQUIT"),
        ("ctrl+circumflex_accent", "mosh"),
        ("tilde", "OpenSSH"),
        ("ctrl+@", "input method"),
        ("alt+e", "GNOME Terminal opens a menu"),
        ("alt+left", "Windows Terminal"),
        ("shift+left", "Linux console"),
        ("shift+pageup", "scroll back"),
        ("ctrl+shift+t", "open tabs"),
        ("f1", "help"),
        ("f11", "fill the screen"),
        ("shift+f3", "keyboards end with f12"),
        ("ctrl+x alt+e", "GNOME Terminal opens a menu"),
        ("ctrl+s", ""),
        ("g g", ""),
        ("f6", ""),
    ],
)
def test_why_a_key_may_not_arrive_is_known(key: str, why: str) -> None:
    assert why in unreliable_reason(key)
    assert bool(why) is bool(unreliable_reason(key))


def test_preset_is_taken_and_single_keys_go_over_it(tmp_path: Path) -> None:
    keys = keys_of(tmp_path, 'preset = "emacs"', 'composer-send = "f9"').keys

    assert keys == {**PRESETS["emacs"], "composer-send": "f9"}


def test_key_that_the_preset_has_given_away_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigProblem, match='"g" begins "g t", which is the key of board-pane-next on the board'
    ) as found:
        keys_of(tmp_path, 'preset = "vim"', 'board-mine = "g"')
    assert found.value.line == 3


@pytest.mark.parametrize("preset", PRESETS)
def test_keys_of_presets_are_keys_that_can_be_written(preset: str) -> None:
    """Beside two that a terminal sends only with the keyboard protocol, and otherwise as keys that do the same."""
    same = {"alt+b": "ctrl+left", "alt+f": "ctrl+right"}
    for id_, keys in PRESETS[preset].items():
        for key in keys.split(","):
            if key in same:
                assert same[key] in keys.split(","), id_
            else:
                assert parse_key_list(key) == key, id_
