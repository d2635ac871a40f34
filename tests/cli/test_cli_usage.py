"""What is wrong on the command line is said in one sentence, with the documented exit code."""

import subprocess
from pathlib import Path

import pytest

from support.canary import secret
from support.command_line import PROGRAM, run_command, single_error_line
from supporttui.cli.launch import GlobalOptions, Launch, parse_launch
from supporttui.presentation.terminal_options import BandwidthChoice

TOKEN = secret("usage")


@pytest.mark.parametrize(
    ("arguments", "launch"),
    [
        ([], Launch()),
        (["wall"], Launch(is_wall=True)),
        (["demo"], Launch(starts_demo=True)),
        (["tour"], Launch(starts_demo=True, is_still=True, is_tour=True)),
        (["--demo"], Launch(scope=GlobalOptions(is_demo=True))),
        (["--thin", "wall"], Launch(scope=GlobalOptions(line=BandwidthChoice.THIN), is_wall=True)),
        (["--full", "--demo"], Launch(scope=GlobalOptions(line=BandwidthChoice.FULL, is_demo=True))),
        (["--config", "mine.toml", "wall"], Launch(scope=GlobalOptions(config=Path("mine.toml")), is_wall=True)),
    ],
)
def test_command_lines_that_open_a_screen_need_no_command_library(arguments: list[str], launch: Launch) -> None:
    assert parse_launch(arguments) == launch


@pytest.mark.parametrize(
    "arguments", [["status"], ["demo", "--still"], ["--help"], ["--config"], ["--config", "--demo"], ["--demo", "demo"]]
)
def test_everything_else_is_left_to_the_command_library(arguments: list[str]) -> None:
    assert parse_launch(arguments) is None


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nonsense"], "nonsense"),
        (["--thin", "--full", "demo"], "--thin and --full"),
        (["submit"], "--subject"),
        (["submit", "--subject", "x", "--severity", "high", "--description", "y"], "--severity"),
        (["submit", "--subject", "x", "--severity", "7", "--description", "y"], "severity 7"),
        (["submit", "--subject", " ", "--severity", "3", "--description", "y"], "subject"),
        (["submit", "--subject", "x", "--severity", "3", "--description", " "], "description"),
        (["reply", "1"], "--body"),
        (["reply", "1", "--status", "new"], "status new"),
        (["desk"], "command"),
        (["desk", "add-user", "--email", "a@b.example", "--name", "A", "--role", "boss"], "boss"),
        (["desk", "add-user", "--email", "nobody", "--name", "A", "--role", "agent"], "nobody"),
        (["desk", "token", "--email", "a@b.example"], "a@b.example"),
    ],
)
def test_wrong_usage_is_one_sentence_that_names_it_and_exit_code_2(arguments: list[str], named: str) -> None:
    ended = run_command(*arguments)
    assert named in single_error_line(ended)
    assert ended.code == 2
    assert ended.out == ""


def test_without_a_terminal_the_board_says_what_to_do_instead() -> None:
    ended = run_command()
    assert "needs a terminal" in single_error_line(ended)
    assert ended.code == 2


def test_a_file_that_cannot_be_attached_is_named_before_anything_is_sent() -> None:
    ended = run_command(
        "submit", "--subject", "x", "--severity", "3", "--description", "y", "--attach", "/nowhere/a.log"
    )
    assert "/nowhere/a.log" in single_error_line(ended)
    assert ended.code == 2


def test_demo_commands_without_a_demonstration_say_how_to_start_one() -> None:
    ended = run_command("--demo", "status")
    assert "supporttui demo" in single_error_line(ended)
    assert ended.code == 4


def test_a_broken_configuration_is_named_with_its_key(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[policy]\ndefault_severity = 9\n")
    ended = run_command("--config", str(config), "status")
    assert "default_severity" in single_error_line(ended)
    assert str(config) in ended.err
    assert ended.code == 3


def test_a_missing_configuration_file_is_named() -> None:
    ended = run_command("--config", "/nowhere/config.toml", "status")
    assert "/nowhere/config.toml" in single_error_line(ended)
    assert ended.code == 3


def test_an_unreachable_desk_is_named_with_exit_code_4() -> None:
    settings = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "a@b.example", "SUPPORTTUI_TOKEN": TOKEN}
    ended = run_command("status", environment=settings)
    assert "127.0.0.1:9" in ended.out
    assert ended.code == 4


def test_a_ticket_for_an_unreachable_desk_stays_in_the_outbox_and_status_lists_it() -> None:
    settings = {"SUPPORTTUI_URL": "http://127.0.0.1:9", "SUPPORTTUI_EMAIL": "a@b.example", "SUPPORTTUI_TOKEN": TOKEN}
    typed = ["--subject", "Board is gone", "--severity", "4", "--description", "-", "--steps", "open it"]
    ended = run_command("submit", *typed, stdin="typed at night\n", environment=settings)
    assert "Nothing is lost" in ended.err
    assert ended.code == 4
    listed = run_command("status", environment=settings).out
    assert "Board is gone" in listed
    assert "typed at night" in listed


def test_the_version_and_the_help_are_printed() -> None:
    assert run_command("--version").out.startswith("supporttui 0.")
    assert "Exit codes" in run_command("--help").out


def test_a_reader_that_leaves_early_is_no_error() -> None:
    shell = f"{' '.join(PROGRAM)} status | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


def test_a_folder_that_cannot_be_made_is_a_disk_problem_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/impossible")
    ended = run_command("status")
    assert "/dev/null/impossible" in single_error_line(ended)
    assert ended.code == 8
