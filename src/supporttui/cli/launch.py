"""The options of a launch, and a parser for the command lines that open a screen which does not import typer."""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from supporttui.presentation.terminal_options import BandwidthChoice
from supporttui.ui.startup.stopwatch import PROFILE_OPTION

DEFAULT_SEED = 1


class GlobalOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options that every command has."""

    config: Path | None = None
    """The configuration file; None for the usual one."""
    line: BandwidthChoice = BandwidthChoice.NONE
    """What is said about the line to the terminal."""
    theme: str = ""
    """Colours for this run; those of the configuration where it is empty."""
    is_demo: bool = False
    """The running demonstration instead of the configured desk."""
    is_requester: bool = False
    """The account's own tickets, as their requester."""


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """A screen to open."""

    scope: GlobalOptions = GlobalOptions()
    is_wall: bool = False
    starts_demo: bool = False
    is_still: bool = False
    is_tour: bool = False
    """The demonstration with a line that says what to press next."""
    seed: int = DEFAULT_SEED
    profiles_start: bool = False
    """Leave with the first picture and say where the time went."""


def parse_launch(arguments: list[str]) -> Launch | None:
    """The launch that these arguments ask for; None for anything that the command library should read."""
    profiles = PROFILE_OPTION in arguments
    scope, rest = _parse_global_options([each for each in arguments if each != PROFILE_OPTION])
    match rest:
        case []:
            return Launch(scope=scope, profiles_start=profiles)
        case ["mine"]:
            return Launch(scope=replace(scope, is_requester=True), profiles_start=profiles)
        case ["wall"]:
            return Launch(scope=scope, is_wall=True, profiles_start=profiles)
        case ["tour"] if not scope.is_demo:
            return Launch(scope=scope, starts_demo=True, is_still=True, is_tour=True)
        case ["demo"] if not scope.is_demo:
            return Launch(scope=scope, starts_demo=True, profiles_start=profiles)
    return None


def _parse_global_options(arguments: list[str]) -> tuple[GlobalOptions, list[str]]:
    """The global options, and what follows them."""
    config: Path | None = None
    line = BandwidthChoice.NONE
    is_demo = is_requester = False
    theme = ""
    rest = list(arguments)
    while rest:
        match rest:
            case ["--demo", *later]:
                is_demo, rest = True, later
            case ["--mine", *later]:
                is_requester, rest = True, later
            case ["--thin", *later] if line is BandwidthChoice.NONE:
                line, rest = BandwidthChoice.THIN, later
            case ["--full", *later] if line is BandwidthChoice.NONE:
                line, rest = BandwidthChoice.FULL, later
            case ["--theme", name, *later] if name and not name.startswith("-"):
                theme, rest = name, later
            case ["--config", path, *later] if path and not path.startswith("-"):
                config, rest = Path(path), later
            case _:
                break
    options = GlobalOptions(config=config, line=line, theme=theme, is_demo=is_demo, is_requester=is_requester)
    return options, rest
