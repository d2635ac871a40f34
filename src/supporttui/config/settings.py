"""All settings of one run: packaged defaults, the user's file over them, the environment over both."""

import tomllib
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from supporttui.config.desk import DeskSettings, parse_desk
from supporttui.config.folders import Folders, check_private, check_unwritable
from supporttui.config.logins import login_file
from supporttui.config.service_policy import parse_policy
from supporttui.config.tables import ConfigProblem, SettingsTable, load_toml, merged, shown
from supporttui.config.toml_lines import KeyPath
from supporttui.domain.policy import ServicePolicy

if TYPE_CHECKING:
    from supporttui.config.command_settings import CustomCommand
    from supporttui.config.views import ViewSettings

PACKAGED_POLICY: Final = "policy.toml"
PLAIN_FRAMES_VARIABLE: Final = "SUPPORTTUI_PLAIN_FRAMES"
"""Set to 1, it turns the writing of differences off."""
_PACKAGE: Final = Path(__file__).parents[1]

MAX_UNDO_S: Final = 60


DARK_THEME_NAME, LIGHT_THEME_NAME, TERMINAL_THEME_NAME = "dark", "light", "terminal"
AUTO_THEME: Final = "auto"
THEMES_BY_BACKGROUND: Final[Mapping[str, tuple[str, str]]] = {
    AUTO_THEME: (DARK_THEME_NAME, LIGHT_THEME_NAME),
    "high-contrast": ("high-contrast-dark", "high-contrast-light"),
    "colour-blind": ("colour-blind-dark", "colour-blind-light"),
}
"""Where `[looks]` names one of these, the terminal's background decides: the themes for a dark and for a light one."""
PACKAGED_THEMES: Final = (*(name for pair in THEMES_BY_BACKGROUND.values() for name in pair), TERMINAL_THEME_NAME)
THEMES_FOLDER: Final = "themes"
"""Beside the configuration file: the user's own themes, a file each."""


class Switch(Enum):
    """What is decided by itself unless the user decides it."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class LooksSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[looks]`: how everything is drawn."""

    theme: str = AUTO_THEME
    """One of `THEMES_BY_BACKGROUND`, of `PACKAGED_THEMES`, or the name of a file of the user's own."""
    ascii_glyphs: Switch = Switch.AUTO
    """Marks and borders in ASCII."""
    links: Switch = Switch.AUTO
    """Addresses as hyperlinks."""
    theme_folder: Path = Path()
    """Where the user's own themes lie."""
    palette: Mapping[str, str] | None = None
    """The colours of the user's own theme, where it is one."""


FILE_ARGUMENT: Final = "{file}"
"""Stands for the path of a file, as an argument of its own."""


class FileSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[files]`: where files of conversations are saved, and what opens them."""

    downloads: str = ""
    """The folder, absolute; empty for the desk's own."""
    open_with: tuple[str, ...] = ()
    """A program and its arguments, of which one or more are `{file}`; no shell reads them. Empty for the desktop's."""
    in_terminal: bool = False
    """Whether that program gets the terminal."""


class DateOrder(Enum):
    """What `3/4/2026` means."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    UNSET = "refuse"
    """Nobody said: such a date is refused unless only one reading is a date."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user has configured; handed down from the process's start."""

    file: Path
    """Where the user's file is, or would be."""
    desk: DeskSettings
    policy: ServicePolicy
    undo_s: float
    """For how many seconds a decided change waits to be taken back."""
    keys: Mapping[str, str]
    """Keys by a binding's id, in place of its own."""
    commands: "Sequence[CustomCommand]" = ()
    """Programs of the user's own that are bound to keys."""
    date_order: DateOrder = DateOrder.UNSET
    """What a date such as 3/4/2026 means."""
    views: "ViewSettings | None" = None
    """The filters with names of `[views]`; None where it names none."""
    writes_frames: bool = True
    """Send the terminal differences; otherwise what is sent is left to Textual."""
    shows_bytes: bool = False
    """Say in the header how much is sent to the terminal."""
    looks: LooksSettings = LooksSettings()
    """How everything is drawn."""
    files: FileSettings = FileSettings()
    """Where files of conversations are saved, and what opens them."""

    @property
    def closed_days(self) -> int:
        """For how many days the board shows closed tickets."""
        return self.policy.closed_days

    def require_credentials(self) -> None:
        """Raise ConfigProblem where a configured desk lacks the email or the token that it asks for."""
        desk = self.desk
        if desk.kind == "embedded":
            return
        if not desk.email:
            remedy = "set email below [desk], or SUPPORTTUI_EMAIL in the environment"
            raise ConfigProblem(str(self.file), "desk.email", f"the help desk needs it; {remedy}")
        if not (desk.token or desk.token_command or login_file(desk).exists()):
            remedy = "run `supporttui login`, or set token_command below [desk], or SUPPORTTUI_TOKEN in the environment"
            raise ConfigProblem(str(self.file), "desk.token", f"the help desk needs it; {remedy}")


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read all settings; `path` is a file that must be there, None the user's own if there is one.

    Raises ConfigProblem.
    """
    file, is_named = config_file(path, environ)
    user, lines = _load_user_file(file, is_named=is_named)
    table = SettingsTable(merged(load_defaults(), user), str(file), lines)
    desk = parse_desk(table.table("desk"), environ)
    _check_rights(file, user)
    keys = _parse_keys(table.table("keys"))
    commands = _parse_commands(table.table("commands"), keys)
    sending = table.table("sending")
    undo_s = float(sending.number("undo_seconds", 0, MAX_UNDO_S))
    sending.close()
    terminal = table.table("terminal")
    writes_frames, shows_bytes = terminal.flag("frames"), terminal.flag("show_bytes")
    terminal.close()
    looks = _parse_looks(table.table("looks"), file.absolute().parent / THEMES_FOLDER)
    dates = table.table("dates")
    date_order = dates.parsed("order", _parse_date_order)
    dates.close()
    policy = parse_policy(table.table("policy"))
    files = _parse_files(table.table("files"))
    views = _parse_views(table.table("views"))
    table.close()
    return Settings(
        file=file,
        desk=desk,
        policy=policy,
        undo_s=undo_s,
        keys=keys,
        commands=commands,
        date_order=date_order,
        views=views,
        writes_frames=writes_frames and environ.get(PLAIN_FRAMES_VARIABLE) != "1",
        shows_bytes=shows_bytes,
        looks=looks,
        files=files,
    )


def _load_user_file(file: Path, *, is_named: bool) -> tuple[dict[str, object], dict[KeyPath, int]]:
    """The user's table and the lines of its keys; empty where there is no file and none was named."""
    try:
        return load_toml(file)
    except FileNotFoundError as error:
        if is_named:
            raise ConfigProblem(str(file), "", "there is no such file; check the path") from error
        return {}, {}


def config_file(path: Path | None, environ: Mapping[str, str]) -> tuple[Path, bool]:
    """Where the user's file is, or would be, and whether somebody named it, so that it has to be there."""
    named = path or (Path(environ["SUPPORTTUI_CONFIG"]) if environ.get("SUPPORTTUI_CONFIG") else None)
    return named or Folders.of_user().config_file, named is not None


def packaged_text() -> str:
    """The packaged defaults, as they are written."""
    return _PACKAGE.joinpath(PACKAGED_POLICY).read_text(encoding="utf-8")


def load_defaults() -> dict[str, object]:
    """The packaged policy."""
    return tomllib.loads(packaged_text())


def default_policy() -> ServicePolicy:
    """The packaged policy, without the user's configuration."""
    return parse_policy(SettingsTable(load_defaults(), PACKAGED_POLICY).table("policy"))


def _parse_date_order(text: str) -> DateOrder:
    """The order of day and month. Raises ValueError."""
    try:
        return DateOrder(text)
    except ValueError as error:
        known = ", ".join(f'"{order.value}"' for order in DateOrder)
        raise ValueError(f"{shown(text)} is no order of day and month; write one of {known}") from error


_GLYPHS: Final = {"auto": Switch.AUTO, "ascii": Switch.ON, "unicode": Switch.OFF}
_LINKS: Final = {each.value: each for each in Switch}


def _parse_looks(table: SettingsTable, folder: Path) -> LooksSettings:
    """`[looks]`. Raises ConfigProblem, also where the user's own theme has a mistake."""
    theme = table.text("theme")
    palette = None
    if theme not in THEMES_BY_BACKGROUND and theme not in PACKAGED_THEMES:
        palette = _user_palette(table, theme, folder)
    glyphs = table.parsed("glyphs", lambda text: _one_of(_GLYPHS, text))
    links = table.parsed("links", lambda text: _one_of(_LINKS, text))
    table.close()
    return LooksSettings(theme=theme, ascii_glyphs=glyphs, links=links, theme_folder=folder, palette=palette)


def _parse_files(table: SettingsTable) -> FileSettings:
    """`[files]`. Raises ConfigProblem."""
    written, open_with = table.optional("downloads"), table.texts("open", '["less", "{file}"]')
    in_terminal = table.flag("in_terminal")
    table.close()
    try:
        folder = Path(written).expanduser() if written else None
    except RuntimeError as error:
        raise table.problem("downloads", f"{shown(written)} names a home that is not known; write its path") from error
    if folder is not None and ("\0" in written or not folder.is_absolute()):
        raise table.problem("downloads", f'{shown(written)} is no whole path; write for example "~/Downloads"')
    if any("\0" in each for each in open_with):
        raise table.problem("open", "it has a NUL, which no program can be given; leave it out")
    if open_with and (not open_with[0].strip() or FILE_ARGUMENT not in open_with[1:]):
        remedy = 'a program, and "{file}" as an argument of its own, as in ["less", "{file}"]'
        raise table.problem("open", f"it must name {remedy}")
    return FileSettings(
        downloads="" if folder is None else str(folder), open_with=tuple(open_with), in_terminal=in_terminal
    )


def _user_palette(table: SettingsTable, theme: str, folder: Path) -> Mapping[str, str]:
    from supporttui.config.theme_files import load_user_theme, unknown_theme_sentence

    try:
        return load_user_theme(folder, theme)
    except FileNotFoundError as error:
        raise table.problem("theme", unknown_theme_sentence(theme, folder)) from error


def with_theme(settings: Settings, theme: str) -> Settings:
    """The settings with another theme, as `--theme` asks for. Raises ConfigProblem."""
    written: dict[str, object] = {"theme": theme, "glyphs": "auto", "links": "auto"}
    found = _parse_looks(SettingsTable(written, "--theme"), settings.looks.theme_folder)
    return replace(settings, looks=replace(settings.looks, theme=found.theme, palette=found.palette))


def _one_of(known: Mapping[str, Switch], text: str) -> Switch:
    """The meaning of a word. Raises ValueError."""
    if text not in known:
        raise ValueError(f"{shown(text)} is not known here; write one of {', '.join(known)}")
    return known[text]


def _parse_keys(table: SettingsTable) -> Mapping[str, str]:
    """`[keys]`: a key, or several with commas, by a binding's id; mostly there are none."""
    if not table.names():
        return {}
    from supporttui.config.key_settings import parse_keys

    return parse_keys(table)


def _parse_views(table: SettingsTable) -> "ViewSettings | None":
    """`[views]`; mostly there are none, and the filter language need not be read for them."""
    if not table.names():
        return None
    from supporttui.config.views import parse_views

    return parse_views(table)


def _parse_commands(table: SettingsTable, keys: Mapping[str, str]) -> "Sequence[CustomCommand]":
    """`[commands]`: programs that are bound to keys; mostly there are none."""
    if not table.names():
        return ()
    from supporttui.config.command_settings import parse_commands

    return parse_commands(table, keys)


def _check_rights(file: Path, user: Mapping[str, object]) -> None:
    """Refuse a file that others could change, and one with a token that others can read."""
    check_unwritable(file.parent)
    check_unwritable(file)
    desk = user.get("desk")
    if isinstance(desk, dict) and desk.get("token"):
        check_private(file)
