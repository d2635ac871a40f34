"""The shell completes commands, options and their values, without opening anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import run_command
from supporttui.cli.main import COMPLETION_VARIABLE

MAX_CPU_S = 1.0
"""Processor time of one completion; more than that is felt at the tab key."""


def bash_offers(words: str) -> list[str]:
    """What bash is offered behind these words."""
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1), COMPLETION_VARIABLE: "complete_bash"}
    return run_command(environment=asked).out.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("supporttui conf", ["config"]),
        ("supporttui config ", ["init", "check", "show"]),
        ("supporttui outbox e", ["export", "edit"]),
        ("supporttui --the", ["--theme"]),
        ("supporttui --theme hi", ["high-contrast", "high-contrast-dark", "high-contrast-light"]),
        ("supporttui reply --no", ["--note"]),
        ("supporttui move 1042 ho", ["hold"]),
        ("supporttui bulk --move cl", ["closed"]),
        ("supporttui list --sort w", ["waiting"]),
        ("supporttui con", ["context", "config"]),
    ],
)
def test_what_may_follow_is_offered(words: str, offered: list[str]) -> None:
    assert bash_offers(words) == offered


def test_zsh_and_fish_get_a_word_beside_each_command() -> None:
    asked = {"_TYPER_COMPLETE_ARGS": "supporttui config "}
    zsh = run_command(environment=asked | {COMPLETION_VARIABLE: "complete_zsh"}).out
    assert '"check":"Say whether a configuration file is right' in zsh
    fish = asked | {COMPLETION_VARIABLE: "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    assert "check\tSay whether a configuration file is right" in run_command(environment=fish).out


def test_a_real_bash_completes_with_the_script_that_is_printed(tmp_path: Path) -> None:
    bash, program = shutil.which("bash"), tmp_path / "supporttui"
    assert bash is not None
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m supporttui "$@"\n')
    program.chmod(0o700)
    script = run_command(environment={COMPLETION_VARIABLE: "source_bash"}).out
    assert "complete -o default -F _supporttui_completion supporttui" in script
    typed = "COMP_WORDS=(supporttui config sh); COMP_CWORD=2; _supporttui_completion supporttui"
    done = subprocess.run(
        [bash, "--norc", "-c", f'{script}\n{typed}\necho "${{COMPREPLY[@]}}"'],
        env=dict(os.environ) | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["show"]


def test_a_completion_takes_little_time() -> None:
    before = os.times()
    bash_offers("supporttui conf")
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < MAX_CPU_S
