"""`doctor` says what the terminal can do, with the command that mends what it cannot, and works without one."""

import os
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.command_line import PROGRAM, run_command
from support.terminals.terminal import Terminal
from supporttui.presentation.terminal_options import COLOURS_16, COLOURS_24_BIT, COLOURS_NONE, LOCAL_TERMINAL
from supporttui.ui.terminal.terminal_survey import SURVEY_QUERY, ask_terminal, terminal_findings

KITTY = "\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\\x1b[?0u\x1b[?62;4;22c"
LINE = replace(LOCAL_TERMINAL, colours=COLOURS_24_BIT)


def found(line: object = LINE, answers: str | None = KITTY, tmux: dict[str, str] | None = None, **environ: str) -> str:
    """All that is said, one thing a line."""
    kept = {"TERM": "xterm-kitty"} | environ
    findings = terminal_findings(line, kept, answers, lambda name: (tmux or {}).get(name, ""))  # type: ignore[arg-type]
    return "\n".join(f"{each.name}: {each.words} -> {each.remedy}" for each in findings)


def test_what_a_good_terminal_answers_is_said_and_needs_no_remedy() -> None:
    said = found()
    for words in (
        "colours: 24 bits; theme dark -> \n",
        "background: light -> \n",
        "keyboard: every key is told apart -> \n",
    ):
        assert words in said
    assert "pictures: sixel" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colours": COLOURS_16}, "COLORTERM=truecolor"),
        ({"colours": COLOURS_NONE}, "NO_COLOR is set"),
        ({"is_utf8": False, "is_ascii": True}, "LANG=C.UTF-8"),
        ({"has_links": False}, 'links = "on"'),
    ],
)
def test_what_is_not_as_it_could_be_has_a_remedy(changes: dict[str, object], words: str) -> None:
    assert words in found(replace(LINE, **changes))


def test_in_tmux_its_own_options_are_asked_for() -> None:
    poor = found(TMUX="/tmp/t", tmux={"set-clipboard": "external", "escape-time": "500", "default-terminal": "screen"})
    for remedy in ("set-clipboard on", "escape-time 10", "default-terminal tmux-256color"):
        assert f"tmux set -s {remedy}" in poor
    good = found(TMUX="/tmp/t", tmux={"set-clipboard": "on", "escape-time": "10", "default-terminal": "tmux-256color"})
    assert "tmux set" not in good


def test_a_terminal_that_answers_nothing_is_named_as_one() -> None:
    said = found(answers="")
    assert "the terminal does not say" in said
    assert "frames may lag" in said


def test_where_there_is_no_terminal_nothing_is_asked() -> None:
    reading, writing = os.pipe()
    try:
        assert ask_terminal(reading, writing) is None
    finally:
        os.close(reading)
        os.close(writing)
    assert "none here" in found(answers=None)


def test_doctor_asks_the_terminal_and_leaves_its_modes_as_they_were(tmp_path: Path) -> None:
    told = f"stty -a > {tmp_path}/before; {' '.join(PROGRAM)} doctor; stty -a > {tmp_path}/after; echo done"
    with Terminal(["sh", "-c", f"read go; {told}"], home=tmp_path, rows=50, columns=120) as window:
        window.answers[SURVEY_QUERY.encode()] = KITTY.encode()
        window.type("\n")
        window.wait_text("done", within_s=30)
        assert "background  light" in window.text()
        assert "rgb:" not in window.text()
        assert (tmp_path / "before").read_text() == (tmp_path / "after").read_text()


def test_doctor_works_in_a_script_and_names_desk_files_and_clocks() -> None:
    ended = run_command("doctor")
    assert ended.code == 0
    for name in (
        "terminal    none here",
        "desk  ",
        "outbox  ",
        "disk  ",
        "tz data  ",
        "Python      " + sys.version.split()[0],
    ):
        assert name in ended.out
