"""`[commands]`: what cannot work is refused with its line."""

from pathlib import Path

import pytest

from supporttui.config import ConfigProblem, Settings, load_settings
from supporttui.config.command_settings import CustomCommand


def settings_of(folder: Path, *lines: str) -> Settings:
    file = folder / "config.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return load_settings(file, {})


def test_command_is_read_with_its_key_and_its_arguments(tmp_path: Path) -> None:
    found = settings_of(
        tmp_path,
        "[commands.db-runbook]",
        'key = "F12, x y"',
        'run = ["less", "/srv/{literally}/db.md", "{number}", "{ print }"]',
        'when_tag = "db"',
        "background = true",
    ).commands

    assert found == (
        CustomCommand(
            name="db-runbook",
            keys="f12,x y",
            run=("less", "/srv/{literally}/db.md", "{number}", "{ print }"),
            label="run db-runbook",
            when_tag="db",
            is_background=True,
        ),
    )


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (('key = "r"', 'run = ["x"]'), 2, '"r" is the key of board-reply on the board; choose another key, or give'),
        (('key = "E"', 'run = ["x"]'), 2, '"E" is the key of ticket-edit-unsent on a ticket'),
        (('key = "ctrl+m"', 'run = ["x"]'), 2, 'a terminal sends the same for "ctrl+m" and enter'),
        (('key = "g x"', 'run = ["x"]'), 2, '"g x" begins with "g", which is the key of board-go-to'),
        (('run = ["x"]',), 1, "commands.x.key: nothing is not a text"),
        (('key = "f12"',), 1, "commands.x.run: nothing is not a list of texts"),
        (('key = "f12"', 'run = "less x"'), 3, '"less x" is not a list of texts; write for example run = ["less"'),
        (('key = "f12"', "run = []"), 3, "it names no program"),
        (('key = "f12"', 'run = ["less", "{sujbect}"]'), 3, 'a ticket has no "{sujbect}"; did you mean subject?'),
        (('key = "f12"', 'run = ["less", "--of={subject}"]'), 3, '"{subject}" must be a whole argument; a script of'),
        (('key = "f12"', 'run = ["x"]', "when = 1"), 4, "there is no such key; did you mean when_tag?"),
        (('key = "f12"', 'run = ["x"]', 'background = "yes"'), 4, '"yes" is neither true nor false'),
        (
            ('key = "f12"', 'run = ["x"]', "[commands.y]", 'key = "f12"', 'run = ["y"]'),
            5,
            '"f12" runs x already',
        ),
        (('key = "f12"', 'run = ["x"]', "[commands.Y_]", 'key = "f13"', 'run = ["y"]'), 4, "named by small letters"),
    ],
)
def test_command_that_cannot_work_is_refused_with_its_line(
    tmp_path: Path, lines: tuple[str, ...], line: int, said: str
) -> None:
    with pytest.raises(ConfigProblem) as found:
        settings_of(tmp_path, "[commands.x]", *lines)

    assert said in str(found.value)
    assert found.value.line == line


def test_commands_for_different_tags_can_share_a_key(tmp_path: Path) -> None:
    lines = ['key = "f12"', 'run = ["x"]']
    found = settings_of(
        tmp_path,
        "[commands.a]",
        *lines,
        'when_tag = "a"',
        "[commands.b]",
        *lines,
        'when_tag = "b"',
        "[commands.c]",
        *lines,
    ).commands

    assert [each.name for each in found] == ["a", "b", "c"]


def test_a_key_that_the_keymap_has_freed_can_run_a_command(tmp_path: Path) -> None:
    lines = ["[keys]", 'board-reply = "f12"', 'ticket-reply = "f12"', "[commands.x]", 'key = "r"', 'run = ["x"]']

    assert settings_of(tmp_path, *lines).commands[0].keys == "r"
