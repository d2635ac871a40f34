"""The command lines that open a screen, read without the command library so that the board comes sooner."""

from pathlib import Path

import msgspec

from supporttui.stopwatch import OPTION
from supporttui.ui.terminal.line import Wish

DEFAULT_SEED = 1


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What every command works on."""

    config: Path | None = None
    """The configuration file; None for the usual one."""
    line: Wish = Wish.NONE
    """What is said about the line to the terminal."""
    is_demo: bool = False
    """The running demonstration instead of the configured desk."""


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """A screen to open."""

    scope: Scope = Scope()
    is_wall: bool = False
    starts_demo: bool = False
    is_still: bool = False
    seed: int = DEFAULT_SEED
    profiles_start: bool = False
    """Leave with the first picture and say where the time went."""


def quick_launch(arguments: list[str]) -> Launch | None:
    """The launch that these arguments ask for; None for anything that the command library should read."""
    profiles = OPTION in arguments
    scope, rest = _read_scope([each for each in arguments if each != OPTION])
    match rest:
        case []:
            return Launch(scope=scope, profiles_start=profiles)
        case ["wall"]:
            return Launch(scope=scope, is_wall=True, profiles_start=profiles)
        case ["demo"] if not scope.is_demo:
            return Launch(scope=scope, starts_demo=True, profiles_start=profiles)
    return None


def _read_scope(arguments: list[str]) -> tuple[Scope, list[str]]:
    """The global options, and what follows them."""
    config: Path | None = None
    line = Wish.NONE
    is_demo = False
    rest = list(arguments)
    while rest:
        match rest:
            case ["--demo", *later]:
                is_demo, rest = True, later
            case ["--thin", *later] if line is Wish.NONE:
                line, rest = Wish.THIN, later
            case ["--full", *later] if line is Wish.NONE:
                line, rest = Wish.FULL, later
            case ["--config", path, *later] if path and not path.startswith("-"):
                config, rest = Path(path), later
            case _:
                break
    return Scope(config=config, line=line, is_demo=is_demo), rest
