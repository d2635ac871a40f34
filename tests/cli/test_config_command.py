"""`supporttui config` writes a file that changes nothing, checks one, and says what is in force and from where."""

import re
import tomllib
from pathlib import Path

from msgspec.structs import replace

from support.canary import secret
from support.command_line import run_command, single_error_line
from supporttui.config.key_bindings import DEFAULT_KEYS
from supporttui.config.settings import load_defaults, load_settings
from supporttui.config.template import commented_file

COMMENTED = re.compile(r'^#(?=[A-Za-z0-9_"-]+\s*=)', re.MULTILINE)


def uncommented() -> str:
    """The template with every setting in force."""
    return COMMENTED.sub("", commented_file())


def test_the_template_has_every_setting_with_its_default() -> None:
    assert tomllib.loads(uncommented()) == load_defaults() | {"keys": dict(DEFAULT_KEYS)}


def test_as_it_is_written_it_changes_nothing(tmp_path: Path) -> None:
    plain, written, whole = tmp_path / "plain.toml", tmp_path / "written.toml", tmp_path / "whole.toml"
    plain.write_text("")
    written.write_text(commented_file())
    whole.write_text(COMMENTED.sub("", commented_file().partition("[keys]")[0]))
    usual, found = load_settings(plain, {}), load_settings(written, {})
    assert replace(found, file=usual.file, desk=usual.desk) == usual
    assert (found.desk.kind, found.desk.url, found.desk.email) == ("embedded", "", "")
    assert load_settings(whole, {}).looks == usual.looks


def test_init_writes_the_file_once_and_says_where(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    ended = run_command("--config", str(file), "config", "init")
    assert ended.code == 0
    assert str(file) in ended.out
    assert file.read_text() == commented_file()
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("# mine\n")
    again = run_command("--config", str(file), "config")
    assert again.code == 3
    assert "is there already" in single_error_line(again)
    assert file.read_text() == "# mine\n"


def test_check_names_the_first_mistake_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[looks]\n\ntheme = "drak"\n')
    ended = run_command("config", "check", str(file))
    assert ended.code == 3
    assert "line 3: looks.theme" in single_error_line(ended)
    assert "did you mean dark?" in ended.err
    file.write_text('[looks]\ntheme = "dark"\n')
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "mine.toml").write_text('[colours]\ncalm = "red"\n')
    assert "mine.toml: line 2: colours.calm" in single_error_line(run_command("config", "check", str(file)))
    (tmp_path / "themes" / "mine.toml").write_text('[colours]\ncalm = "#00aa00"\n')
    right = run_command("config", "check", str(file))
    assert (right.code, right.out) == (0, f"{file} is right, and so are the themes mine.\n")


def test_show_says_of_each_setting_where_it_comes_from_and_never_shows_a_credential(tmp_path: Path) -> None:
    file, token = tmp_path / "mine.toml", secret("shown-config")
    file.write_text('[desk]\ntoken_command = "pass show acme"\n\n[policy]\nclosed_days = 3\n')
    environment = {"SUPPORTTUI_TOKEN": token, "SUPPORTTUI_EMAIL": "kim@acme.example"}
    shown = run_command(
        *("--config", str(file), "--theme", "light", "config", "show", "--changed"), environment=environment
    ).out
    found = [re.split(r"\s+# ", line) for line in shown.splitlines()[1:]]
    assert found == [
        ["policy.closed_days = 3", f"{file}:5"],
        ['desk.email = "kim@acme.example"', "SUPPORTTUI_EMAIL"],
        ['desk.token_command = "pass …"', f"{file}:2"],
        ["desk.token = (set; not shown)", "SUPPORTTUI_TOKEN"],
        ['looks.theme = "light"', "--theme"],
    ]
    whole = run_command("--config", str(file), "config", "show", environment=environment).out
    assert re.search(r"^sending\.undo_seconds = 8 +# default$", whole, re.MULTILINE)
    assert token not in shown + whole
