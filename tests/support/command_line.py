"""Runs the program's commands in a subprocess with their own home directory."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import support.canary as canary

PROGRAM = (sys.executable, "-m", "supporttui")


@dataclass(frozen=True)
class CommandResult:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        """The last line that it printed."""
        return self.out.rstrip("\n").rpartition("\n")[2]


def run_command(
    *arguments: str, stdin: str = "", environment: dict[str, str] | None = None, within_s: float = 30.0
) -> CommandResult:
    """Run one command to its end, in the environment of the test."""
    done = subprocess.run(
        [*PROGRAM, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=within_s,
        env=dict(os.environ) | (environment or {}),
        check=False,
    )
    canary.check_text("arguments of a command", " ".join(arguments))
    if "token" not in arguments:  # `supporttui desk token` prints a new one, this once
        canary.check_text(f"what `{' '.join(arguments)}` printed", done.stdout + done.stderr)
    return CommandResult(done.returncode, done.stdout, done.stderr)


def home_environment(folder: Path) -> dict[str, str]:
    """The environment for a home of its own, for what outlives a single test."""
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
    for name in names:
        (folder / name.lower()).mkdir(parents=True, exist_ok=True)
    return {name: str(folder / name.lower()) for name in names}


def single_error_line(ended: CommandResult) -> str:
    """What a failed command said: exactly one line, without a traceback."""
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("supporttui: ")
    return lines[0].removeprefix("supporttui: ")


def processes_naming(text: str) -> list[int]:
    """The live processes whose command line names a text; zombies are none."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if text in command:
            found.append(int(folder.name))
    return found
