"""Starts programs of the user's, as lists of arguments that no shell reads: on the terminal, or beside the board."""

import os
import signal
import subprocess
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from textual.app import App

from supporttui.config.child_environment import child_environment


def start_beside(arguments: Sequence[str]) -> bool:
    """Start a program that has a window of its own; whether it could be started."""
    try:
        process = subprocess.Popen(  # noqa: S603 - one program with its arguments: no shell reads them
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=child_environment(os.environ),
        )
    except OSError:
        return False
    threading.Thread(target=process.wait, name="program-reaper", daemon=True).start()
    return True


def run_on_terminal(app: App[Any], name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Hand a program the terminal until it ends; how it ended, in a sentence.

    Where it failed, the terminal stays as it left it until enter is pressed. Raises OSError where it cannot be started,
    SuspendNotSupported where the terminal cannot be handed over.
    """
    with app.suspend(), _keys_for_child():
        done = subprocess.run(arguments, check=False, env=dict(environment))  # noqa: S603 - a list: no shell reads it
        said = ended_sentence(name, done.returncode)
        if done.returncode:
            with suppress(OSError, termios.error):  # the terminal has gone
                termios.tcflush(0, termios.TCIFLUSH)
                os.write(2, f"\r\n{said} Press enter to return.".encode())
                os.read(0, 1_000)
    app.refresh()
    return said


def ended_sentence(name: str, code: int, last_line: str = "") -> str:
    """How a program ended; the last line is what it said on its standard error, fit to draw."""
    if code == 0:
        return f"{name} is done."
    ended = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"{name} {ended}{f': {last_line}' if last_line else '.'}"


@contextmanager
def _keys_for_child() -> Iterator[None]:
    """Leave the keys that end a program to the child: the terminal sends their signals to both.

    Handlers, unlike ignored signals, are not inherited.
    """
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
