"""The terminal's capabilities as reported by itself, tmux and the environment, with remedies."""

import contextlib
import os
import re
import select
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from supporttui.presentation.terminal_options import (
    COLOURS_16,
    COLOURS_24_BIT,
    COLOURS_256,
    COLOURS_NONE,
    TerminalOptions,
)
from supporttui.ui.terminal.terminal_modes import raw_modes
from supporttui.ui.terminal.terminal_replies import BACKGROUND_QUERY, is_light_colour

SURVEY_QUERY: Final = f"{BACKGROUND_QUERY}\x1b[?u\x1b[c"
"""Asks for background, keyboard protocol and, last, the kind: every terminal answers that, which ends the replies."""
ANSWER_S: Final = 0.6
TMUX_S: Final = 2.0
MAX_ESCAPE_MS: Final = 50
"""A longer escape-time in tmux delays every escape noticeably, for example on leaving a dialog."""

_KIND: Final = re.compile(r"\x1b\[\?([0-9;]*)c")
_KEYBOARD: Final = re.compile(r"\x1b\[\?\d+u")
_BACKGROUND: Final = re.compile(r"\x1b\]11;([^\x07\x1b]*)")
_SIXEL: Final = "4"
_UTF8_REMEDY: Final = "choose a UTF-8 locale, as in LANG=C.UTF-8"


class Finding(NamedTuple):
    """The result of one check."""

    name: str
    words: str
    remedy: str = ""
    """What to do about it; empty if nothing needs to be done."""


Ask = Callable[[str], str]
"""Returns the value of a tmux option; empty if unknown."""


def terminal_findings(
    line: TerminalOptions, environ: Mapping[str, str], answers: str | None, ask_tmux: Ask
) -> Iterator[Finding]:
    """Yield the findings on the terminal. answers: replies to `SURVEY_QUERY`; None if there is no terminal."""
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if answers is None:
        yield Finding("terminal", f"none here; by the environment TERM is {term or 'not set'}")
    else:
        yield Finding("terminal", " ".join(filter(None, (term or "TERM is not set", program))))
    yield _colours(line)
    yield _background(line, answers)
    glyphs = "ASCII" if line.is_ascii else "Unicode"
    yield Finding("glyphs", glyphs, "" if line.is_utf8 else f"the locale is not UTF-8: {_UTF8_REMEDY}")
    yield Finding("links", "sent as hyperlinks" if line.has_links else "shown, not sent as hyperlinks", _links(line))
    if environ.get("TMUX"):
        yield from _tmux(ask_tmux)
    else:
        yield Finding("clipboard", "sent by OSC 52; no terminal says whether it takes it", _clipboard(environ))
    if answers is not None:
        yield from _by_answers(answers)


def _colours(line: TerminalOptions) -> Finding:
    words = {
        COLOURS_24_BIT: "24 bits",
        COLOURS_256: "256",
        COLOURS_16: "the terminal's own 16",
        COLOURS_NONE: "none: NO_COLOR is set",
    }.get(line.colours, "left to the library")
    is_poor = line.colours in (COLOURS_16, COLOURS_256)
    remedy = "where the terminal has more, say so: COLORTERM=truecolor" if is_poor else ""
    return Finding("colours", f"{words}; theme {line.theme_in_use}", remedy)


def _background(line: TerminalOptions, answers: str | None) -> Finding:
    found = _BACKGROUND.search(answers or "")
    is_light = is_light_colour(found.group(1)) if found else None
    if is_light is not None:
        return Finding("background", "light" if is_light else "dark")
    remedy = 'set theme = "light" or "dark" below [looks]' if line.asks_background and answers is not None else ""
    return Finding("background", "not asked" if answers is None else "the terminal does not say", remedy)


def _links(line: TerminalOptions) -> str:
    return "" if line.has_links else 'where the terminal knows them: links = "on" below [looks]'


def _clipboard(environ: Mapping[str, str]) -> str:
    from supporttui.ui.terminal.clipboard import clipboard_remedy

    return clipboard_remedy(environ)


def _by_answers(answers: str) -> Iterator[Finding]:
    """The findings from the terminal's replies."""
    has_keyboard = _KEYBOARD.search(answers) is not None
    yield Finding("keyboard", "every key is told apart" if has_keyboard else "as a terminal of old: ctrl+i is tab")
    kind = _KIND.search(answers)
    pictures = "sixel" if kind and _SIXEL in kind.group(1).split(";")[1:] else "none that it says"
    yield Finding("pictures", f"{pictures}; attachments are saved with o, not drawn")
    if kind is None:
        yield Finding("answers", "none", "over this line flow control cannot work: frames may lag behind keys")


def _tmux(ask_tmux: Ask) -> Iterator[Finding]:
    clipboard, escape = ask_tmux("set-clipboard"), ask_tmux("escape-time")
    yield Finding(
        "clipboard",
        f"sent by OSC 52; tmux has set-clipboard {clipboard or 'unknown'}",
        "" if clipboard == "on" else "tmux set -s set-clipboard on",
    )
    is_slow = escape.isdecimal() and int(escape) > MAX_ESCAPE_MS
    yield Finding("tmux", f"escape-time {escape or 'unknown'}", "tmux set -s escape-time 10" if is_slow else "")
    kind = ask_tmux("default-terminal")
    is_known = kind.endswith(("-256color", "-direct"))
    yield Finding(
        "", f"default-terminal {kind or 'unknown'}", "" if is_known else "tmux set -s default-terminal tmux-256color"
    )


def ask_tmux(name: str) -> str:
    """Return the value of a tmux option; empty if not in tmux."""
    try:
        asked = subprocess.run(  # noqa: S603 - one program, and the name of an option of ours: no shell reads it
            ["tmux", "show-options", "-Asv", name],  # noqa: S607 - the user's own tmux
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TMUX_S,
            check=False,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return asked.stdout.strip() if asked.stdout.isprintable() or asked.stdout.strip().isprintable() else ""


def ask_terminal(input_fd: int, output_fd: int, within_s: float = ANSWER_S) -> str | None:
    """Return the terminal's replies to `SURVEY_QUERY`; None if a descriptor is no terminal. Modes are restored."""
    if not (os.isatty(input_fd) and os.isatty(output_fd)):
        return None
    modes = termios.tcgetattr(input_fd)
    answers, deadline = "", time.monotonic() + within_s
    try:
        termios.tcsetattr(input_fd, termios.TCSANOW, raw_modes(modes))
        os.write(output_fd, SURVEY_QUERY.encode())
        while not _KIND.search(answers) and (left_s := deadline - time.monotonic()) > 0:
            if select.select([input_fd], [], [], left_s)[0]:
                answers += os.read(input_fd, 1024).decode("ascii", "replace")
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(input_fd, termios.TCSAFLUSH, modes)  # what comes late is not typed into the shell
    return answers
